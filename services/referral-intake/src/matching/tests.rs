//! Tests of matching as a whole: the two lists, the cases that lists cannot hold, and what must hold for any text.

mod lists;
mod properties;
mod rules;

use jiff::civil::Date;
use kernel::Private;
use serde_json::Value;

use super::{Prepared, Strength, Suggestion, compare};
use crate::identity::{Birth, BirthDate, Identity, Postcode};

/// An identity of one free-text name, as the form sends it.
fn child(name: &str, birth: &str) -> Identity {
    let birth = BirthDate::parse(birth).map_or(Birth::NotKnown, Birth::On);
    Identity { names: vec![Private::new(name.to_owned())], birth, nhs_number: None, home_postcode: None }
}

fn at(mut child: Identity, postcode: &str) -> Identity {
    child.home_postcode = Some(Postcode::parse(postcode).unwrap());
    child
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn suggestion(a: &Identity, b: &Identity) -> Option<Suggestion> {
    compare(&Prepared::new(a), &Prepared::new(b))
}

fn strength(a: &Identity, b: &Identity) -> Option<Strength> {
    suggestion(a, b).map(|s| s.strength)
}

/// A pair of a list: what it is called, what is expected, and both records.
struct Pair {
    name: String,
    expect: String,
    a: Identity,
    b: Identity,
}

fn pairs(list: &str) -> Vec<Pair> {
    let list: Value = serde_json::from_str(list).unwrap();
    list["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| Pair {
            name: format!("{} {}: {} / {}", pair["n"], pair["kind"], pair["a"], pair["b"]),
            expect: pair["expect"].as_str().unwrap().to_owned(),
            a: record(&pair["a"]),
            b: record(&pair["b"]),
        })
        .collect()
}

fn record(record: &Value) -> Identity {
    let text = |field: &str| record[field].as_str().unwrap_or_default();
    let name = [text("given"), text("middle"), text("family")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut identity = child(&name, text("dob"));
    if let Some(years) = record["age_about"].as_u64() {
        identity.birth = Birth::AgeAbout { years: u8::try_from(years).unwrap(), said_on: day(text("said_on")) };
    }
    if record["expected_on"].is_string() {
        identity.birth = Birth::ExpectedOn(day(text("expected_on")));
    }
    if record["postcode"].is_string() { at(identity, text("postcode")) } else { identity }
}
