//! What a service makes of what the registry tells.

use kernel::{DecodeError, Timestamp};
use proto_events::PublicActor;
use serde_json::{Value, json};

use super::*;

/// The event of a service that does nothing but obey.
#[derive(Clone, Debug, PartialEq)]
struct Told(EditionEvent);

impl StoredEvent for Told {
    fn stream(&self) -> Stream {
        stream(self.0.number())
    }

    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.0)
    }

    fn from_data(_: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let fault = |error| DecodeError { type_name: type_name.to_owned(), version, source: Some(error) };
        serde_json::from_slice(data).map(Self).map_err(fault)
    }
}

impl Obeys for Told {
    fn of_edition(event: EditionEvent) -> Self {
        Self(event)
    }

    fn edition(&self) -> Option<&EditionEvent> {
        Some(&self.0)
    }
}

fn envelope(data: Value) -> Envelope {
    let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    Envelope {
        specversion: "1.0".to_owned(),
        id: uuid::Uuid::from_u128(1),
        source: "/hub/procedures".to_owned(),
        kind: "uk.hub.procedures.edition_scheduled.v1".to_owned(),
        subject: "register-hub".to_owned(),
        time: at,
        occurredat: at,
        datacontenttype: "application/json".to_owned(),
        position: 7,
        leafhash: String::new(),
        traceid: "0".repeat(32),
        causation: None,
        actor: PublicActor { id: "x".to_owned(), org: "board".to_owned(), role: "board_approver".to_owned() },
        children: Vec::new(),
        data,
    }
}

fn told(kind: &str, number: u32, change: impl FnOnce(&mut Value)) -> Envelope {
    let editions = Editions::first();
    let first = editions.iter().next().unwrap();
    let mut data = json!({
        "kind": kind, "number": number, "id": format!("edition-{number}"), "in_force_from": first.in_force_from, "hash": "00",
        "parts": first.written(),
    });
    change(&mut data);
    envelope(data)
}

/// The streams that the answer to an event would write to.
fn answered(envelope: &Envelope) -> Result<Option<Vec<String>>, String> {
    let request = react::<Told>(envelope)?;
    Ok(request.map(|request| request.streams.iter().map(|stream| stream.as_str().to_owned()).collect()))
}

#[test]
fn an_edition_that_the_program_brought_is_kept_as_the_registry_told_it() {
    assert_eq!(answered(&told("edition_carried", 1, |_| ())), Ok(Some(vec!["edition-1".to_owned()])));
}

#[test]
fn an_edition_that_was_scheduled_or_taken_back_is_learnt_under_its_number() {
    let later = told("edition_scheduled", 2, |data| data["in_force_from"] = "2026-12-01T00:00:00Z".into());
    assert_eq!(answered(&later), Ok(Some(vec!["edition-2".to_owned()])));
    let back = envelope(json!({ "kind": "edition_withdrawn", "number": 2, "id": "edition-2" }));
    assert_eq!(answered(&back), Ok(Some(vec!["edition-2".to_owned()])));
    assert_eq!(answered(&envelope(json!({ "kind": "noted", "what": "draft.drafted" }))), Ok(None));
    assert_eq!(answered(&envelope(Value::Null)), Ok(None));
}

#[test]
fn an_edition_that_cannot_be_read_is_parked_with_what_is_wrong_and_never_half_taken() {
    let broken = told("edition_scheduled", 2, |data| drop(data["parts"].as_object_mut().unwrap().remove("clocks")));
    let cause = answered(&broken).unwrap_err();
    assert!(cause.starts_with("edition 2 has") && cause.contains("/clocks"), "{cause}");
    assert!(answered(&told("edition_scheduled", 2, |data| data["parts"] = Value::Null)).is_err());
    assert!(answered(&envelope(json!({ "kind": "from the future" }))).is_err());
}
