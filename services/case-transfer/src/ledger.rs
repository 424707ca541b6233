//! The responsibility ledger of one child id: which borough holds which duty, now and at any instant before.

mod belief;
mod command;
mod decide;
mod event;
mod evolve;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Borough, ChildId, ReferralId, Timestamp, TransferId};
use serde::{Deserialize, Serialize};

pub use belief::{Belief, STILL_RESPONSIBLE};
pub use command::{DutyAsk, Fact, Reminder};
pub(crate) use decide::{Page, decide_ask, decide_fact, decide_reminder};
pub use event::{Acceptance, Ending, Kept, LedgerEvent, Named, Opening, Settled, Unmoved};

/// A duty towards a child. Each open one has exactly one holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Act now. Opens with every referral where the child is found.
    EmergencyAction,
    /// A section 47 enquiry or an assessment.
    Enquiry,
    /// A child protection plan, a child in need plan, or the care of a looked-after child.
    Plan,
}

/// Why there is a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// Child protection plan.
    ChildProtection,
    /// Child in need plan.
    ChildInNeed,
    /// Looked-after child.
    LookedAfter,
}

/// A legal power that runs for a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Police protection; ends after 72 hours.
    PoliceProtection,
    /// Emergency protection order.
    EmergencyProtectionOrder,
    /// Care order.
    CareOrder,
}

impl Power {
    /// Whether the plan stays with its holder for as long as this runs.
    #[must_use]
    pub fn keeps_the_plan(self) -> bool {
        match self {
            Self::PoliceProtection => false,
            Self::EmergencyProtectionOrder | Self::CareOrder => true,
        }
    }
}

/// What a decision on a referral came to. The decision itself is recorded by referral intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The child must be protected at once.
    ImmediateProtection,
    /// A section 47 enquiry.
    #[serde(rename = "section_47_enquiry")]
    Section47Enquiry,
    /// A child in need assessment (section 17).
    ChildInNeedAssessment,
    /// Early help.
    EarlyHelp,
    /// Advice given, no further action.
    NoFurtherAction,
}

/// One borough holding one duty for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holding {
    /// Which duty.
    pub duty: Duty,
    /// Who holds it.
    pub holder: Borough,
    /// From this instant on.
    pub since: Timestamp,
    /// Up to but not including this instant; open as long as nothing is said.
    pub until: Option<Timestamp>,
    /// The version of the child's stream at the event that made it so.
    pub version: i64,
}

/// A contact about the child.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Contact {
    /// Where emergency action was opened for it.
    pub borough: Borough,
    /// Where the child lives, if that was known.
    pub home: Option<Borough>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The latest decision, and by which borough.
    pub decided: Option<(Outcome, Borough)>,
    /// Joined with another, so that nothing is left to decide here.
    pub joined: bool,
    /// The referrer took it back. That is no answer to the concern: a person still decides.
    pub withdrawn: bool,
    /// The night case that the day team must take.
    pub night: Option<NightCase>,
    /// When it goes to the manager; the first release did not say.
    pub late_by: Option<Timestamp>,
}

impl Contact {
    /// Whether somebody still has to decide on it.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.decided.is_none() && !self.joined
    }
}

/// Where a case of the night stands in the morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NightCase {
    /// Received out of hours.
    Waiting,
    /// On the day team's list.
    Due,
    /// The duty manager was told that nobody took it.
    Escalated,
    /// A named day worker has it.
    Taken,
}

/// A transfer in which a duty of this child is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InTransfer {
    /// Which transfer.
    pub transfer: TransferId,
    /// Whom it asks, where its event said so.
    pub to: Option<Borough>,
    /// The giver, from the acceptance until the receiver's desk has received it: to them it is "still yours, awaiting receipt".
    pub awaiting_receipt: Option<Borough>,
}

/// The last transfer in which a receiver did not take a duty that is still with its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// Which transfer.
    pub transfer: TransferId,
    /// How.
    pub how: Unmoved,
}

/// The ledger of one child id. It is built from the events of one stream alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger {
    /// How many events the child's stream has.
    pub version: i64,
    /// The open duties, each with its place in `history`.
    open: BTreeMap<Duty, usize>,
    history: Vec<Holding>,
    /// The contacts about the child.
    pub contacts: BTreeMap<ReferralId, Contact>,
    /// The duties that are in an open transfer.
    pub in_transfer: BTreeMap<Duty, InTransfer>,
    /// The duties that a receiver did not take, until they move or end: whoever is asked next, it is the same conversation.
    pub refused: BTreeMap<Duty, Refused>,
    /// Other ids that a person has linked as the same child.
    pub linked: BTreeSet<ChildId>,
    /// The kind of plan, while there is one.
    pub plan: Option<PlanKind>,
    /// The address must not be shown; a contact desk stands for it.
    pub shielded: bool,
    /// Reported missing and not yet found.
    pub missing: bool,
    /// Born, where the child was entered as expected.
    pub born: bool,
    powers: BTreeMap<Power, Option<Timestamp>>,
    notices: BTreeSet<(Borough, Option<Timestamp>)>,
    last: Option<Timestamp>,
}

impl Ledger {
    /// The holder of an open duty.
    #[must_use]
    pub fn holder(&self, duty: Duty) -> Option<&Borough> {
        self.holding(duty).map(|holding| &holding.holder)
    }

    /// The holder of an open duty, since when and because of which event.
    #[must_use]
    pub fn holding(&self, duty: Duty) -> Option<&Holding> {
        self.open.get(&duty).and_then(|place| self.history.get(*place))
    }

    /// Who held a duty at an instant, and because of which event.
    #[must_use]
    pub fn holder_at(&self, duty: Duty, at: Timestamp) -> Option<&Holding> {
        let held = |h: &&Holding| h.duty == duty && h.since <= at && h.until.is_none_or(|until| at < until);
        self.history.iter().rev().find(held)
    }

    /// Every duty that was open at an instant.
    #[must_use]
    pub fn duties_at(&self, at: Timestamp) -> Vec<&Holding> {
        [Duty::EmergencyAction, Duty::Enquiry, Duty::Plan].into_iter().filter_map(|duty| self.holder_at(duty, at)).collect()
    }

    /// The open duties.
    pub fn duties(&self) -> impl Iterator<Item = &Holding> {
        self.open.values().filter_map(|place| self.history.get(*place))
    }

    /// All that was ever held, in order.
    #[must_use]
    pub fn history(&self) -> &[Holding] {
        &self.history
    }

    /// The power that keeps the plan with its holder at this instant, if one runs.
    #[must_use]
    pub fn plan_kept_by(&self, at: Timestamp) -> Option<Power> {
        self.powers_at(at).map(|(power, _)| power).find(|power| power.keeps_the_plan())
    }

    /// The powers that run at an instant, and when each ends.
    pub fn powers_at(&self, at: Timestamp) -> impl Iterator<Item = (Power, Option<Timestamp>)> {
        self.powers.iter().filter(move |(_, ends)| ends.is_none_or(|ends| at < ends)).map(|(power, ends)| (*power, *ends))
    }

    /// When a power ends, if it was not ended before; nothing where its end is open.
    #[must_use]
    pub fn power_ends(&self, power: Power) -> Option<Timestamp> {
        self.powers.get(&power).copied().flatten()
    }

    /// The boroughs that must hear what happens to the child: whoever holds a duty, whoever is asked to take one, where the child was
    /// found last or a contact is undecided, and where it lives.
    #[must_use]
    pub fn concerned(&self) -> Vec<Borough> {
        let last = self.contacts.values().map(|contact| contact.received_at).max();
        let contacts = || self.contacts.values().filter(|contact| contact.is_undecided() || Some(contact.received_at) == last);
        let places = contacts().flat_map(|contact| [Some(&contact.borough), contact.home.as_ref()]).flatten();
        let asked = self.in_transfer.values().flat_map(|open| [open.to.as_ref(), open.awaiting_receipt.as_ref()]).flatten();
        let all: BTreeSet<_> = self.duties().map(|held| &held.holder).chain(asked).chain(places).collect();
        all.into_iter().cloned().collect()
    }

    /// A contact that somebody still has to decide on, other than this one.
    #[must_use]
    pub fn undecided(&self, but: Option<ReferralId>) -> Option<ReferralId> {
        self.contacts.iter().find(|(id, contact)| Some(**id) != but && contact.is_undecided()).map(|(id, _)| *id)
    }

    /// Takes one event in.
    pub fn evolve(&mut self, event: &LedgerEvent) {
        self.version += 1;
        let now = self.last.map_or(event.when().recorded_at, |last| last.max(event.when().recorded_at));
        self.last = Some(now);
        evolve::apply(self, event, now);
    }

    fn begin(&mut self, duty: Duty, holder: &Borough, now: Timestamp) {
        self.finish(duty, now);
        self.open.insert(duty, self.history.len());
        self.history.push(Holding { duty, holder: holder.clone(), since: now, until: None, version: self.version });
    }

    fn finish(&mut self, duty: Duty, now: Timestamp) {
        self.refused.remove(&duty);
        if let Some(holding) = self.open.remove(&duty).and_then(|place| self.history.get_mut(place)) {
            holding.until = Some(now);
        }
    }
}
