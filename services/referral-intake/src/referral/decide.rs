//! The rules.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Actor, Borough, ChildId, Org, Person, ReferralId, Role};

use super::{
    Addition, Basis, Case, ClockKind, Command, Contacts, Decide, Decision, EntryId, Given, Join, JoinTo, Reach, Received, Referral,
    ReferralEvent, Refusal, RunOut, Watch, WatchEvent,
};
use crate::{child::Child, event::Of, rules::Situation};

/// What follows from a command about one referral: events of the referral, and of what is kept beside it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a decision is the largest, and is what most of these are about")]
pub(crate) enum Outcomes {
    /// Nothing: it was already so.
    Nothing,
    /// Something happened to it.
    Happened(Of, ReferralEvent),
    /// Somebody looked, or a clock ran out.
    Noticed(Of, WatchEvent),
}

pub(crate) fn decide(situation: &Situation, id: ReferralId, command: Command) -> Result<Outcomes, Refusal> {
    let case = match (&situation.referral, command) {
        (Referral::NotReceived, Command::Receive { by, received }) => return receive(id, &by, received),
        (Referral::Undecided(_) | Referral::Joined(..) | Referral::Decided(..), Command::Receive { .. }) => return Ok(Outcomes::Nothing),
        (Referral::NotReceived, _) => return Err(Refusal::NotReceived),
        (Referral::Undecided(case) | Referral::Joined(case, _) | Referral::Decided(case, _), command) => (case, command),
    };
    let (case, command) = case;
    let (decision, join) = (situation.referral.decision(), situation.referral.join());
    let record = Record { id, case, decision, join, watch: &situation.watch, children: &situation.children };
    match command {
        Command::Receive { .. } => Ok(Outcomes::Nothing),
        Command::View { by, acting_for, entry } => record.view(&by, &acting_for, entry),
        Command::OpenHistory { by, entry, contacts, lines_only, edition } => {
            Ok(record.open_history(&by, entry, (&contacts, lines_only), edition))
        }
        Command::Decide(decide) => record.decide(*decide),
        Command::Join(join) => record.join(*join),
        Command::Add { by, acting_for, entry, what } => record.add(&by, &acting_for, entry, what),
        Command::RunOut { kind, level, who, next_at, edition, rings } => {
            let due = record.due(kind);
            Ok(due.map_or(Outcomes::Nothing, |due| record.run_out(kind, RunOut { level, who, due, next_at, edition, rings })))
        }
    }
}

fn receive(id: ReferralId, by: &Actor, received: Box<Received>) -> Result<Outcomes, Refusal> {
    if received.anonymous && !takes_calls(by) {
        return Err(Refusal::ProfessionalMustBeNamed);
    }
    let children = received.children.iter().map(|child| child.id).collect();
    let of = Of { referral: id, children, owner: received.owner.borough.clone() };
    Ok(Outcomes::Happened(of, ReferralEvent::Received(received)))
}

/// Whether it is a person of a borough's duty desk, who writes down what a member of the public says.
fn takes_calls(by: &Actor) -> bool {
    by.org.borough().is_some() && matches!(by.role, Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director)
}

/// A referral that has come in, with what is known around it.
struct Record<'a> {
    id: ReferralId,
    case: &'a Case,
    decision: Option<&'a Decision>,
    join: Option<&'a Join>,
    watch: &'a Watch,
    children: &'a BTreeMap<ChildId, Child>,
}

impl Record<'_> {
    fn of(&self) -> Of {
        Of { referral: self.id, children: self.case.children().collect(), owner: self.case.received.owner.borough.clone() }
    }

    /// The borough for which these people decide: the owner, or one that has accepted a duty towards a child.
    fn decides_for(&self, by: &Person, acting_for: &BTreeSet<Borough>) -> Option<Borough> {
        let (reach, borough) = Reach::of(self.case, self.children, &by.actor().org, acting_for)?;
        borough.filter(|_| reach.decides())
    }

    /// Whether the decision that stands is theirs, or the word that it is decided elsewhere: then they owe the referrer the answer, also
    /// when the duty has moved on.
    fn has_decided(&self, acting_for: &BTreeSet<Borough>) -> bool {
        let decided = self.decision.is_some_and(|decision| acting_for.contains(&decision.borough));
        decided || self.join.is_some_and(|join| acting_for.contains(&join.borough))
    }

    fn decided_elsewhere(&self) -> Refusal {
        Refusal::NotYoursToDecide { by: self.case.decided_by(self.children) }
    }

    fn may_add(&self, by: &Person, acting_for: &BTreeSet<Borough>) -> bool {
        Reach::of(self.case, self.children, &by.actor().org, acting_for).is_some()
    }

    fn view(&self, by: &Person, acting_for: &BTreeSet<Borough>, entry: EntryId) -> Result<Outcomes, Refusal> {
        if self.watch.entries.contains(&entry) {
            return Ok(Outcomes::Nothing);
        }
        if !self.may_add(by, acting_for) {
            return Err(Refusal::NotShared);
        }
        let desk = self.decides_for(by, acting_for).is_some();
        let (person, org) = (by.actor().id.clone(), by.actor().org.clone());
        Ok(Outcomes::Noticed(self.of(), WatchEvent::Viewed { entry, person, org, desk }))
    }

    fn open_history(&self, by: &Person, entry: EntryId, (contacts, lines_only): (&Contacts, bool), edition: u32) -> Outcomes {
        if self.watch.entries.contains(&entry) {
            return Outcomes::Nothing;
        }
        let (person, org) = (by.actor().id.clone(), by.actor().org.clone());
        let contacts: Vec<ReferralId> = contacts.all.iter().copied().collect();
        Outcomes::Noticed(self.of(), WatchEvent::HistoryOpened { entry, person, org, contacts, edition, lines_only })
    }

    fn decide(&self, ask: Decide) -> Result<Outcomes, Refusal> {
        if self.case.entries.contains(&ask.entry) {
            return Ok(Outcomes::Nothing);
        }
        let Some(borough) = self.decides_for(&ask.by, &ask.acting_for) else {
            return Err(self.decided_elsewhere());
        };
        let seen = self.watch.seen.get(&ask.by.actor().id).ok_or(Refusal::HistoryNotRead)?;
        if !ask.contacts.all.is_subset(seen) {
            return Err(Refusal::HistoryChanged);
        }
        let contacts = ask.contacts.lately;
        if contacts >= ask.contacts.prompt_from && ask.repeat_prompt.is_none() {
            return Err(Refusal::RepeatPromptNeeded { contacts });
        }
        let opened = self.watch.opened_by.contains(&ask.by.actor().id);
        let read = if opened { self.case.received.filled.clone() } else { Vec::new() };
        Ok(Outcomes::Happened(
            self.of(),
            ReferralEvent::Decided(Decision {
                entry: ask.entry,
                outcome: ask.outcome,
                reason: ask.reason,
                by: ask.by,
                borough,
                at: ask.at,
                edition: ask.edition,
                contacts,
                repeat_prompt: ask.repeat_prompt,
                feedback_by: (!self.case.received.anonymous).then_some(ask.feedback_by),
                supersedes: self.decision.map(|earlier| earlier.entry),
                read,
            }),
        ))
    }

    /// Whoever decides may say that it is decided in another referral, once they have seen that one in the history. Every child of this
    /// one must be in the other too, under a link, so that nobody drops out of sight.
    fn join(&self, ask: JoinTo) -> Result<Outcomes, Refusal> {
        if self.case.entries.contains(&ask.entry) || self.join.is_some_and(|join| join.with == ask.with) {
            return Ok(Outcomes::Nothing);
        }
        let Some(borough) = self.decides_for(&ask.by, &ask.acting_for) else {
            return Err(self.decided_elsewhere());
        };
        if ask.with == self.id {
            return Err(Refusal::SameReferral);
        }
        if self.decision.is_some() {
            return Err(Refusal::AlreadyDecided);
        }
        if let Some(to) = ask.joined_to {
            return Err(Refusal::JoinedElsewhere { to });
        }
        let seen = self.watch.seen.get(&ask.by.actor().id).ok_or(Refusal::HistoryNotRead)?;
        if !seen.contains(&ask.with) {
            return Err(Refusal::HistoryChanged);
        }
        let is_there = |child: ChildId| self.children.get(&child).is_some_and(|child| !child.links.is_disjoint(&ask.children));
        if !self.case.children().all(is_there) {
            return Err(Refusal::ChildrenNotLinked);
        }
        let feedback_by = (!self.case.received.anonymous).then_some(ask.feedback_by);
        let JoinTo { by, entry, with, reason, edition, at, .. } = ask;
        Ok(Outcomes::Happened(self.of(), ReferralEvent::Joined(Join { entry, with, reason, by, borough, at, edition, feedback_by })))
    }

    fn add(&self, by: &Person, acting_for: &BTreeSet<Borough>, entry: EntryId, what: Addition) -> Result<Outcomes, Refusal> {
        if self.case.entries.contains(&entry) {
            return Ok(Outcomes::Nothing);
        }
        let deciding = self.decides_for(by, acting_for).is_some();
        let event = match what {
            Addition::Information { text, written_form } if self.may_add(by, acting_for) => {
                ReferralEvent::InformationAdded { entry, text, written_form, from: by.actor().org.clone() }
            }
            Addition::Correction { field, text } if self.may_add(by, acting_for) => ReferralEvent::Corrected { entry, field, text },
            Addition::Information { .. } | Addition::Correction { .. } => return Err(Refusal::NotShared),
            Addition::Withdrawal { reason } => return self.withdraw(&by.actor().org, entry, reason),
            Addition::Feedback { .. } if !deciding && !self.has_decided(acting_for) => return Err(self.decided_elsewhere()),
            Addition::Withholding { .. } | Addition::Checks { .. } | Addition::CpisCheck { .. } if !deciding => {
                return Err(self.decided_elsewhere());
            }
            Addition::Feedback { .. } if self.case.received.anonymous => return Err(Refusal::NobodyToTell),
            Addition::Feedback { text } => ReferralEvent::FeedbackGiven { entry, text },
            Addition::Withholding { what, reason } => ReferralEvent::Withheld { entry, what, reason },
            Addition::Checks { with, basis } => ReferralEvent::ChecksMade { entry, with, basis: self.footing(basis)? },
            Addition::CpisCheck { outcome, note } => ReferralEvent::CpisChecked { entry, outcome, note },
        };
        Ok(Outcomes::Happened(self.of(), event))
    }

    fn withdraw(&self, org: &Org, entry: EntryId, reason: kernel::Sealed) -> Result<Outcomes, Refusal> {
        if !self.case.is_referrer(org) {
            return Err(Refusal::NotTheReferrer);
        }
        if self.case.withdrawn {
            return Ok(Outcomes::Nothing);
        }
        Ok(Outcomes::Happened(self.of(), ReferralEvent::Withdrawn { entry, reason }))
    }

    fn footing(&self, said: Option<Basis>) -> Result<Basis, Refusal> {
        let child_protection = self.decision.is_some_and(|decision| decision.outcome.is_child_protection());
        match said {
            Some(basis @ (Basis::ParentAgrees | Basis::LawfulReason(_))) => Ok(basis),
            Some(Basis::ChildProtection) | None if child_protection => Ok(Basis::ChildProtection),
            Some(Basis::ChildProtection) | None => Err(Refusal::AgreementOrLawfulReasonNeeded),
        }
    }

    /// When an open item is due; none when there is nothing open.
    fn due(&self, kind: ClockKind) -> Option<kernel::Timestamp> {
        let clocks = &self.case.received.clocks;
        match kind {
            ClockKind::Seen if self.watch.opened_at_desk || self.decision.is_some() || self.join.is_some() => None,
            ClockKind::Seen => clocks.seen_by,
            ClockKind::Decision if self.decision.is_some() || self.join.is_some() => None,
            ClockKind::Decision => Some(clocks.decide_by),
            ClockKind::Feedback if self.case.feedback == Given::Done => None,
            ClockKind::Feedback => {
                let joined = self.join.and_then(|join| join.feedback_by);
                self.decision.and_then(|decision| decision.feedback_by).or(joined)
            }
        }
    }

    /// A timer records, once for each level, and does nothing else.
    fn run_out(&self, kind: ClockKind, run_out: RunOut) -> Outcomes {
        match self.watch.levels.get(&kind) {
            Some(reached) if reached.due == run_out.due && reached.level >= run_out.level => Outcomes::Nothing,
            Some(_) | None => Outcomes::Noticed(self.of(), WatchEvent::ran_out(kind, run_out)),
        }
    }
}
