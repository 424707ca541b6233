//! The decider itself, model-checked: three boroughs whose screens learn late, and whose commands may be lost, repeated,
//! reordered and stale.
//!
//! A command that was sent stays on its way for ever: it may arrive never, once, or again at any later time. A borough's screen
//! shows the record as it was after some commit; a notice about a later commit may reach it at any time or never, and older
//! notices that arrive late are ignored, as the screens do by the version they carry. The rules are the real ones.

mod checks;
mod screens;

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use stateright::{Checker, Model, Property};

use super::world::*;
use crate::{
    ledger::{Duty, DutyAsk, PlanKind},
    rules::{CaseTransfer, Command, Situation, What},
    transfer::{Ask, Asked, DeclineReason, Handover, NewOffer, Spoken, Tell},
};
use checks::{Faults, faults_of};
use kernel::Decider;
use screens::Shot;

/// How many transfers a run may make.
const SLOTS: usize = 3;

/// What a borough may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Offer(u8),
    Accept,
    AcceptOneChild,
    Decline,
    Withdraw,
    Redirect(u8, u8),
    Handover,
    HandBack(u8),
    Close,
    Received,
    End,
}

/// A command on its way: who, what, about which transfer, and decided on which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Sent {
    by: u8,
    kind: Kind,
    slot: u8,
    on: u8,
}

/// The record, with its digest so that it need not be hashed again with every step that leaves it alone.
#[derive(Clone, Debug)]
struct Record {
    situation: Situation,
    digest: u64,
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.situation == other.situation
    }
}

impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl Record {
    fn new(situation: Situation) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        situation.hash(&mut hasher);
        Arc::new(Self { situation, digest: hasher.finish() })
    }
}

/// The record, what each screen shows, and what is on its way.
#[derive(Clone, Debug, PartialEq, Hash)]
struct State {
    record: Arc<Record>,
    shots: Vec<Shot>,
    screens: [u8; 3],
    sent: BTreeSet<Sent>,
    faults: Faults,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A borough sends a command, going by what its screen shows.
    Send(Sent),
    /// It arrives, for the first time or again.
    Arrive(Sent),
    /// A borough's screen learns of a commit.
    Learn(u8, u8),
}

/// One model to check.
#[derive(Clone)]
struct Boroughs {
    world: World,
    children: Vec<u128>,
    commands: usize,
    received_rule: bool,
}

impl Boroughs {
    /// Emergency action with A, the plan with C.
    fn new(children: &[u128], commands: usize, received_rule: bool) -> Self {
        let mut world = World::empty();
        for number in children {
            world.contact(*number, *number, &a());
            world
                .fact(*number, crate::ledger::Fact::ContactSettled { referral: referral(*number), how: crate::ledger::Settled::Withdrawn });
            world.duty(&worker(&c()), *number, DutyAsk::OpenPlan { holder: c(), kind: PlanKind::ChildInNeed });
        }
        Self { world, children: children.to_vec(), commands, received_rule }
    }

    fn command(&self, sent: Sent) -> Command {
        let by = worker(&borough(sent.by.into()));
        let duty = Duty::EmergencyAction;
        let spoken = Spoken::At(start());
        let next = |slot: u8| trf(u128::from(slot) + 1);
        let ask = match sent.kind {
            Kind::Offer(to) => {
                let items = self.children.iter().map(|number| item(*number, &[duty])).collect();
                Ask::Offer { offer: offer(&borough(sent.by.into()), &borough(to.into()), items), replaces: None }
            }
            Kind::Accept => Ask::Accept(asked(&self.children, duty)),
            Kind::AcceptOneChild => Ask::Accept(asked(&self.children[..1], duty)),
            Kind::Decline => Ask::Decline { reason: DeclineReason::NotOurArea, text: None, suggest: None, only_candidate: false },
            Kind::Withdraw => Ask::Withdraw(words("-")),
            Kind::Redirect(to, slot) => Ask::Redirect { to: borough(to.into()), next: next(slot) },
            Kind::Handover => Ask::ConfirmHandover(Handover { giver: words("-"), taker: words("-"), spoken, read_back: Some(words("-")) }),
            Kind::HandBack(slot) => Ask::HandBack(Box::new(NewOffer { id: next(slot), priority: kernel::Priority::P1, sheet: sheet() })),
            Kind::Close => Ask::Close,
            Kind::Received => {
                let by = system(&borough(sent.by.into()));
                return self.world.command(What::Tell { transfer: next(sent.slot), by, tell: Tell::Received });
            }
            Kind::End => {
                let ask = DutyAsk::End { duty, reason: words("-") };
                return self.world.command(What::Duty { child: child(self.children[0]), by, on: sent.on.into(), ask });
            }
        };
        self.world.command(What::Ask { transfer: next(sent.slot), by, on: sent.on.into(), ask })
    }

    /// The record moves on, every borough is told, and every rule is checked against what happened.
    fn arrive(&self, last: &State, sent: Sent) -> Option<State> {
        let events = CaseTransfer::decide(&last.record.situation, self.command(sent)).ok().filter(|events| !events.is_empty())?;
        let mut situation = last.record.situation.clone();
        for event in &events {
            situation.take(event);
        }
        let faults = last.faults | faults_of(self, sent, (&last.record.situation, &situation), &events);
        let mut shots = last.shots.clone();
        shots.push(Shot::of(self, &situation));
        Some(State { record: Record::new(situation), shots, screens: last.screens, sent: last.sent.clone(), faults })
    }
}

impl Model for Boroughs {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let situation = self.world.now.clone();
        let shots = vec![Shot::of(self, &situation)];
        vec![State { record: Record::new(situation), shots, screens: [0; 3], sent: BTreeSet::new(), faults: Faults::default() }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        steps.extend(state.sent.iter().map(|sent| Step::Arrive(*sent)));
        for (by, shown) in (0..).zip(state.screens) {
            let newest = u8::try_from(state.shots.len()).unwrap() - 1;
            steps.extend((shown + 1..=newest).map(|shot| Step::Learn(by, shot)));
            if state.sent.len() < self.commands {
                let choices = state.shots[usize::from(shown)].choices(by, self.children.len());
                steps.extend(choices.into_iter().filter(|sent| !state.sent.contains(sent)).map(Step::Send));
            }
        }
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        match step {
            Step::Arrive(sent) => self.arrive(last, sent),
            Step::Send(sent) => {
                let mut state = last.clone();
                state.sent.insert(sent);
                Some(state)
            }
            Step::Learn(by, shot) => {
                let mut state = last.clone();
                state.screens[usize::from(by)] = shot;
                Some(state)
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("1 one holder", |_, state: &State| checks::one_holder(state)),
            Property::always("2 only the receiver's acceptance moves a duty", |_, state| !state.faults.moved_without_acceptance),
            Property::always("3 the plan stays when the emergency moves", |model, state| checks::plan_stays(model, state)),
            Property::always("4 refused or withdrawn leaves the holder", |_, state| !state.faults.refusal_moved),
            Property::always("5 stale is refused", |_, state| !state.faults.stale_taken),
            Property::always("6 a person decides", |_, state| !state.faults.decided_by_nobody),
            Property::always("7 somebody believes it", |_, state| checks::somebody_believes(state)),
            Property::sometimes("a case can move", |_, state| checks::moves(state) >= 1),
            Property::sometimes("two handovers", |_, state| checks::moves(state) >= 2),
        ]
    }
}

fn full() -> bool {
    std::env::args().any(|argument| argument == "full") || std::env::vars().any(|pair| pair == ("HUB_MODEL".into(), "full".into()))
}

fn check(model: Boroughs, states: usize) -> usize {
    let states = if full() { states.max(5_000_000) } else { states };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let checker = model.checker().threads(threads).target_state_count(states).spawn_bfs().join();
    println!("{} states, {} different", checker.state_count(), checker.unique_state_count());
    checker.assert_properties();
    checker.unique_state_count()
}

#[test]
fn no_order_loss_repetition_or_delay_breaks_a_rule_for_one_child() {
    let states = check(Boroughs::new(&[1], 5, true), 400_000);
    assert!(states >= 200_000, "{states}");
}

#[test]
fn nor_for_brothers_and_sisters() {
    let states = check(Boroughs::new(&[1, 2], 5, true), 200_000);
    assert!(states >= 100_000, "{states}");
}

#[test]
fn without_the_receipt_there_is_a_moment_in_which_nobody_believes_it() {
    let checker = Boroughs::new(&[1], 2, false).checker().spawn_bfs().join();
    let path = checker.assert_any_discovery("7 somebody believes it");
    assert!(path.into_actions().iter().any(|step| matches!(step, Step::Arrive(Sent { kind: Kind::Accept, .. }))));
}

#[test]
fn a_hand_back_can_be_accepted() {
    let mut world = Boroughs::new(&[1], 0, true).world;
    let model = Boroughs::new(&[1], 0, true);
    let steps = [
        (0, Kind::Offer(1), 0),
        (1, Kind::Accept, 0),
        (1, Kind::Handover, 0),
        (0, Kind::Handover, 0),
        (1, Kind::HandBack(1), 0),
        (0, Kind::Accept, 1),
    ];
    for (by, kind, slot) in steps {
        let on = u8::try_from(world.version(u128::from(slot) + 1)).unwrap();
        world.run(model.command(Sent { by, kind, slot, on }));
    }
    assert_eq!(world.emergency(1), Some(a()));
}
