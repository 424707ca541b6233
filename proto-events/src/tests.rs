//! Everything that was ever published is read for ever, and written the same.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use crate::{Envelope, Published, audit::Audit, intake::Intake, procedures::Procedures, transfers::Transfers};

fn golden() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())).collect()
}

#[track_caller]
fn same<P: Published>(name: &str, text: &str) -> String {
    let event: P = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&event).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{name}");
    // A second file of a kind, `…v1.<member>.json`, shows a member that was added later.
    let begins = format!("{}.{}.v1.", P::SERVICE, event.kind());
    assert!(name.starts_with(&begins) && name.ends_with(".json"), "{name}");
    format!("{}.{}", P::SERVICE, event.kind())
}

#[test]
fn every_published_event_decodes_and_is_written_the_same() {
    let mut seen = BTreeSet::new();
    for (name, text) in golden() {
        match name.split('.').next() {
            Some("intake") => seen.insert(same::<Intake>(&name, &text)),
            Some("transfers") => seen.insert(same::<Transfers>(&name, &text)),
            Some("audit") => seen.insert(same::<Audit>(&name, &text)),
            Some("procedures") => seen.insert(same::<Procedures>(&name, &text)),
            Some("envelope") => false,
            other => panic!("whose is {other:?}?"),
        };
    }
    assert_eq!(seen.len(), 21, "one file for every kind: {seen:?}");
}

#[test]
fn an_envelope_is_a_cloud_event_whose_position_can_be_checked() {
    let text = include_str!("../golden/envelope.v1.json");
    let envelope = Envelope::from_json(text.as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(&envelope).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    assert_eq!((envelope.service(), envelope.short_kind(), envelope.position), ("intake", "children_linked", 41));
    let published = envelope.published::<Intake>().unwrap().unwrap();
    assert_eq!(published.children(), envelope.children);
    assert_eq!(envelope.published::<Transfers>(), Ok(None), "another service's event");
}

#[test]
fn what_is_no_envelope_is_refused_without_quoting_it() {
    let good: Value = serde_json::from_str(include_str!("../golden/envelope.v1.json")).unwrap();
    for (member, value) in
        [("specversion", "0.3".into()), ("position", 0.into()), ("position", "1".into()), ("id", "secret".into()), ("time", Value::Null)]
    {
        let mut bad = good.clone();
        bad[member] = value;
        let error = Envelope::from_json(bad.to_string().as_bytes()).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(Envelope::from_json(b"\xff\xfe").is_err());
}

#[test]
fn the_listing_for_other_systems_names_every_kind() {
    let listing = include_str!("../asyncapi.yaml");
    for (name, _) in golden().iter().filter(|(name, _)| !name.starts_with("envelope")) {
        let mut parts = name.split('.');
        let (service, kind) = (parts.next().unwrap(), parts.next().unwrap());
        assert!(listing.contains(&format!("uk.hub.{service}.{kind}.v1")), "{name} is not in asyncapi.yaml");
    }
}
