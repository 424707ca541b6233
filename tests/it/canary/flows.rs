//! Every flow, with planted strings wherever a person types something.

use serde_json::{Value, json};

use super::{
    wire::Wire,
    words::{Canaries, Kind},
};

const GIVER: &str = "manchester-duty";
const TAKER: &str = "salford-duty";

/// A referral of two children, with a planted string in every field that takes a text.
pub(super) fn referral(canaries: &Canaries) -> Value {
    let place = || json!({ "address": canaries.next(Kind::Address), "postcode": canaries.next(Kind::Postcode), "borough": "E08000003" });
    let child = || {
        json!({
            "names": [canaries.next(Kind::Name), canaries.next(Kind::Name)], "date_of_birth": "2017-05-06", "nhs_number": canaries.next(Kind::NhsNumber),
            "home": place(), "child_says": canaries.sentence(),
        })
    };
    json!({
        "concern": canaries.sentence(),
        "referrer": { "name": canaries.next(Kind::Name), "role": "A&E nurse", "phone": canaries.next(Kind::Phone) },
        "child_is_now": place(), "danger_now": "yes", "children": [child(), child()], "parent_knows": "not_safe_to_ask",
        "with_the_child": canaries.sentence(), "needs": canaries.next(Kind::Text), "done_already": canaries.sentence(),
    })
}

/// A handover sheet of planted strings.
pub(super) fn sheet(canaries: &Canaries) -> Value {
    let text = || canaries.sentence();
    json!({
        "situation": text(), "assessment": text(), "family": text(), "expected": text(), "child_says": text(), "interim_plan": text(),
        "recording": text(), "not_known": [text(), text()],
    })
}

pub(super) fn offer(canaries: &Canaries, to: &str, child: &str, duty: &str) -> Value {
    let address = format!("{}, {}", canaries.next(Kind::Address), canaries.next(Kind::Postcode));
    let item = json!({ "child_id": child, "duties": [duty], "child_is_now": { "address": address } });
    json!({ "to": to, "priority": "P1", "items": [item], "sheet": sheet(canaries) })
}

pub(super) fn duties(child: &str) -> String {
    format!("/api/transfers/children/{child}/responsibility")
}

pub(super) async fn refer(wire: &Wire, canaries: &Canaries) -> (String, String, String) {
    let made = wire.post(GIVER, "/api/intake/referrals", None, &referral(canaries)).await.ok();
    let child = |number: usize| made.text(&format!("/children/{number}/child_id"));
    (format!("/api/intake/referrals/{}", made.text("/referral_id")), child(0), child(1))
}

pub(super) async fn play(wire: &Wire, canaries: &Canaries) {
    for _ in 0..12 {
        refer(wire, canaries).await;
    }
    intake(wire, canaries).await;
    handover(wire, canaries).await;
    disagreement(wire, canaries).await;
    about_a_child(wire, canaries).await;
    reading(wire).await;
}

async fn decide(wire: &Wire, canaries: &Canaries, referral: &str, outcome: &str) {
    wire.get(GIVER, &format!("{referral}/history")).await.ok();
    let decision = json!({ "outcome": outcome, "reason": canaries.sentence(), "repeat_prompt": canaries.sentence() });
    wire.on(GIVER, referral, "decisions", &decision).await.ok();
}

async fn intake(wire: &Wire, canaries: &Canaries) {
    let text = || canaries.sentence();
    let (referral, one, other) = refer(wire, canaries).await;
    decide(wire, canaries, &referral, "section_47_enquiry").await;
    for (command, body) in [
        ("information", json!({ "text": text() })),
        ("feedback", json!({ "text": text() })),
        ("withholdings", json!({ "what": text(), "reason": text() })),
        ("checks", json!({ "with": text(), "lawful_reason": text() })),
        ("cpis-checks", json!({ "outcome": "nothing_shown", "note": text() })),
        ("corrections", json!({ "field": "concern", "text": text() })),
    ] {
        wire.on(GIVER, &referral, command, &body).await.ok();
    }
    let (withdrawn, third, _) = refer(wire, canaries).await;
    wire.on(GIVER, &withdrawn, "withdrawal", &json!({ "reason": text() })).await.ok();
    for (command, body) in
        [("links", json!({ "other": third, "reason": text() })), ("unlinks", json!({ "other": third, "reason": text() }))]
    {
        wire.post(GIVER, &format!("/api/intake/children/{one}/{command}"), None, &body).await.ok();
    }
    let mut unborn = self::referral(canaries);
    unborn["children"] =
        json!([{ "names": [canaries.next(Kind::Name)], "expected_on": "2027-01-20", "home": { "address": canaries.next(Kind::Address) } }]);
    let made = wire.post(GIVER, "/api/intake/referrals", None, &unborn).await.ok();
    let born = json!({ "date_of_birth": "2026-11-20", "names": [canaries.next(Kind::Name)] });
    wire.post(GIVER, &format!("/api/intake/children/{}/birth", made.text("/children/0/child_id")), None, &born).await.ok();
    wire.get(GIVER, &duties(&other)).await.ok();
}

/// An offer to Salford of the duty to act now.
async fn offered(wire: &Wire, canaries: &Canaries) -> (String, String) {
    let (_, child, _) = refer(wire, canaries).await;
    wire.get(GIVER, &duties(&child)).await.ok();
    let made = wire.post(GIVER, "/api/transfers", None, &offer(canaries, "E08000006", &child, "emergency_action")).await.ok();
    (format!("/api/transfers/{}", made.text("/transfer_id")), child)
}

async fn handover(wire: &Wire, canaries: &Canaries) {
    let text = || canaries.sentence();
    let name = || canaries.next(Kind::Name);
    let (transfer, child) = offered(wire, canaries).await;
    let items = json!([{ "child_id": child, "duties": ["emergency_action"] }]);
    let spoken = json!({ "giver": name(), "taker": name(), "spoken_at": "2026-11-20T02:00:00Z", "read_back": text() });
    for (who, command, body) in [
        ("salford-system", "delivered", json!({ "route": "case_system" })),
        (TAKER, "open", json!({})),
        (TAKER, "questions", json!({ "text": text() })),
        (GIVER, "answers", json!({ "text": text() })),
        (GIVER, "corrections", json!({ "field": "situation", "text": text() })),
        (GIVER, "agreements", json!({ "people": [name(), name()], "spoken_at": "2026-11-20T02:00:00Z", "text": text() })),
        (TAKER, "agreements/confirm", json!({})),
        (TAKER, "accept", json!({ "items": items, "conditions": text() })),
        (GIVER, "conditions/agree", json!({})),
        (GIVER, "escalate", json!({})),
        (TAKER, "accept", json!({ "items": items })),
        (TAKER, "received", json!({})),
        (TAKER, "handover", spoken.clone()),
        (GIVER, "handover", json!({ "giver": name(), "taker": name(), "not_spoken_because": text() })),
        (TAKER, "hand-back", json!({ "priority": "P2", "sheet": sheet(canaries) })),
    ] {
        wire.on(who, &transfer, command, &body).await.ok();
    }
}

async fn disagreement(wire: &Wire, canaries: &Canaries) {
    let text = || canaries.sentence();
    let (transfer, _) = offered(wire, canaries).await;
    for (who, command, body) in [
        (TAKER, "open", json!({})),
        (TAKER, "decline", json!({ "reason": "other", "text": text(), "suggest": "E08000009" })),
        ("manchester-manager", "dispute", json!({ "interim_plan": text() })),
        (GIVER, "interim-plan", json!({ "interim_plan": text() })),
        ("manchester-manager", "settle", json!({ "text": text() })),
        ("salford-manager", "settle", json!({ "text": text() })),
        (GIVER, "redirect", json!({ "to": "E08000009" })),
    ] {
        wire.on(who, &transfer, command, &body).await.ok();
    }
    let (transfer, _) = offered(wire, canaries).await;
    wire.on(GIVER, &transfer, "withdraw", &json!({ "reason": text() })).await.ok();
    wire.on(GIVER, &transfer, "close", &json!({})).await.ok();
    let (transfer, _) = offered(wire, canaries).await;
    wire.on(TAKER, &transfer, "conflict", &json!({})).await.ok();
    // A borough of another area is not connected.
    let (_, child, _) = refer(wire, canaries).await;
    wire.get(GIVER, &duties(&child)).await.ok();
    let made = wire.post(GIVER, "/api/transfers", None, &offer(canaries, "E08000035", &child, "emergency_action")).await;
    if made.status == 201 {
        let elsewhere = json!({
            "items": [{ "child_id": child, "duties": ["emergency_action"] }], "person": canaries.next(Kind::Name), "role": "team manager",
            "spoken_at": "2026-11-20T02:00:00Z", "evidence": text(),
        });
        let path = format!("/api/transfers/{}", made.text("/transfer_id"));
        wire.on("manchester-manager", &path, "acceptance-elsewhere", &elsewhere).await.ok();
    }
}

async fn about_a_child(wire: &Wire, canaries: &Canaries) {
    let text = || canaries.sentence();
    let (referral, child, _) = refer(wire, canaries).await;
    decide(wire, canaries, &referral, "no_further_action").await;
    let about = duties(&child);
    wire.get(GIVER, &about).await.ok();
    for (command, body) in [
        ("plan", json!({ "kind": "child_protection" })),
        ("notices", json!({ "to": "E08000006", "text": text() })),
        ("missing", json!({})),
        ("found", json!({})),
        ("powers", json!({ "power": "care_order", "started_at": "2026-11-20T02:00:00Z" })),
        ("powers/end", json!({ "power": "care_order" })),
        ("shield", json!({ "shielded": true })),
        ("duties/plan/end", json!({ "reason": text() })),
    ] {
        wire.on(GIVER, &about, command, &body).await.ok();
    }
}

/// Whoever may read reads: lists, links to next pages, what the board sees.
async fn reading(wire: &Wire) {
    for path in
        ["/api/intake/referrals?borough=E08000003&limit=2", "/api/transfers?limit=1", "/api/transfers/night-list", "/api/transfers/desks"]
    {
        wire.get(GIVER, path).await.ok();
    }
    let list = wire.get(GIVER, "/api/intake/referrals?borough=E08000003&limit=20").await.ok();
    for one in list.body["items"].as_array().unwrap() {
        let referral = format!("/api/intake/referrals/{}", one["referral_id"].as_str().unwrap());
        let shown = wire.get(GIVER, &referral).await.ok();
        wire.get(GIVER, &format!("{referral}/history")).await.ok();
        for child in shown.body["children"].as_array().unwrap() {
            wire.get("board-auditor", &format!("/api/audit/chronologies/{}", child["child_id"].as_str().unwrap())).await.ok();
        }
    }
    wire.get("board-auditor", "/api/audit/handovers?limit=1").await.ok();
}
