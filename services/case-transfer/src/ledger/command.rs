//! What may be asked of a ledger, and what it is told.

use kernel::{Borough, ChildId, Person, ReferralId, Sealed, Timestamp};

use super::{Duty, Outcome, PlanKind, Power, Settled};

/// What a person of a borough asks or records about a child's duties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyAsk {
    /// Nothing more must be done under this duty. Only a person of the holder may say so.
    End {
        /// Which duty.
        duty: Duty,
        /// Why.
        reason: Sealed,
    },
    /// The child is on a plan of this borough.
    OpenPlan {
        /// Which borough's plan.
        holder: Borough,
        /// What kind.
        kind: PlanKind,
    },
    /// A day worker takes a case of the night in their own name.
    TakeNightCase {
        /// The contact that came in the night.
        referral: ReferralId,
    },
    /// The child stays for a time in another borough: a notice, and no duty moves.
    GiveNotice {
        /// The borough where the child stays.
        to: Borough,
        /// Until when, if known.
        until: Option<Timestamp>,
        /// What they should know.
        text: Sealed,
    },
    /// The child is missing: every open transfer pauses.
    ReportMissing,
    /// The child was found.
    ReportFound,
    /// A legal power began to run.
    StartPower {
        /// Which.
        power: Power,
        /// When it was used or made.
        started_at: Timestamp,
        /// When it ends; from the edition's clock, or from the order.
        ends_at: Option<Timestamp>,
        /// The latest end that the law allows, where it allows none later; from the edition's clock.
        latest: Option<Timestamp>,
    },
    /// A legal power ended before its time.
    EndPower {
        /// Which.
        power: Power,
    },
    /// The expected child was born. Nothing moves.
    RecordBirth {
        /// When.
        born_at: Timestamp,
    },
    /// This id is the same child as another one.
    Link {
        /// The other id.
        other: ChildId,
    },
    /// It is not, after all.
    Unlink {
        /// The other id.
        other: ChildId,
    },
    /// The address must not be shown, or may be again.
    Shield {
        /// Whether it is shielded from now on.
        shielded: bool,
    },
}

/// What referral intake has recorded. Facts are taken as they are; the rules only say what follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A referral about the child.
    ContactOpened {
        /// The referral.
        referral: ReferralId,
        /// Where the child was found, which must act; where that is not known, where it was received.
        received_by: Borough,
        /// Where the child lives, if known.
        home: Option<Borough>,
        /// When it was received.
        received_at: Timestamp,
        /// When the day team must have taken it, should it be a case of the night; from the edition's clock.
        day_by: Timestamp,
        /// When it goes to the manager if nobody has; likewise.
        late_by: Timestamp,
        /// The edition of both.
        edition: u32,
    },
    /// A decision on a referral, or one that supersedes an earlier decision.
    ContactDecided {
        /// The referral.
        referral: ReferralId,
        /// The deciding borough.
        borough: Borough,
        /// What it came to.
        outcome: Outcome,
        /// Who decided.
        by: Person,
        /// The edition it was taken under.
        edition: u32,
    },
    /// A referral that needs no decision any more.
    ContactSettled {
        /// The referral.
        referral: ReferralId,
        /// How.
        how: Settled,
    },
}

/// What the clock says about a child. It records and escalates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// The day team's list is due (09:00).
    NightListDue {
        /// The contact that came in the night.
        referral: ReferralId,
    },
    /// The time of a legal power is over.
    PowerOver {
        /// Which.
        power: Power,
    },
    /// Nobody has taken it (10:00).
    NightCaseLate {
        /// The contact that came in the night.
        referral: ReferralId,
    },
}
