//! The night, and what becomes of it in the morning. In November London's time is UTC.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};
use testkit::until;

use super::{ACT_NOW, BOLTON, BURY, MANCHESTER, SALFORD, acts, found_in, hub_at, manager, worker};
use crate::flow::{Made, Said as _, Story, concern, offer};

#[tokio::test]
async fn a_case_of_the_night_is_somebody_s_in_the_night_and_a_named_worker_s_in_the_morning() {
    let story = hub_at("night", "2026-11-20T16:55:00Z").await;
    call_at_16_55_stays_with_the_day_team(&story).await;
    edt_acting_on_behalf_of_another_borough(&story).await;
    night_cases_at_nine_and_at_ten(&story).await;
    story.hub.finish().await;
}

/// The night list of a borough has this case, in this state.
async fn case(story: &Story, borough: &str, made: &Made) -> Option<Value> {
    let list = story.get(&worker(story, borough), &format!("/api/transfers/night-list?borough={borough}")).await.ok();
    list.body["items"].as_array().into_iter().flatten().find(|case| case["referral_id"] == made.id.as_str()).cloned()
}

async fn call_at_16_55_stays_with_the_day_team(story: &Story) {
    let made = found_in(story, MANCHESTER, "Jan Late").await;
    made.reply.clone().has("/owner/desk", "MASH");
    assert_eq!(case(story, MANCHESTER, &made).await, None);
    story.hub.advance("2026-11-20T17:05:00Z").await;
    assert_eq!(case(story, MANCHESTER, &made).await, None, "it goes on belonging to the team that took it");
    let later = found_in(story, MANCHESTER, "Kay Later").await;
    later.reply.clone().has("/owner/desk", "EDT");
    assert_eq!(case(story, MANCHESTER, &later).await.map(|case| case["state"].clone()), Some(json!("waiting")));
}

async fn edt_acting_on_behalf_of_another_borough(story: &Story) {
    let boss = manager(story, BURY);
    let path = format!("/api/transfers/desks/{BURY}");
    let now = story.get(&boss, &path).await.ok();
    let desk = json!({ "hours": now.body["hours"], "phones": now.body["phones"], "rota": now.body["rota"], "covered_by": BOLTON });
    boss.put(&path, &story.hub.key(), now.version, &desk).await.unwrap().ok();
    story.hub.settled().await;
    let night = worker(story, BOLTON);
    let sent = concern("Lou Covered", json!({ "borough": BURY, "address": "1 Example Street" }));
    let made = story.refer(&worker(story, SALFORD), &sent).await;
    made.reply.clone().has("/owner/borough", BURY).has("/owner/answered_by", BOLTON);
    story.decide(&night, &made, "immediate_protection").await.ok();
    assert_eq!(acts(story, &made.child).await, BURY, "the duty stays with the covered borough");
    let mut ask = offer(SALFORD, "P2", &[(&made.child, &[ACT_NOW])]);
    ask["from"] = BURY.into();
    let offered = story.post(&night, "/api/transfers", &ask).await.ok().has("/still_responsible", BURY);
    // In the morning the team acts for its own borough alone.
    story.hub.advance("2026-11-23T08:59:00Z").await;
    story.get(&worker(story, BOLTON), &format!("/api/transfers/{}", offered.text("/transfer_id"))).await.ok();
    story.hub.advance("2026-11-23T09:00:00Z").await;
    let day = worker(story, BOLTON);
    story.get(&day, &format!("/api/transfers/{}", offered.text("/transfer_id"))).await.refused(404, "not_found");
    story.get(&day, &made.path()).await.refused(404, "not_found");
    story.post(&day, "/api/transfers", &ask).await.refused(409, "not_the_giver");
}

/// The case of Friday evening is taken; another one of the same night is not.
async fn night_cases_at_nine_and_at_ten(story: &Story) {
    story.hub.advance("2026-11-23T23:00:00Z").await;
    let (taken, left) = (found_in(story, SALFORD, "Mia Taken").await, found_in(story, SALFORD, "Ned Left").await);
    story.hub.advance("2026-11-24T08:59:59Z").await;
    assert_eq!(case(story, SALFORD, &left).await.map(|case| case["state"].clone()), Some(json!("waiting")));
    story.hub.advance("2026-11-24T09:00:00Z").await;
    for made in [&taken, &left] {
        let due = case(story, SALFORD, made).await.unwrap_or_default();
        assert_eq!((&due["state"], &due["take_by"]), (&json!("due"), &json!("2026-11-24T09:00:00Z")));
    }
    let body = json!({ "referral_id": taken.id });
    story.on_child(&worker(story, BOLTON), &taken.child, "night/take", body.clone()).await.refused(409, "not_your_borough");
    story.on_child(&worker(story, SALFORD), &taken.child, "night/take", body).await.ok();
    story.hub.advance("2026-11-24T09:59:59Z").await;
    assert_eq!(case(story, SALFORD, &left).await.map(|case| case["state"].clone()), Some(json!("due")));
    story.hub.advance("2026-11-24T10:00:00Z").await;
    until("the duty manager is told", async || case(story, SALFORD, &left).await.is_some_and(|case| case["state"] == "escalated")).await;
    let shown = case(story, SALFORD, &taken).await.unwrap_or_default();
    assert!(shown["state"] == "taken" && shown["taken_by"].to_string().contains("DutyWorker"), "by name: {shown}");
    let shown = case(story, SALFORD, &left).await.unwrap_or_default();
    assert!(shown["manager_told"].to_string().contains("duty manager"), "{shown}");
    assert_eq!(acts(story, &left.child).await, SALFORD, "a clock moves nothing");
}
