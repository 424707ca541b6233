//! Silence is loud: a clock records and calls a named person, and moves nothing.

use super::world::*;
use crate::{
    clocks::Clock,
    desk::DeskEvent,
    ledger::{Duty, DutyAsk, Fact, LedgerEvent, Power, Reminder},
    rules::{Event, What},
    transfer::{Ask, Stage, Tell, TransferEvent},
};
use kernel::Actor;

fn rings(world: &mut World, clock: Clock) -> Vec<Event> {
    world.tell(&Actor::hub("clocks"), 1, Tell::ClockRanOut(clock))
}

fn called(events: &[Event]) -> (u8, usize) {
    let found = events.iter().find_map(|event| match event {
        Event::Transfer(_, TransferEvent::Escalated { level, people, .. }) => Some((*level, people.len())),
        Event::Transfer(..)
        | Event::Ledger(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    });
    found.unwrap_or((0, 0))
}

#[test]
fn receiver_silent() {
    let mut world = World::offered();
    world.set_board();
    world.later(5);
    let early = world.command(What::Tell { transfer: trf(1), by: Actor::hub("clocks"), tell: Tell::ClockRanOut(Clock::SeenBy) });
    assert_eq!(code(world.decide(early)), "not_due");
    world.later(55);
    assert_eq!(called(&rings(&mut world, Clock::SeenBy)), (1, 2), "the duty managers of both");
    world.later(60);
    assert_eq!(called(&rings(&mut world, Clock::NextEscalation)), (2, 2));
    world.later(60);
    assert_eq!(called(&rings(&mut world, Clock::NextEscalation)), (3, 2));
    world.later(60);
    assert_eq!(called(&rings(&mut world, Clock::NextEscalation)), (4, 2), "the chair of the board and the deputy are informed");
    assert_eq!(rings(&mut world, Clock::NextEscalation), [], "there is nobody above");
    assert_eq!((world.emergency(1), world.stage(1)), (Some(a()), Stage::Offered));
}

#[test]
fn while_no_chair_is_named_that_is_an_alert_once_and_the_call_still_reaches_the_top() {
    let mut world = World::offered();
    let silent = [Clock::SeenBy, Clock::NextEscalation, Clock::NextEscalation, Clock::NextEscalation];
    let last = silent.map(|clock| {
        world.later(60);
        rings(&mut world, clock)
    });
    assert_eq!((called(&last[3]), names(&last[3]).contains(&"board.chair_gap")), ((4, 0), true));
    let look = |world: &World| world.decide(world.command(What::CheckBoard)).unwrap();
    assert_eq!(look(&world), [], "it was alerted before");
    world.set_board();
    assert_eq!(look(&world), []);
    assert_eq!(names(&look(&World::connected())), ["board.chair_gap"]);
}

#[test]
fn the_chair_is_set_by_the_board_alone_and_on_the_version_that_was_seen() {
    let world = World::connected();
    let set = |by, on| world.decide(world.command(What::SetBoard { by, on, board: board() }));
    let approver = || person("board", kernel::Role::BoardApprover, "approver");
    for by in [manager(&a()), person("board", kernel::Role::BoardAuditor, "auditor")] {
        assert_eq!(code(set(by, 0)), "role_may_not");
    }
    assert_eq!(code(set(approver(), 3)), "stale");
    assert_eq!(names(&set(approver(), 0).unwrap()), ["board.set"]);
    let mut world = world;
    world.set_board();
    let again = world.command(What::SetBoard { by: approver(), on: 0, board: board() });
    assert_eq!(world.decide(again).unwrap(), [], "the same again");
}

#[test]
fn a_clock_that_was_stopped_is_quiet() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, Ask::Open);
    world.later(600);
    assert_eq!(rings(&mut world, Clock::SeenBy), []);
    assert_eq!(rings(&mut world, Clock::LinkDown), [], "who opened it has it");
    assert_eq!(called(&rings(&mut world, Clock::DecideBy)), (1, 2));
}

#[test]
fn without_a_confirmed_delivery_the_giver_is_shown_the_telephone() {
    let mut world = World::offered();
    world.later(3);
    let events = rings(&mut world, Clock::LinkDown);
    let [Event::Transfer(_, TransferEvent::LinkDown { phone: Some(phone), .. })] = &events[..] else { panic!("{events:?}") };
    assert_eq!(phone, "0161 111");
    assert!(world.talk(1).link_down);
    world.tell(&Actor::hub("relay"), 1, Tell::Delivered { route: "live queue".to_owned() });
    assert_eq!((world.talk(1).link_down, world.stage(1)), (false, Stage::Delivered), "a late confirmation takes the warning away");
}

#[test]
fn not_received_is_an_alarm_and_then_the_duty_manager() {
    let mut world = World::accepted();
    world.later(1);
    assert_eq!(names(&rings(&mut world, Clock::ReceivedAlarm)), ["transfer.clock_ran_out"]);
    world.later(4);
    assert_eq!(called(&rings(&mut world, Clock::ReceivedManager)), (1, 2));
    world.tell(&system(&b()), 1, Tell::Received);
    world.later(60);
    assert_eq!(called(&rings(&mut world, Clock::HandoverBy)), (2, 2));
}

#[test]
fn a_decline_that_is_not_acted_on_escalates() {
    let mut world = World::offered();
    let reason = crate::transfer::DeclineReason::BelowThreshold;
    world.ask(&worker(&b()), 1, Ask::Decline { reason, text: None, suggest: Some(c()), only_candidate: false });
    world.later(31);
    assert_eq!(called(&rings(&mut world, Clock::ReofferBy)), (1, 2));
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn empty_rota_goes_to_the_next_level_and_is_itself_an_alert() {
    let mut world = World::with_children(&[1]);
    let mut thin = desk(None);
    thin.rota.retain(|turn| turn.level == 2);
    world.set_desk(&b(), thin);
    world.offer(1, &a(), &b(), &[1]);
    let events = world.ask(&nurse(), 1, Ask::Escalate);
    let gap = events.iter().any(|event| matches!(event, Event::Desk(of, DeskEvent::RotaGap { gap, .. }) if *of == b() && gap.level == 1));
    assert!(gap, "{events:?}");
    assert_eq!(called(&events), (1, 2), "A's manager and B's head of service");
}

#[test]
fn an_empty_level_is_alerted_the_day_before() {
    let mut world = World::connected();
    let mut thin = desk(None);
    thin.rota.retain(|turn| turn.level != 3);
    world.set_desk(&a(), thin);
    let (from, to) = (at("2026-11-25T00:00:00Z"), at("2026-11-26T00:00:00Z"));
    let events = world.run(world.command(What::CheckRota { borough: a(), from, to }));
    let [Event::Desk(_, DeskEvent::RotaGap { gap, .. })] = &events[..] else { panic!("{events:?}") };
    assert_eq!((gap.level, gap.from, gap.to), (3, from, to));
}

#[test]
fn when_a_rota_is_wholly_empty_the_other_borough_is_still_called() {
    let mut world = World::with_children(&[1]);
    let mut empty = desk(None);
    empty.rota.clear();
    world.set_desk(&b(), empty);
    world.offer(1, &a(), &b(), &[1]);
    assert_eq!(called(&world.ask(&worker(&a()), 1, Ask::Escalate)), (1, 1));
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!(world.emergency(1), Some(b()));
}

fn told_of_the_end(events: &[Event]) -> Option<&[kernel::Borough]> {
    events.iter().find_map(|event| match event {
        Event::Ledger(_, LedgerEvent::PowerRanOut { told, .. }) => Some(told.as_slice()),
        Event::Ledger(..)
        | Event::Transfer(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    })
}

#[test]
fn the_end_of_a_legal_power_is_told_once_to_the_holder_both_sides_and_the_home_borough_and_moves_nothing() {
    let mut world = World::connected();
    let (received_at, day_by, late_by) = (world.time, world.time, world.time);
    world.fact(
        1,
        Fact::ContactOpened { referral: referral(1), received_by: a(), home: Some(c()), received_at, day_by, late_by, edition: 1 },
    );
    let ends_at = world.time + jiff::SignedDuration::from_hours(72);
    let power = Power::PoliceProtection;
    world.duty(&worker(&a()), 1, DutyAsk::StartPower { power, started_at: world.time, ends_at: Some(ends_at), latest: None });
    world.offer(1, &a(), &b(), &[1]);
    let over = |world: &World| world.command(What::Remind { child: child(1), reminder: Reminder::PowerOver { power } });
    world.later(72 * 60 - 1);
    assert_eq!(code(world.decide(over(&world))), "not_due");
    world.later(1);
    let command = over(&world);
    let events = world.run(command);
    assert_eq!(told_of_the_end(&events), Some([a(), b(), c()].as_slice()));
    assert!(events.iter().all(|event| !event.is_decision()), "a clock decides nothing");
    assert_eq!((world.emergency(1), world.stage(1)), (Some(a()), Stage::Offered));
}

#[test]
fn of_a_legal_power_that_was_ended_before_its_time_nobody_is_told_again() {
    let mut world = World::with_children(&[1]);
    let ends_at = Some(world.time + jiff::SignedDuration::from_hours(72));
    let power = Power::PoliceProtection;
    world.duty(&worker(&a()), 1, DutyAsk::StartPower { power, started_at: world.time, ends_at, latest: None });
    world.duty(&worker(&a()), 1, DutyAsk::EndPower { power });
    world.later(73 * 60);
    assert_eq!(world.remind(1, Reminder::PowerOver { power }), []);
}
