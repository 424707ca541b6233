//! What has happened to a referral.

use kernel::{Borough, ChildId, Org, Person, Reference, ReferralId, Sealed, Timestamp, edition::Who};
use serde::{Deserialize, Serialize};

use super::{Basis, ClockKind, Clocks, CpisOutcome, Danger, EntryId, Found, Outcome, Owner, ParentKnows};

/// Something that happened to a referral itself. Each adds; none changes an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralEvent {
    /// It came in and has an owner.
    Received(Box<Received>),
    /// A person decided what happens next. The last one stands; all stay readable.
    Decided(Decision),
    /// A person said that it tells the same as another referral: what must be decided is decided there. A decision on this one takes
    /// the place of that.
    Joined(Join),
    /// Somebody who may read it added something.
    InformationAdded {
        /// The entry.
        entry: EntryId,
        /// What they said.
        text: Sealed,
        /// Whether it is the written form of a referral that was made by telephone.
        written_form: bool,
        /// On whose behalf.
        from: Org,
    },
    /// The referrer was told.
    FeedbackGiven {
        /// The entry.
        entry: EntryId,
        /// What they were told.
        text: Sealed,
    },
    /// The referrer took it back. It stays, and a decision is still needed.
    Withdrawn {
        /// The entry.
        entry: EntryId,
        /// Why.
        reason: Sealed,
    },
    /// Something was kept from somebody.
    Withheld {
        /// The entry.
        entry: EntryId,
        /// What, and from whom.
        what: Sealed,
        /// Why.
        reason: Sealed,
    },
    /// Other agencies were asked about the family.
    ChecksMade {
        /// The entry.
        entry: EntryId,
        /// Who was asked.
        with: Sealed,
        /// On what footing.
        basis: Basis,
    },
    /// The Child Protection Information Sharing service was asked.
    CpisChecked {
        /// The entry.
        entry: EntryId,
        /// What it answered.
        outcome: CpisOutcome,
        /// Anything else.
        note: Option<Sealed>,
    },
    /// Something said earlier was wrong. The earlier words stay.
    Corrected {
        /// The entry.
        entry: EntryId,
        /// What it is about: the name of a field of the form.
        field: String,
        /// What is right.
        text: Sealed,
    },
}

impl ReferralEvent {
    /// Every sealed field in it.
    #[must_use]
    pub fn sealed(&self) -> Vec<&Sealed> {
        match self {
            Self::Received(received) => received.sealed(),
            Self::Decided(decision) => std::iter::once(&decision.reason).chain(&decision.repeat_prompt).collect(),
            Self::Joined(join) => vec![&join.reason],
            Self::InformationAdded { text, .. } | Self::FeedbackGiven { text, .. } | Self::Corrected { text, .. } => vec![text],
            Self::Withdrawn { reason, .. } => vec![reason],
            Self::Withheld { what, reason, .. } => vec![what, reason],
            Self::ChecksMade { with, basis: Basis::LawfulReason(reason), .. } => vec![with, reason],
            Self::ChecksMade { with, basis: Basis::ParentAgrees | Basis::ChildProtection, .. } => vec![with],
            Self::CpisChecked { note, .. } => note.iter().collect(),
        }
    }
}

/// A referral as it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The reference to say on the telephone.
    pub reference: Reference,
    /// When the hub received it.
    pub received_at: Timestamp,
    /// The organisation that sent it.
    pub from: Org,
    /// Whether a member of the public raised it, who may stay unnamed.
    pub anonymous: bool,
    /// Name, role and telephone of who raised it.
    pub referrer: Option<Sealed>,
    /// What worries them.
    pub concern: Sealed,
    /// Where the child is now.
    pub found: Found,
    /// Whether anyone is in danger now.
    pub danger_now: Danger,
    /// The children.
    pub children: Vec<AboutChild>,
    /// Who is with the child and who else lives there.
    pub with_the_child: Option<Sealed>,
    /// Whether the parent knows and agrees.
    pub parent_knows: ParentKnows,
    /// Interpreter, disability.
    pub needs: Option<Sealed>,
    /// What has been done already.
    pub done_already: Option<Sealed>,
    /// The borough whose duty it is to act now, and why.
    pub owner: Owner,
    /// The borough where the children live, if known.
    pub home: Option<Borough>,
    /// Whether the owner's night team holds the desk.
    pub out_of_hours: bool,
    /// What is due when.
    pub clocks: Clocks,
    /// The names of the fields of the form that were filled; none in what was recorded before this was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
}

impl Received {
    fn sealed(&self) -> Vec<&Sealed> {
        let children = self.children.iter().flat_map(|child| child.identity.iter().chain(&child.home).chain(&child.says));
        let texts = [&self.referrer, &self.found.address, &self.with_the_child, &self.needs, &self.done_already];
        std::iter::once(&self.concern).chain(texts.into_iter().flatten()).chain(children).collect()
    }

    /// The boroughs where the children live, as far as they are known.
    pub fn home_boroughs(&self) -> impl Iterator<Item = &Borough> {
        self.home.iter().chain(self.children.iter().filter_map(|child| child.home_borough.as_ref()))
    }
}

/// What a referral says about one child. Everything about the child alone is sealed under a key about that child alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutChild {
    /// The child.
    pub id: ChildId,
    /// Names, date of birth or age, NHS number.
    pub identity: Option<Sealed>,
    /// Address and postcode of the home; a protected field of its own.
    pub home: Option<Sealed>,
    /// The borough of the home, if known.
    pub home_borough: Option<Borough>,
    /// What the child said or showed.
    pub says: Option<Sealed>,
    /// Whether the child is not born yet.
    pub unborn: bool,
    /// Whether what was given as an NHS number is none, so that it was kept as text and left out of matching.
    pub nhs_number_kept_as_text: bool,
}

/// A decision. It holds the person who took it, and a machine's name does not fit there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The entry.
    pub entry: EntryId,
    /// What happens next.
    pub outcome: Outcome,
    /// Why.
    pub reason: Sealed,
    /// Who decided.
    pub by: Person,
    /// For which borough.
    pub borough: Borough,
    /// When.
    pub at: Timestamp,
    /// Under which edition of the procedures.
    pub edition: u32,
    /// How many contacts about these children there were within the months that the edition names, this one included.
    pub contacts: u32,
    /// Why the prompt about repeated contacts was dismissed, where it was raised.
    pub repeat_prompt: Option<Sealed>,
    /// When the referrer must have been told; none when there is nobody to tell.
    pub feedback_by: Option<Timestamp>,
    /// The decision that this one replaces.
    pub supersedes: Option<EntryId>,
    /// The filled fields that had been shown to the decider: all if they had opened the referral, else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<String>,
}

/// A referral that tells the same as another, as when the written form of a call comes in by itself. A person says so, never a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The entry.
    pub entry: EntryId,
    /// The referral in which it is decided.
    pub with: ReferralId,
    /// Why.
    pub reason: Sealed,
    /// Who says so.
    pub by: Person,
    /// For which borough.
    pub borough: Borough,
    /// When.
    pub at: Timestamp,
    /// Under which edition of the procedures.
    pub edition: u32,
    /// When the referrer of this one must have been told; none when there is nobody to tell.
    pub feedback_by: Option<Timestamp>,
}

/// What happens around a referral without changing it: who looked, and what ran out. It has a stream of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchEvent {
    /// A person opened the record.
    Viewed {
        /// The entry.
        entry: EntryId,
        /// The person's id.
        person: String,
        /// For which organisation.
        org: Org,
        /// Whether the person stands at the desk that must act.
        desk: bool,
    },
    /// A person opened the history of the children.
    HistoryOpened {
        /// The entry.
        entry: EntryId,
        /// The person's id.
        person: String,
        /// For which organisation.
        org: Org,
        /// The contacts that were shown.
        contacts: Vec<ReferralId>,
        /// Under which edition.
        edition: u32,
        /// Whether only dates and codes were shown, as to whoever referred. Nobody decides on these.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        lines_only: bool,
    },
    /// Nobody of the duty desk opened an emergency in time.
    NotSeen(RunOut),
    /// No decision in time.
    DecisionOverdue(RunOut),
    /// The referrer was not told in time.
    FeedbackOverdue(RunOut),
}

/// A desk that is rung when a clock has run out: what the hub can say of whoever stands at the level that is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The borough.
    pub borough: Borough,
    /// `MASH` or `EDT`, whichever was on; `desk not set` where the borough has not told the hub.
    pub desk: String,
    /// The desk's telephone at that time.
    pub phone: Option<String>,
}

/// A clock that ran out, and who is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOut {
    /// The level of the ladder.
    pub level: u8,
    /// Who stands there.
    pub who: Who,
    /// When it was due.
    pub due: Timestamp,
    /// When the next level is called; none at the top.
    pub next_at: Option<Timestamp>,
    /// Under which edition.
    pub edition: u32,
    /// Where that person is reached. None in events from before this was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rings: Vec<Ring>,
}

impl WatchEvent {
    /// A clock that ran out, as an event.
    #[must_use]
    pub fn ran_out(kind: ClockKind, run_out: RunOut) -> Self {
        match kind {
            ClockKind::Seen => Self::NotSeen(run_out),
            ClockKind::Decision => Self::DecisionOverdue(run_out),
            ClockKind::Feedback => Self::FeedbackOverdue(run_out),
        }
    }
}
