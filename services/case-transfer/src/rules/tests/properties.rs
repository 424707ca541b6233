//! What holds after any sequence of commands by anybody, fresh or stale.

use std::collections::BTreeMap;

use kernel::{Actor, Decider, Person, StoredEvent};
use proptest::{prelude::*, sample::select};

use super::world::*;
use crate::{
    clocks::Clock,
    ledger::{Duty, DutyAsk, Fact, LedgerEvent, Outcome, PlanKind, Power, Reminder, Settled},
    rules::{CaseTransfer, Command, Event, Situation, What},
    transfer::{Agreement, Ask, Asked, DeclineReason, Handover, Interim, NewOffer, Repoint, Spoken, Tell, Transfer},
};

/// One command in the making: whoever asks, and how far behind they are, is filled in when it is tried.
#[derive(Clone, Debug)]
enum Try {
    /// The transfer, who asks, whether on the version now, and what.
    Ask(u128, Who, bool, Ask),
    Tell(u128, usize, Tell),
    Duty(u128, usize, DutyAsk),
    Fact(u128, Fact),
    Remind(u128, u128),
}

/// Who asks: somebody in particular, or whoever is in the place to.
#[derive(Clone, Copy, Debug)]
enum Who {
    Somebody(usize),
    Rightful,
}

fn any_asked() -> impl Strategy<Value = Vec<Asked>> {
    select(vec![
        asked(&[1], Duty::EmergencyAction),
        asked(&[2], Duty::EmergencyAction),
        asked(&[1, 2], Duty::EmergencyAction),
        asked(&[1], Duty::Plan),
    ])
}

fn any_duty() -> impl Strategy<Value = Duty> {
    select(vec![Duty::EmergencyAction, Duty::Enquiry, Duty::Plan])
}

fn beginning() -> impl Strategy<Value = Ask> {
    let items = select(vec![vec![1_u128], vec![2], vec![1, 2]]);
    let duty = prop_oneof![4 => Just(Duty::EmergencyAction), 1 => any_duty()];
    let offers = (0..3_usize, 0..3_usize, items, duty, proptest::option::of(1..4_u128)).prop_map(|(from, to, children, duty, old)| {
        let items = children.into_iter().map(|number| item(number, &[duty])).collect();
        Ask::Offer { offer: offer(&borough(from), &borough(to), items), replaces: old.filter(|old| *old == 3).map(trf) }
    });
    let again = (0..3_usize, 1..5_u128).prop_map(|(to, next)| Ask::Redirect { to: borough(to), next: trf(next) });
    let back = (1..5_u128).prop_map(|id| Ask::HandBack(Box::new(NewOffer { id: trf(id), priority: kernel::Priority::P1, sheet: sheet() })));
    prop_oneof![4 => offers, 1 => again, 1 => back]
}

fn answer() -> impl Strategy<Value = Ask> {
    let reason = select(vec![DeclineReason::NotOurArea, DeclineReason::BelowThreshold]);
    let no =
        (reason, any::<bool>()).prop_map(|(reason, only_candidate)| Ask::Decline { reason, text: None, suggest: None, only_candidate });
    let elsewhere = (0..3_usize, any_asked()).prop_map(|(to, items)| Ask::RecordAcceptanceElsewhere {
        to: borough(to),
        items,
        person: words("-"),
        role: words("manager"),
        spoken_at: start(),
        evidence: words("-"),
    });
    prop_oneof![6 => any_asked().prop_map(Ask::Accept), 2 => no, 1 => elsewhere]
}

fn confirm() -> Ask {
    let text = || words("-");
    Ask::ConfirmHandover(Handover { giver: text(), taker: text(), spoken: Spoken::At(start()), read_back: Some(text()) })
}

fn other() -> impl Strategy<Value = Ask> {
    let text = || words("-");
    let agreement = || Agreement { people: [text(), text()], spoken_at: start(), text: text() };
    let correct = |repoint| Ask::Correct { field: "child".to_owned(), text: text(), repoint };
    select(vec![
        Ask::Open,
        Ask::AskInformation(text()),
        Ask::GiveInformation(text()),
        Ask::AcceptOnConditions(text()),
        Ask::AgreeConditions,
        Ask::Withdraw(text()),
        Ask::KeepRest(text()),
        Ask::RecordAgreement(agreement()),
        Ask::ConfirmAgreement,
        Ask::Escalate,
        Ask::Dispute(Interim { plan: text() }),
        Ask::RecordInterimPlan(text()),
        Ask::Settle(text()),
        correct(None),
        correct(Some(Repoint { from: child(1), to: child(2) })),
        Ask::Close,
        Ask::DeclareConflict,
    ])
}

fn any_tell() -> impl Strategy<Value = Tell> {
    let clocks = [Clock::LinkDown, Clock::SeenBy, Clock::DecideBy, Clock::ReceivedManager, Clock::HandoverBy, Clock::NextEscalation];
    let clock = select(clocks.to_vec()).prop_map(Tell::ClockRanOut);
    prop_oneof![3 => Just(Tell::Received), 1 => Just(Tell::Delivered { route: "queue".to_owned() }), 2 => clock]
}

fn any_duty_ask() -> impl Strategy<Value = DutyAsk> {
    let (power, kind) = (Power::CareOrder, PlanKind::ChildInNeed);
    prop_oneof![
        3 => any_duty().prop_map(|duty| DutyAsk::End { duty, reason: words("-") }),
        2 => (0..3_usize).prop_map(move |holder| DutyAsk::OpenPlan { holder: borough(holder), kind }),
        1 => Just(DutyAsk::ReportMissing),
        1 => Just(DutyAsk::ReportFound),
        1 => Just(DutyAsk::StartPower { power, started_at: start(), ends_at: None, latest: None }),
        1 => Just(DutyAsk::EndPower { power }),
        1 => Just(DutyAsk::Link { other: child(2) }),
        1 => Just(DutyAsk::Unlink { other: child(1) }),
        1 => (1..4_u128).prop_map(|number| DutyAsk::TakeNightCase { referral: referral(number) }),
    ]
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let outcome = select(vec![Outcome::ImmediateProtection, Outcome::Section47Enquiry, Outcome::NoFurtherAction]);
    let opened = (1..4_u128, 0..3_usize).prop_map(|(number, found)| {
        let found = borough(found);
        Fact::ContactOpened {
            referral: referral(number),
            received_by: found,
            home: None,
            received_at: start(),
            day_by: start(),
            late_by: start(),
            edition: 1,
        }
    });
    let decided = (1..4_u128, 0..3_usize, outcome).prop_map(|(number, place, outcome)| {
        let (borough, by) = (borough(place), worker(&borough(place)));
        Fact::ContactDecided { referral: referral(number), borough, outcome, by, edition: 1 }
    });
    let settled = (1..4_u128).prop_map(|number| Fact::ContactSettled {
        referral: referral(number),
        how: if number == 1 { Settled::Withdrawn } else { Settled::Joined(referral(99)) },
    });
    prop_oneof![opened, decided, settled]
}

fn any_try() -> impl Strategy<Value = Try> {
    let ask = prop_oneof![3 => beginning(), 4 => answer(), 3 => other()];
    prop_oneof![
        12 => (1..3_u128, any_who(), proptest::bool::weighted(0.9), ask).prop_map(|(id, by, fresh, ask)| Try::Ask(id, by, fresh, ask)),
        3 => (1..3_u128).prop_map(|id| Try::Ask(id, Who::Rightful, true, confirm())),
        2 => (1..4_u128, 0..4_usize, any_tell()).prop_map(|(id, by, tell)| Try::Tell(id, by, tell)),
        1 => (1..3_u128, 0..7_usize, any_duty_ask()).prop_map(|(about, by, ask)| Try::Duty(about, by, ask)),
        1 => (1..3_u128, any_fact()).prop_map(|(about, fact)| Try::Fact(about, fact)),
        1 => (1..3_u128, 1..4_u128).prop_map(|(about, number)| Try::Remind(about, number)),
    ]
}

fn any_who() -> impl Strategy<Value = Who> {
    prop_oneof![1 => (0..7_usize).prop_map(Who::Somebody), 3 => Just(Who::Rightful)]
}

/// A sensible command of this kind: by whoever is in the place to give it, about what is really there.
fn rightful(world: &World, id: u128, mut ask: Ask) -> Command {
    if let Ask::Offer { offer, .. } = &mut ask {
        let held = |item: &crate::transfer::Item| world.now.ledgers.get(&item.child)?.holder(*item.duties.first()?).cloned();
        if let Some(holder) = offer.items.first().and_then(held) {
            offer.from = holder;
        }
        let by = worker(&offer.from);
        return world.asking(&by, id, ask);
    }
    if let Some(Transfer::Offered(talk)) = world.now.transfers.get(&trf(id)) {
        if let Ask::RecordAcceptanceElsewhere { to, .. } = &mut ask {
            to.clone_from(&talk.offer.to);
        }
        if let Ask::Accept(items) | Ask::RecordAcceptanceElsewhere { items, .. } = &mut ask {
            items.clone_from(&talk.asked);
        }
    }
    let choice = |place| world.asking(&somebody(place), id, ask.clone());
    let taken = |place: &usize| world.decide(choice(*place)).is_ok_and(|events| !events.is_empty());
    choice((0..6).find(taken).unwrap_or(0))
}

fn somebody(place: usize) -> Person {
    match place {
        0..3 => worker(&borough(place)),
        3..6 => manager(&borough(place - 3)),
        _ => nurse(),
    }
}

fn machine(place: usize) -> Actor {
    if place < 3 { system(&borough(place)) } else { Actor::hub("clocks") }
}

impl Try {
    fn command(self, world: &World) -> Command {
        match self {
            Self::Ask(id, Who::Rightful, _, ask) => rightful(world, id, ask),
            Self::Ask(id, Who::Somebody(by), fresh, ask) => {
                let replaced = ask.transfers().next().filter(|_| matches!(ask, Ask::Offer { .. }));
                let about = replaced.map_or(id, |old| old.uuid().as_u128());
                let on = world.version(about) - i64::from(!fresh);
                world.command(What::Ask { transfer: trf(id), by: somebody(by), on, side: None, ask })
            }
            Self::Tell(id, by, tell) => world.command(What::Tell { transfer: trf(id), by: machine(by), tell }),
            Self::Duty(about, by, ask) => world.about(&somebody(by), about, ask),
            Self::Fact(about, fact) => world.command(What::Fact { child: child(about), fact }),
            Self::Remind(about, number) => {
                let reminder = Reminder::NightCaseLate { referral: referral(number) };
                world.command(What::Remind { child: child(about), reminder })
            }
        }
    }
}

/// Every move in these events follows from an acceptance by a person of the receiver, or from one that a manager of the giver
/// recorded with evidence because the receiver is not connected.
fn moves_are_accepted(before: &World, command: &Command, events: &[Event]) {
    for event in events {
        let Event::Ledger(about, LedgerEvent::DutyMoved { duty, from, to, transfer, .. }) = event else { continue };
        let What::Ask { by, ask, .. } = &command.what else { panic!("{command:?} moved a duty") };
        let Some(Transfer::Offered(talk)) = before.now.transfers.get(transfer) else { panic!("{transfer} was never offered") };
        assert_eq!((from, to), (&talk.offer.from, &talk.offer.to));
        assert!(talk.stage.is_undecided());
        assert_eq!(before.now.ledgers[about].holder(*duty), Some(from));
        let own = by.actor().org.borough();
        let accepted = matches!(ask, Ask::Accept(_)) && own == Some(to);
        let named = matches!(ask, Ask::RecordAcceptanceElsewhere { .. }) && own == Some(from) && before.now.desk(to).is_none();
        assert!(accepted || named, "{ask:?} by {by:?} moved a duty");
    }
}

/// At every version of every ledger each open duty has one holder, and those that were held follow each other without a hole.
fn one_holder_at_every_version(world: &World) {
    for ledger in world.now.ledgers.values() {
        for duty in [Duty::EmergencyAction, Duty::Enquiry, Duty::Plan] {
            let held: Vec<_> = ledger.history().iter().filter(|held| held.duty == duty).collect();
            let open = held.iter().filter(|held| held.until.is_none()).count();
            assert_eq!(open, usize::from(ledger.holder(duty).is_some()));
            assert!(
                held.windows(2).all(|pair| pair[0].until.is_some_and(|until| until <= pair[1].since) && pair[0].version < pair[1].version)
            );
        }
        assert!(ledger.in_transfer.keys().all(|duty| ledger.holder(*duty).is_some()), "what is in a transfer is held");
    }
}

/// The streams may be folded in any order, and every event survives the way to the log and back.
fn replays(world: &World) {
    let mut streams: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    for event in &world.log {
        let (stream, data) = (event.stream(), event.to_data().unwrap());
        let read = Event::from_data(&stream, event.type_name(), 1, &data).unwrap();
        assert_eq!(&read, event);
        streams.entry(stream).or_default().push(read);
    }
    let folded: Situation = CaseTransfer::replay(streams.values().rev().flatten());
    assert_eq!(folded, world.now);
}

/// Manchester and Salford are connected, Trafford is not; two children are with the first, and may be on offer already.
fn beginning_world(offered: bool) -> World {
    let mut world = World::empty();
    world.set_desk(&a(), desk(None));
    world.set_desk(&b(), desk(None));
    world.contact(1, 1, &a());
    world.contact(2, 2, &a());
    if offered {
        world.offer(1, &a(), &b(), &[1, 2]);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn after_any_commands_repeating_adds_nothing_only_acceptance_moves_one_borough_holds_and_the_log_replays(
        offered in any::<bool>(),
        tries in proptest::collection::vec(any_try(), 1..12),
    ) {
        let mut world = beginning_world(offered);
        for (number, attempt) in tries.into_iter().enumerate() {
            world.later(i64::try_from(number).unwrap() * 7);
            let command = attempt.command(&world);
            let Ok(events) = world.decide(command.clone()) else { continue };
            moves_are_accepted(&world, &command, &events);
            prop_assert!(events.iter().all(|event| !event.is_decision() || event.decided_by().is_some()));
            world.take(&events);
            let again = world.decide(command).unwrap_or_default();
            prop_assert!(again.is_empty(), "again: {:?}", again);
            one_holder_at_every_version(&world);
        }
        replays(&world);
    }
}

#[test]
fn such_sequences_do_move_decline_and_hand_over() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    for number in 0..2_000 {
        let mut world = beginning_world(number % 2 == 0);
        for attempt in proptest::collection::vec(any_try(), 1..14).new_tree(&mut runner).unwrap().current() {
            let Ok(events) = world.decide(attempt.command(&world)) else { continue };
            for name in names(&events) {
                *seen.entry(name).or_default() += 1;
            }
            world.take(&events);
        }
    }
    for name in
        ["duty.moved", "transfer.declined", "transfer.handed_over", "transfer.redirected", "duty.ended", "transfer.accepted_elsewhere"]
    {
        assert!(seen.get(name).is_some_and(|count| *count >= 3), "{name}: {seen:?}");
    }
}
