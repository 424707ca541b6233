//! How a case comes in, and what stays where it is.

use jiff::{SignedDuration, civil::time};
use kernel::Role;

use super::world::*;
use crate::{
    desk::Week,
    ledger::{Duty, DutyAsk, Fact, Kept, LedgerEvent, Outcome, PlanKind, Reminder},
    rules::Event,
    transfer::{Ask, Stage},
};

#[test]
fn child_found_in_c_lives_in_a_plan_with_b() {
    let mut world = World::connected();
    world.duty(&worker(&b()), 1, DutyAsk::OpenPlan { holder: b(), kind: PlanKind::ChildProtection });
    world.contact(1, 1, &c());
    assert_eq!(world.emergency(1), Some(c()), "emergency action is where the child is found");
    assert_eq!(world.holder(1, Duty::Plan), Some(b()), "the plan stays with the borough that holds it");

    world.offer(1, &c(), &a(), &[1]);
    world.ask(&worker(&a()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!((world.emergency(1), world.holder(1, Duty::Plan)), (Some(a()), Some(b())), "neither moves the other");
}

#[test]
fn where_the_child_is_not_known_the_borough_that_received_it_acts() {
    let mut world = World::connected();
    let opened = Fact::ContactOpened {
        referral: referral(1),
        received_by: b(),
        home: None,
        received_at: start(),
        day_by: start(),
        late_by: start(),
        edition: 1,
    };
    world.fact(1, opened);
    assert_eq!(world.emergency(1), Some(b()));
}

#[test]
fn child_moves_again_before_the_answer() {
    let mut world = World::offered();
    let events = world.contact(2, 1, &c());
    assert_eq!(names(&events), ["contact.opened", "duty.kept"]);
    assert_eq!(world.emergency(1), Some(a()), "a new contact elsewhere moves nothing");

    world.ask(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    assert_eq!((world.stage(1), world.stage(2)), (Stage::Redirected, Stage::Offered));
    assert_eq!(world.refused(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction))), "redirected");
    world.ask(&worker(&c()), 2, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!(world.emergency(1), Some(c()));
}

#[test]
fn call_at_16_55_stays_with_the_day_team() {
    let mut world = World::connected();
    world.time = at("2026-11-24T17:20:00Z");
    for (number, received, night) in [(1, "2026-11-24T16:55:00Z", false), (2, "2026-11-24T17:00:00Z", true)] {
        let received_at = at(received);
        let fact = Fact::ContactOpened {
            referral: referral(number),
            received_by: a(),
            home: None,
            received_at,
            day_by: world.time,
            late_by: world.time,
            edition: 1,
        };
        world.fact(number, fact);
        assert_eq!(world.ledger(number).contacts[&referral(number)].night.is_some(), night, "received {received}");
    }
}

#[test]
fn night_cases_at_09_00_every_one_is_taken_by_a_named_day_worker_and_at_10_00_goes_to_the_day_manager() {
    let mut world = World::connected();
    world.time = at("2026-11-25T02:00:00Z");
    world.contact(1, 1, &a());
    world.contact(2, 2, &a());
    world.time = at("2026-11-25T09:00:00Z");
    for number in [1, 2] {
        assert_eq!(names(&world.remind(number, Reminder::NightListDue { referral: referral(number) })), ["night_case.due"]);
    }
    world.duty(&worker(&a()), 1, DutyAsk::TakeNightCase { referral: referral(1) });
    world.time = at("2026-11-25T10:00:00Z");
    assert_eq!(world.remind(1, Reminder::NightCaseLate { referral: referral(1) }), []);
    let events = world.remind(2, Reminder::NightCaseLate { referral: referral(2) });
    let [Event::Ledger(_, LedgerEvent::NightCaseEscalated { to: Some(to), level: 1, .. })] = &events[..] else { panic!("{events:?}") };
    assert_eq!((to.name.as_str(), &to.borough), ("on call 1", &Some(a())));
    assert_eq!(code(world.decide(world.about(&worker(&b()), 2, DutyAsk::TakeNightCase { referral: referral(2) }))), "not_your_borough");
    world.duty(&worker(&a()), 2, DutyAsk::TakeNightCase { referral: referral(2) });
    assert_eq!(world.emergency(2), Some(a()), "nothing moved in the night");
}

#[test]
fn edt_acting_on_behalf_of_another_borough() {
    let mut world = World::with_children(&[1]);
    world.set_desk(&b(), desk(Some(&c())));
    world.offer(1, &a(), &b(), &[1]);
    let accept = || Ask::Accept(asked(&[1], Duty::EmergencyAction));
    assert_eq!(world.refused(&worker(&c()), 1, accept()), "not_yours_to_answer", "by day only B answers");
    world.time = at("2026-11-24T22:00:00Z");
    world.ask(&worker(&c()), 1, accept());
    assert_eq!(world.emergency(1), Some(b()), "the duty is the covered borough's");
}

#[test]
fn hospital_refers_and_may_follow_and_escalate_never_move_a_duty() {
    let mut world = World::offered();
    for ask in [
        Ask::Accept(asked(&[1], Duty::EmergencyAction)),
        Ask::Withdraw(words("-")),
        Ask::Redirect { to: c(), next: trf(2) },
        Ask::Open,
        Ask::Close,
    ] {
        assert_eq!(world.refused(&nurse(), 1, ask), "role_may_not");
    }
    let events = world.ask(&nurse(), 1, Ask::Escalate);
    assert_eq!(names(&events), ["transfer.escalated"]);
    let stranger = person("RM302", Role::Referrer, "nurse");
    assert_eq!(world.refused(&stranger, 1, Ask::Escalate), "role_may_not", "a hospital that is no party to it");
    let board = person("board", Role::BoardAuditor, "auditor");
    assert_eq!(world.refused(&board, 1, Ask::Escalate), "role_may_not");
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn discharge_pending_says_do_not_discharge_until_the_receiving_desk_has_it() {
    let mut world = World::accepted();
    assert!(world.talk(1).do_not_discharge(), "accepted is not received");
    world.tell(&system(&b()), 1, crate::transfer::Tell::Received);
    assert!(!world.talk(1).do_not_discharge());
}

#[test]
fn unborn_child_and_birth() {
    let mut world = World::connected();
    world.duty(&worker(&a()), 1, DutyAsk::OpenPlan { holder: a(), kind: PlanKind::ChildProtection });
    let mut unborn = item(1, &[Duty::Plan]);
    unborn.unborn = true;
    world.ask(&worker(&a()), 1, Ask::Offer { offer: offer(&a(), &b(), vec![unborn]), replaces: None });
    world.duty(&worker(&b()), 1, DutyAsk::RecordBirth { born_at: start() });
    assert!(world.ledger(1).born);
    assert_eq!((world.holder(1, Duty::Plan), world.stage(1)), (Some(a()), Stage::Offered), "a birth moves nothing and stops nothing");
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::Plan)));
    assert_eq!(world.holder(1, Duty::Plan), Some(b()));
}

#[test]
fn same_offer_twice_adds_nothing_and_another_offer_of_the_duty_is_refused() {
    let world = World::offered();
    let items = || vec![item(1, &[Duty::EmergencyAction])];
    let again = Ask::Offer { offer: offer(&a(), &b(), items()), replaces: None };
    assert_eq!(world.decide(world.asking(&worker(&a()), 1, again.clone())), Ok(vec![]));
    assert_eq!(world.refused(&worker(&a()), 2, again), "duty_in_transfer");
    let other = Ask::Offer { offer: offer(&a(), &c(), items()), replaces: None };
    assert_eq!(world.refused(&worker(&a()), 1, other), "id_taken");
}

#[test]
fn clock_skew_and_late_entry_keep_both_times_and_one_holder_at_every_instant() {
    let mut world = World::offered();
    let mut command = world.asking(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    let skewed = start() - SignedDuration::from_hours(2);
    command.at = crate::clocks::When::late(skewed, skewed - SignedDuration::from_hours(1));
    let events = world.run(command.clone());
    let moved = events.iter().find_map(|event| match event {
        Event::Ledger(_, event @ LedgerEvent::DutyMoved { .. }) => Some(event.when()),
        Event::Ledger(..)
        | Event::Transfer(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    });
    assert_eq!(moved, Some(command.at), "the event keeps both times as they were told");
    let ledger = world.ledger(1);
    assert!(ledger.history().windows(2).all(|pair| pair[0].until == Some(pair[1].since)), "{:?}", ledger.history());
    assert_eq!(ledger.holder_at(Duty::EmergencyAction, start()).map(|held| &held.holder), Some(&b()));
}

#[test]
fn a_decision_ends_emergency_action_in_one_step_and_opens_the_enquiry() {
    let mut world = World::with_children(&[1]);
    let events = world.decision(1, 1, &a(), Outcome::Section47Enquiry);
    assert_eq!(names(&events), ["contact.decided", "duty.ended", "duty.opened"]);
    assert_eq!((world.emergency(1), world.holder(1, Duty::Enquiry)), (None, Some(a())));
}

#[test]
fn immediate_protection_keeps_emergency_action_open() {
    let mut world = World::with_children(&[1]);
    world.decision(1, 1, &a(), Outcome::ImmediateProtection);
    assert_eq!((world.emergency(1), world.holder(1, Duty::Enquiry)), (Some(a()), Some(a())));
}

#[test]
fn a_decision_does_not_end_what_it_must_not_end_and_says_why() {
    let kept = |events: &[Event]| match events {
        [_, Event::Ledger(_, LedgerEvent::DutyKept { why, .. })] => why.clone(),
        other => panic!("{other:?}"),
    };
    let mut world = World::with_children(&[1]);
    world.contact(2, 1, &b());
    assert_eq!(kept(&world.decision(1, 1, &a(), Outcome::EarlyHelp)), Kept::AnotherContactUndecided(referral(2)));
    assert_eq!(kept(&world.decision(2, 1, &b(), Outcome::EarlyHelp)), Kept::HeldElsewhere(a()));
    let mut world = World::offered();
    assert_eq!(kept(&world.decision(1, 1, &a(), Outcome::EarlyHelp)), Kept::TransferOpen(trf(1)));
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn a_contact_under_a_linked_id_keeps_the_duty_open() {
    let mut world = World::with_children(&[1, 2]);
    world.duty(&worker(&a()), 1, DutyAsk::Link { other: child(2) });
    world.fact(1, Fact::ContactSettled { referral: referral(1), how: crate::ledger::Settled::Joined(referral(99)) });
    let end = || DutyAsk::End { duty: Duty::EmergencyAction, reason: words("safe with her aunt") };
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, end()))), "another_contact_undecided");
    world.duty(&worker(&a()), 2, DutyAsk::Unlink { other: child(1) });
    world.duty(&worker(&a()), 1, end());
    assert_eq!(world.emergency(1), None);
}

#[test]
fn a_bank_holiday_is_out_of_hours() {
    let mut desk = desk(Some(&c()));
    desk.closed_on.insert(jiff::civil::date(2026, 12, 25));
    desk.week = Week::working_days(time(9, 0, 0, 0), time(17, 0, 0, 0));
    assert_eq!(desk.covering(at("2026-12-25T11:00:00Z")), Some(&c()));
    assert_eq!(desk.covering(at("2026-12-24T11:00:00Z")), None);
}
