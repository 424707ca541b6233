//! The situation of a referral, built from its events alone.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Borough, ChildId, Org, ReferralId};

use super::{ClockKind, Decision, EntryId, Join, Received, ReferralEvent, RunOut, WatchEvent};
use crate::child::Child;

/// The situations that a referral can be in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Referral {
    /// It has not come in.
    #[default]
    NotReceived,
    /// Nobody has decided yet.
    Undecided(Box<Case>),
    /// It tells the same as another referral, in which it is decided.
    Joined(Box<Case>, Box<Join>),
    /// A person has decided; the last decision stands.
    Decided(Box<Case>, Box<Decision>),
}

/// What has been recorded about a referral.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// As it came in.
    pub received: Received,
    /// Every entry that was added, so that a repetition is recognised.
    pub entries: BTreeSet<EntryId>,
    /// Whether the referrer took it back.
    pub withdrawn: bool,
    /// Whether the referrer was told of the decision that stands.
    pub feedback: Given,
}

/// Whether an open item was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given {
    /// Still open.
    #[default]
    NotYet,
    /// Done.
    Done,
}

impl Referral {
    /// The record, if there is one.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        match self {
            Self::NotReceived => None,
            Self::Undecided(case) | Self::Joined(case, _) | Self::Decided(case, _) => Some(case),
        }
    }

    /// The decision that stands.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::NotReceived | Self::Undecided(_) | Self::Joined(..) => None,
            Self::Decided(_, decision) => Some(decision),
        }
    }

    /// The referral in which it is decided, if it was joined to one.
    #[must_use]
    pub fn join(&self) -> Option<&Join> {
        match self {
            Self::NotReceived | Self::Undecided(_) | Self::Decided(..) => None,
            Self::Joined(_, join) => Some(join),
        }
    }

    /// The state as a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotReceived => "not_received",
            Self::Undecided(_) => "undecided",
            Self::Joined(..) => "joined",
            Self::Decided(..) => "decided",
        }
    }

    pub(crate) fn evolve(self, event: &ReferralEvent) -> Self {
        match (self, event) {
            (Self::NotReceived, ReferralEvent::Received(received)) => Self::Undecided(Box::new(Case::new(received))),
            (referral @ (Self::Undecided(_) | Self::Joined(..) | Self::Decided(..)), ReferralEvent::Received(_)) => referral,
            (Self::NotReceived, _) => Self::NotReceived,
            (Self::Undecided(case) | Self::Joined(case, _) | Self::Decided(case, _), ReferralEvent::Decided(decision)) => {
                let case = Case { feedback: Given::NotYet, ..case.with(decision.entry) };
                Self::Decided(Box::new(case), Box::new(decision.clone()))
            }
            (Self::Undecided(case) | Self::Joined(case, _), ReferralEvent::Joined(join)) => {
                let case = Case { feedback: Given::NotYet, ..case.with(join.entry) };
                Self::Joined(Box::new(case), Box::new(join.clone()))
            }
            (Self::Undecided(case), event) => Self::Undecided(Box::new(case.added(event))),
            (Self::Joined(case, join), event) => Self::Joined(Box::new(case.added(event)), join),
            (Self::Decided(case, decision), event) => Self::Decided(Box::new(case.added(event)), decision),
        }
    }
}

impl Case {
    fn new(received: &Received) -> Self {
        Self { received: received.clone(), entries: BTreeSet::new(), withdrawn: false, feedback: Given::NotYet }
    }

    /// The children that it is about.
    pub fn children(&self) -> impl Iterator<Item = ChildId> {
        self.received.children.iter().map(|child| child.id)
    }

    /// The boroughs that answer for the children: for each the owner, until another has taken the duties over.
    pub(crate) fn answering<'a>(&'a self, children: &'a BTreeMap<ChildId, Child>) -> BTreeSet<&'a Borough> {
        let owner = &self.received.owner.borough;
        let of = |child: ChildId| children.get(&child).and_then(Child::answered_by).unwrap_or(owner);
        let answering: BTreeSet<&Borough> = self.children().map(of).collect();
        if answering.is_empty() { BTreeSet::from([owner]) } else { answering }
    }

    /// The boroughs that answer for the children now, and those that have taken over any other duty towards them and hold it.
    pub(crate) fn holds_now(&self, children: &BTreeMap<ChildId, Child>) -> BTreeSet<Borough> {
        let holding = self.children().filter_map(|child| children.get(&child)).flat_map(Child::holders);
        self.answering(children).into_iter().chain(holding).cloned().collect()
    }

    /// The boroughs that decide now: those that answer for the children, and those that have taken over what goes with a referral.
    pub(crate) fn decided_by(&self, children: &BTreeMap<ChildId, Child>) -> BTreeSet<Borough> {
        let taken = self.children().filter_map(|child| children.get(&child)).flat_map(Child::deciders);
        self.answering(children).into_iter().chain(taken).cloned().collect()
    }

    /// Whether an organisation raised it.
    #[must_use]
    pub fn is_referrer(&self, org: &Org) -> bool {
        self.received.from == *org
    }

    fn with(mut self, entry: EntryId) -> Self {
        self.entries.insert(entry);
        self
    }

    fn added(mut self, event: &ReferralEvent) -> Self {
        match event {
            ReferralEvent::Received(_) | ReferralEvent::Decided(_) | ReferralEvent::Joined(_) => return self,
            ReferralEvent::FeedbackGiven { .. } => self.feedback = Given::Done,
            ReferralEvent::Withdrawn { .. } => self.withdrawn = true,
            ReferralEvent::InformationAdded { .. }
            | ReferralEvent::Withheld { .. }
            | ReferralEvent::ChecksMade { .. }
            | ReferralEvent::CpisChecked { .. }
            | ReferralEvent::Corrected { .. } => {}
        }
        match event.entry() {
            Some(entry) => self.with(entry),
            None => self,
        }
    }
}

impl ReferralEvent {
    /// The entry that it is, if it added to the record.
    #[must_use]
    pub fn entry(&self) -> Option<EntryId> {
        match self {
            Self::Received(_) => None,
            Self::Decided(decision) => Some(decision.entry),
            Self::Joined(join) => Some(join.entry),
            Self::InformationAdded { entry, .. }
            | Self::FeedbackGiven { entry, .. }
            | Self::Withdrawn { entry, .. }
            | Self::Withheld { entry, .. }
            | Self::ChecksMade { entry, .. }
            | Self::CpisChecked { entry, .. }
            | Self::Corrected { entry, .. } => Some(*entry),
        }
    }
}

/// Who has looked at a referral, and which clocks have run out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// The contacts that each person has seen, by the person's id.
    pub seen: BTreeMap<String, BTreeSet<ReferralId>>,
    /// Whether a person of the desk that must act has opened it.
    pub opened_at_desk: bool,
    /// Everybody who has opened it, by the person's id.
    pub opened_by: BTreeSet<String>,
    /// The level of the ladder that each clock has reached.
    pub levels: BTreeMap<ClockKind, RunOut>,
    /// Every look, so that a repetition is recognised.
    pub entries: BTreeSet<EntryId>,
}

impl Watch {
    pub(crate) fn evolve(mut self, event: &WatchEvent) -> Self {
        match event {
            WatchEvent::Viewed { entry, person, desk, .. } => {
                self.entries.insert(*entry);
                self.opened_by.insert(person.clone());
                self.opened_at_desk |= desk;
            }
            // Dates and codes are not the history that a decision rests on.
            WatchEvent::HistoryOpened { entry, lines_only: true, .. } => {
                self.entries.insert(*entry);
            }
            WatchEvent::HistoryOpened { entry, person, contacts, .. } => {
                self.entries.insert(*entry);
                self.seen.entry(person.clone()).or_default().extend(contacts);
            }
            WatchEvent::NotSeen(run_out) => self.ran_out(ClockKind::Seen, run_out),
            WatchEvent::DecisionOverdue(run_out) => self.ran_out(ClockKind::Decision, run_out),
            WatchEvent::FeedbackOverdue(run_out) => self.ran_out(ClockKind::Feedback, run_out),
        }
        self
    }

    fn ran_out(&mut self, kind: ClockKind, run_out: &RunOut) {
        self.levels.insert(kind, run_out.clone());
    }
}
