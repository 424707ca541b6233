use axum::{Router, body, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its reading is tested")]
struct Referral {
    concern: String,
    danger_now: Danger,
    #[serde(default)]
    children: Vec<Child>,
    occurred_at: Option<kernel::Timestamp>,
    place: Option<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Danger {
    Yes,
    No,
    NotSure,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its reading is tested")]
struct Child {
    names: Vec<String>,
    age_about: Option<u8>,
    borough: Option<kernel::Borough>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a place")]
#[expect(dead_code, reason = "only its reading is tested")]
enum Place {
    Site { site: kernel::Site },
    Borough { borough: kernel::Borough },
}

async fn send(content_type: &str, body: impl Into<body::Body>) -> (StatusCode, Value) {
    let app = Router::new().route("/referrals", post(|body: Body<Referral>| async move { hex::encode(body.fingerprint) }));
    let request = Request::post("/referrals").header("content-type", content_type).body(body.into()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8(bytes.to_vec()).unwrap().into()))
}

async fn faults(body: &str) -> (String, String) {
    let (status, problem) = send("application/json", body.to_owned()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let text = |name: &str| problem["errors"][0][name].as_str().unwrap().to_owned();
    (text("pointer"), text("detail"))
}

const GOOD: &str = r#"{"concern": "bruises", "danger_now": "not_sure"}"#;

#[tokio::test]
async fn the_same_command_has_the_same_print_and_another_body_another() {
    let (status, print) = send("application/json", GOOD).await;
    assert_eq!((status, print.as_str().unwrap().len()), (StatusCode::OK, 64));
    assert_eq!(send("application/json; charset=utf-8", GOOD).await.1, print);
    assert_ne!(send("application/json", GOOD.replace("bruises", "burns")).await.1, print);
}

#[test]
fn a_print_covers_method_path_and_body_each_for_itself() {
    let prints = [
        fingerprint(&Method::POST, "/a", b"bc"),
        fingerprint(&Method::PUT, "/a", b"bc"),
        fingerprint(&Method::POST, "/ab", b"c"),
        fingerprint(&Method::POST, "/a", b"bd"),
    ];
    for (index, print) in prints.iter().enumerate() {
        assert!(!prints[..index].contains(print));
    }
}

#[tokio::test]
async fn a_fault_is_named_by_its_place_and_by_what_is_expected() {
    let expectations = [
        (r#"{"danger_now": "no"}"#, "/concern", "this is needed"),
        (r#"{"concern": 7, "danger_now": "no"}"#, "/concern", "expected a string"),
        (r#"{"concern": "c", "danger_now": "perhaps"}"#, "/danger_now", "expected one of `yes`, `no`, `not_sure`"),
        (r#"{"concern": "c", "danger_now": "no", "children": [{"names": []}, {"names": 1}]}"#, "/children/1/names", "expected a sequence"),
        (r#"{"concern": "c", "danger_now": "no", "children": [{"names": [], "age_about": 700}]}"#, "/children/0/age_about", "expected u8"),
        (r#"{"concern": "c", "danger_now": "no", "children": [{"names": [], "borough": "E0"}]}"#, "/children/0/borough", "GSS code"),
        (r#"{"concern": "c", "danger_now": "no", "occurred_at": "last night"}"#, "/occurred_at", GENERIC_START),
        (r#"{"concern": "c", "danger_now": "no", "place": {"sight": 7}}"#, "/place", "expected a place"),
        (r#"{"concern": "c", "danger_now": "no", "colour": 1}"#, "", "not known; expected one of `concern`"),
        (r#"{"concern": "c", "concern": "d", "danger_now": "no"}"#, "", "given twice"),
        (r#"{"concern": "nul\u0000", "danger_now": "no"}"#, "", "U+0000"),
        (r#"["c", "no", [], null, null]"#, "", "expected an object"),
        (r#"{"concern": "c", "danger_now": 7}"#, "/danger_now", GENERIC_START),
        ("null", "", "expected struct Referral"),
    ];
    for (body, pointer, detail) in expectations {
        let (at, said) = faults(body).await;
        assert_eq!(at, pointer, "{body}: {said}");
        assert!(said.contains(detail), "{body}: {said}");
    }
}

const GENERIC_START: &str = "not of the form";

#[tokio::test]
async fn no_error_quotes_what_was_sent() {
    const CANARY: &str = "Zuleikha-Marigold";
    let bodies = [
        r#"{"concern": {"CANARY": 1}, "danger_now": "no"}"#,
        r#"{"concern": "c", "danger_now": "CANARY"}"#,
        r#"{"concern": "c", "danger_now": {"CANARY": null}}"#,
        r#"{"concern": "c", "danger_now": "no", "CANARY": 1}"#,
        r#"{"concern": "c", "danger_now": "no", "CANARY, expected CANARY": 1}"#,
        r#"{"concern": "c", "danger_now": "no", "children": "CANARY"}"#,
        r#"{"concern": "c", "danger_now": "no", "children": ["CANARY"]}"#,
        r#"{"concern": "c", "danger_now": "no", "children": [{"names": "CANARY"}]}"#,
        r#"{"concern": "c", "danger_now": "no", "children": [{"names": [], "CANARY": 1}]}"#,
        r#"{"concern": "c", "danger_now": "no", "children": [{"names": [], "borough": "CANARY"}]}"#,
        r#"{"concern": "c", "danger_now": "no", "children": [{"names": [], "age_about": "CANARY"}]}"#,
        r#"{"concern": "c", "danger_now": "no", "occurred_at": "CANARY"}"#,
        r#"{"concern": "c", "danger_now": "no", "place": {"site": "CANARY"}}"#,
        r#"{"concern": "c", "danger_now": "no", "place": "CANARY"}"#,
        r#""CANARY""#,
        r#"["CANARY"]"#,
        r#"{"concern": "c", "danger_now": "no", "children": CANARY}"#,
        r#"{"concern": "CANARY"#,
        r#"{"concern": "c", "danger_now": "no"} CANARY"#,
        r#"{"concern": "CANARY\u0000", "danger_now": "no"}"#,
    ];
    for body in bodies {
        let (status, problem) = send("application/json", body.replace("CANARY", CANARY)).await;
        assert!(status.is_client_error(), "{body}");
        let said = problem.to_string().to_lowercase();
        assert!(!said.contains("zuleikha") && !said.contains("marigold"), "{body}: {said}");
    }
}

#[test]
fn a_message_of_a_field_is_shown_only_when_it_holds_nothing_of_the_value() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Date;
    impl TryFrom<String> for Date {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            if text == "leak" { Err(format!("expected no {text}age")) } else { Err(expected("a date")) }
        }
    }
    let detail = |body: &str| match parse::<Vec<Date>>(body.as_bytes()) {
        Err(problem) => format!("{problem:?}"),
        Ok(_) => unreachable!(),
    };
    assert!(detail(r#"["yesterday"]"#).contains("expected a date"));
    assert!(!detail(r#"["leak"]"#).contains("leak") && detail(r#"["leak"]"#).contains(GENERIC_START));
}

#[tokio::test]
async fn what_is_not_json_is_400_and_what_is_not_sent_as_json_is_415() {
    for body in ["{", r#"{"concern": "a", "danger_now": "no"}}"#, r#"{"concern": "a\ud800"}"#, "\u{feff}{}", "NaN"] {
        assert_eq!(send("application/json", body).await.0, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(send("application/json", vec![b'"', 0xff, b'"']).await.0, StatusCode::BAD_REQUEST);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonp", ""] {
        assert_eq!(send(kind, GOOD).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_deep_is_refused_however_it_is_sent() {
    let long = format!(r#"{{"concern": "{}", "danger_now": "no"}}"#, "x".repeat(MOST_BYTES));
    assert_eq!(send("application/json", long.clone()).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let chunks = long.into_bytes().chunks(1_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let unsaid = body::Body::from_stream(futures_util::stream::iter(chunks));
    assert_eq!(send("application/json", unsaid).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send("application/json", "[".repeat(100_000)).await.0, StatusCode::BAD_REQUEST);
    let quoted = format!(r#"{{"concern": "{}", "danger_now": "no"}}"#, "[{".repeat(50));
    assert_eq!(send("application/json", quoted).await.0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let stalled = body::Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    assert_eq!(send("application/json", stalled).await.0, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn an_empty_body_is_an_empty_object() {
    assert_eq!(faults("").await.0, "/concern");
}
