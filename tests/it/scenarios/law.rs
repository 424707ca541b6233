//! Legal powers, missing children, conflicts of interest and conditions.

use serde_json::{Value, json};

use super::{ACT_NOW, BOLTON, MANCHESTER, SALFORD, acts, found_in, happened, hub_at, manager, offered, taken, worker};
use crate::flow::{Said as _, Story, offer, responsibility};

#[tokio::test]
async fn what_the_law_and_the_procedures_say_about_moving_is_kept() {
    let story = hub_at("law", "2026-11-23T10:00:00Z").await;
    police_protection_running(&story).await;
    care_order_or_emergency_protection_order_running(&story).await;
    missing_during_transfer(&story).await;
    staff_conflict_of_interest(&story).await;
    accepted_with_conditions(&story).await;
    what_was_agreed_by_voice_moves_nothing(&story).await;
    handed_back(&story).await;
    story.hub.finish().await;
}

async fn police_protection_running(story: &Story) {
    let child = found_in(story, MANCHESTER, "Nia Police").await.child;
    let desk = worker(story, MANCHESTER);
    let used = json!({ "power": "police_protection", "started_at": "2026-11-23T08:00:00Z" });
    story.on_child(&desk, &child, "powers", used.clone()).await.ok();
    let tomorrow = json!({ "power": "police_protection", "started_at": "2026-11-24T08:00:00Z" });
    story.on_child(&desk, &child, "powers", tomorrow).await.refused(422, "invalid");
    let shown = story.get(&worker(story, SALFORD), &responsibility(&child)).await.ok();
    let runs = json!([{ "power": "police_protection", "started_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-26T08:00:00Z" }]);
    assert_eq!(shown.body["powers"], runs, "72 hours from the instant it was used: {}", shown.body);
    // The duty to act may move while it runs.
    let transfer = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
    story.open_and_accept(&worker(story, SALFORD), &transfer).await.ok();
    assert_eq!(acts(story, &child).await, SALFORD);
    story.on_child(&worker(story, SALFORD), &child, "powers/end", json!({ "power": "police_protection" })).await.ok();
    story.get(&desk, &responsibility(&child)).await.ok().has("/powers", json!([]));
    assert_eq!(acts(story, &child).await, SALFORD, "that it ended moves nothing");
}

async fn care_order_or_emergency_protection_order_running(story: &Story) {
    let orders = [("Odile Order", "care_order", Value::Null), ("Paul Order", "emergency_protection_order", json!("2026-12-01T10:00:00Z"))];
    for (name, power, ends_at) in orders {
        let child = found_in(story, MANCHESTER, name).await.child;
        let desk = worker(story, MANCHESTER);
        story.on_child(&desk, &child, "plan", json!({ "kind": "looked_after" })).await.ok();
        let order = json!({ "power": power, "started_at": "2026-11-23T09:00:00Z", "ends_at": ends_at });
        story.on_child(&desk, &child, "powers", order).await.ok();
        story.get(&desk, &responsibility(&child)).await.ok().has("/plan", "looked_after");
        let sent = offer(SALFORD, "P2", &[(&child, &[ACT_NOW, "plan"])]);
        let refused = story.post(&desk, "/api/transfers", &sent).await.refused(409, "plan_stays");
        assert!(refused.text("/detail").contains("emergency duty may move"), "the rule is shown: {}", refused.body);
        let transfer = offered(story, (MANCHESTER, SALFORD), "P2", &child).await;
        story.open_and_accept(&worker(story, SALFORD), &transfer).await.ok();
        assert_eq!(acts(story, &child).await, SALFORD);
        assert_eq!(story.holder(&child, "plan").await.as_deref(), Some(MANCHESTER), "{power}");
    }
}

async fn missing_during_transfer(story: &Story) {
    let child = found_in(story, MANCHESTER, "Quinn Missing").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
    let (giver, taker, path) = (worker(story, MANCHESTER), worker(story, SALFORD), format!("/api/transfers/{transfer}"));
    story.on_transfer(&taker, &transfer, "open", json!({})).await.ok();
    story.on_child(&giver, &child, "missing", json!({})).await.ok().has("/missing", true);
    story.get(&taker, &path).await.ok().has("/flags/paused", true);
    assert!(story.get(&taker, &responsibility(&child)).await.ok().body["missing_since"].is_string(), "since when is said");
    story.on_transfer(&taker, &transfer, "accept", taken(&child)).await.refused(409, "child_missing");
    assert_eq!(acts(story, &child).await, MANCHESTER, "the holder stays responsible and looks for the child");
    story.on_child(&taker, &child, "found", json!({})).await.ok().has("/missing", false);
    story.get(&taker, &path).await.ok().has("/flags/paused", false);
    story.get(&taker, &responsibility(&child)).await.ok().has("/missing_since", Value::Null);
    story.on_transfer(&taker, &transfer, "accept", taken(&child)).await.ok();
    assert_eq!(acts(story, &child).await, SALFORD);
}

async fn staff_conflict_of_interest(story: &Story) {
    let child = found_in(story, MANCHESTER, "Rae Conflict").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P2", &child).await;
    let aunt = worker(story, SALFORD);
    story.on_transfer(&aunt, &transfer, "open", json!({})).await.ok();
    story.on_transfer(&aunt, &transfer, "conflict", json!({})).await.ok();
    story.on_transfer(&aunt, &transfer, "accept", taken(&child)).await.refused(409, "conflict_of_interest");
    story.on_transfer(&aunt, &transfer, "decline", json!({ "reason": "not_our_area" })).await.refused(409, "conflict_of_interest");
    story.on_transfer(&manager(story, SALFORD), &transfer, "accept", taken(&child)).await.ok();
    assert_eq!(acts(story, &child).await, SALFORD);
}

async fn accepted_with_conditions(story: &Story) {
    let child = found_in(story, MANCHESTER, "Sol If").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P2", &child).await;
    let (giver, taker) = (worker(story, MANCHESTER), worker(story, SALFORD));
    story.on_transfer(&taker, &transfer, "open", json!({})).await.ok();
    let conditional =
        json!({ "items": [{ "child_id": child, "duties": [ACT_NOW] }], "conditions": "If you stay until our worker is there." });
    let asked = story.on_transfer(&taker, &transfer, "accept", conditional).await.ok();
    asked.has("/state", "query").has("/flags/conditions_open", true).has("/still_responsible", MANCHESTER);
    assert_eq!(acts(story, &child).await, MANCHESTER, "a yes on conditions is a question");
    story.on_transfer(&taker, &transfer, "conditions/agree", json!({})).await.refused(409, "not_the_giver");
    story.on_transfer(&giver, &transfer, "conditions/agree", json!({})).await.ok().has("/flags/conditions_open", false);
    assert_eq!(acts(story, &child).await, MANCHESTER, "agreeing moves nothing either");
    story.on_transfer(&taker, &transfer, "accept", taken(&child)).await.ok();
    assert_eq!(acts(story, &child).await, SALFORD);
}

async fn what_was_agreed_by_voice_moves_nothing(story: &Story) {
    let child = found_in(story, MANCHESTER, "Tia Voice").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P2", &child).await;
    let agreed = json!({ "people": ["Manchester duty worker", "Salford duty worker"], "spoken_at": "2026-11-23T09:55:00Z",
                         "text": "Salford comes at noon." });
    let recorded = story.on_transfer(&worker(story, MANCHESTER), &transfer, "agreements", agreed).await.ok();
    recorded.has("/flags/provisional", true).has("/still_responsible", MANCHESTER);
    story.on_transfer(&worker(story, MANCHESTER), &transfer, "agreements/confirm", json!({})).await.refused(409, "no_agreement");
    story.on_transfer(&worker(story, SALFORD), &transfer, "agreements/confirm", json!({})).await.ok();
    assert_eq!(acts(story, &child).await, MANCHESTER);
    assert_eq!(happened(story, SALFORD, &transfer, "agreement_confirmed").await.len(), 1);
}

async fn handed_back(story: &Story) {
    let child = found_in(story, MANCHESTER, "Una Back").await.child;
    let transfer = offered(story, (MANCHESTER, BOLTON), "P2", &child).await;
    let (giver, taker) = (worker(story, MANCHESTER), worker(story, BOLTON));
    let back = json!({ "priority": "P3", "sheet": { "situation": "She is with her father in Manchester again." } });
    story.open_and_accept(&taker, &transfer).await.ok();
    story.on_transfer(&taker, &transfer, "hand-back", back.clone()).await.refused(409, "not_handed_over");
    let spoken = json!({ "giver": "Manchester", "taker": "Bolton", "not_spoken_because": "By the record alone, at the manager's word.",
                         "read_back": "I understand that she is ours." });
    story.on_transfer(&taker, &transfer, "handover", spoken.clone()).await.ok().has("/state", "received");
    story.on_transfer(&giver, &transfer, "handover", spoken).await.ok().has("/state", "handed_over");
    let handed = story.on_transfer(&taker, &transfer, "hand-back", back).await.ok().has("/state", "handed_back");
    assert_eq!(acts(story, &child).await, BOLTON, "whoever hands back holds it until the other accepts");
    story.open_and_accept(&giver, handed.text("/new_transfer/transfer_id")).await.ok();
    assert_eq!(acts(story, &child).await, MANCHESTER);
}
