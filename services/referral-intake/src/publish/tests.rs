//! What others are told, and what they are not.

use kernel::{EventId, Role};
use proto_events::Published as _;
use uuid::Uuid;

use super::*;
use crate::{event::tests::samples, given::*};

fn recorded(event: Event) -> Recorded<Event> {
    Recorded {
        position: 1,
        stream: event.stream(),
        version: 1,
        event_id: EventId::from_uuid(Uuid::from_u128(1)),
        occurred_at: night(),
        recorded_at: night(),
        actor: actor(MANCHESTER, Role::DutyWorker),
        correlation: String::new(),
        causation: None,
        event,
    }
}

fn told(event: Event) -> Intake {
    publish(&recorded(event)).unwrap()
}

#[test]
fn no_event_tells_others_a_sealed_field_a_name_a_phone_or_a_person() {
    for event in samples() {
        let name = event.type_name();
        let json = serde_json::to_string(&told(event)).unwrap();
        for secret in ["box_", "key_1", "c2VhbGVk", "sealed", "Somebody", "dutyworker-of", "0161", "SG-2026"] {
            assert!(!json.contains(secret), "{name}: {json}");
        }
    }
}

#[test]
fn every_event_about_a_referral_names_all_its_children_so_that_a_chronology_misses_none() {
    for event in samples() {
        let expected = match &event {
            Event::Referral(of, _) | Event::Watch(of, _) => of.children.iter().map(ToString::to_string).collect(),
            Event::Child(id, ChildEvent::Linked { other, .. } | ChildEvent::Unlinked { other, .. }) => {
                vec![id.to_string(), other.to_string()]
            }
            Event::Child(id, _) => vec![id.to_string()],
            Event::Desk(..) | Event::Edition(..) => Vec::new(),
        };
        let name = event.type_name();
        assert_eq!(told(event).children(), expected, "{name}");
    }
}

#[test]
fn a_referral_tells_its_owner_its_home_borough_and_its_deadline() {
    let expected = Intake::ReferralReceived {
        referral: referral().to_string(),
        children: vec![child(1).to_string(), child(2).to_string()],
        owner: MANCHESTER.to_owned(),
        home: Some(OLDHAM.to_owned()),
        received_at: night(),
        decide_by: at("2026-11-24T02:14:00Z"),
        out_of_hours: true,
        edition: 1,
        filled: Vec::new(),
    };
    assert_eq!(told(came_in()), expected);
}

#[test]
fn a_decision_tells_its_outcome_in_the_words_of_the_published_language() {
    use crate::referral::Outcome;
    let told_of = |outcome| {
        let Intake::ReferralDecided { outcome, .. } = told(decided(2, outcome)) else { panic!("no decision") };
        outcome
    };
    let outcomes = [
        Outcome::ImmediateProtection,
        Outcome::Section47Enquiry,
        Outcome::ChildInNeedAssessment,
        Outcome::EarlyHelp,
        Outcome::NoFurtherAction,
    ];
    let codes = ["immediate_protection", "section_47_enquiry", "child_in_need_assessment", "early_help", "no_further_action"];
    assert_eq!(outcomes.map(told_of), codes);
}

#[test]
fn a_link_is_told_once_though_it_is_written_at_both_ends() {
    let link = |from, to| told(Event::Child(child(from), ChildEvent::Linked { other: child(to), reason: sealed("r") }));
    assert!(matches!(link(1, 2), Intake::ChildrenLinked { .. }));
    assert!(matches!(link(2, 1), Intake::Noted { .. }));
}
