//! The conventions that every service keeps.

use axum::http::Method;
use serde_json::{Value, json};

use super::hub::{ASHA, BEN, BOSS, Hub, MANCHESTER, SALFORD, child, items, offer};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_needs_its_key_and_the_version_it_was_decided_on() {
    let mut hub = Hub::start("versions").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    hub.send(ASHA, (Method::POST, ""), &[], Some(&offer(SALFORD, &[child]))).await.refused(400, "bad_header");
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let commands = [
        "open",
        "questions",
        "answers",
        "accept",
        "received",
        "decline",
        "redirect",
        "withdraw",
        "agreements",
        "agreements/confirm",
        "handover",
        "hand-back",
        "escalate",
        "corrections",
        "close",
        "conflict",
        "conditions/agree",
    ];
    for command in commands {
        let at = format!("{path}/{command}");
        hub.send(BEN, (Method::POST, &at), &[], Some(&json!({}))).await.refused(400, "bad_header");
        let reply = hub.send(BEN, (Method::POST, &at), &[("idempotency-key", &hub.key())], Some(&json!({}))).await;
        reply.refused(428, "version_required");
    }
    hub.post(BEN, &format!("{path}/open"), 1, &json!({})).await.ok();
    let stale = hub.post(BEN, &format!("{path}/accept"), 1, &items(&[child])).await.refused(412, "stale");
    assert_eq!(
        (&stale.body["version"], &stale.body["state"]["state"], &stale.body["state"]["holder"]),
        (&json!(2), &json!("seen"), &json!(MANCHESTER))
    );
    assert_eq!((&stale.body["changed_by"]["name"], &stale.headers["etag"]), (&json!("Name of ben"), &"\"2\"".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_first_answer_again_and_another_body_is_refused() {
    let mut hub = Hub::start("replay").await;
    hub.desk(BOSS, None).await;
    let (child, other) = (child(), child());
    hub.referral(MANCHESTER, &[child, other]).await;
    let key = [("idempotency-key", "one")];
    let first = hub.send(ASHA, (Method::POST, ""), &key, Some(&offer(SALFORD, &[child]))).await.ok();
    let before = hub.types().await.len();
    let again = hub.send(ASHA, (Method::POST, ""), &key, Some(&offer(SALFORD, &[child]))).await.ok();
    assert_eq!((again.status, &again.body, &again.headers["idempotency-replayed"]), (201, &first.body, &"true".parse().unwrap()));
    assert_eq!(hub.types().await.len(), before);
    hub.send(ASHA, (Method::POST, ""), &key, Some(&offer(SALFORD, &[other]))).await.refused(422, "key_reused");
    // Without the key it is another command, and the rules say that the duty is in a transfer already.
    let second = hub.create(ASHA, "", &offer(SALFORD, &[child])).await.refused(409, "duty_in_transfer");
    assert_eq!(second.body["holder"], MANCHESTER);

    let path = format!("/{}", first.id());
    let headers = [("idempotency-key", "two"), ("if-match", "\"1\"")];
    let accepted = hub.send(BEN, (Method::POST, &format!("{path}/accept")), &headers, Some(&items(&[child]))).await.ok();
    hub.advance(90);
    let replayed = hub.send(BEN, (Method::POST, &format!("{path}/accept")), &headers, Some(&items(&[child]))).await.ok();
    assert_eq!((replayed.body, &replayed.headers["idempotency-replayed"]), (accepted.body, &"true".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_taken_says_where_and_never_quotes_what_was_sent() {
    let mut hub = Hub::start("bodies").await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let with = |pointer: &str, value: Value| {
        let mut body = offer(SALFORD, &[child]);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let bad = [
        ("/to", with("/to", json!("Marigold"))),
        ("/to", with("/to", json!("E08099999"))),
        ("/priority", with("/priority", json!("P9"))),
        ("/items", with("/items", json!([]))),
        ("/items/0/child_id", with("/items/0/child_id", json!("Marigold"))),
        ("/items/0/duties", with("/items/0/duties", json!([]))),
        ("/items/0/duties/0", with("/items/0/duties/0", json!("Marigold"))),
        ("/sheet/situation", with("/sheet/situation", json!("  "))),
        ("/sheet/situation", with("/sheet/situation", json!("Marigold ".repeat(3_000)))),
        ("/sheet/not_known/0", with("/sheet/not_known/0", json!(""))),
    ];
    for (pointer, body) in bad {
        let reply = hub.create(ASHA, "", &body).await.refused(422, "invalid");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{}", reply.body);
        assert!(!reply.body.to_string().contains("Marigold"), "{}", reply.body);
    }
    let mut late = offer(SALFORD, &[child]);
    late["occurred_at"] = json!("2026-11-23T02:15:00Z");
    let reply = hub.create(ASHA, "", &late).await.refused(422, "invalid");
    assert_eq!(reply.body["errors"][0]["pointer"], "/occurred_at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_waits_for_the_position_it_is_asked_for() {
    let mut hub = Hub::start("fresh").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let offered = hub.offered(&[child]).await;
    let position = offered.headers["hub-position"].to_str().unwrap().to_owned();
    let at = format!("/children/{child}/responsibility");
    hub.send(ASHA, (Method::GET, &at), &[("hub-after", &position)], None).await.ok();
    hub.send(ASHA, (Method::GET, &at), &[("hub-after", "intake:1")], None).await.ok();
    let reply = hub.send(ASHA, (Method::GET, &at), &[("hub-after", "intake:2")], None).await.refused(503, "not_yet_visible");
    assert_eq!(reply.headers["retry-after"], "1");
    // The inbox has heard nothing since the start: the answer says that it may be behind.
    assert!(hub.get(ASHA, &at).await.ok().body["stale_since"].is_string());
}
