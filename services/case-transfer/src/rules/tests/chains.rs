//! What was not taken stays one conversation, whoever is asked next; and what was left is not forgotten.

use super::world::*;
use crate::{
    clocks::Clock,
    ledger::{Duty, DutyAsk, PlanKind},
    rules::Event,
    transfer::{Ask, Asked, DeclineReason, Interim, Item, Stage, Tell},
};
use kernel::Actor;

fn decline() -> Ask {
    Ask::Decline { reason: DeclineReason::BelowThreshold, text: None, suggest: None, only_candidate: false }
}

fn declined() -> World {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, decline());
    world
}

fn rings(world: &mut World, transfer: u128, clock: Clock) -> Vec<&'static str> {
    names(&world.tell(&Actor::hub("clocks"), transfer, Tell::ClockRanOut(clock)))
}

#[test]
fn a_fresh_offer_after_a_decline_is_chained_to_it_by_itself() {
    let mut world = declined();
    world.later(20);
    let events = world.offer(2, &a(), &c(), &[1]);
    assert_eq!(names(&events), ["transfer.superseded", "transfer.offered", "child.transfer_opened"]);
    let chain = world.talk(2).chain;
    assert_eq!((chain.declines, chain.previous, chain.first_offered_at), (1, Some(trf(1)), start()), "the whole age stays visible");
    assert_eq!(world.talk(1).next, Some(trf(2)));
    assert!(!world.talk(1).due.contains_key(&Clock::ReofferBy), "it was offered again");
    let events = world.ask(&worker(&c()), 2, decline());
    assert!(names(&events).contains(&"transfer.dispute_opened"), "the second decline, whichever way it came");
}

#[test]
fn a_fresh_offer_does_not_walk_out_of_a_dispute() {
    let mut world = declined();
    world.offer(2, &a(), &c(), &[1]);
    world.ask(&worker(&c()), 2, decline());
    let again = || Ask::Offer { offer: offer(&a(), &b(), vec![item(1, &[Duty::EmergencyAction])]), replaces: None };
    let refusal = world.decide(world.asking(&worker(&a()), 3, again())).unwrap_err();
    assert_eq!(kernel::Refusal::code(&refusal), "interim_plan_missing");
    assert!(refusal.to_string().contains(&trf(2).to_string()), "it says where the plan belongs: {refusal}");
    world.ask(&worker(&a()), 2, Ask::RecordInterimPlan(words("A visits every evening")));
    world.ask(&worker(&a()), 3, again());
    assert_eq!(world.talk(3).chain.declines, 2);
    assert!(world.talk(2).is_disputed(), "the dispute stays open until both managers settle it");
}

#[test]
fn neither_keeping_it_nor_taking_the_next_offer_back_breaks_the_chain() {
    let mut world = declined();
    world.ask(&worker(&a()), 1, Ask::Withdraw(words("we keep it")));
    world.offer(2, &a(), &c(), &[1]);
    assert_eq!(world.talk(2).chain.declines, 1);
    world.ask(&worker(&a()), 2, Ask::Withdraw(words("wrong desk")));
    world.later(60);
    world.offer(3, &a(), &c(), &[1]);
    assert_eq!((world.talk(3).chain.declines, world.talk(3).chain.first_offered_at), (1, start()));
}

#[test]
fn a_duty_that_moved_begins_a_new_chain() {
    let mut world = declined();
    world.offer(2, &a(), &c(), &[1]);
    world.ask(&worker(&c()), 2, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    world.tell(&system(&c()), 2, Tell::Received);
    world.offer(3, &c(), &b(), &[1]);
    assert_eq!((world.talk(3).chain.declines, world.talk(3).chain.previous), (0, None));
}

#[test]
fn while_something_of_a_declined_offer_is_left_out_its_clock_goes_on() {
    let mut world = World::with_children(&[1, 2]);
    world.offer(1, &a(), &b(), &[1, 2]);
    world.ask(&worker(&b()), 1, decline());
    world.offer(2, &a(), &c(), &[1]);
    assert_eq!((world.stage(1), world.talk(2).chain.declines), (Stage::Declined, 1));
    let mut late = world.clone();
    late.later(31);
    assert_eq!(rings(&mut late, 1, Clock::ReofferBy), ["transfer.clock_ran_out", "transfer.escalated"], "the second child waits");
    world.offer(3, &a(), &c(), &[2]);
    assert_eq!(world.stage(1), Stage::Superseded);
}

#[test]
fn whoever_stepped_aside_does_not_offer_it_again() {
    let mut world = declined();
    world.ask(&worker(&a()), 1, Ask::DeclareConflict);
    let again = Ask::Offer { offer: offer(&a(), &c(), vec![item(1, &[Duty::EmergencyAction])]), replaces: None };
    assert_eq!(world.refused(&worker(&a()), 2, again.clone()), "conflict_of_interest");
    world.ask(&manager(&a()), 2, again);
}

#[test]
fn an_offer_whose_earlier_transfer_was_not_loaded_is_looked_at_again() {
    let world = declined();
    let again = Ask::Offer { offer: offer(&a(), &c(), vec![item(1, &[Duty::EmergencyAction])]), replaces: None };
    let mut command = world.asking(&worker(&a()), 2, again);
    assert!(command.streams().iter().any(|stream| stream.to_string() == format!("transfer-{}", trf(1))));
    command.scope.transfers.clear();
    assert_eq!(code(world.decide(command)), "scope_changed");
}

#[test]
fn how_many_declines_make_a_dispute_is_said_by_the_edition() {
    let world = World::offered();
    let mut command = world.asking(&worker(&b()), 1, decline());
    command.terms.declines_until_dispute = 1;
    assert!(names(&world.decide(command.clone()).unwrap()).contains(&"transfer.dispute_opened"));
    command.terms.declines_until_dispute = 3;
    let mut world = declined();
    world.offer(2, &a(), &c(), &[1]);
    let mut second = world.asking(&worker(&c()), 2, decline());
    second.terms.declines_until_dispute = 3;
    assert_eq!(names(&world.decide(second).unwrap()), ["transfer.declined", "child.transfer_over"]);
}

/// One child with two duties, of which B takes one.
fn parted() -> World {
    let mut world = World::with_children(&[1]);
    world.duty(&worker(&a()), 1, DutyAsk::OpenPlan { holder: a(), kind: PlanKind::ChildInNeed });
    let both = item(1, &[Duty::EmergencyAction, Duty::Plan]);
    world.ask(&worker(&a()), 1, Ask::Offer { offer: offer(&a(), &b(), vec![both]), replaces: None });
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    world
}

#[test]
fn duties_that_the_receiver_left_have_a_clock_of_their_own_and_are_not_silent() {
    let mut world = parted();
    assert_eq!(world.talk(1).left, asked(&[1], Duty::Plan));
    assert!(world.talk(1).due.contains_key(&Clock::ReofferBy));
    world.tell(&system(&b()), 1, Tell::Received);
    world.later(31);
    assert_eq!(rings(&mut world, 1, Clock::ReofferBy), ["transfer.clock_ran_out", "transfer.escalated"]);
    let kept = world.ask(&worker(&a()), 1, Ask::KeepRest(words("the plan stays with us")));
    assert_eq!(names(&kept), ["transfer.rest_settled"]);
    assert!(world.talk(1).left.is_empty() && !world.talk(1).due.contains_key(&Clock::NextEscalation));
    assert_eq!(world.refused(&worker(&a()), 1, Ask::KeepRest(words("-"))), "nothing_left");
    assert_eq!(world.refused(&worker(&b()), 1, Ask::KeepRest(words("-"))), "not_the_giver");
}

#[test]
fn what_was_left_is_settled_when_it_is_offered_again_and_the_handover_does_not_stop_its_clock() {
    let mut world = parted();
    for by in [worker(&b()), worker(&a())] {
        let spoken = crate::transfer::Spoken::At(start());
        let line = Some(words("I understand that I go tonight"));
        let handover = crate::transfer::Handover { giver: words("Ann"), taker: words("Bob"), spoken, read_back: line };
        world.ask(&by, 1, Ask::ConfirmHandover(handover));
    }
    assert!(world.stage(1) == Stage::HandedOver && world.talk(1).due.contains_key(&Clock::ReofferBy));
    let plan = Ask::Offer { offer: offer(&a(), &c(), vec![item(1, &[Duty::Plan])]), replaces: None };
    let events = world.ask(&worker(&a()), 2, plan);
    assert_eq!(names(&events)[0], "transfer.rest_settled");
    assert!(world.talk(1).due.is_empty());
    assert_eq!((world.talk(2).chain.declines, world.talk(2).chain.previous), (0, Some(trf(1))), "left is not declined, and not new");
}

#[test]
fn siblings_parted_by_duties_are_told_to_both_managers() {
    let mut world = World::with_children(&[1, 2]);
    let items: Vec<Item> = [1, 2].map(|number| item(number, &[Duty::EmergencyAction, Duty::Enquiry])).into();
    for number in [1, 2] {
        world.decision(number, number, &a(), crate::ledger::Outcome::ImmediateProtection);
    }
    world.ask(&worker(&a()), 1, Ask::Offer { offer: offer(&a(), &b(), items), replaces: None });
    let taken: Vec<Asked> = asked(&[1, 2], Duty::EmergencyAction);
    let events = world.ask(&worker(&b()), 1, Ask::Accept(taken));
    let told = events.iter().any(|event| names(std::slice::from_ref(event)) == ["transfer.siblings_split"]);
    assert!(told, "{:?}", names(&events));
    assert!(matches!(events.last(), Some(Event::Transfer(..))));
}

#[test]
fn a_dispute_that_is_not_settled_in_time_goes_up_the_ladder() {
    let mut world = declined();
    world.ask(&manager(&a()), 1, Ask::Dispute(Interim { plan: words("she stays on the ward") }));
    assert_eq!(world.talk(1).due.get(&Clock::SettleBy), Some(&at("2026-11-25T11:00:00Z")), "24 hours where a child is at risk now");
    world.ask(&worker(&a()), 1, Ask::Withdraw(words("we keep it")));
    world.later(60 * 24);
    assert_eq!(rings(&mut world, 1, Clock::SettleBy), ["transfer.clock_ran_out", "transfer.escalated"]);
    let mut settled = declined();
    settled.ask(&manager(&a()), 1, Ask::Dispute(Interim { plan: words("she stays on the ward") }));
    settled.ask(&manager(&a()), 1, Ask::Settle(words("A keeps her")));
    settled.ask(&manager(&b()), 1, Ask::Settle(words("agreed")));
    settled.later(60 * 24);
    assert_eq!(rings(&mut settled, 1, Clock::SettleBy), [""; 0]);
}
