//! The storage format: one golden file for each type of event that was ever released.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Map;

use super::*;
use crate::{
    desk::{Desk, Hours},
    document::Document,
    draft::{Party, tests::world::*},
};

/// A document that is short enough to be read in a golden file.
fn small() -> Box<Document> {
    let one = procedure("police-protection");
    let parts = Map::from_iter([("title".to_owned(), "Second edition".into())]);
    Box::new(Document { parts, procedures: [(one.id.clone(), one)].into() })
}

fn samples() -> Vec<Event> {
    let (text, by, at) = (|| "Because.".to_owned(), author(), now());
    let id = || procedure("police-protection").id;
    let desk = Desk {
        day_phone: "0161 496 0001".to_owned(),
        night_phone: "0161 496 0002".to_owned(),
        covered_by: Some(borough(SALFORD)),
        hours: vec![Hours { weekday: 1, from: "09:00".parse().unwrap(), to: "17:00".parse().unwrap() }],
        closed_on: BTreeSet::from([jiff::civil::date(2026, 12, 25)]),
    };
    let hash = || small().hash().unwrap();
    let drafts = [
        DraftEvent::Drafted { title: "Second".to_owned(), based_on: 1, content: small(), by: by.clone(), at },
        DraftEvent::ProcedurePut { procedure: Box::new(procedure("police-protection")), by: by.clone(), at },
        DraftEvent::ProcedureRemoved { procedure: id(), reason: text(), by: by.clone(), at },
        DraftEvent::PartsPut { parts: small().parts, by: by.clone(), at },
        DraftEvent::DocumentPut { content: small(), based_on: 1, by: by.clone(), at },
        DraftEvent::ConsultationOpened { until: begins(), by: by.clone(), at },
        DraftEvent::Commented { on: Some(id()), text: text(), by: head(SALFORD), at },
        DraftEvent::CommentAnswered { number: 1, text: text(), by: by.clone(), at },
        DraftEvent::Submitted { hash: hash(), unconsulted: None, by: by.clone(), at },
        DraftEvent::Objected { party: Party::Borough(borough(SALFORD)), reason: text(), by: head(SALFORD), at },
        DraftEvent::Approved { party: Party::Board, hash: hash(), by: board(), at },
        DraftEvent::Scheduled { number: 2, in_force_from: begins(), hash: hash(), by: board(), at },
        DraftEvent::Withdrawn { reason: text(), by, at },
    ];
    let (number, edition) = (2, || "edition-2".to_owned());
    let register = [
        RegisterEvent::Carried { number, id: edition(), in_force_from: begins(), hash: hash(), document: small(), at },
        RegisterEvent::Scheduled {
            number,
            id: edition(),
            in_force_from: begins(),
            hash: hash(),
            draft: draft(),
            document: small(),
            by: board(),
            at,
        },
        RegisterEvent::Withdrawn { number, id: edition(), reason: text(), by: board(), at },
    ];
    let desk = Event::Desk(borough(MANCHESTER), DeskEvent::Learnt(desk));
    drafts.into_iter().map(of).chain(register.map(Event::Register)).chain([desk]).chain(beside::samples()).collect()
}

#[test]
fn every_event_is_kept_byte_for_byte_as_it_was_released_and_reads_back_the_same() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut seen = BTreeSet::new();
    for event in samples() {
        let (path, data) = (directory.join(format!("{}.v1.json", event.type_name())), event.to_data().unwrap());
        if std::env::var_os("UPDATE_GOLDEN").is_some() && !path.exists() {
            fs::create_dir_all(&directory).unwrap();
            fs::write(&path, &data).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(&data), "{}", path.display());
        assert_eq!(Event::from_data(&event.stream(), event.type_name(), 1, &kept).unwrap(), event);
        seen.insert(event.type_name());
    }
    assert_eq!(seen.len(), 32, "a sample for each type: {seen:?}");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), seen.len(), "no released type was taken away");
}

#[test]
fn an_event_of_another_type_version_or_stream_is_not_read() {
    let event = samples().remove(0);
    let data = event.to_data().unwrap();
    assert!(Event::from_data(&event.stream(), "draft.submitted", 1, &data).is_err());
    assert!(Event::from_data(&event.stream(), event.type_name(), 2, &data).is_err());
    assert!(Event::from_data(&Stream::new("plan", "x"), event.type_name(), 1, &data).is_err());
}
