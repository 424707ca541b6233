//! From the offer to the spoken handover, and back.

use kernel::Sealed;

use super::world::*;
use crate::{
    ledger::{Belief, Duty, DutyAsk, LedgerEvent},
    rules::Event,
    transfer::{Ask, Handover, NewOffer, Spoken, Stage, Tell, TransferEvent},
};

fn handover(read_back: Option<Sealed>) -> Ask {
    let spoken = Spoken::At(start());
    Ask::ConfirmHandover(Handover { giver: words("Ann"), taker: words("Bob"), spoken, read_back })
}

fn handed_over() -> World {
    let mut world = World::accepted();
    world.ask(&worker(&b()), 1, handover(Some(words("I understand that I go tonight"))));
    world.ask(&worker(&a()), 1, handover(None));
    world
}

#[test]
fn an_acceptance_moves_every_duty_in_the_same_commit() {
    let mut world = World::with_children(&[1, 2]);
    world.offer(1, &a(), &b(), &[1, 2]);
    let events = world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1, 2], Duty::EmergencyAction)));
    assert_eq!(names(&events), ["transfer.accepted", "duty.moved", "duty.moved"]);
    assert_eq!((world.emergency(1), world.emergency(2)), (Some(b()), Some(b())));
}

#[test]
fn the_giver_sees_still_yours_until_the_receiving_desk_has_it() {
    let mut world = World::accepted();
    let seen = |world: &World, borough| world.ledger(1).belief(&borough, Duty::EmergencyAction);
    assert_eq!((seen(&world, a()), seen(&world, b())), (Belief::StillYoursAwaitingReceipt, Belief::Yours));
    world.tell(&system(&b()), 1, Tell::Received);
    assert_eq!((seen(&world, a()), seen(&world, b())), (Belief::NotYours, Belief::Yours));
}

#[test]
fn until_received_the_taker_can_neither_end_nor_pass_on_the_duty() {
    let mut world = World::accepted();
    let end = || DutyAsk::End { duty: Duty::EmergencyAction, reason: words("-") };
    let on = || Ask::Offer { offer: offer(&b(), &c(), vec![item(1, &[Duty::EmergencyAction])]), replaces: None };
    assert_eq!(code(world.decide(world.about(&worker(&b()), 1, end()))), "transfer_open");
    assert_eq!(world.refused(&worker(&b()), 2, on()), "duty_in_transfer");
    world.tell(&system(&b()), 1, Tell::Received);
    world.ask(&worker(&b()), 2, on());
    assert_eq!(world.emergency(1), Some(b()));
}

#[test]
fn siblings_as_a_group_with_mixed_outcomes_are_told_to_both_managers() {
    let mut world = World::with_children(&[1, 2]);
    world.offer(1, &a(), &b(), &[1, 2]);
    let events = world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!((world.emergency(1), world.emergency(2)), (Some(b()), Some(a())));
    let split = events.iter().find_map(|event| match event {
        Event::Transfer(_, TransferEvent::SiblingsSplit { taken, left, managers, .. }) => Some((taken.clone(), left.clone(), managers)),
        Event::Transfer(..)
        | Event::Ledger(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    });
    let (taken, left, managers) = split.expect("siblings split");
    assert_eq!((taken, left), (vec![child(1)], vec![child(2)]));
    let told: Vec<_> = managers.iter().map(|manager| manager.borough.clone()).collect();
    assert_eq!(told, [Some(a()), Some(b())]);
    world.offer(2, &a(), &c(), &[2]);
    assert_eq!(world.stage(2), Stage::Offered, "what was left is free to be offered elsewhere");
}

#[test]
fn one_sibling_already_held_by_b_is_noted_and_nothing_of_it_moves() {
    let mut world = World::with_children(&[1]);
    world.contact(2, 2, &b());
    world.offer(1, &a(), &b(), &[1, 2]);
    assert_eq!(world.talk(1).already_held, asked(&[2], Duty::EmergencyAction));
    assert_eq!(world.talk(1).asked, asked(&[1], Duty::EmergencyAction));
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!(world.ledger(2).history().len(), 1);
    let all = Ask::Offer { offer: offer(&a(), &b(), vec![item(2, &[Duty::EmergencyAction])]), replaces: None };
    assert_eq!(world.refused(&worker(&a()), 2, all), "already_held");
}

#[test]
fn withdrawn_while_being_accepted_one_wins_and_the_other_is_told_who_holds_it() {
    let base = World::offered();
    let withdraw = base.asking(&worker(&a()), 1, Ask::Withdraw(words("found at home")));
    let accept = base.asking(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));

    let mut first = base.clone();
    first.run(withdraw.clone());
    let refusal = first.decide(accept.clone()).unwrap_err();
    assert_eq!(kernel::Refusal::code(&refusal), "withdrawn");
    assert!(refusal.to_string().contains(a().code()), "{refusal}");

    let mut second = base;
    second.run(accept);
    let refusal = second.decide(withdraw).unwrap_err();
    assert_eq!(kernel::Refusal::code(&refusal), "already_accepted");
    assert!(refusal.to_string().contains(b().code()), "{refusal}");
}

#[test]
fn two_acceptances_at_once_make_one_move() {
    let mut world = World::offered();
    let accept = Ask::Accept(asked(&[1], Duty::EmergencyAction));
    let (one, two) = (world.asking(&worker(&b()), 1, accept.clone()), world.asking(&manager(&b()), 1, accept));
    world.run(one);
    assert_eq!(world.decide(two), Ok(vec![]));
    assert_eq!(world.ledger(1).history().len(), 2);
}

#[test]
fn network_cut_and_late_replay_of_an_old_command_changes_nothing() {
    let mut world = World::offered();
    let queued = world.asking(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    world.ask(&worker(&a()), 1, Ask::GiveInformation(words("the father has been arrested")));
    assert_eq!(code(world.decide(queued.clone())), "stale");
    world.ask(&worker(&a()), 1, Ask::Withdraw(words("-")));
    world.offer(2, &a(), &c(), &[1]);
    assert_eq!(code(world.decide(queued)), "withdrawn");
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn accepted_with_conditions_is_a_query_until_a_agrees() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, Ask::AcceptOnConditions(words("if you finish the visit")));
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::Query, Some(a())));
    assert_eq!(world.refused(&worker(&b()), 1, Ask::AgreeConditions), "not_the_giver");
    world.ask(&worker(&a()), 1, Ask::GiveInformation(words("the visit is at six")));
    assert_eq!(world.stage(1), Stage::Query, "an answer is not an agreement");
    world.ask(&worker(&a()), 1, Ask::AgreeConditions);
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::Seen, Some(a())), "agreeing moves nothing either");
    assert_eq!(world.refused(&worker(&a()), 1, Ask::AgreeConditions), "no_conditions");
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!(world.emergency(1), Some(b()));
}

#[test]
fn partial_information_is_offered_as_it_is_and_asked_for_while_the_clock_runs() {
    let mut world = World::offered();
    assert_eq!(world.talk(1).offer.sheet.not_known.len(), 1);
    world.ask(&worker(&b()), 1, Ask::Open);
    let decide_by = world.talk(1).due.get(&crate::clocks::Clock::DecideBy).copied();
    world.ask(&worker(&b()), 1, Ask::AskInformation(words("who is with her?")));
    assert_eq!(world.stage(1), Stage::Query);
    world.ask(&worker(&a()), 1, Ask::GiveInformation(words("her aunt")));
    assert_eq!(world.stage(1), Stage::Seen);
    assert!(decide_by.is_some());
    assert_eq!(world.talk(1).due.get(&crate::clocks::Clock::DecideBy).copied(), decide_by);
}

#[test]
fn the_handover_is_confirmed_by_both_in_either_order_with_a_read_back() {
    for taker_first in [true, false] {
        let mut world = World::accepted();
        assert_eq!(world.refused(&worker(&b()), 1, handover(None)), "read_back_missing");
        let taker = (worker(&b()), handover(Some(words("I understand that …"))));
        let giver = (worker(&a()), handover(None));
        let order = if taker_first { [taker, giver] } else { [giver, taker] };
        for (place, (by, ask)) in order.into_iter().enumerate() {
            world.ask(&by, 1, ask);
            assert_eq!(world.stage(1) == Stage::HandedOver, place == 1);
        }
        assert!(world.talk(1).due.is_empty(), "no clock runs after it");
        assert_eq!(world.ledger(1).in_transfer.len(), 0);
    }
}

#[test]
fn hand_back_is_a_new_offer_and_b_holds_until_a_accepts() {
    let mut world = handed_over();
    let first = world.talk(1).chain.first_offered_at;
    world.later(30);
    let back = || Ask::HandBack(Box::new(NewOffer { id: trf(2), priority: kernel::Priority::P2, sheet: sheet() }));
    assert_eq!(World::accepted().refused(&worker(&b()), 1, back()), "not_handed_over");
    world.ask(&worker(&b()), 1, back());
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::HandedBack, Some(b())));
    assert_eq!((world.talk(2).chain.first_offered_at, world.talk(2).chain.previous), (first, Some(trf(1))));
    world.ask(&worker(&a()), 2, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn redirect_keeps_the_whole_age_and_leaves_the_holder_as_it_was() {
    let mut world = World::offered();
    world.later(20);
    let events = world.ask(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    assert_eq!(names(&events), ["transfer.redirected", "child.transfer_over", "transfer.offered", "child.transfer_opened"]);
    assert_eq!(world.talk(2).chain.first_offered_at, start());
    assert_eq!(world.emergency(1), Some(a()));
    let own = World::offered();
    assert_eq!(own.refused(&worker(&a()), 1, Ask::Redirect { to: a(), next: trf(2) }), "same_borough");
}

#[test]
fn only_the_holder_closes_and_only_what_is_finished() {
    let mut world = World::accepted();
    assert_eq!(world.refused(&worker(&b()), 1, Ask::Close), "not_finished");
    world = handed_over();
    assert_eq!(world.refused(&worker(&a()), 1, Ask::Close), "not_your_borough");
    world.ask(&worker(&b()), 1, Ask::Close);
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::Closed, Some(b())), "closing a transfer ends no duty");
    let moved = |event: &&Event| matches!(event, Event::Ledger(_, LedgerEvent::DutyMoved { .. }));
    assert_eq!(world.log.iter().filter(moved).count(), 1);
}

#[test]
fn a_newer_offer_supersedes_the_one_that_it_replaces() {
    let mut world = World::offered();
    let offer = offer(&a(), &b(), vec![item(1, &[Duty::EmergencyAction])]);
    let on = world.version(1);
    let mut command = world.asking(&worker(&a()), 2, Ask::Offer { offer, replaces: Some(trf(1)) });
    assert_eq!(code(world.decide(command.clone())), "stale", "it is decided on the version of the offer it replaces");
    let crate::rules::What::Ask { on: seen, .. } = &mut command.what else { panic!("an ask") };
    *seen = on;
    world.run(command);
    assert_eq!((world.stage(1), world.stage(2)), (Stage::Superseded, Stage::Offered));
    world.ask(&worker(&a()), 1, Ask::Close);
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn a_redirect_asks_only_for_what_the_first_receiver_did_not_hold_already() {
    let mut world = World::with_children(&[1]);
    world.contact(2, 2, &b());
    world.offer(1, &a(), &b(), &[1, 2]);
    world.ask(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    assert_eq!(world.talk(2).asked, asked(&[1], Duty::EmergencyAction));
    assert_eq!(world.emergency(2), Some(b()));
}

#[test]
fn a_hand_back_offers_what_the_receiver_still_holds() {
    let mut world = World::with_children(&[1, 2]);
    world.offer(1, &a(), &b(), &[1, 2]);
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1, 2], Duty::EmergencyAction)));
    world.ask(&worker(&b()), 1, handover(Some(words("I understand that …"))));
    world.ask(&worker(&a()), 1, handover(None));
    world.decision(2, 2, &b(), crate::ledger::Outcome::EarlyHelp);
    world.ask(&worker(&b()), 1, Ask::HandBack(Box::new(NewOffer { id: trf(2), priority: kernel::Priority::P2, sheet: sheet() })));
    assert_eq!(world.talk(2).asked, asked(&[1], Duty::EmergencyAction));
}
