//! What somebody asks for. Times, ids and looked-up facts come with it.

use std::collections::BTreeSet;

use kernel::{Actor, Borough, ChildId, Person, ReferralId, Sealed, Timestamp, edition::Who};

use super::{Basis, ClockKind, CpisOutcome, EntryId, Outcome, Received, Ring};

/// A command about one referral.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A concern comes in. Never refused for what is not known.
    Receive {
        /// Who sends it; a borough's or hospital's system may.
        by: Actor,
        /// All of it, sealed.
        received: Box<Received>,
    },
    /// A person opens the record.
    View {
        /// Who.
        by: Person,
        /// For which boroughs the person acts now.
        acting_for: BTreeSet<Borough>,
        /// The entry.
        entry: EntryId,
    },
    /// A person opens the history.
    OpenHistory {
        /// Who.
        by: Person,
        /// The entry.
        entry: EntryId,
        /// What is shown.
        contacts: Contacts,
        /// Whether only dates and codes are shown.
        lines_only: bool,
        /// The edition in force.
        edition: u32,
    },
    /// A person decides what happens next.
    Decide(Box<Decide>),
    /// A person says that it tells the same as another referral.
    Join(Box<JoinTo>),
    /// A person adds to the record.
    Add {
        /// Who.
        by: Person,
        /// For which boroughs the person acts now.
        acting_for: BTreeSet<Borough>,
        /// The entry.
        entry: EntryId,
        /// What is added.
        what: Addition,
    },
    /// A timer saw a clock run out.
    RunOut {
        /// Which clock.
        kind: ClockKind,
        /// Which level of the ladder is called.
        level: u8,
        /// Who stands there.
        who: Who,
        /// When the next level is called; none at the top.
        next_at: Option<Timestamp>,
        /// The edition in force.
        edition: u32,
        /// Where that person is reached.
        rings: Vec<Ring>,
    },
}

/// The contacts about the children of a referral as they were looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Every contact in the history, possible ones too.
    pub all: BTreeSet<ReferralId>,
    /// How many within the months that raise the prompt, this one included and possible ones left out.
    pub lately: u32,
    /// From how many on the prompt is raised.
    pub prompt_from: u32,
}

/// A decision with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Decide {
    /// Who decides: a person, always.
    pub by: Person,
    /// For which boroughs the person acts now: the own one, and those whose night team this is.
    pub acting_for: BTreeSet<Borough>,
    /// The entry.
    pub entry: EntryId,
    /// What happens next.
    pub outcome: Outcome,
    /// Why.
    pub reason: Sealed,
    /// Why the prompt about repeated contacts is dismissed.
    pub repeat_prompt: Option<Sealed>,
    /// The history as it stands now.
    pub contacts: Contacts,
    /// The edition in force.
    pub edition: u32,
    /// When.
    pub at: Timestamp,
    /// When the referrer must have been told, if there is somebody to tell.
    pub feedback_by: Timestamp,
}

/// A referral that is to be decided in another, with what was looked up about that one.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinTo {
    /// Who says so: a person, always.
    pub by: Person,
    /// For which boroughs the person acts now.
    pub acting_for: BTreeSet<Borough>,
    /// The entry.
    pub entry: EntryId,
    /// The other referral.
    pub with: ReferralId,
    /// Its children.
    pub children: BTreeSet<ChildId>,
    /// The referral that the other one is joined to itself.
    pub joined_to: Option<ReferralId>,
    /// Why.
    pub reason: Sealed,
    /// The edition in force.
    pub edition: u32,
    /// When.
    pub at: Timestamp,
    /// When the referrer must have been told, if there is somebody to tell.
    pub feedback_by: Timestamp,
}

/// What a person adds to the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Addition {
    /// Information; by any organisation that may read the referral.
    Information {
        /// What.
        text: Sealed,
        /// Whether it is the written form of a referral made by telephone.
        written_form: bool,
    },
    /// The referrer was told.
    Feedback {
        /// What.
        text: Sealed,
    },
    /// The referrer takes it back.
    Withdrawal {
        /// Why.
        reason: Sealed,
    },
    /// Something is kept from somebody.
    Withholding {
        /// What, and from whom.
        what: Sealed,
        /// Why.
        reason: Sealed,
    },
    /// Other agencies are asked.
    Checks {
        /// Who.
        with: Sealed,
        /// On what footing; none when nobody said.
        basis: Option<Basis>,
    },
    /// The Child Protection Information Sharing service was asked.
    CpisCheck {
        /// What it answered.
        outcome: CpisOutcome,
        /// Anything else.
        note: Option<Sealed>,
    },
    /// Something said earlier was wrong.
    Correction {
        /// The field of the form.
        field: String,
        /// What is right.
        text: Sealed,
    },
}
