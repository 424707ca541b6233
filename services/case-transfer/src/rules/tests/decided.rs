//! A decision is a person's.

use kernel::{Actor, Person};

use super::{golden::samples, world::*};
use crate::{
    clocks::Clock,
    ledger::{Duty, DutyAsk, LedgerEvent},
    rules::{Event, What},
    transfer::{Ask, Tell, TransferEvent},
};

#[test]
fn every_event_that_decides_something_carries_its_person() {
    for event in samples() {
        if event.is_decision() {
            assert!(event.decided_by().is_some(), "{event:?}");
        }
    }
}

#[test]
fn every_event_that_moves_or_ends_a_duty_or_closes_a_case_is_a_decision() {
    let mut seen = 0;
    for event in samples() {
        let weighty = matches!(
            event,
            Event::Ledger(_, LedgerEvent::DutyMoved { .. } | LedgerEvent::DutyEnded { .. })
                | Event::Transfer(
                    _,
                    TransferEvent::Accepted { .. } | TransferEvent::AcceptedElsewhere { .. } | TransferEvent::Closed { .. }
                )
        );
        assert!(!weighty || event.is_decision(), "{event:?}");
        seen += usize::from(weighty);
    }
    assert_eq!(seen, 5);
}

#[test]
fn a_machine_cannot_even_be_named_as_the_person() {
    assert!(Person::try_from(Actor::hub("clocks")).is_err());
    assert!(Person::try_from(system(&b())).is_err());
}

#[test]
fn nothing_that_a_machine_reports_decides_anything_in_any_stage() {
    let worlds = [World::offered(), World::accepted(), declined()];
    let clocks = [
        Clock::LinkDown,
        Clock::SeenBy,
        Clock::DecideBy,
        Clock::ReceivedAlarm,
        Clock::ReceivedManager,
        Clock::HandoverBy,
        Clock::ReofferBy,
        Clock::AgreementBy,
        Clock::NextEscalation,
    ];
    let mut reported = 0;
    for mut world in worlds {
        world.later(60 * 24 * 30);
        let tells = clocks.map(Tell::ClockRanOut).into_iter().chain([Tell::Received, Tell::Delivered { route: "queue".to_owned() }]);
        for tell in tells {
            for by in [Actor::hub("clocks"), system(&a()), system(&b())] {
                let answer = world.decide(world.command(What::Tell { transfer: trf(1), by, tell: tell.clone() }));
                for event in answer.unwrap_or_default() {
                    assert!(!event.is_decision(), "{event:?}");
                    reported += 1;
                }
            }
        }
        assert_eq!(world.emergency(1), world.clone().emergency(1));
    }
    assert!(reported > 20, "{reported}");
}

fn declined() -> World {
    let mut world = World::offered();
    let reason = crate::transfer::DeclineReason::BelowThreshold;
    world.ask(&worker(&b()), 1, Ask::Decline { reason, text: None, suggest: None, only_candidate: false });
    world
}

#[test]
fn ending_a_duty_is_the_act_of_a_person_of_the_holder() {
    let mut world = World::with_children(&[1]);
    world.decision(1, 1, &a(), crate::ledger::Outcome::ImmediateProtection);
    let end = || DutyAsk::End { duty: Duty::EmergencyAction, reason: words("with her aunt tonight") };
    assert_eq!(code(world.decide(world.about(&worker(&b()), 1, end()))), "not_the_holder");
    assert_eq!(code(world.decide(world.about(&nurse(), 1, end()))), "role_may_not");
    let events = world.duty(&worker(&a()), 1, end());
    assert_eq!(events[0].decided_by(), Some(&worker(&a())));
    assert_eq!(world.emergency(1), None);
    let plan = || DutyAsk::End { duty: Duty::Plan, reason: words("-") };
    assert_eq!(code(world.decide(world.about(&worker(&a()), 1, plan()))), "not_the_holder");
}

#[test]
fn every_decision_cites_the_edition_it_was_taken_under() {
    let cited = |event: &Event| String::from_utf8(kernel::StoredEvent::to_data(event).unwrap()).unwrap().contains("\"edition\"");
    let uncited: Vec<_> = samples().into_iter().filter(|event| event.is_decision() && !cited(event)).collect();
    assert_eq!(names(&uncited), Vec::<&str>::new());
}
