//! What may be asked in a transfer, and what machines may report.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Priority, Sealed, Timestamp, TransferId};

use super::{Asked, DeclineReason, Offer, Repoint, Sheet, Spoken};
use crate::clocks::Clock;

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Offers named duties to another borough.
    Offer {
        /// The offer.
        offer: Box<Offer>,
        /// An earlier offer of this borough that the new one stands for.
        replaces: Option<TransferId>,
    },
    /// Opens the offer.
    Open,
    /// The receiver asks something.
    AskInformation(Sealed),
    /// The giver answers.
    GiveInformation(Sealed),
    /// The receiver takes these duties; what is not named stays with the giver.
    Accept(Vec<Asked>),
    /// The receiver would take them on conditions: a query until the giver agrees.
    AcceptOnConditions(Sealed),
    /// The giver agrees; the receiver may now accept plainly.
    AgreeConditions,
    /// The receiver says no.
    Decline {
        /// Why.
        reason: DeclineReason,
        /// In words.
        text: Option<Sealed>,
        /// Whom to ask instead, if the receiver knows.
        suggest: Option<Borough>,
        /// A fact: no other borough could be asked.
        only_candidate: bool,
    },
    /// The giver asks another borough instead, with the same sheet.
    Redirect {
        /// Whom.
        to: Borough,
        /// The id of the new offer.
        next: TransferId,
    },
    /// The giver takes the offer back, or keeps the duties after a decline.
    Withdraw(Sealed),
    /// The giver keeps what the receiver left of an offer that it accepted in part.
    KeepRest(Sealed),
    /// One side confirms the spoken handover.
    ConfirmHandover(Handover),
    /// One side records what was agreed by voice. It moves nothing.
    RecordAgreement(Agreement),
    /// The other side confirms it.
    ConfirmAgreement,
    /// The receiver offers back what it took; it holds it until the giver accepts.
    HandBack(Box<NewOffer>),
    /// Calls the next level of both boroughs.
    Escalate,
    /// A manager disputes a decline; with the interim safety plan.
    Dispute(Interim),
    /// The giver records the interim safety plan of an open dispute.
    RecordInterimPlan(Sealed),
    /// A manager of one side signs the settlement; it stands when both have.
    Settle(Sealed),
    /// Adds a correction; nothing is edited.
    Correct {
        /// Which field of the sheet.
        field: String,
        /// What is right.
        text: Sealed,
        /// The offer named the wrong child id.
        repoint: Option<Repoint>,
    },
    /// Done.
    Close,
    /// This person has a conflict of interest and takes no further part.
    DeclareConflict,
    /// A manager of the giver records that a named person of a borough that is not connected has accepted.
    RecordAcceptanceElsewhere {
        /// The receiver of the offer.
        to: Borough,
        /// What they took.
        items: Vec<Asked>,
        /// Who accepted.
        person: Sealed,
        /// In which role.
        role: Sealed,
        /// When they said so.
        spoken_at: Timestamp,
        /// The evidence.
        evidence: Sealed,
    },
}

/// The spoken handover as one side saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Who gave.
    pub giver: Sealed,
    /// Who took.
    pub taker: Sealed,
    /// When they spoke, or why they did not.
    pub spoken: Spoken,
    /// The taker's one line: "I understand that …".
    pub read_back: Option<Sealed>,
}

/// A spoken agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Both people, by name.
    pub people: [Sealed; 2],
    /// When they spoke.
    pub spoken_at: Timestamp,
    /// What they agreed.
    pub text: Sealed,
}

/// The interim safety plan of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interim {
    /// How the child is kept safe meanwhile.
    pub plan: Sealed,
}

/// An offer back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffer {
    /// Its id.
    pub id: TransferId,
    /// How soon it must be answered.
    pub priority: Priority,
    /// Its sheet.
    pub sheet: Sheet,
}

impl Ask {
    /// Other transfers that the decision reads or writes.
    pub fn transfers(&self) -> impl Iterator<Item = TransferId> {
        match self {
            Self::Offer { replaces, .. } => *replaces,
            Self::Redirect { next, .. } => Some(*next),
            Self::HandBack(new) => Some(new.id),
            Self::Open
            | Self::AskInformation(_)
            | Self::GiveInformation(_)
            | Self::Accept(_)
            | Self::AcceptOnConditions(_)
            | Self::AgreeConditions
            | Self::Decline { .. }
            | Self::Withdraw(_)
            | Self::KeepRest(_)
            | Self::ConfirmHandover(_)
            | Self::RecordAgreement(_)
            | Self::ConfirmAgreement
            | Self::Escalate
            | Self::Dispute(_)
            | Self::RecordInterimPlan(_)
            | Self::Settle(_)
            | Self::Correct { .. }
            | Self::Close
            | Self::DeclareConflict
            | Self::RecordAcceptanceElsewhere { .. } => None,
        }
        .into_iter()
    }

    /// Children that the command names itself.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others name no child; the scope brings the children of the offer")]
    pub fn children(&self) -> impl Iterator<Item = ChildId> {
        let children: BTreeSet<_> = match self {
            Self::Offer { offer, .. } => offer.items.iter().map(|item| item.child).collect(),
            Self::Accept(items) | Self::RecordAcceptanceElsewhere { items, .. } => items.iter().map(|item| item.child).collect(),
            Self::Correct { repoint: Some(repoint), .. } => BTreeSet::from([repoint.from, repoint.to]),
            _ => BTreeSet::new(),
        };
        children.into_iter()
    }

    /// Boroughs that the command names itself.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others name no borough; the scope brings the two of the offer")]
    pub fn boroughs(&self) -> impl Iterator<Item = &Borough> {
        match self {
            Self::Offer { offer, .. } => [Some(&offer.from), Some(&offer.to)],
            Self::Redirect { to, .. } | Self::RecordAcceptanceElsewhere { to, .. } => [Some(to), None],
            _ => [None, None],
        }
        .into_iter()
        .flatten()
    }
}

/// What a machine, or a screen, reports. None of it decides anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// A delivery route of the receiver has the offer.
    Delivered {
        /// Which route.
        route: String,
    },
    /// The receiving desk knows that it is responsible.
    Received,
    /// A clock ran out.
    ClockRanOut(Clock),
}
