//! Says what is wrong with a body without quoting it. A parser's own message often holds the value it stumbled over, and
//! that value may be a child's name.

use serde_json::{Value, error::Category};
use serde_path_to_error::{Path, Segment};

use crate::problem::{Fault, Problem, types};

/// Messages of the shared types that are the same whatever was sent.
const FIXED: [&str; 5] =
    ["expected the GSS code", "expected an ODS code", "expected a GSS code", "expected an id that begins with", "not a reference: check"];

const GENERIC: &str = "not of the form that is expected here";

/// A message for a `TryFrom` behind a field, for instance `expected("a date, for instance 2026-03-04")`. It is shown to the
/// client as long as it holds nothing of the value that was sent.
#[must_use]
pub fn expected(what: &str) -> String {
    format!("expected {what}")
}

pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    let place = format!("The body is not well-formed JSON at line {}, column {}.", error.line(), error.column());
    Problem::of(&types::MALFORMED).detail(place)
}

pub(super) fn problem(error: &serde_path_to_error::Error<serde_json::Error>, body: &[u8]) -> Problem {
    // Where a word of a list is expected and something else stands, the parser speaks of syntax although the body is well-formed.
    let well_formed = || serde_json::from_slice::<Value>(body).is_ok();
    match error.inner().classify() {
        Category::Syntax if well_formed() => Problem::invalid_at(pointer(error.path()), GENERIC),
        Category::Syntax | Category::Eof | Category::Io => malformed(error.inner()),
        Category::Data => Problem::invalid(vec![fault(error, body)]),
    }
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>, body: &[u8]) -> Fault {
    let text = error.inner().to_string();
    // The place in the text follows the message proper.
    let message = text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text);
    let at = pointer(error.path());
    let tail = |otherwise: &str| message.rfind(", expected ").and_then(|start| message.get(start + 2..)).unwrap_or(otherwise).to_owned();
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return Fault::at(format!("{at}/{field}"), "this is needed; where it takes \"not_known\", that is an answer");
    }
    if message.starts_with("unknown field `") {
        // The last step of the path is the name that was sent.
        return Fault::at(parent(error.path()), format!("a field here is not known; {}", tail("expected none")));
    }
    if message.starts_with("duplicate field `") {
        return Fault::at(parent(error.path()), "a field here is given twice");
    }
    let of_the_type = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];
    if of_the_type.iter().any(|start| message.starts_with(start)) {
        return Fault::at(at, tail(GENERIC));
    }
    let shown =
        FIXED.iter().any(|start| message.starts_with(start)) || (message.starts_with("expected ") && quotes_nothing(message, body, &at));
    Fault::at(at, if shown { message } else { GENERIC })
}

/// Whether a message holds nothing of what stands at a place in the body. When in doubt, it does.
fn quotes_nothing(message: &str, body: &[u8], at: &str) -> bool {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let message = message.to_lowercase();
    body.pointer(at).is_some_and(|value| leaves(value).iter().all(|leaf| !shares(&message, &leaf.to_lowercase())))
}

/// Whether a text holds a whole short value or any four characters in a row of a longer one.
fn shares(message: &str, leaf: &str) -> bool {
    let leaf: Vec<char> = leaf.chars().collect();
    leaf.windows(leaf.len().clamp(1, 4)).any(|window| message.contains(&window.iter().collect::<String>()))
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(leaves).collect(),
        Value::Object(fields) => fields.iter().flat_map(|(key, value)| std::iter::once(key.clone()).chain(leaves(value))).collect(),
    }
}

fn pointer(path: &Path) -> String {
    path.iter().map(token).collect()
}

fn parent(path: &Path) -> String {
    let steps: Vec<_> = path.iter().map(token).collect();
    steps.split_last().map(|(_, before)| before.concat()).unwrap_or_default()
}

/// One step of a pointer. A name that does not look like one of our fields is not repeated.
fn token(segment: &Segment) -> String {
    let named = |name: &str| {
        let ours = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if ours { format!("/{name}") } else { "/-".to_owned() }
    };
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => named(key),
        Segment::Enum { variant } => named(variant),
        Segment::Unknown => String::new(),
    }
}
