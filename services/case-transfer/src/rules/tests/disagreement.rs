//! When two boroughs disagree, the holder stays as it was and is told so.

use super::world::*;
use crate::{
    ledger::{Belief, Duty, DutyAsk, STILL_RESPONSIBLE},
    transfer::{Agreement, Ask, DeclineReason, Interim, Stage},
};

fn decline(reason: DeclineReason) -> Ask {
    Ask::Decline { reason, text: None, suggest: None, only_candidate: false }
}

#[test]
fn both_claim_and_the_ledger_names_the_one() {
    let mut world = World::accepted();
    world.tell(&system(&b()), 1, crate::transfer::Tell::Received);
    let end = DutyAsk::End { duty: Duty::EmergencyAction, reason: words("ours") };
    let refusal = world.decide(world.about(&worker(&a()), 1, end)).unwrap_err();
    assert_eq!(kernel::Refusal::code(&refusal), "not_the_holder");
    assert!(refusal.to_string().contains(b().code()), "{refusal}");
    let offer = Ask::Offer { offer: offer(&a(), &c(), vec![item(1, &[Duty::EmergencyAction])]), replaces: None };
    assert_eq!(world.refused(&worker(&a()), 2, offer), "not_the_holder");
}

#[test]
fn neither_claims_and_a_is_still_responsible() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, decline(DeclineReason::BelowThreshold));
    assert_eq!(world.ledger(1).belief(&a(), Duty::EmergencyAction), Belief::Yours);
    assert_eq!(STILL_RESPONSIBLE, "You are still responsible.");
    let kept = world.ask(&worker(&a()), 1, Ask::Withdraw(words("we keep it")));
    assert_eq!(names(&kept), ["transfer.withdrawn"]);
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn wrong_borough_is_declined_with_a_suggestion_and_redirected() {
    let mut world = World::offered();
    let reason = DeclineReason::NotOurArea;
    world.ask(&worker(&b()), 1, Ask::Decline { reason, text: None, suggest: Some(c()), only_candidate: false });
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::Declined, Some(a())));
    world.ask(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    assert_eq!(world.talk(2).chain.declines, 1);
    assert_eq!(world.emergency(1), Some(a()));
}

#[test]
fn not_ours_said_twice_opens_a_dispute_that_named_managers_of_both_settle() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, decline(DeclineReason::NotOurArea));
    world.ask(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    let events = world.ask(&worker(&c()), 2, decline(DeclineReason::NotOurArea));
    assert_eq!(names(&events), ["transfer.declined", "child.transfer_over", "transfer.dispute_opened"]);
    assert_eq!(world.refused(&manager(&a()), 2, Ask::Settle(words("-"))), "interim_plan_missing");
    assert_eq!(world.refused(&worker(&a()), 2, Ask::Redirect { to: b(), next: trf(3) }), "interim_plan_missing");
    world.ask(&worker(&a()), 2, Ask::RecordInterimPlan(words("A visits every evening")));
    assert_eq!(world.refused(&worker(&a()), 2, Ask::Settle(words("-"))), "manager_needed");
    world.ask(&manager(&a()), 2, Ask::Settle(words("C takes it on Monday")));
    assert!(world.talk(2).is_disputed(), "one signature is not both");
    let events = world.ask(&manager(&c()), 2, Ask::Settle(words("agreed")));
    assert_eq!(names(&events), ["transfer.settlement_signed", "transfer.dispute_settled"]);
    assert_eq!(world.emergency(1), Some(a()), "a settlement moves nothing");
    assert!(!world.talk(2).is_disputed());
}

#[test]
fn the_only_candidates_decline_opens_a_dispute_at_once() {
    let mut world = World::offered();
    let reason = DeclineReason::NoSuchChildHere;
    world.ask(&worker(&b()), 1, Ask::Decline { reason, text: None, suggest: None, only_candidate: true });
    assert!(world.talk(1).is_disputed());
}

#[test]
fn a_manager_may_dispute_a_first_decline_and_must_give_the_interim_plan() {
    let mut world = World::offered();
    let dispute = || Ask::Dispute(Interim { plan: words("she stays on the ward") });
    assert_eq!(world.refused(&manager(&a()), 1, dispute()), "not_declined");
    world.ask(&worker(&b()), 1, decline(DeclineReason::UnsafeToMoveNow));
    assert_eq!(world.refused(&worker(&a()), 1, dispute()), "manager_needed");
    world.ask(&manager(&a()), 1, dispute());
    assert!(world.talk(1).is_disputed());
    world.ask(&worker(&a()), 1, Ask::Withdraw(words("we keep it")));
    assert_eq!(world.refused(&worker(&a()), 1, Ask::Close), "disputed");
}

#[test]
fn a_spoken_agreement_does_not_move_a_duty_and_waits_for_the_other_side() {
    let mut world = World::offered();
    let people = [words("Ann of A"), words("Bob of B")];
    let agreement = Agreement { people, spoken_at: start(), text: words("B takes it") };
    world.ask(&worker(&a()), 1, Ask::RecordAgreement(agreement));
    assert!(world.talk(1).provisional);
    assert_eq!(world.refused(&worker(&a()), 1, Ask::ConfirmAgreement), "no_agreement", "not by the same side");
    world.ask(&worker(&b()), 1, Ask::ConfirmAgreement);
    assert_eq!((world.emergency(1), world.stage(1)), (Some(a()), Stage::Offered));
}

#[test]
fn staff_conflict_of_interest_closes_the_case_to_that_person_alone() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, Ask::DeclareConflict);
    let accept = || Ask::Accept(asked(&[1], Duty::EmergencyAction));
    for ask in [Ask::Open, accept(), Ask::Escalate] {
        assert_eq!(world.refused(&worker(&b()), 1, ask), "conflict_of_interest");
    }
    world.ask(&manager(&b()), 1, accept());
    assert_eq!(world.emergency(1), Some(b()));
}
