//! What nobody may do alone, early or by the way.

use super::world::*;
use crate::{
    clocks::Clock,
    ledger::{Duty, DutyAsk, Power},
    rules::{Refusal, What},
    transfer::{Ask, Asked, DeclineReason, Interim, Item, Repoint, Tell, Whereabouts},
};

fn items() -> Vec<Asked> {
    asked(&[1], Duty::EmergencyAction)
}

fn decline() -> Ask {
    Ask::Decline { reason: DeclineReason::BelowThreshold, text: None, suggest: None, only_candidate: false }
}

/// One child, offered by A to B in the night, while A's team covers B.
fn giver_covers_the_receiver() -> World {
    let mut world = World::connected();
    world.set_desk(&b(), desk(Some(&a())));
    world.time = at("2026-11-24T23:00:00Z");
    world.contact(1, 1, &a());
    world.offer(1, &a(), &b(), &[1]);
    world
}

#[test]
fn a_team_that_covers_the_receiver_does_not_answer_what_its_own_borough_asks() {
    let world = giver_covers_the_receiver();
    for ask in [Ask::Open, Ask::Accept(items()), decline(), Ask::AcceptOnConditions(words("if"))] {
        assert_eq!(world.refused(&worker(&a()), 1, ask.clone()), "not_yours_to_answer", "{ask:?}");
    }
    let told = |tell| code(world.decide(world.command(What::Tell { transfer: trf(1), by: worker(&a()).actor().clone(), tell })));
    assert_eq!(told(Tell::Delivered { route: "queue".to_owned() }), "not_yours_to_confirm");
    let mut world = world.clone();
    world.ask(&worker(&b()), 1, Ask::Accept(items()));
    let by = worker(&a()).actor().clone();
    assert_eq!(code(world.decide(world.command(What::Tell { transfer: trf(1), by, tell: Tell::Received }))), "not_yours_to_confirm");
    assert_eq!(world.refused(&worker(&a()), 1, Ask::HandBack(Box::new(back()))), "not_yours_to_answer");
}

fn back() -> crate::transfer::NewOffer {
    crate::transfer::NewOffer { id: trf(2), priority: kernel::Priority::P2, sheet: sheet() }
}

#[test]
fn a_power_that_would_end_earlier_is_lifted_by_the_holder_alone_and_one_that_is_over_by_nobody() {
    let mut world = World::with_children(&[1]);
    let order = |ends_at| DutyAsk::StartPower { power: Power::CareOrder, started_at: start(), ends_at, latest: None };
    world.duty(&worker(&a()), 1, order(None));
    let soon = Some(at("2026-11-25T11:00:00Z"));
    assert_eq!(code(world.decide(world.about(&worker(&c()), 1, order(soon)))), "not_the_holder");
    for by in [a(), c()] {
        assert_eq!(code(world.decide(world.about(&worker(&by), 1, order(Some(start()))))), "power_over");
    }
    assert_eq!(world.ledger(1).plan_kept_by(world.time), Some(Power::CareOrder));
    world.duty(&worker(&a()), 1, order(soon));
    let longer = order(Some(at("2026-12-25T11:00:00Z")));
    world.duty(&worker(&c()), 1, longer);
}

#[test]
fn an_offer_with_an_address_is_not_pointed_to_a_child_whose_linked_id_is_shielded() {
    let mut world = World::with_children(&[1, 2, 3]);
    let first = Item { whereabouts: Whereabouts::Address(words("1 Marigold Way")), ..item(1, &[Duty::EmergencyAction]) };
    world.ask(&worker(&a()), 1, Ask::Offer { offer: offer(&a(), &b(), vec![first]), replaces: None });
    world.duty(&worker(&a()), 2, DutyAsk::Link { other: child(3) });
    world.duty(&worker(&a()), 3, DutyAsk::Shield { shielded: true });
    let repoint =
        |to| Ask::Correct { field: "child".to_owned(), text: words("-"), repoint: Some(Repoint { from: child(1), to: child(to) }) };
    assert_eq!(world.refused(&worker(&a()), 1, repoint(2)), "shielded_address");
    assert!(world.now.is_shielded(child(2)) && !world.now.is_shielded(child(1)));
}

#[test]
fn a_second_dispute_needs_its_own_plan_and_both_signatures_again() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, decline());
    let dispute = || Ask::Dispute(Interim { plan: words("she stays on the ward") });
    for round in 1..=2 {
        world.ask(&manager(&a()), 1, dispute());
        assert!(world.talk(1).is_disputed(), "round {round}");
        world.ask(&manager(&a()), 1, Ask::Settle(words("A keeps her")));
        assert!(world.talk(1).is_disputed(), "round {round}");
        world.ask(&manager(&b()), 1, Ask::Settle(words("agreed")));
        assert!(!world.talk(1).is_disputed(), "round {round}");
    }
}

#[test]
fn a_case_of_the_night_is_taken_by_the_day_team() {
    let mut world = World::connected();
    world.time = at("2026-11-24T23:00:00Z");
    world.contact(1, 1, &a());
    let take = || DutyAsk::TakeNightCase { referral: referral(1) };
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, take()))), "night_shift");
    world.time = at("2026-11-25T09:00:00Z");
    world.duty(&worker(&a()), 1, take());
}

#[test]
fn where_nobody_is_on_call_the_top_is_reached_at_once_and_the_desks_are_rung() {
    let mut world = World::with_children(&[1]);
    for borough in [a(), b()] {
        let mut empty = desk(None);
        empty.rota.clear();
        world.set_desk(&borough, empty);
    }
    world.offer(1, &a(), &b(), &[1]);
    let events = world.ask(&nurse(), 1, Ask::Escalate);
    let called = events.iter().find_map(|event| match event {
        crate::rules::Event::Transfer(_, crate::transfer::TransferEvent::Escalated { level, people, .. }) => Some((*level, people.clone())),
        crate::rules::Event::Transfer(..)
        | crate::rules::Event::Ledger(..)
        | crate::rules::Event::Desk(..)
        | crate::rules::Event::Board(..)
        | crate::rules::Event::Glass(..)
        | crate::rules::Event::Look(..)
        | crate::rules::Event::ChildLook(..)
        | crate::rules::Event::Edition(..) => None,
    });
    let (level, people) = called.unwrap();
    assert_eq!(level, world.clocks().rota_levels);
    assert_eq!(people.iter().map(|person| person.phone.as_str()).collect::<Vec<_>>(), ["0161 111", "0161 111"]);
    assert_eq!(names(&events).iter().filter(|name| **name == "desk.rota_gap").count(), 2 * usize::from(level));
}

#[test]
fn while_a_child_is_missing_the_clocks_to_answer_call_nobody_and_go_on_when_the_child_is_found() {
    let mut world = World::offered();
    world.duty(&worker(&a()), 1, DutyAsk::ReportMissing);
    world.later(60 * 24);
    let fires = |world: &World, clock| {
        world.decide(world.command(What::Tell { transfer: trf(1), by: kernel::Actor::hub("timer"), tell: Tell::ClockRanOut(clock) }))
    };
    for clock in [Clock::SeenBy, Clock::DecideBy] {
        assert_eq!(fires(&world, clock), Err(Refusal::ChildMissing));
    }
    world.duty(&worker(&a()), 1, DutyAsk::ReportFound);
    assert_eq!(names(&fires(&world, Clock::SeenBy).unwrap()), ["transfer.clock_ran_out", "transfer.escalated"]);
}

#[test]
fn a_giver_that_holds_nothing_any_more_is_not_called_to_offer_again() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, decline());
    world.decision(1, 1, &a(), crate::ledger::Outcome::NoFurtherAction);
    world.later(60 * 24);
    let events = world.tell(&kernel::Actor::hub("timer"), 1, Tell::ClockRanOut(Clock::ReofferBy));
    assert_eq!(names(&events), ["transfer.clock_ran_out"]);
}
