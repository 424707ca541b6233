//! Malformed bodies: those that fit no operation, and those made from the schema of one.

use serde_json::{Value, json};

use super::{CANARY, leaves};
use crate::openapi::resolved;

/// A body as it is sent.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    /// Without its length, in pieces.
    pub(super) in_pieces: bool,
}

/// A malformed body.
pub(super) struct Malformed {
    pub(super) name: String,
    pub(super) sent: Sent,
    /// Where the answer must point to.
    pub(super) at: Option<String>,
}

fn json_bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Malformed {
    let sent = Sent { bytes: bytes.into(), headers: vec![("content-type", "application/json")], in_pieces: false };
    Malformed { name: name.into(), sent, at: None }
}

fn typed(name: &str, kind: Option<&'static str>, encoding: Option<&'static str>) -> Malformed {
    let mut malformed = json_bytes(name, "{\"a\":1}");
    malformed.sent.headers =
        kind.map(|kind| ("content-type", kind)).into_iter().chain(encoding.map(|encoding| ("content-encoding", encoding))).collect();
    malformed
}

/// Every malformed body for an operation that takes this.
pub(super) fn all(document: &Value, schema: &Value) -> Vec<Malformed> {
    let fields: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    let mut bodies = shapes();
    bodies.extend(texts());
    bodies.extend(sizes());
    bodies.extend(types());
    if schema["required"].as_array().is_some_and(|required| !required.is_empty()) {
        bodies.push(json_bytes("nothing", ""));
        bodies.push(json_bytes("an empty object", "{}"));
    }
    for (name, field) in fields {
        bodies.extend(of_field(document, name, resolved(document, field)));
    }
    bodies
}

fn shapes() -> Vec<Malformed> {
    let canary = json!(CANARY).to_string();
    let texts = [
        ("spaces", "   ".to_owned()),
        ("null", "null".to_owned()),
        ("true", "true".to_owned()),
        ("a number", "0".to_owned()),
        ("a text", canary.clone()),
        ("a list", "[]".to_owned()),
        ("a list of objects", "[{}]".to_owned()),
        ("a list of texts", format!("[{canary},{canary},{canary}]")),
        ("an open brace", "{".to_owned()),
        ("a closing brace", "}".to_owned()),
        ("an open text", format!("{{\"{CANARY}")),
        ("no value", format!("{{{canary}:}}")),
        ("single quotes", format!("{{'{CANARY}':1}}")),
        ("a comma too many", format!("{{{canary}:1,}}")),
        ("a comment", format!("{{/*{CANARY}*/}}")),
        ("a name without quotes", "{a:1}".to_owned()),
        ("two documents", "{}{}".to_owned()),
        ("something behind", format!("{{}} {CANARY}")),
        ("not a number", "{\"a\":NaN}".to_owned()),
        ("a number with a plus", "{\"a\":+1}".to_owned()),
        ("a number without an end", format!("{{\"a\":1{}}}", "0".repeat(400))),
        ("a number too large", "{\"a\":1e999}".to_owned()),
        ("an unknown field", format!("{{{canary}:{canary}}}")),
        ("an unknown field twice", format!("{{{canary}:1,{canary}:2}}")),
        ("a field without a name", "{\"\":1}".to_owned()),
        ("the fields of another language", "{\"__proto__\":{\"constructor\":1}}".to_owned()),
    ];
    texts.into_iter().map(|(name, text)| json_bytes(name, text)).collect()
}

fn texts() -> Vec<Malformed> {
    let utf16: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        json_bytes("a byte that is not UTF-8", b"{\"\xff\":1}".to_vec()),
        json_bytes("a long form of UTF-8", b"{\"a\":\"\xc0\x80\"}".to_vec()),
        json_bytes("UTF-16", utf16),
        json_bytes("a byte order mark", "\u{feff}{}"),
        json_bytes("half a surrogate pair", "{\"a\":\"\\ud800\"}"),
        json_bytes("surrogates the wrong way round", "{\"a\":\"\\udc00\\ud800\"}"),
        json_bytes("the character U+0000, escaped", "{\"a\":\"\\u0000\"}"),
        json_bytes("the character U+0000 in a name", "{\"\\u0000\":1}"),
        json_bytes("the byte 0", "{\"a\":\"\0\"}"),
        json_bytes("a new line in a text", "{\"a\":\"\n\"}"),
        json_bytes("an escape that is none", "{\"a\":\"\\x41\"}"),
    ]
}

fn sizes() -> Vec<Malformed> {
    let large = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes));
    let mut pieces = json_bytes("2 MB in pieces", large(2_000_000));
    pieces.sent.in_pieces = true;
    vec![
        json_bytes("2 MB", large(2_000_000)),
        pieces,
        json_bytes("a byte more than allowed", large(256 * 1024 - 7)),
        json_bytes("lists in lists, 200,000 deep", "[".repeat(200_000)),
        json_bytes("objects in objects, 20,000 deep", "{\"a\":".repeat(20_000)),
        json_bytes("closed again, 40 deep", format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40))),
        json_bytes("a name of 200 kB", format!("{{\"{}\":1}}", "x".repeat(200_000))),
        json_bytes("20,000 fields", format!("{{{}}}", (0..20_000).map(|n| format!("\"{n}\":1")).collect::<Vec<_>>().join(","))),
    ]
}

fn types() -> Vec<Malformed> {
    vec![
        typed("no content type", None, None),
        typed("plain text", Some("text/plain"), None),
        typed("a form", Some("application/x-www-form-urlencoded"), None),
        typed("parts", Some("multipart/form-data; boundary=x"), None),
        typed("XML", Some("application/xml"), None),
        typed("JSON in UTF-16", Some("application/json; charset=utf-16"), None),
        typed("almost JSON", Some("application/jsonp"), None),
        typed("said to be compressed", Some("application/json"), Some("gzip")),
    ]
}

/// What no field takes, first in the object, so that it is met first.
fn of_field(document: &Value, name: &str, field: &Value) -> Vec<Malformed> {
    let takes_anything = field
        .as_object()
        .is_none_or(|field| !["type", "anyOf", "oneOf", "$ref", "allOf", "enum"].iter().any(|key| field.contains_key(*key)));
    if takes_anything {
        return Vec::new();
    }
    let at = |what: &str, value: &Value| {
        let malformed = json_bytes(format!("{name} is {what}"), format!("{{{}:{value}}}", json!(name)));
        Malformed { at: Some(format!("/{name}")), ..malformed }
    };
    let mut bodies =
        vec![at("an object with a name that is nobody's", &json!({ CANARY: [1.5] })), at("a list of lists", &json!([[[{ CANARY: 1.5 }]]]))];
    let twice = format!("{{{0}:{1},{0}:{1}}}", json!(name), sample(document, field));
    bodies.push(json_bytes(format!("{name} twice"), twice));
    let nul = leaves(&sample(document, field), &|_| json!(format!("{CANARY}\u{0}")));
    bodies.push(json_bytes(format!("{name} with U+0000"), format!("{{{}:{nul}}}", json!(name))));
    let kinds: Vec<&str> = match &field["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    if kinds.contains(&"string") {
        bodies.extend([at("a number", &json!(-1.5)), at("true", &json!(true))]);
    }
    if kinds.contains(&"integer") {
        bodies.extend([at("a text", &json!(CANARY)), at("a fraction", &json!(0.5)), at("past every range", &json!(1e30))]);
    }
    if kinds.contains(&"boolean") {
        bodies.extend([at("a text", &json!(CANARY)), at("a number", &json!(1))]);
    }
    if kinds.contains(&"array") {
        bodies.extend([at("a text", &json!(CANARY)), at("a number", &json!(7))]);
    }
    bodies
}

/// Something of about the right kind.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(first) = ["anyOf", "oneOf", "enum"].iter().find_map(|key| schema[*key].as_array()?.first()) {
        return if schema["enum"].is_array() { first.clone() } else { sample(document, first) };
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "array" => json!([sample(document, &schema["items"])]),
        "object" => {
            schema["properties"].as_object().into_iter().flatten().map(|(name, field)| (name.clone(), sample(document, field))).collect()
        }
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        _ => json!("2026-11-23T02:14:00Z"),
    }
}
