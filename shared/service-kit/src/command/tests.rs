use axum::{
    Router,
    body::Body as HttpBody,
    http::{Request as HttpRequest, request::Builder},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;
use crate::{
    caller::DutyDesk,
    clock::Clock,
    issuer::{Issuer, access, claims, claims_with, night},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    note: String,
}

async fn create(command: Create<DutyDesk, Accept>) -> String {
    let context = command.context(None);
    format!("{:?} {} {} {}", context.actor, command.receipt.principal, command.receipt.key, command.body.note)
}

async fn change(command: Change<DutyDesk, Accept>) -> String {
    format!("version {} {}", command.version, command.body.note)
}

async fn send(request: Builder, body: &str) -> (u16, String) {
    let kit = Kit::new(Clock::manual(night()), Issuer::shared().keys().await, access());
    let app = Router::new().route("/create", post(create)).route("/change", post(change)).with_state(kit);
    let request = request.header("content-type", "application/json").body(HttpBody::from(body.to_owned())).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn to(path: &str) -> Builder {
    HttpRequest::post(path)
}

fn signed(path: &str) -> Builder {
    to(path).header("authorization", format!("Bearer {}", Issuer::shared().token(&claims())))
}

const NOTE: &str = r#"{"note": "x"}"#;

#[tokio::test]
async fn a_sound_command_knows_who_under_which_key_and_on_which_version() {
    let answer = send(signed("/create").header("idempotency-key", "k-1"), NOTE).await;
    assert_eq!(answer, (200, "p-117 (DutyWorker of E08000003) p-117 k-1 x".to_owned()));
    let answer = send(signed("/change").header("idempotency-key", "k-1").header("if-match", "\"12\""), NOTE).await;
    assert_eq!(answer, (200, "version 12 x".to_owned()));
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_the_rest_of_a_command() {
    let referrer = Issuer::shared().token(&claims_with(&json!({"roles": ["referrer"]})));
    let referrer = to("/change").header("authorization", format!("Bearer {referrer}"));
    assert_eq!(send(to("/change"), "{").await.0, 401);
    assert_eq!(send(referrer, "{").await.0, 403);
    assert_eq!(send(signed("/change"), "{").await.0, 400);
    assert_eq!(send(signed("/change").header("idempotency-key", "k"), "{").await.0, 428);
    assert_eq!(send(signed("/change").header("idempotency-key", "k").header("if-match", "\"1\""), "{}").await.0, 422);
}

#[tokio::test]
async fn a_command_needs_one_key_of_visible_characters() {
    let (status, body) = send(signed("/create"), NOTE).await;
    assert_eq!(status, 400);
    assert!(body.contains("Idempotency-Key"), "{body}");
    for bad in ["", "a b", "é", &"k".repeat(256)] {
        assert_eq!(send(signed("/create").header("idempotency-key", bad), NOTE).await.0, 400, "{bad}");
    }
    assert_eq!(send(signed("/create").header("idempotency-key", "a").header("idempotency-key", "a"), NOTE).await.0, 400);
    assert_eq!(send(signed("/create").header("idempotency-key", "~".repeat(255)), NOTE).await.0, 200);
}

#[tokio::test]
async fn a_version_is_one_strong_tag_as_it_was_given_out() {
    for bad in ["", "3", "\"\"", "W/\"3\"", "*", "\"03\"", "\"-3\"", "\"+3\"", "\"3\", \"4\"", "\"x\"", "\"9223372036854775808\"", "\"3"] {
        let request = signed("/change").header("idempotency-key", "k").header("if-match", bad);
        assert_eq!(send(request, NOTE).await.0, 400, "{bad}");
    }
    let twice = signed("/change").header("idempotency-key", "k").header("if-match", "\"3\"").header("if-match", "\"3\"");
    assert_eq!(send(twice, NOTE).await.0, 400);
}
