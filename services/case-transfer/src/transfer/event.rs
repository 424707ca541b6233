//! What has happened in a transfer. The names are the storage format: they never change once released.

use std::fmt;

use kernel::{Actor, Borough, ChildId, Person, Sealed, Timestamp, TransferId};
use serde::{Deserialize, Serialize};

use super::{Asked, Chain, DeclineReason, Offer, Side};
use crate::{
    clocks::{Clock, Clocks, When},
    ledger::Named,
};

/// Whether giver and taker spoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// They did, then.
    At(Timestamp),
    /// They did not, and why.
    NotBecause(Sealed),
}

/// Why a level was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody asked for it: a party, the hospital, the referrer.
    Asked(Actor),
    /// A clock ran out.
    Clock(Clock),
}

/// Why there is a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disagreement {
    /// The offer was declined a second time.
    SecondDecline,
    /// The only borough that could be asked declined.
    OnlyCandidateDeclined,
    /// A manager disputes a first decline.
    ByManager,
}

/// In which role somebody accepted by voice. The first release kept the words as they were typed; since then they are sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Post {
    /// Sealed.
    Sealed(Sealed),
    /// As the first release kept it.
    Plain(String),
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[a role]")
    }
}

/// An item that named the wrong child id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Repoint {
    /// The id that was named.
    pub from: ChildId,
    /// The child it is.
    pub to: ChildId,
}

/// What has happened in a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferEvent {
    /// A borough asks another to take named duties.
    Offered {
        offer: Box<Offer>,
        asked: Vec<Asked>,
        already_held: Vec<Asked>,
        chain: Chain,
        connected: bool,
        clocks: Clocks,
        by: Person,
        at: When,
    },
    /// A route of the receiver has it.
    Delivered { route: String, by: Actor, at: When },
    /// No route confirmed; the giver is shown the receiver's telephone.
    LinkDown { phone: Option<String>, at: When },
    /// A person of the receiver opened it.
    Seen { by: Person, at: When },
    /// The receiver asks.
    InformationRequested { text: Sealed, by: Person, at: When },
    /// The giver answers.
    InformationGiven { text: Sealed, by: Person, at: When },
    /// The receiver names conditions.
    ConditionsProposed { text: Sealed, by: Person, at: When },
    /// The giver agrees to them.
    ConditionsAgreed { edition: u32, by: Person, at: When },
    /// The receiver takes duties; the ledgers say so in the same commit.
    Accepted { taken: Vec<Asked>, left: Vec<Asked>, clocks: Clocks, by: Person, at: When },
    /// A named person of a borough that is not connected took them.
    AcceptedElsewhere {
        taken: Vec<Asked>,
        left: Vec<Asked>,
        person: Sealed,
        role: Post,
        spoken_at: Timestamp,
        evidence: Sealed,
        clocks: Clocks,
        by: Person,
        at: When,
    },
    /// What the receiver left with the giver is offered again, or the giver keeps it.
    RestSettled { next: Option<TransferId>, reason: Option<Sealed>, edition: u32, by: Person, at: When },
    /// Brothers and sisters are with different boroughs now: both managers are told.
    SiblingsSplit { taken: Vec<ChildId>, left: Vec<ChildId>, managers: Vec<Named>, at: When },
    /// The receiving desk knows it.
    Received { by: Actor, at: When },
    /// The receiver said no; the giver is still responsible.
    Declined { reason: DeclineReason, text: Option<Sealed>, suggest: Option<Borough>, clocks: Clocks, by: Person, at: When },
    /// Another borough is asked instead.
    Redirected { to: Borough, next: TransferId, edition: u32, by: Person, at: When },
    /// The giver took it back.
    Withdrawn { reason: Sealed, edition: u32, by: Person, at: When },
    /// A newer offer stands for it.
    Superseded { next: TransferId, edition: u32, by: Person, at: When },
    /// The receiver offered it back.
    HandedBack { next: TransferId, edition: u32, by: Person, at: When },
    /// One side confirmed the spoken handover.
    HandoverConfirmed { side: Side, giver: Sealed, taker: Sealed, spoken: Spoken, read_back: Option<Sealed>, by: Person, at: When },
    /// Both have.
    HandedOver { edition: u32, by: Person, at: When },
    /// A spoken agreement; it moves nothing.
    AgreementRecorded { side: Side, people: [Sealed; 2], spoken_at: Timestamp, text: Sealed, confirm_by: Timestamp, by: Person, at: When },
    /// The other side confirmed it.
    AgreementConfirmed { by: Person, at: When },
    /// Named people of both boroughs are called.
    Escalated { level: u8, people: Vec<Named>, because: Cause, next_at: Option<Timestamp>, at: When },
    /// A clock ran out.
    ClockRanOut { clock: Clock, due: Timestamp, at: When },
    /// The boroughs disagree; the holder stays as it was.
    DisputeOpened {
        because: Disagreement,
        interim_plan: Option<Sealed>,
        /// By when it must be settled. Not said by the first release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settle_by: Option<Timestamp>,
        edition: u32,
        by: Person,
        at: When,
    },
    /// How the child is kept safe meanwhile.
    InterimPlanRecorded { plan: Sealed, by: Person, at: When },
    /// A manager of one side signed the settlement.
    SettlementSigned { side: Side, text: Sealed, edition: u32, by: Person, at: When },
    /// Managers of both sides have.
    DisputeSettled { edition: u32, by: Person, at: When },
    /// Something on the sheet was wrong; the correction stands beside it.
    FactCorrected { field: String, text: Sealed, repoint: Option<Repoint>, by: Person, at: When },
    /// This person takes no further part.
    ConflictDeclared { by: Person, at: When },
    /// Done.
    Closed { edition: u32, by: Person, at: When },
}

impl TransferEvent {
    /// The stable name of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "transfer.offered",
            Self::Delivered { .. } => "transfer.delivered",
            Self::LinkDown { .. } => "transfer.link_down",
            Self::Seen { .. } => "transfer.seen",
            Self::InformationRequested { .. } => "transfer.information_requested",
            Self::InformationGiven { .. } => "transfer.information_given",
            Self::ConditionsProposed { .. } => "transfer.conditions_proposed",
            Self::ConditionsAgreed { .. } => "transfer.conditions_agreed",
            Self::Accepted { .. } => "transfer.accepted",
            Self::AcceptedElsewhere { .. } => "transfer.accepted_elsewhere",
            Self::RestSettled { .. } => "transfer.rest_settled",
            Self::SiblingsSplit { .. } => "transfer.siblings_split",
            Self::Received { .. } => "transfer.received",
            Self::Declined { .. } => "transfer.declined",
            Self::Redirected { .. } => "transfer.redirected",
            Self::Withdrawn { .. } => "transfer.withdrawn",
            Self::Superseded { .. } => "transfer.superseded",
            Self::HandedBack { .. } => "transfer.handed_back",
            Self::HandoverConfirmed { .. } => "transfer.handover_confirmed",
            Self::HandedOver { .. } => "transfer.handed_over",
            Self::AgreementRecorded { .. } => "transfer.agreement_recorded",
            Self::AgreementConfirmed { .. } => "transfer.agreement_confirmed",
            Self::Escalated { .. } => "transfer.escalated",
            Self::ClockRanOut { .. } => "transfer.clock_ran_out",
            Self::DisputeOpened { .. } => "transfer.dispute_opened",
            Self::InterimPlanRecorded { .. } => "transfer.interim_plan_recorded",
            Self::SettlementSigned { .. } => "transfer.settlement_signed",
            Self::DisputeSettled { .. } => "transfer.dispute_settled",
            Self::FactCorrected { .. } => "transfer.fact_corrected",
            Self::ConflictDeclared { .. } => "transfer.conflict_declared",
            Self::Closed { .. } => "transfer.closed",
        }
    }

    /// The person behind it; a machine's report has none.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Person> {
        match self {
            Self::Offered { by, .. }
            | Self::Seen { by, .. }
            | Self::InformationRequested { by, .. }
            | Self::InformationGiven { by, .. }
            | Self::ConditionsProposed { by, .. }
            | Self::ConditionsAgreed { by, .. }
            | Self::Accepted { by, .. }
            | Self::AcceptedElsewhere { by, .. }
            | Self::RestSettled { by, .. }
            | Self::Declined { by, .. }
            | Self::Redirected { by, .. }
            | Self::Withdrawn { by, .. }
            | Self::Superseded { by, .. }
            | Self::HandedBack { by, .. }
            | Self::HandoverConfirmed { by, .. }
            | Self::HandedOver { by, .. }
            | Self::AgreementRecorded { by, .. }
            | Self::AgreementConfirmed { by, .. }
            | Self::DisputeOpened { by, .. }
            | Self::InterimPlanRecorded { by, .. }
            | Self::SettlementSigned { by, .. }
            | Self::DisputeSettled { by, .. }
            | Self::FactCorrected { by, .. }
            | Self::ConflictDeclared { by, .. }
            | Self::Closed { by, .. } => Some(by),
            Self::Delivered { .. }
            | Self::LinkDown { .. }
            | Self::SiblingsSplit { .. }
            | Self::Received { .. }
            | Self::Escalated { .. }
            | Self::ClockRanOut { .. } => None,
        }
    }

    /// Whether it decides something. What a machine may cause does not.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        match self {
            Self::Delivered { .. }
            | Self::LinkDown { .. }
            | Self::SiblingsSplit { .. }
            | Self::Received { .. }
            | Self::Escalated { .. }
            | Self::ClockRanOut { .. }
            | Self::Seen { .. }
            | Self::InformationRequested { .. }
            | Self::InformationGiven { .. }
            | Self::FactCorrected { .. }
            | Self::ConditionsProposed { .. }
            | Self::HandoverConfirmed { .. }
            | Self::AgreementRecorded { .. }
            | Self::AgreementConfirmed { .. }
            | Self::InterimPlanRecorded { .. }
            | Self::ConflictDeclared { .. } => false,
            Self::Offered { .. }
            | Self::ConditionsAgreed { .. }
            | Self::Accepted { .. }
            | Self::AcceptedElsewhere { .. }
            | Self::RestSettled { .. }
            | Self::Declined { .. }
            | Self::Redirected { .. }
            | Self::Withdrawn { .. }
            | Self::Superseded { .. }
            | Self::HandedBack { .. }
            | Self::HandedOver { .. }
            | Self::DisputeOpened { .. }
            | Self::SettlementSigned { .. }
            | Self::DisputeSettled { .. }
            | Self::Closed { .. } => true,
        }
    }
}
