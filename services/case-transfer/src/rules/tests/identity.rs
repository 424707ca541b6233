//! Who the child is, where, and what law or danger says about moving.

use kernel::Sealed;

use super::world::*;
use crate::{
    ledger::{Acceptance, Duty, DutyAsk, LedgerEvent, PlanKind, Power},
    rules::{Event, Refusal, What},
    transfer::{Ask, Handover, Post, Repoint, Spoken, Stage, Whereabouts},
};

fn correct(repoint: Option<Repoint>) -> Ask {
    Ask::Correct { field: "child".to_owned(), text: words("it is her cousin"), repoint }
}

#[test]
fn identity_wrong_re_pointed() {
    let mut world = World::with_children(&[1, 2]);
    world.offer(1, &a(), &b(), &[1]);
    let to_two = Some(Repoint { from: child(1), to: child(2) });
    assert_eq!(world.refused(&worker(&b()), 1, correct(to_two)), "not_the_giver");
    world.ask(&worker(&a()), 1, correct(to_two));
    assert!(world.ledger(1).in_transfer.is_empty() && !world.ledger(2).in_transfer.is_empty());
    assert_eq!(world.refused(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction))), "not_in_the_offer");
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[2], Duty::EmergencyAction)));
    assert_eq!((world.emergency(1), world.emergency(2)), (Some(a()), Some(b())));
    let back = Some(Repoint { from: child(2), to: child(1) });
    assert_eq!(world.refused(&worker(&a()), 1, correct(back)), "already_accepted");
}

#[test]
fn a_correction_adds_and_never_edits() {
    let mut world = World::offered();
    let before = world.talk(1).offer.clone();
    let events = world.ask(&worker(&b()), 1, correct(None));
    assert_eq!(names(&events), ["transfer.fact_corrected"]);
    assert_eq!(world.talk(1).offer, before);
}

#[test]
fn shielded_address_the_packet_carries_a_contact_desk_never_the_address() {
    let mut world = World::with_children(&[1]);
    let with = |whereabouts: Whereabouts, shielded| {
        let item = crate::transfer::Item { whereabouts, shielded, ..item(1, &[Duty::EmergencyAction]) };
        Ask::Offer { offer: offer(&a(), &b(), vec![item]), replaces: None }
    };
    let address = || Whereabouts::Address(words("12 Elm Street"));
    assert_eq!(world.refused(&worker(&a()), 1, with(address(), true)), "shielded_address");
    world.duty(&worker(&a()), 1, DutyAsk::Shield { shielded: true });
    assert_eq!(world.refused(&worker(&a()), 1, with(address(), false)), "shielded_address", "whoever forgot to say so");
    world.ask(&worker(&a()), 1, with(Whereabouts::ContactDesk(a()), true));
    assert_eq!(world.stage(1), Stage::Offered);
}

#[test]
fn shielding_follows_a_linked_id() {
    let mut world = World::with_children(&[1, 2]);
    world.duty(&worker(&a()), 1, DutyAsk::Shield { shielded: true });
    world.duty(&worker(&a()), 1, DutyAsk::Link { other: child(2) });
    let whereabouts = Whereabouts::Address(words("12 Elm Street"));
    let item = crate::transfer::Item { whereabouts, ..item(2, &[Duty::EmergencyAction]) };
    let ask = Ask::Offer { offer: offer(&a(), &b(), vec![item]), replaces: None };
    assert_eq!(world.refused(&worker(&a()), 1, ask), "shielded_address");
}

fn with_plan(power: Power, hours: i64) -> World {
    let mut world = World::with_children(&[1]);
    world.duty(&worker(&a()), 1, DutyAsk::OpenPlan { holder: a(), kind: PlanKind::ChildProtection });
    let ends_at = (hours > 0).then(|| start() + jiff::SignedDuration::from_hours(hours));
    world.duty(&worker(&a()), 1, DutyAsk::StartPower { power, started_at: start(), ends_at, latest: None });
    world
}

fn offering(duties: &[Duty]) -> Ask {
    Ask::Offer { offer: offer(&a(), &b(), vec![item(1, duties)]), replaces: None }
}

#[test]
fn police_protection_running_counts_down_72_hours_and_stops_no_move() {
    let mut world = with_plan(Power::PoliceProtection, 72);
    world.ask(&worker(&a()), 1, offering(&[Duty::EmergencyAction, Duty::Plan]));
    world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
    assert_eq!((world.emergency(1), world.holder(1, Duty::Plan)), (Some(b()), Some(a())), "a duty that is not taken stays");
    let ledger = world.ledger(1);
    let end = start() + jiff::SignedDuration::from_hours(72);
    assert_eq!(ledger.powers_at(start()).collect::<Vec<_>>(), [(Power::PoliceProtection, Some(end))]);
    assert_eq!(ledger.powers_at(end).count(), 0);
}

#[test]
fn police_protection_ends_no_later_than_72_hours_after_its_start_and_the_refusal_says_when() {
    let world = World::with_children(&[1]);
    let latest = start() + jiff::SignedDuration::from_hours(72);
    let begins = |ends_at| {
        let ask = DutyAsk::StartPower { power: Power::PoliceProtection, started_at: start(), ends_at, latest: Some(latest) };
        world.decide(world.command(What::Duty { child: child(1), by: worker(&a()), on: world.ledger(1).version, ask }))
    };
    for ends_at in [Some(latest + jiff::SignedDuration::from_secs(1)), None] {
        let refusal = begins(ends_at).unwrap_err();
        assert_eq!(refusal, Refusal::PowerTooLong { power: Power::PoliceProtection, latest });
        assert!(refusal.to_string().contains(&latest.to_string()), "{refusal}");
    }
    assert_eq!(names(&begins(Some(latest)).unwrap()), ["power.started"]);
}

#[test]
fn care_order_or_emergency_protection_order_running_the_plan_stays_and_the_emergency_may_move() {
    for (power, hours) in [(Power::CareOrder, 0), (Power::EmergencyProtectionOrder, 192)] {
        let mut world = with_plan(power, hours);
        assert_eq!(world.refused(&worker(&a()), 1, offering(&[Duty::Plan])), "plan_stays");
        world.ask(&worker(&a()), 1, offering(&[Duty::EmergencyAction]));
        world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
        assert_eq!((world.emergency(1), world.holder(1, Duty::Plan)), (Some(b()), Some(a())));
    }
}

#[test]
fn an_order_made_after_the_offer_stops_the_acceptance_of_the_plan() {
    let mut world = World::with_children(&[1]);
    world.duty(&worker(&a()), 1, DutyAsk::OpenPlan { holder: a(), kind: PlanKind::LookedAfter });
    world.ask(&worker(&a()), 1, offering(&[Duty::Plan]));
    world.duty(&worker(&a()), 1, DutyAsk::StartPower { power: Power::CareOrder, started_at: start(), ends_at: None, latest: None });
    let accept = || Ask::Accept(asked(&[1], Duty::Plan));
    assert_eq!(world.refused(&worker(&b()), 1, accept()), "plan_stays");
    world.duty(&worker(&a()), 1, DutyAsk::EndPower { power: Power::CareOrder });
    world.ask(&worker(&b()), 1, accept());
}

#[test]
fn temporary_stay_is_a_notice_and_no_duty_moves() {
    let mut world = World::with_children(&[1]);
    let before = world.ledger(1).history().to_vec();
    let events = world.duty(&worker(&a()), 1, DutyAsk::GiveNotice { to: b(), until: None, text: words("with her gran") });
    assert_eq!(names(&events), ["notice.given"]);
    assert_eq!(world.ledger(1).history(), before);
}

#[test]
fn missing_during_transfer_pauses_it_and_opens_an_alert() {
    let mut world = World::offered();
    let events = world.duty(&worker(&c()), 1, DutyAsk::ReportMissing);
    let [Event::Ledger(_, LedgerEvent::MissingReported { transfers, .. })] = &events[..] else { panic!("{events:?}") };
    assert_eq!(transfers, &[trf(1)]);
    assert!(world.now.is_paused(trf(1)));
    let accept = || Ask::Accept(asked(&[1], Duty::EmergencyAction));
    assert_eq!(world.refused(&worker(&b()), 1, accept()), "child_missing");
    assert_eq!(world.emergency(1), Some(a()));
    world.duty(&worker(&a()), 1, DutyAsk::ReportFound);
    assert!(!world.now.is_paused(trf(1)));
    world.ask(&worker(&b()), 1, accept());
}

fn elsewhere(to: &kernel::Borough) -> Ask {
    let items = asked(&[1], Duty::EmergencyAction);
    let evidence: Sealed = words("letter of 14:10");
    let (person, role) = (words("Mr Jones"), words("duty manager"));
    Ask::RecordAcceptanceElsewhere { to: to.clone(), items, person, role, spoken_at: start(), evidence }
}

#[test]
fn borough_not_connected_a_stays_holder_until_a_named_acceptance_with_evidence_is_recorded() {
    let mut world = World::empty();
    world.set_desk(&a(), desk(None));
    world.contact(1, 1, &a());
    world.offer(1, &a(), &b(), &[1]);
    assert!(!world.talk(1).connected);
    assert_eq!(world.emergency(1), Some(a()));
    assert_eq!(world.refused(&worker(&a()), 1, elsewhere(&b())), "manager_needed");
    let events = world.ask(&manager(&a()), 1, elsewhere(&b()));
    assert_eq!(names(&events), ["transfer.accepted_elsewhere", "duty.moved", "child.transfer_over"]);
    let how = events
        .iter()
        .any(|event| matches!(event, Event::Ledger(_, LedgerEvent::DutyMoved { how, .. }) if *how == Acceptance::RecordedElsewhere));
    assert!(how);
    assert_eq!((world.emergency(1), world.stage(1)), (Some(b()), Stage::Received));
}

#[test]
fn an_acceptance_elsewhere_is_completed_and_closed_by_the_giver() {
    let mut world = World::empty();
    world.set_desk(&a(), desk(None));
    world.contact(1, 1, &a());
    world.offer(1, &a(), &b(), &[1]);
    world.ask(&manager(&a()), 1, elsewhere(&b()));
    let said = |read_back| Handover { giver: words("Ann"), taker: words("Mr Jones"), spoken: Spoken::At(start()), read_back };
    assert_eq!(world.refused(&worker(&a()), 1, Ask::ConfirmHandover(said(None))), "read_back_missing");
    let read_back = Some(words("I understand that I see her tonight"));
    let events = world.ask(&worker(&a()), 1, Ask::ConfirmHandover(said(read_back)));
    assert_eq!(names(&events), ["transfer.handover_confirmed", "transfer.handed_over"]);
    assert!(world.talk(1).due.is_empty(), "no ladder is climbed for what nobody can do");
    world.ask(&worker(&a()), 1, Ask::Close);
    assert_eq!((world.stage(1), world.emergency(1)), (Stage::Closed, Some(b())));
}

#[test]
fn what_the_first_release_kept_about_an_acceptance_elsewhere_still_decodes_and_new_words_are_sealed() {
    let new = Post::Sealed(words("duty manager"));
    let text = serde_json::to_string(&new).unwrap();
    assert_eq!(serde_json::from_str::<Post>(&text).unwrap(), new);
    assert_eq!(serde_json::from_str::<Post>("\"duty manager\"").unwrap(), Post::Plain("duty manager".to_owned()));
    assert!(!format!("{:?}", Post::Plain("duty manager".to_owned())).contains("duty"));
}

#[test]
fn a_connected_borough_answers_itself() {
    let world = World::offered();
    assert_eq!(world.refused(&manager(&a()), 1, elsewhere(&b())), "receiver_connected");
    assert_eq!(world.refused(&manager(&b()), 1, elsewhere(&b())), "not_the_giver");
}

#[test]
fn police_protection_is_told_to_where_the_child_was_found_to_its_home_and_to_both_sides_of_a_transfer() {
    let mut world = World::connected();
    let home = Some(c());
    let (received_at, day_by, late_by) = (world.time, world.time, world.time);
    let received =
        crate::ledger::Fact::ContactOpened { referral: referral(1), received_by: a(), home, received_at, day_by, late_by, edition: 1 };
    world.fact(1, received);
    world.offer(1, &a(), &b(), &[1]);
    let used = DutyAsk::StartPower { power: Power::PoliceProtection, started_at: start(), ends_at: None, latest: None };
    let events = world.duty(&worker(&a()), 1, used);
    let [Event::Ledger(_, event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.told(), [a(), b(), c()]);
}
