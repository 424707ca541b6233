//! What has happened to a child's duties. The names are the storage format: they never change once released.

use kernel::{Borough, ChildId, Person, ReferralId, Sealed, Timestamp, TransferId};
use serde::{Deserialize, Serialize};

use super::{Duty, Outcome, PlanKind, Power};
use crate::clocks::When;

/// Why a duty opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// A referral came in.
    Referral(ReferralId),
    /// A referral was decided.
    Decision {
        /// Which.
        referral: ReferralId,
        /// By whom.
        by: Person,
        /// Under which edition.
        edition: u32,
    },
    /// A borough recorded a plan.
    Plan {
        /// What kind.
        kind: PlanKind,
        /// Who recorded it.
        by: Person,
        /// Under which edition.
        edition: u32,
    },
}

/// Why a duty ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The decision on a referral ended it in one step.
    Decision(ReferralId, Outcome),
    /// In the words of the holder.
    Reason(Sealed),
}

/// Why a duty stayed where it is although a decision would have ended or opened it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Another contact about the child is undecided.
    AnotherContactUndecided(ReferralId),
    /// A transfer of the duty is open.
    TransferOpen(TransferId),
    /// Another borough than the deciding one holds it.
    HeldElsewhere(Borough),
}

/// What became of a referral besides a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// The referrer withdrew it; it still waits for a decision.
    Withdrawn,
    /// It was the written form of a call, and joined with it.
    Joined(ReferralId),
}

/// Why duties left a transfer and did not move, though their giver wanted them to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmoved {
    /// The receiver declined the offer.
    Declined,
    /// The receiver took other duties of the offer.
    Left,
}

/// Where the acceptance that moved a duty was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// By the named person of the receiving borough, in the hub.
    InTheHub,
    /// By a named person of a borough that is not connected; a manager of the giver recorded it with evidence.
    RecordedElsewhere,
}

/// A person whom an escalation names.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Named {
    /// Of which borough; nobody's for the chair of the board.
    pub borough: Option<Borough>,
    /// The name.
    pub name: String,
    /// The telephone.
    pub phone: String,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[a named person of {:?}]", self.borough)
    }
}

/// What has happened to a child's duties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// A referral came in.
    ContactOpened {
        referral: ReferralId,
        borough: Borough,
        received_by: Borough,
        received_at: Timestamp,
        day_by: Option<Timestamp>,
        /// Where the child lives, if known. Not said by the first release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home: Option<Borough>,
        /// When a case of the night goes to the manager. Not said by the first release, nor is the edition of its clocks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late_by: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        edition: Option<u32>,
        at: When,
    },
    /// A referral was decided in referral intake.
    ContactDecided { referral: ReferralId, borough: Borough, outcome: Outcome, by: Person, edition: u32, at: When },
    /// A referral needs no decision any more.
    ContactSettled { referral: ReferralId, how: Settled, at: When },
    /// A duty has a holder from now on.
    DutyOpened { duty: Duty, holder: Borough, because: Opening, at: When },
    /// The holder changed, by the receiver's acceptance.
    DutyMoved { duty: Duty, from: Borough, to: Borough, transfer: TransferId, how: Acceptance, by: Person, edition: u32, at: When },
    /// A duty is over.
    DutyEnded { duty: Duty, holder: Borough, why: Ending, by: Person, edition: u32, at: When },
    /// A duty stayed with its holder, and why.
    DutyKept { duty: Duty, holder: Borough, why: Kept, at: When },
    /// The kind of plan changed.
    PlanChanged { kind: PlanKind, by: Person, edition: u32, at: When },
    /// Duties are in a transfer, and can be in no other.
    TransferOpened {
        transfer: TransferId,
        duties: Vec<Duty>,
        /// Whom it asks. Not said by the first release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Borough>,
        at: When,
    },
    /// They no longer are.
    TransferOver {
        transfer: TransferId,
        duties: Vec<Duty>,
        /// That the receiver did not take them, and how. Not said by the first release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unmoved: Option<Unmoved>,
        at: When,
    },
    /// A person says that two ids are one child.
    ChildLinked { other: ChildId, by: Person, at: When },
    /// A person says that they are not.
    ChildUnlinked { other: ChildId, by: Person, at: When },
    /// The address is shielded, or no longer.
    ShieldSet {
        shielded: bool,
        by: Person,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// A case of the night is on the day team's list.
    NightCaseDue {
        referral: ReferralId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// A named day worker has it.
    NightCaseTaken { referral: ReferralId, by: Person, at: When },
    /// Nobody took it in time: the duty manager is told.
    NightCaseEscalated { referral: ReferralId, borough: Borough, level: u8, to: Option<Named>, at: When },
    /// The child stays elsewhere for a time.
    NoticeGiven { to: Borough, until: Option<Timestamp>, text: Sealed, by: Person, at: When },
    /// The child is missing; these transfers pause.
    MissingReported {
        transfers: Vec<TransferId>,
        by: Person,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// The child was found; they go on.
    MissingEnded {
        transfers: Vec<TransferId>,
        by: Person,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// A legal power began to run.
    PowerStarted {
        power: Power,
        started_at: Timestamp,
        ends_at: Option<Timestamp>,
        by: Person,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// It ended before its time.
    PowerEnded {
        power: Power,
        by: Person,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Borough>,
        at: When,
    },
    /// It ended because its time was over.
    PowerRanOut { power: Power, ended_at: Timestamp, told: Vec<Borough>, at: When },
    /// The expected child was born.
    ChildBorn { born_at: Timestamp, by: Person, at: When },
}

impl LedgerEvent {
    /// The boroughs whose desks are told of it, beside those that its published form names.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are told of by what they change")]
    pub fn told(&self) -> &[Borough] {
        match self {
            Self::ShieldSet { told, .. }
            | Self::NightCaseDue { told, .. }
            | Self::MissingReported { told, .. }
            | Self::MissingEnded { told, .. }
            | Self::PowerStarted { told, .. }
            | Self::PowerEnded { told, .. }
            | Self::PowerRanOut { told, .. } => told,
            _ => &[],
        }
    }

    /// When it was recorded, and when it happened.
    #[must_use]
    pub fn when(&self) -> When {
        match self {
            Self::ContactOpened { at, .. }
            | Self::ContactDecided { at, .. }
            | Self::ContactSettled { at, .. }
            | Self::DutyOpened { at, .. }
            | Self::DutyMoved { at, .. }
            | Self::DutyEnded { at, .. }
            | Self::DutyKept { at, .. }
            | Self::PlanChanged { at, .. }
            | Self::TransferOpened { at, .. }
            | Self::TransferOver { at, .. }
            | Self::ChildLinked { at, .. }
            | Self::ChildUnlinked { at, .. }
            | Self::ShieldSet { at, .. }
            | Self::NightCaseDue { at, .. }
            | Self::NightCaseTaken { at, .. }
            | Self::NightCaseEscalated { at, .. }
            | Self::NoticeGiven { at, .. }
            | Self::MissingReported { at, .. }
            | Self::MissingEnded { at, .. }
            | Self::PowerStarted { at, .. }
            | Self::PowerEnded { at, .. }
            | Self::PowerRanOut { at, .. }
            | Self::ChildBorn { at, .. } => *at,
        }
    }
}

impl LedgerEvent {
    /// The stable name of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::ContactOpened { .. } => "contact.opened",
            Self::ContactDecided { .. } => "contact.decided",
            Self::ContactSettled { .. } => "contact.settled",
            Self::DutyOpened { .. } => "duty.opened",
            Self::DutyMoved { .. } => "duty.moved",
            Self::DutyEnded { .. } => "duty.ended",
            Self::DutyKept { .. } => "duty.kept",
            Self::PlanChanged { .. } => "plan.changed",
            Self::TransferOpened { .. } => "child.transfer_opened",
            Self::TransferOver { .. } => "child.transfer_over",
            Self::ChildLinked { .. } => "child.linked",
            Self::ChildUnlinked { .. } => "child.unlinked",
            Self::ShieldSet { .. } => "child.shield_set",
            Self::NightCaseDue { .. } => "night_case.due",
            Self::NightCaseTaken { .. } => "night_case.taken",
            Self::NightCaseEscalated { .. } => "night_case.escalated",
            Self::NoticeGiven { .. } => "notice.given",
            Self::MissingReported { .. } => "missing.reported",
            Self::MissingEnded { .. } => "missing.ended",
            Self::PowerStarted { .. } => "power.started",
            Self::PowerEnded { .. } => "power.ended",
            Self::PowerRanOut { .. } => "power.ran_out",
            Self::ChildBorn { .. } => "child.born",
        }
    }
}
