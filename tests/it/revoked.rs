//! T44: within five seconds of the command nobody is believed whose tokens were revoked, in no service, and open screens end.

use std::time::Duration;

use hub::client::Client;
use kernel::Role;
use reqwest::Method;
use serde_json::json;
use testkit::{TestHub, until};
use tokio::time::Instant;

use crate::flow::{Said as _, Story};

/// By when the last one must be out.
const OUT_BY: Duration = Duration::from_secs(5);

const BOROUGHS: [&str; 4] = ["E08000003", "E08000006", "E08000008", "E08000009"];

/// What somebody of a borough may always ask, by service.
const ASKED: [&str; 4] = ["/api/intake/referrals", "/api/transfers", "/api/procedures/fields", "/api/audit/alerts"];

async fn status(who: &Client, path: &str) -> u16 {
    who.request(Method::GET, path).send().await.unwrap().status().as_u16()
}

/// Asks until the answer is 401, and says how long after the command somebody was let in for the last time.
async fn last_success(who: &Client, path: &str, revoked_at: Instant) -> Duration {
    let mut last = Duration::ZERO;
    loop {
        let asked = revoked_at.elapsed();
        match status(who, path).await {
            401 => return last,
            200 => last = asked,
            other => panic!("{path} was answered {other}"),
        }
        assert!(asked < Duration::from_secs(20), "{} is never out", who.who.id);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_revoked_is_out_of_every_service_within_five_seconds_two_hundred_of_two_hundred() {
    let story = Story::new(TestHub::start("revoked").await.with_desks().await);
    let people: Vec<Client> =
        (0..200).map(|number| story.hub.somebody(&format!("leaver-{number}"), BOROUGHS[number % 4], Role::DutyManager)).collect();
    for (number, person) in people.iter().enumerate() {
        assert_eq!(status(person, ASKED[number % 4]).await, 200, "{}", person.who.id);
    }
    // Ten of them have a live screen open.
    let mut screens = Vec::new();
    for (number, person) in people.iter().enumerate().take(10) {
        let path = format!("/api/transfers/desks/{}/events", BOROUGHS[number % 4]);
        screens.push(person.request(Method::GET, &path).send().await.unwrap());
    }
    let mut revoked = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let operator = story.hub.somebody(&format!("operator-{}", number / 5), "hub", Role::HubOperator);
        let body = json!({ "subject": person.who.id, "reason": "left" });
        story.post(&operator, "/api/audit/revocations", &body).await.ok();
        revoked.push(Instant::now());
    }
    let mut latest = Duration::ZERO;
    for (number, (person, at)) in people.iter().zip(&revoked).enumerate() {
        let last = last_success(person, ASKED[number % 4], *at).await;
        assert!(last <= OUT_BY, "{} was let in {last:?} after the command", person.who.id);
        latest = latest.max(last);
    }
    for (mut screen, at) in screens.into_iter().zip(&revoked) {
        let ended = async { while let Ok(Some(_)) = screen.chunk().await {} };
        assert!(tokio::time::timeout(OUT_BY, ended).await.is_ok(), "a screen is still open {:?} after the command", at.elapsed());
    }
    let colleague = story.hub.somebody("colleague", BOROUGHS[0], Role::DutyManager);
    assert_eq!(status(&colleague, ASKED[0]).await, 200, "nobody else is out");
    println!("revoked: 200 of 200 were out; the last success came {} ms after the command", latest.as_millis());
    story.hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_revokes_for_their_own_borough_and_what_was_revoked_can_be_ended() {
    let story = Story::new(TestHub::start("revoked-own").await.with_desks().await);
    let manager = story.of(BOROUGHS[0], Role::DutyManager);
    let (own, same_elsewhere) = (
        story.hub.somebody("agency-worker", BOROUGHS[0], Role::DutyWorker),
        story.hub.somebody("agency-worker", BOROUGHS[1], Role::DutyWorker),
    );
    let body = json!({ "subject": "agency-worker", "reason": "lost_device" });
    story.post(&own, "/api/audit/revocations", &body).await.refused(403, "forbidden");
    story.post(&manager, "/api/audit/revocations", &body).await.ok();
    until("the token holds no more", async || status(&own, ASKED[0]).await == 401).await;
    assert_eq!(status(&same_elsewhere, ASKED[0]).await, 200, "the borough's manager says nothing about another borough's tokens");
    let shown = story.get(&manager, "/api/audit/revocations").await.ok();
    shown.has("/items/0/subject", "agency-worker").has("/items/0/reason", "lost_device").has("/items/0/org", BOROUGHS[0]);
    let other = story.of(BOROUGHS[1], Role::DutyManager);
    assert_eq!(story.get(&other, "/api/audit/revocations").await.ok().body["items"], json!([]));
    story.post(&other, "/api/audit/revocations/end", &json!({ "subject": "agency-worker" })).await.ok();
    assert_eq!(status(&own, ASKED[0]).await, 401, "another borough's manager ends nothing of it");
    story.post(&manager, "/api/audit/revocations/end", &json!({ "subject": "agency-worker" })).await.ok();
    until("the token holds again", async || status(&own, ASKED[0]).await == 200).await;
    story.hub.finish().await;
}
