//! Escalation, and disagreement. The holder stays as it was.

use serde_json::json;

use super::hub::{ASHA, BEN, BOSS, CHIEF, Hub, MANAGER, MANCHESTER, NURSE, OTHER_NURSE, child, holder};

#[tokio::test(flavor = "multi_thread")]
async fn either_borough_and_whoever_raised_the_concern_may_call_the_next_level_by_name() {
    let mut hub = Hub::start("escalate").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let called = hub.post(NURSE, &format!("{path}/escalate"), 1, &json!({})).await.ok();
    assert_eq!(called.body["flags"]["escalated"], 1);
    hub.post(OTHER_NURSE, &format!("{path}/escalate"), 2, &json!({})).await.refused(404, "not_found");
    let higher = hub.post(ASHA, &format!("{path}/escalate"), called.version(), &json!({})).await.ok();
    assert_eq!(higher.body["flags"]["escalated"], 2);
    let shown = hub.get(NURSE, &path).await.ok().body;
    let line = shown["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(line["called"][0]["name"], format!("Head of {MANCHESTER}"));
    assert_eq!(line["called"][1]["phone"], "0161 496 0100");
    assert_eq!(holder(&hub.get(NURSE, &format!("/children/{child}/responsibility")).await.ok().body, "emergency_action"), Some(MANCHESTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_needs_an_interim_plan_and_managers_of_both_sides_settle_it() {
    let mut hub = Hub::start("dispute").await;
    for manager in [MANAGER, BOSS, CHIEF] {
        hub.desk(manager, None).await;
    }
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let at = |command: &str| format!("{path}/{command}");
    let plan = json!({ "interim_plan": "He stays on the ward." });
    hub.post(MANAGER, &at("dispute"), 1, &plan).await.refused(409, "not_declined");
    let no = hub.post(BEN, &at("decline"), 1, &json!({ "reason": "not_our_area" })).await.ok();
    hub.post(ASHA, &at("dispute"), no.version(), &plan).await.refused(403, "forbidden");
    let disputed = hub.post(MANAGER, &at("dispute"), no.version(), &plan).await.ok();
    assert_eq!((&disputed.body["flags"]["disputed"], &disputed.body["holder"]), (&json!(true), &json!(MANCHESTER)));
    let newer = hub.post(ASHA, &at("interim-plan"), disputed.version(), &json!({ "interim_plan": "He stays, with a nurse." })).await.ok();
    let text = json!({ "text": "Salford assesses, Manchester keeps him tonight." });
    let one = hub.post(MANAGER, &at("settle"), newer.version(), &text).await.ok();
    assert_eq!(one.body["flags"]["disputed"], true);
    let both = hub.post(BOSS, &at("settle"), one.version(), &text).await.ok();
    assert_eq!((&both.body["flags"]["disputed"], &both.body["holder"]), (&json!(false), &json!(MANCHESTER)));
}
