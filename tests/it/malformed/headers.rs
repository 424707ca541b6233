//! Garbage in paths, queries and headers.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};

use super::{CANARY, Prober, path};
use crate::openapi::{Operation, resolved};

/// Something that is not what it should be.
pub(super) struct Garbage {
    pub(super) name: String,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    /// The only right answers; none listed: any that is not an error of the hub's own.
    pub(super) statuses: Vec<u16>,
}

/// The request with the garbage. Commands have a body that no rule is asked about.
pub(super) fn with(prober: &Prober<'_>, garbage: &Garbage) -> RequestBuilder {
    let mut request = prober.bare(&garbage.path);
    let has = |name: &str| garbage.headers.iter().any(|(given, _)| *given == name);
    if prober.operation.is_command() {
        if !has("idempotency-key") {
            request = request.header("Idempotency-Key", prober.hub.key());
        }
        if !has("if-match") {
            request = request.header("If-Match", "\"1\"");
        }
        request = request.header("content-type", "application/json").body("{}");
    }
    garbage.headers.iter().fold(request, |request, (name, value)| request.header(*name, HeaderValue::from_bytes(value).unwrap()))
}

/// All of it for one operation.
pub(super) fn all(operation: &Operation, document: &Value) -> Vec<Garbage> {
    let mut garbage = paths(operation);
    if operation.is_command() {
        garbage.extend(keys(operation));
        garbage.extend(versions(operation, document));
    } else {
        garbage.extend(queries(operation, document));
        garbage.extend(positions(operation));
    }
    garbage.extend(others(operation));
    garbage
}

fn at(operation: &Operation, name: impl Into<String>, headers: Vec<(&'static str, Vec<u8>)>, statuses: &[u16]) -> Garbage {
    Garbage { name: name.into(), path: path(&operation.path), headers, statuses: statuses.to_vec() }
}

const TEXTS: [&str; 18] = [
    CANARY,
    "%00",
    "a%00b",
    "%ff%fe",
    "%",
    "%zz",
    "-1",
    "0",
    "99999999999999999999999999",
    "trf_%00000000000000000000000000000007",
    "ref_0000000000000000000000000000000G",
    "chd_00000000000000000000000000000007%00",
    "E08000003%00",
    "%27%20or%20%271%27=%271",
    "..%2f..%2fmetrics",
    "%F0%9F%98%80",
    "%E2%80%AE",
    "null",
];

fn paths(operation: &Operation) -> Vec<Garbage> {
    let parameters: Vec<&str> = operation.path.split('/').filter(|part| part.starts_with('{')).collect();
    let mut garbage = Vec::new();
    for parameter in parameters {
        let long = "x".repeat(4_000);
        for text in TEXTS.into_iter().chain([long.as_str()]) {
            let path = path(&operation.path.replace(parameter, "GARBAGE")).replace("GARBAGE", text);
            let name = format!("{parameter} is {}", &text[..text.len().min(40)]);
            garbage.push(Garbage { name, path, headers: Vec::new(), statuses: vec![400, 404, 422] });
        }
    }
    garbage
}

/// Cursors that decode to something: U+0000, the ends of time, numbers past every range.
fn cursors() -> Vec<String> {
    let ends = ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z", "\u{0}", ""];
    let mut values = vec![json!(null), json!([]), json!({}), json!(-1), json!(i64::MIN), json!([i64::MIN, i64::MAX])];
    for end in ends {
        values.extend([
            json!(end),
            json!([end, end]),
            json!([i64::MAX, end]),
            json!([end, i64::MIN]),
            json!([end, end, end]),
            json!([1, end, end]),
        ]);
        values.extend([json!([0, 0, end]), json!([true, end, end]), json!([1, end, i64::MAX]), json!([end, 1, end])]);
    }
    values.iter().map(|value| URL_SAFE_NO_PAD.encode(value.to_string())).chain(["%00".to_owned(), "*".to_owned(), "A".to_owned()]).collect()
}

fn queries(operation: &Operation, document: &Value) -> Vec<Garbage> {
    let parameters = operation.described["parameters"].as_array().into_iter().flatten().map(|one| resolved(document, one));
    let names: Vec<&str> = parameters.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str()).collect();
    let times = ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z", "0000-01-01T00:00:00Z", "1970-01-01", "2026-11-23T02:14:00"];
    let mut queries = vec![
        "%00".to_owned(),
        "=".to_owned(),
        "&&&".to_owned(),
        format!("{CANARY}=1"),
        "a[]=1&a[b]=2".to_owned(),
        format!("a={}", "x".repeat(8_000)),
    ];
    for name in &names {
        queries.extend(TEXTS.iter().chain(&times).map(|text| format!("{name}={text}")));
        queries.extend([format!("{name}=1&{name}=2"), name.to_string(), format!("{name}=")]);
    }
    if names.contains(&"cursor") {
        queries.extend(cursors().iter().map(|cursor| format!("cursor={cursor}")));
        queries.extend(["0", "201", "1.5", "+1", "65536"].map(|limit| format!("limit={limit}")));
    }
    let garbage = |query: String| {
        let path = format!("{}?{query}", path(&operation.path));
        Garbage { name: format!("?{}", &query[..query.len().min(80)]), path, headers: Vec::new(), statuses: Vec::new() }
    };
    queries.into_iter().map(garbage).collect()
}

fn keys(operation: &Operation) -> Vec<Garbage> {
    let one =
        |name: &str, value: &[u8]| at(operation, format!("Idempotency-Key {name}"), vec![("idempotency-key", value.to_vec())], &[400]);
    vec![
        one("is empty", b""),
        one("has a space", b"Zuleikha Marigold"),
        one("has a tab", b"a\tb"),
        one("is 256 long", &[b'k'; 256]),
        one("is 4,000 long", &[b'k'; 4_000]),
        one("is not ASCII", "Zuleikha-Marigold-é".as_bytes()),
        one("is not UTF-8", b"\xff\xfe"),
        at(operation, "Idempotency-Key twice", vec![("idempotency-key", b"a".to_vec()), ("idempotency-key", b"b".to_vec())], &[400]),
    ]
}

fn versions(operation: &Operation, document: &Value) -> Vec<Garbage> {
    let takes = operation.described["parameters"].as_array().into_iter().flatten().any(|one| resolved(document, one)["name"] == "If-Match");
    let values = [
        "",
        "*",
        "1",
        "\"\"",
        "\"x\"",
        "\"-1\"",
        "\"0\"",
        "\"01\"",
        "\"+1\"",
        "\" 1\"",
        "\"1\" ,\"2\"",
        "W/\"1\"",
        "\"99999999999999999999\"",
        "\"1",
        CANARY,
    ];
    let statuses: &[u16] = if takes { &[400] } else { &[] };
    let mut garbage: Vec<Garbage> = values
        .iter()
        .map(|value| at(operation, format!("If-Match {value}"), vec![("if-match", value.as_bytes().to_vec())], statuses))
        .collect();
    garbage.push(at(operation, "If-Match that is not UTF-8", vec![("if-match", b"\"\xff\"".to_vec())], statuses));
    garbage.push(at(operation, "If-Match twice", vec![("if-match", b"\"1\"".to_vec()), ("if-match", b"\"1\"".to_vec())], statuses));
    garbage.push(at(operation, "If-Match at the end of numbers", vec![("if-match", b"\"9223372036854775807\"".to_vec())], &[]));
    garbage
}

fn positions(operation: &Operation) -> Vec<Garbage> {
    let values = [
        "",
        ":",
        "intake",
        "intake:",
        "intake:-1",
        "intake:1.5",
        "intake:0x1",
        ":1",
        "intake:99999999999999999999",
        CANARY,
        "INTAKE:1",
        "intake:1,,",
        "a b:1",
    ];
    let mut garbage: Vec<Garbage> = values
        .iter()
        .map(|value| at(operation, format!("Hub-After {value}"), vec![("hub-after", value.as_bytes().to_vec())], &[]))
        .collect();
    let many = vec!["intake:0"; 500].join(",");
    garbage.push(at(operation, "Hub-After of 500 positions", vec![("hub-after", many.into_bytes())], &[]));
    garbage.push(at(operation, "Hub-After that is not UTF-8", vec![("hub-after", b"intake:\xff".to_vec())], &[]));
    garbage
}

fn others(operation: &Operation) -> Vec<Garbage> {
    let values: [(&'static str, &[u8]); 14] = [
        ("traceparent", b""),
        ("traceparent", b"00"),
        ("traceparent", b"00-00000000000000000000000000000000-0000000000000000-00"),
        ("traceparent", b"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("traceparent", b"00-Zuleikha-Marigold-01"),
        ("traceparent", b"\xff\xff"),
        ("tracestate", b"a=b,,,=,\xff"),
        ("accept", b"text/html;q=-1,\xff"),
        ("accept-language", b"zz-ZZ;q=nan"),
        ("range", b"bytes=99-1"),
        ("if-none-match", b"\xff"),
        ("x-forwarded-for", b"Zuleikha-Marigold"),
        ("x-http-method-override", b"DELETE"),
        ("cookie", b"Zuleikha=Marigold; ="),
    ];
    values
        .into_iter()
        .map(|(name, value)| at(operation, format!("{name}: {}", String::from_utf8_lossy(value)), vec![(name, value.to_vec())], &[]))
        .collect()
}
