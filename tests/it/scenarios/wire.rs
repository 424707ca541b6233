//! What the network and the clocks of the senders do.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};

use super::{MANCHESTER, SALFORD, acts, found_in, hub_at, offered, taken, worker};
use crate::flow::{Said as _, Story, concern, offer};

#[tokio::test]
async fn what_arrives_twice_late_or_at_once_is_decided_once() {
    let mut story = hub_at("wire", "2026-11-23T10:00:00Z").await;
    withdrawn_while_being_accepted(&story).await;
    network_cut_and_late_replay(&mut story).await;
    clock_skew_and_late_entry(&story).await;
    story.hub.finish().await;
}

async fn withdrawn_while_being_accepted(story: &Story) {
    for round in 0..6 {
        let child = found_in(story, MANCHESTER, &format!("Race Round{round}")).await.child;
        let transfer = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
        let (giver, taker) = (worker(story, MANCHESTER), worker(story, SALFORD));
        let path = format!("/api/transfers/{transfer}");
        let (accept, withdraw) = (format!("{path}/accept"), format!("{path}/withdraw"));
        let (taking, keeping) = (taken(&child), json!({ "reason": "Her aunt has come." }));
        let answers = if round % 2 == 0 {
            tokio::join!(story.change(&taker, &accept, 1, &taking), story.change(&giver, &withdraw, 1, &keeping))
        } else {
            let (withdrawn, taken) = tokio::join!(story.change(&giver, &withdraw, 1, &keeping), story.change(&taker, &accept, 1, &taking));
            (taken, withdrawn)
        };
        let (state, holder, loser) = match (answers.0.status, answers.1.status) {
            (200, _) => ("accepted", SALFORD, answers.1),
            (_, 200) => ("withdrawn", MANCHESTER, answers.0),
            both => panic!("one of the two is recorded: {both:?}"),
        };
        let loser = loser.refused(412, "stale");
        assert_eq!((loser.text("/state/state"), loser.text("/state/holder")), (state, holder), "the loser sees what is so: {}", loser.body);
        assert_eq!(acts(story, &child).await, holder);
    }
}

async fn network_cut_and_late_replay(story: &mut Story) {
    let made = found_in(story, MANCHESTER, "Olga Cut").await;
    let (giver, taker) = (worker(story, MANCHESTER), worker(story, SALFORD));
    let body = offer(SALFORD, "P2", &[(&made.child, &[super::ACT_NOW])]);
    let first = giver.post("/api/transfers", "offer-of-olga", &body).await.unwrap().ok();
    let path = format!("/api/transfers/{}", first.text("/transfer_id"));
    story.hub.stand.restart_services().await.unwrap();
    let again = giver.post("/api/transfers", "offer-of-olga", &body).await.unwrap().ok();
    assert_eq!((again.replayed, &again.body, again.version), (true, &first.body, first.version));
    // A line was cut after the acceptance was recorded: the screen sends it again and gets the same answer, although the case went on.
    let accept = format!("{path}/accept");
    let answered = taker.change(&accept, "accept-of-olga", 1, &taken(&made.child)).await.unwrap().ok();
    story.on_transfer(&taker, first.text("/transfer_id"), "received", json!({})).await.ok();
    let replayed = taker.change(&accept, "accept-of-olga", 1, &taken(&made.child)).await.unwrap().ok();
    assert_eq!((replayed.replayed, &replayed.body), (true, &answered.body));
    // What was queued while offline, on the version of then, is not carried out on the state of now.
    let late = taker.change(&format!("{path}/decline"), "decline-of-olga", 1, &json!({ "reason": "not_our_area" })).await.unwrap();
    late.refused(412, "stale");
    assert_eq!(acts(story, &made.child).await, SALFORD);
}

async fn clock_skew_and_late_entry(story: &Story) {
    let desk = worker(story, MANCHESTER);
    let mut sent = concern("Pia Skew", json!({ "borough": MANCHESTER, "address": "1 Example Street" }));
    sent["occurred_at"] = "2026-11-23T06:30:00Z".into();
    let made = story.refer(&desk, &sent).await;
    made.reply.clone().has("/received_at", "2026-11-23T10:00:00Z").has("/decide_by", "2026-11-24T10:00:00Z");
    assert_eq!(story.holder_at(&made.child, super::ACT_NOW, Some("2026-11-23T09:59:59Z")).await, None, "nobody knew of it then");
    let mut ask = offer(SALFORD, "P2", &[(&made.child, &[super::ACT_NOW])]);
    ask["occurred_at"] = "2026-11-23T09:30:00Z".into();
    let transfer = story.post(&desk, "/api/transfers", &ask).await.ok();
    transfer.has("/seen_by", "2026-11-23T10:30:00Z");
    let lines = story.chronology(&made.child).await;
    let times = |kind: &str| -> Vec<(Value, Value)> {
        lines.iter().filter(|line| line["kind"] == kind).map(|line| (line["occurred_at"].clone(), line["recorded_at"].clone())).collect()
    };
    assert_eq!(times("referral_received"), [(json!("2026-11-23T06:30:00Z"), json!("2026-11-23T10:00:00Z"))]);
    assert_eq!(times("transfer_offered"), [(json!("2026-11-23T09:30:00Z"), json!("2026-11-23T10:00:00Z"))]);
    sent["occurred_at"] = "2026-11-23T11:00:00Z".into();
    story.post(&desk, "/api/intake/referrals", &sent).await.refused(422, "invalid");
    ask["occurred_at"] = "2026-11-23T11:00:00Z".into();
    story.post(&desk, "/api/transfers", &ask).await.refused(422, "invalid");
}
