//! The decider itself, model-checked: three boroughs whose screens learn late, and whose commands may be lost, repeated,
//! reordered and stale.
//!
//! A command that was sent stays on its way for ever: it may arrive never, once, or again at any later time. A borough's screen
//! shows the record as it was after some commit; it learns of a commit at any time or never, and an older notice that arrives
//! after a newer one is ignored, as the screens do by the version it carries. (Learning of the newest commit alone is enough:
//! a screen that learns late of an older one is the same as one that learned then and has not looked since.) The rules are the
//! real ones.

mod checks;
mod screens;

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
};

use stateright::{Checker, Model, Property};

use super::world::*;
use crate::{
    ledger::{Duty, DutyAsk, PlanKind},
    rules::{CaseTransfer, Command, Situation, What},
    transfer::{Ask, DeclineReason, Handover, NewOffer, Spoken, Tell},
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
    Inform,
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
    shot: Shot,
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
    fn new(model: &Boroughs, situation: Situation) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        situation.hash(&mut hasher);
        let shot = Shot::of(model, &situation);
        Arc::new(Self { situation, shot, digest: hasher.finish() })
    }
}

/// The record, what each screen shows, and what is on its way.
#[derive(Clone, Debug, PartialEq, Hash)]
struct State {
    record: Arc<Record>,
    screens: [Shot; 3],
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
    /// A borough's screen learns of the newest commit.
    Learn(u8),
}

/// One model to check.
#[derive(Clone)]
struct Boroughs {
    world: World,
    children: Vec<u128>,
    commands: usize,
    received_rule: bool,
    /// It starts after A has handed the emergency over to B.
    handed_over: bool,
    /// What each command led to on each record: the rules are pure, so one look is enough however many states share the record.
    known: Arc<Mutex<HashMap<(u64, Sent), Outcome>>>,
}

/// The record after a command, and what was wrong with it; nothing if it changed nothing.
type Outcome = Option<(Arc<Record>, Faults)>;

impl Boroughs {
    /// Emergency action with A, the plan with C.
    fn new(children: &[u128], commands: usize, received_rule: bool) -> Self {
        let mut world = World::empty();
        for number in children {
            world.contact(*number, *number, &a());
            world.fact(
                *number,
                crate::ledger::Fact::ContactSettled { referral: referral(*number), how: crate::ledger::Settled::Joined(referral(99)) },
            );
            world.duty(&worker(&c()), *number, DutyAsk::OpenPlan { holder: c(), kind: PlanKind::ChildInNeed });
        }
        Self { world, children: children.to_vec(), commands, received_rule, handed_over: false, known: Arc::default() }
    }

    /// The same after a transfer from A to B that was accepted and handed over.
    fn handed_over(children: &[u128], commands: usize) -> Self {
        let mut model = Self::new(children, commands, true);
        for (by, kind) in [(0, Kind::Offer(1)), (1, Kind::Accept), (1, Kind::Handover), (0, Kind::Handover)] {
            let on = u8::try_from(model.world.version(1)).unwrap();
            let command = model.command(Sent { by, kind, slot: 0, on });
            model.world.run(command);
        }
        Self { handed_over: true, ..model }
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
            Kind::Inform => Ask::GiveInformation(words("-")),
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
        self.world.command(What::Ask { transfer: next(sent.slot), by, on: sent.on.into(), side: None, ask })
    }

    /// The record moves on, and every rule is checked against what happened.
    fn outcome(&self, last: &Record, sent: Sent) -> Outcome {
        let events = CaseTransfer::decide(&last.situation, self.command(sent)).ok().filter(|events| !events.is_empty())?;
        let mut situation = last.situation.clone();
        for event in &events {
            situation.take(event);
        }
        let faults = faults_of(self, sent, (&last.situation, &situation), &events);
        Some((Record::new(self, situation), faults))
    }

    fn arrive(&self, last: &State, sent: Sent) -> Option<State> {
        let key = (last.record.digest, sent);
        let known = self.known.lock().unwrap().get(&key).cloned();
        let outcome = known.unwrap_or_else(|| {
            let outcome = self.outcome(&last.record, sent);
            self.known.lock().unwrap().insert(key, outcome.clone());
            outcome
        });
        let (record, faults) = outcome?;
        Some(State { record, screens: last.screens, sent: last.sent.clone(), faults: last.faults | faults })
    }
}

impl Model for Boroughs {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let record = Record::new(self, self.world.now.clone());
        let screens = [record.shot; 3];
        vec![State { record, screens, sent: BTreeSet::new(), faults: Faults::default() }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        steps.extend(state.sent.iter().map(|sent| Step::Arrive(*sent)));
        for (by, shown) in (0..).zip(&state.screens) {
            if *shown != state.record.shot {
                steps.push(Step::Learn(by));
            }
            if state.sent.len() < self.commands {
                let choices = shown.choices(by, self.children.len());
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
            Step::Learn(by) => {
                let mut state = last.clone();
                state.screens[usize::from(by)] = last.record.shot;
                Some(state)
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("1 one holder", |_, state: &State| checks::one_holder(state)),
            Property::always("2 only the receiver's acceptance moves a duty", |_, state: &State| !state.faults.moved_without_acceptance),
            Property::always("3 the plan stays when the emergency moves", |model: &Self, state: &State| checks::plan_stays(model, state)),
            Property::always("4 refused or withdrawn leaves the holder", |_, state: &State| !state.faults.refusal_moved),
            Property::always("5 stale is refused", |_, state: &State| !state.faults.stale_taken),
            Property::always("6 a person decides", |_, state: &State| !state.faults.decided_by_nobody),
            Property::always("7 somebody believes it", |_, state: &State| checks::somebody_believes(state)),
            Property::sometimes("a case can move", |_, state: &State| checks::moves(state) >= 1),
            Property::sometimes("two handovers", |_, state: &State| checks::moves(state) >= 2),
        ];
        if self.handed_over {
            properties.push(Property::sometimes("a hand-back is accepted", |_, state: &State| checks::handed_back(state)));
        }
        properties
    }
}

/// `HUB_MODEL=full` looks at five million states a model instead of a first slice of them.
#[expect(clippy::disallowed_methods, reason = "the switch of a test, not of the service")]
fn full() -> bool {
    std::env::var("HUB_MODEL").is_ok_and(|value| value == "full")
}

fn check(model: Boroughs, states: usize) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let checker = model.checker().threads(threads).target_state_count(states).spawn_bfs().join();
    println!("{} states, {} different", checker.state_count(), checker.unique_state_count());
    checker.assert_properties();
    checker.unique_state_count()
}

/// Every state that five commands can lead to.
#[test]
fn no_order_loss_repetition_or_delay_breaks_a_rule_for_one_child() {
    let (commands, states) = if full() { (6, 5_000_000) } else { (5, usize::MAX) };
    let seen = check(Boroughs::new(&[1], commands, true), states);
    assert!(seen >= 300_000, "{seen}");
}

#[test]
fn nor_for_brothers_and_sisters() {
    let seen = check(Boroughs::new(&[1, 2], 5, true), if full() { 5_000_000 } else { 800_000 });
    assert!(seen >= 300_000, "{seen}");
}

#[test]
fn nor_after_a_handover_and_a_hand_back_is_sometimes_accepted() {
    let seen = check(Boroughs::handed_over(&[1], if full() { 4 } else { 3 }), if full() { 5_000_000 } else { usize::MAX });
    assert!(seen >= 1_000, "{seen}");
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

#[test]
fn the_model_notices_a_stale_command_that_was_taken_and_a_move_without_acceptance() {
    let model = Boroughs::new(&[1], 0, true);
    let mut world = model.world.clone();
    world.run(model.command(Sent { by: 0, kind: Kind::Offer(1), slot: 0, on: 0 }));
    world.run(model.command(Sent { by: 0, kind: Kind::Inform, slot: 0, on: 1 }));
    let before = world.now.clone();
    let events = world.run(model.command(Sent { by: 1, kind: Kind::Accept, slot: 0, on: 2 }));
    let faults = |sent| faults_of(&model, sent, (&before, &world.now), &events);
    assert_eq!(faults(Sent { by: 1, kind: Kind::Accept, slot: 0, on: 2 }), Faults::default());
    assert!(faults(Sent { by: 1, kind: Kind::Accept, slot: 0, on: 1 }).stale_taken);
    assert!(faults(Sent { by: 2, kind: Kind::Accept, slot: 0, on: 2 }).moved_without_acceptance);
    assert!(faults(Sent { by: 0, kind: Kind::Withdraw, slot: 0, on: 2 }).moved_without_acceptance);
}
