//! The storage format: one golden file for each type of event that was ever released.

use std::{collections::BTreeSet, fs, path::PathBuf};

use kernel::{StoredEvent as _, TransferId, edition::Learnt};
use uuid::Uuid;

use super::*;
use crate::{
    desk::{Desk, Hours},
    given::*,
    referral::{Basis, CpisOutcome, Decision, Outcome},
};

/// One event of each type, and further ones where a type has several shapes.
pub(crate) fn samples() -> Vec<Event> {
    let text = || sealed("c2VhbGVk");
    let transfer = TransferId::from_uuid(Uuid::from_u128(7));
    let duty = || "enquiry".to_owned();
    let superseding = Decision { supersedes: Some(entry(2)), repeat_prompt: Some(text()), ..decision(3, Outcome::ImmediateProtection) };
    let hours = vec![Hours { weekday: 1, from: "09:00".to_owned(), to: "17:00".to_owned() }];
    let (day_phone, night_phone) = ("0161 496 0001".to_owned(), "0161 496 0002".to_owned());
    let desk = Desk { day_phone, night_phone, covered_by: Some(borough(SALFORD)), hours, closed_on: BTreeSet::new() };
    let parts = serde_json::Map::from_iter([("title".to_owned(), "Second edition".into())]);
    let (id, hash) = ("edition-2".to_owned(), "00".repeat(32));
    let learnt = Learnt { number: 2, id, in_force_from: "2026-12-01T00:00:00Z".parse().unwrap(), hash, parts };
    vec![
        came_in(),
        happened(ReferralEvent::Decided(superseding)),
        happened(ReferralEvent::InformationAdded { entry: entry(4), text: text(), written_form: true, from: "RM301".parse().unwrap() }),
        happened(ReferralEvent::FeedbackGiven { entry: entry(4), text: text() }),
        happened(ReferralEvent::Withdrawn { entry: entry(4), reason: text() }),
        happened(ReferralEvent::Withheld { entry: entry(4), what: text(), reason: text() }),
        happened(ReferralEvent::ChecksMade { entry: entry(4), with: text(), basis: Basis::LawfulReason(text()) }),
        happened(ReferralEvent::CpisChecked { entry: entry(4), outcome: CpisOutcome::NothingShown, note: Some(text()) }),
        happened(ReferralEvent::Corrected { entry: entry(4), field: "home".to_owned(), text: text() }),
        noticed(WatchEvent::Viewed { entry: entry(1), person: "ada".to_owned(), org: MANCHESTER.parse().unwrap(), desk: true }),
        opened_history(&worker(), [other_referral(1)]),
        noticed(WatchEvent::NotSeen(run_out(1))),
        noticed(WatchEvent::DecisionOverdue(run_out(2))),
        noticed(WatchEvent::FeedbackOverdue(run_out(3))),
        Event::Child(child(1), ChildEvent::Linked { other: child(2), reason: text() }),
        Event::Child(child(1), ChildEvent::Unlinked { other: child(2), reason: text() }),
        Event::Child(child(1), ChildEvent::Born { entry: entry(1), birth: text() }),
        Event::Child(child(1), ChildEvent::DutyTaken { duty: duty(), from: borough(MANCHESTER), to: borough(SALFORD), transfer }),
        Event::Child(child(1), ChildEvent::DutyEnded { duty: duty(), holder: borough(SALFORD) }),
        Event::Desk(borough(OLDHAM), DeskEvent::Learnt(desk)),
        Event::Edition(EditionEvent::Learnt(learnt)),
        Event::Edition(EditionEvent::Withdrawn { number: 2 }),
    ]
}

fn golden(event: &Event) -> PathBuf {
    let name = format!("golden/{}.v{}.json", event.type_name(), event.schema_version());
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn every_event_is_kept_byte_for_byte_as_it_was_released_and_reads_back_the_same() {
    let mut seen = BTreeSet::new();
    for event in samples() {
        let (path, data) = (golden(&event), event.to_data().unwrap());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &data).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(&data), "{}", path.display());
        let read = Event::from_data(&event.stream(), event.type_name(), 1, &kept).unwrap();
        assert_eq!(read, event);
        seen.insert(event.type_name());
    }
    assert_eq!(seen.len(), 22, "a sample for each type: {seen:?}");
    let files = fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")).unwrap().count();
    assert_eq!(files, seen.len(), "no released type was taken away");
}

#[test]
fn an_event_of_another_type_version_or_stream_is_not_read() {
    let event = came_in();
    let data = event.to_data().unwrap();
    assert!(Event::from_data(&event.stream(), "referral.decided", 1, &data).is_err());
    assert!(Event::from_data(&event.stream(), event.type_name(), 2, &data).is_err());
    let other = crate::rules::referral_stream(other_referral(1));
    assert!(Event::from_data(&other, event.type_name(), 1, &data).is_err());
    assert!(Event::from_data(&Stream::new("plan", "x"), event.type_name(), 1, &data).is_err());
}

#[test]
fn every_sealed_field_of_an_event_is_found_for_opening() {
    for event in samples() {
        let written = String::from_utf8(event.to_data().unwrap()).unwrap().matches("\"box_\"").count();
        assert_eq!(event.sealed().len(), written, "{}", event.type_name());
    }
}
