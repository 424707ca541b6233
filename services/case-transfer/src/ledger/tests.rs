use jiff::SignedDuration;

use super::{Belief, Duty, DutyAsk, LedgerEvent, PlanKind, Power, Settled};
use crate::{
    ledger::Fact,
    rules::{
        Event,
        tests::world::{World, a, asked, at, b, c, child, code, manager, names, nurse, referral, start, words, worker},
    },
    transfer::{Ask, Tell},
};

#[test]
fn the_holder_at_any_instant_is_known_with_the_event_that_made_it_so() {
    let mut world = World::offered();
    world.later(30);
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    let ledger = world.ledger(1);
    let held = |instant| ledger.holder_at(Duty::EmergencyAction, instant).map(|held| (held.holder.clone(), held.version));
    let second = SignedDuration::from_secs(1);
    assert_eq!(held(start() - second), None, "before the first record nobody is said to hold it");
    assert_eq!(held(start()), Some((a(), 2)));
    assert_eq!(held(world.time - second), Some((a(), 2)));
    assert_eq!(held(world.time), Some((b(), 4)));
    let moved = world.log.iter().filter(|event| matches!(event, Event::Ledger(..))).nth(3);
    assert!(matches!(moved, Some(Event::Ledger(_, LedgerEvent::DutyMoved { .. }))), "version 4 is the move");
    assert_eq!(ledger.duties_at(world.time).len(), 1);
}

#[test]
fn a_withdrawn_referral_still_waits_for_a_decision() {
    let mut world = World::with_children(&[1]);
    world.fact(1, Fact::ContactSettled { referral: referral(1), how: Settled::Withdrawn });
    let end = DutyAsk::End { duty: Duty::EmergencyAction, reason: words("the caller took it back") };
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, end))), "another_contact_undecided");
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn an_ended_duty_has_no_holder_from_then_on_and_keeps_its_past() {
    let mut world = World::with_children(&[1]);
    world.fact(1, Fact::ContactSettled { referral: referral(1), how: Settled::Joined(referral(99)) });
    world.later(10);
    world.duty(&worker(&a()), 1, DutyAsk::End { duty: Duty::EmergencyAction, reason: words("-") });
    let ledger = world.ledger(1);
    assert_eq!(ledger.holder(Duty::EmergencyAction), None);
    assert_eq!(ledger.holder_at(Duty::EmergencyAction, world.time), None);
    assert_eq!(ledger.holder_at(Duty::EmergencyAction, start()).map(|held| &held.holder), Some(&a()));
    assert_eq!(ledger.belief(&a(), Duty::EmergencyAction), Belief::NotYours);
}

#[test]
fn a_new_contact_opens_emergency_action_again_after_it_ended() {
    let mut world = World::with_children(&[1]);
    world.decision(1, 1, &a(), crate::ledger::Outcome::NoFurtherAction);
    assert_eq!(world.emergency(1), None);
    world.contact(2, 1, &b());
    assert_eq!(world.emergency(1), Some(b()));
}

#[test]
fn a_plan_opens_changes_kind_and_ends_by_its_own_borough() {
    let mut world = World::connected();
    let open = |holder: &kernel::Borough, kind| DutyAsk::OpenPlan { holder: holder.clone(), kind };
    assert_eq!(code(world.decide(world.about(&worker(&b()), 1, open(&a(), PlanKind::ChildInNeed)))), "not_your_borough");
    world.duty(&worker(&a()), 1, open(&a(), PlanKind::ChildInNeed));
    assert_eq!(code(world.decide(world.about(&worker(&b()), 1, open(&b(), PlanKind::ChildInNeed)))), "not_the_holder");
    assert_eq!(names(&world.duty(&worker(&a()), 1, open(&a(), PlanKind::ChildProtection))), ["plan.changed"]);
    let end = || DutyAsk::End { duty: Duty::Plan, reason: words("conference ended it") };
    assert_eq!(code(world.decide(world.about(&worker(&b()), 1, end()))), "not_the_holder");
    world.duty(&worker(&a()), 1, end());
    assert_eq!((world.holder(1, Duty::Plan), world.ledger(1).plan), (None, None));
}

#[test]
fn an_ending_is_refused_while_a_contact_is_undecided_or_a_transfer_is_open() {
    let end = || DutyAsk::End { duty: Duty::EmergencyAction, reason: words("-") };
    let world = World::with_children(&[1]);
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, end()))), "another_contact_undecided");
    let world = World::offered();
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, end()))), "transfer_open");
}

#[test]
fn what_is_asked_on_an_older_version_of_the_ledger_is_refused() {
    let mut world = World::with_children(&[1]);
    let late = world.about(&worker(&a()), 1, DutyAsk::OpenPlan { holder: a(), kind: PlanKind::ChildInNeed });
    world.duty(&worker(&b()), 1, DutyAsk::ReportMissing);
    assert_eq!(code(world.decide(late)), "stale");
}

#[test]
fn a_power_runs_until_its_end_and_not_longer() {
    let mut world = World::with_children(&[1]);
    let ends_at = Some(at("2026-11-27T11:00:00Z"));
    let power = Power::EmergencyProtectionOrder;
    world.duty(&worker(&a()), 1, DutyAsk::StartPower { power, started_at: start(), ends_at, latest: None });
    let ledger = world.ledger(1);
    assert_eq!(ledger.plan_kept_by(at("2026-11-27T10:59:59Z")), Some(power));
    assert_eq!(ledger.plan_kept_by(at("2026-11-27T11:00:00Z")), None);
}

#[test]
fn linking_is_written_to_both_and_destroys_nothing() {
    let mut world = World::with_children(&[1, 2]);
    let before = (world.ledger(1).history().to_vec(), world.ledger(2).history().to_vec());
    world.duty(&worker(&b()), 1, DutyAsk::Link { other: child(2) });
    assert!(world.ledger(1).linked.contains(&child(2)) && world.ledger(2).linked.contains(&child(1)));
    world.duty(&worker(&b()), 2, DutyAsk::Unlink { other: child(1) });
    assert!(world.ledger(1).linked.is_empty() && world.ledger(2).linked.is_empty());
    assert_eq!((world.ledger(1).history().to_vec(), world.ledger(2).history().to_vec()), before);
}

#[test]
fn a_linked_ledger_that_was_not_loaded_is_asked_for_and_not_guessed() {
    let mut world = World::with_children(&[1, 2]);
    world.duty(&worker(&a()), 1, DutyAsk::Link { other: child(2) });
    world.fact(1, Fact::ContactSettled { referral: referral(1), how: Settled::Joined(referral(99)) });
    world.now.ledgers.remove(&child(2));
    let end = DutyAsk::End { duty: Duty::EmergencyAction, reason: words("-") };
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, end))), "scope_changed");
}

#[test]
fn a_referrer_records_nothing_in_the_ledger() {
    let world = World::with_children(&[1]);
    assert_eq!(code(world.decide(world.about(&nurse(), 1, DutyAsk::ReportMissing))), "role_may_not");
}

#[test]
fn an_unknown_case_of_the_night_is_refused_and_a_case_of_the_day_is_none() {
    let world = World::with_children(&[1]);
    for number in [1, 9] {
        let ask = DutyAsk::TakeNightCase { referral: referral(number) };
        assert_eq!(code(world.decide(world.about(&worker(&a()), 1, ask))), "no_night_case");
    }
}

#[test]
fn a_duty_that_was_passed_on_is_followed_by_belief_from_giver_to_giver() {
    let mut world = World::accepted();
    world.tell(&crate::rules::tests::world::system(&b()), 1, Tell::Received);
    world.offer(2, &b(), &c(), &[1]);
    world.ask(&worker(&c()), 2, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    let ledger = world.ledger(1);
    let seen = [a(), b(), c()].map(|borough| ledger.belief(&borough, Duty::EmergencyAction));
    assert_eq!(seen, [Belief::NotYours, Belief::StillYoursAwaitingReceipt, Belief::Yours]);
}

#[test]
fn anybody_may_shield_and_nobody_takes_a_shield_off() {
    let mut world = World::with_children(&[1]);
    let lift = || DutyAsk::Shield { shielded: false };
    assert_eq!(world.decide(world.about(&worker(&a()), 1, lift())), Ok(vec![]), "there is none");
    world.duty(&worker(&c()), 1, DutyAsk::Shield { shielded: true });
    for by in [worker(&c()), worker(&a()), manager(&a())] {
        assert_eq!(code(world.decide(world.about(&by, 1, lift()))), "shield_stays");
    }
    assert!(world.ledger(1).shielded);
    assert_eq!(world.decide(world.about(&worker(&a()), 1, DutyAsk::Shield { shielded: true })), Ok(vec![]));
}
