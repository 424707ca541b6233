//! One child's way from the hospital to a handover that was received.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};
use testkit::TestHub;

use crate::flow::{Made, Said as _, Story, offer, responsibility};

const MANCHESTER: &str = "E08000003";
const SALFORD: &str = "E08000006";
const DUTIES: [&str; 2] = ["emergency_action", "enquiry"];

#[tokio::test]
async fn a_child_is_referred_decided_on_handed_over_and_held_at_every_instant() {
    let story = Story::new(TestHub::start_at("main-job", "2026-11-23T10:00:00Z", None).await.with_desks().await);
    let referral = the_right_borough_holds_the_child_at_once(&story).await;
    a_decision_follows_the_history(&story, &referral).await;
    let transfer = the_giver_stays_responsible_until_somebody_accepts(&story, &referral).await;
    the_giver_is_released_only_by_the_receipt(&story, &referral, &transfer).await;
    two_people_confirm_the_handover(&story, &referral, &transfer).await;
    every_instant_names_its_holder_and_the_event_that_made_it_so(&story, &referral).await;
    the_board_reads_who_did_what_and_when(&story, &referral).await;
    story.hub.finish().await;
}

async fn the_right_borough_holds_the_child_at_once(story: &Story) -> Made {
    let nurse = story.person("north-manchester-nurse");
    let sent = json!({
        "concern": "Scald on the left arm, said to be from a bath. The pattern does not fit.",
        "referrer": { "name": "A&E nurse in charge", "role": "A&E nurse", "phone": "0161 496 0900" },
        "child_is_now": { "site": "RW602" }, "danger_now": "yes",
        "children": [{ "names": ["Ottilie Example"], "date_of_birth": "2019-05-14", "nhs_number": "9990000018",
                       "home": { "address": "1 Example Street", "borough": SALFORD }, "child_says": "I don't want to go home." }],
        "with_the_child": "Mother, and a man who did not give his name.", "parent_knows": "yes", "done_already": "Arm dressed.",
    });
    let made = story.refer(&nurse, &sent).await;
    let receipt = made.reply.clone().has("/owner/borough", MANCHESTER).has("/owner/desk", "MASH").has("/home_borough", SALFORD);
    receipt.has("/decide_by", "2026-11-24T10:00:00Z").has("/edition", 1).has("/version", 1).has("/owner/name", "Manchester");
    assert!(made.reply.text("/owner/phone").starts_with("0161 496"), "{}", made.reply.body);
    assert!(made.reply.text("/reference").starts_with("SG-2026-"), "{}", made.reply.body);

    // Nobody waits for a view: the reader carries the position of the receipt.
    let position = made.reply.position.clone().unwrap_or_default();
    assert!(position.starts_with("intake:"), "{position}");
    let desk = story.person("manchester-duty");
    let request = desk.request(reqwest::Method::GET, &responsibility(&made.child)).header("Hub-After", position);
    let duty: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!((&duty["duties"][0]["duty"], &duty["duties"][0]["holder"]), (&json!("emergency_action"), &json!(MANCHESTER)), "{duty}");
    made
}

async fn a_decision_follows_the_history(story: &Story, referral: &Made) {
    story.hub.advance("2026-11-23T10:05:00Z").await;
    let desk = story.person("manchester-duty");
    let body = json!({ "outcome": "immediate_protection", "reason": "A fresh injury that the account does not explain." });
    story.on(&desk, &referral.path(), "decisions", body.clone()).await.refused(409, "history_not_read");
    let colleague = story.person("manchester-night");
    assert_eq!(story.history(&colleague, referral).await, Vec::<Value>::new());
    story.on(&desk, &referral.path(), "decisions", body.clone()).await.refused(409, "history_not_read");

    assert_eq!(story.history(&desk, referral).await, Vec::<Value>::new());
    let home = story.person("salford-duty");
    assert_eq!(story.history(&home, referral).await, Vec::<Value>::new());
    story.on(&home, &referral.path(), "decisions", body.clone()).await.refused(409, "not_yours_to_decide");
    let decided = story.on(&desk, &referral.path(), "decisions", body).await.ok();
    decided.has("/outcome", "immediate_protection").has("/edition", 1).has("/decided_at", "2026-11-23T10:05:00Z");

    for duty in DUTIES {
        assert_eq!(story.holder(&referral.child, duty).await.as_deref(), Some(MANCHESTER), "{duty}");
    }
    let told = json!({ "text": "We act tonight; the child stays on the ward." });
    story.on(&desk, &referral.path(), "feedback", told).await.ok();
}

async fn the_giver_stays_responsible_until_somebody_accepts(story: &Story, referral: &Made) -> String {
    story.hub.advance("2026-11-23T10:10:00Z").await;
    let (giver, taker) = (story.person("manchester-duty"), story.person("salford-duty"));
    let offered = story.post(&giver, "/api/transfers", &offer(SALFORD, "P1", &[(&referral.child, &DUTIES)])).await.ok();
    assert_eq!(offered.status, 201);
    let transfer = offered.text("/transfer_id").to_owned();
    let offered = offered.has("/state", "offered").has("/still_responsible", MANCHESTER).has("/version", 1);
    let offered = offered.has("/seen_by", "2026-11-23T10:20:00Z").has("/decide_by", "2026-11-23T11:10:00Z");
    assert!(!offered.text("/reference").is_empty());

    // The hospital follows it; it decides nothing. A borough that is no party does not learn that it exists.
    let nurse = story.person("north-manchester-nurse");
    let path = format!("/api/transfers/{transfer}");
    let followed = story.get(&nurse, &path).await.ok();
    assert_eq!(followed.body.get("sheet"), None, "a follower does not read the sheet");
    let taken = json!({ "items": [{ "child_id": referral.child, "duties": DUTIES }] });
    story.on_transfer(&nurse, &transfer, "accept", taken.clone()).await.refused(403, "forbidden");
    let stranger = story.person("bolton-duty");
    story.get(&stranger, &path).await.refused(404, "not_found");
    story.change(&stranger, &format!("{path}/accept"), 1, &taken).await.refused(404, "not_found");
    // The giver cannot accept for the taker.
    story.on_transfer(&giver, &transfer, "accept", taken).await.refused(409, "not_yours_to_answer");

    let opened = story.on_transfer(&taker, &transfer, "open", json!({})).await.ok().has("/state", "seen");
    assert_eq!(opened.body.get("seen_by"), None, "opening stops the clock");
    let before = story.get(&giver, &path).await.ok();
    before.has("/state", "seen").has("/still_responsible", MANCHESTER).has("/message", "You are still responsible.");
    transfer
}

async fn the_giver_is_released_only_by_the_receipt(story: &Story, referral: &Made, transfer: &str) {
    story.hub.advance("2026-11-23T10:15:00Z").await;
    let (giver, taker, path) = (story.person("manchester-duty"), story.person("salford-duty"), format!("/api/transfers/{transfer}"));
    let taken = json!({ "items": [{ "child_id": referral.child, "duties": DUTIES }] });
    let stale = story.change(&taker, &format!("{path}/accept"), 1, &taken).await.refused(412, "stale");
    assert!(stale.body.to_string().contains("seen"), "a stale caller is shown the state now: {}", stale.body);
    let accepted = story.on_transfer(&taker, transfer, "accept", taken).await.ok();
    accepted.has("/state", "accepted").has("/message", "You are responsible.");
    for duty in DUTIES {
        assert_eq!(story.holder(&referral.child, duty).await.as_deref(), Some(SALFORD), "{duty}");
    }
    story.get(&giver, &path).await.ok().has("/message", "Still yours, awaiting receipt.").has("/flags/awaiting_receipt", true);
    let machine = story.person("salford-system");
    story.on_transfer(&machine, transfer, "received", json!({})).await.ok().has("/state", "received");
    story.get(&giver, &path).await.ok().has("/message", "Salford is responsible.");
}

async fn two_people_confirm_the_handover(story: &Story, referral: &Made, transfer: &str) {
    story.hub.advance("2026-11-23T10:20:00Z").await;
    let (giver, taker) = (story.person("manchester-duty"), story.person("salford-duty"));
    let spoken = json!({ "giver": "Manchester duty worker", "taker": "Salford duty worker", "spoken_at": "2026-11-23T10:18:00Z" });
    story.on_transfer(&taker, transfer, "handover", spoken.clone()).await.refused(409, "read_back_missing");
    let mut read_back = spoken.clone();
    read_back["read_back"] = "I understand that the child stays on the ward until our worker has seen her.".into();
    story.on_transfer(&taker, transfer, "handover", read_back).await.ok().has("/state", "received");
    story.on_transfer(&giver, transfer, "handover", spoken).await.ok().has("/state", "handed_over");
    story.on_transfer(&taker, transfer, "close", json!({})).await.ok().has("/state", "closed");
    // The taker may now read the referral, which another borough received.
    story.get(&taker, &referral.path()).await.ok();
}

async fn every_instant_names_its_holder_and_the_event_that_made_it_so(story: &Story, referral: &Made) {
    let auditor = story.person("board-auditor");
    let at = async |instant: &str| story.get(&auditor, &format!("{}?at={instant}", responsibility(&referral.child))).await.ok();
    assert_eq!(at("2026-11-23T09:59:59Z").await.body["duties"], json!([]), "before the first record nobody held anything");
    let instants = [
        ("2026-11-23T10:00:00Z", MANCHESTER, 1),
        ("2026-11-23T10:04:59Z", MANCHESTER, 1),
        ("2026-11-23T10:05:00Z", MANCHESTER, 2),
        ("2026-11-23T10:14:59Z", MANCHESTER, 2),
        ("2026-11-23T10:15:00Z", SALFORD, 2),
        ("2026-11-23T10:20:00Z", SALFORD, 2),
    ];
    for (instant, holder, duties) in instants {
        let shown = at(instant).await;
        let held = shown.body["duties"].as_array().cloned().unwrap_or_default();
        assert_eq!(held.len(), duties, "{instant}: {}", shown.body);
        for duty in held {
            assert_eq!(duty["holder"], holder, "{instant}: {duty}");
            assert!(duty["because"]["event"].as_str().is_some_and(|event| !event.is_empty()), "{duty}");
            assert!(duty["because"]["position"].as_i64().is_some_and(|position| position > 0), "{duty}");
            assert!(duty["since"].as_str().is_some_and(|since| since <= instant), "{instant}: {duty}");
        }
    }
}

async fn the_board_reads_who_did_what_and_when(story: &Story, referral: &Made) {
    let lines = story.chronology(&referral.child).await;
    let told: Vec<(&str, &str, &str)> = lines
        .iter()
        .filter(|line| !line["kind"].as_str().is_some_and(|kind| kind.contains('.')))
        .map(|line| {
            let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let what = if text("/kind") == "transfer_changed" { text("/detail/step") } else { text("/kind") };
            (what, text("/actor/id"), text("/recorded_at"))
        })
        .collect();
    let expected = [
        ("referral_received", "north-manchester-nurse", "2026-11-23T10:00:00Z"),
        ("duty_opened", "north-manchester-nurse", "2026-11-23T10:00:00Z"),
        ("referral_decided", "manchester-duty", "2026-11-23T10:05:00Z"),
        ("duty_opened", "manchester-duty", "2026-11-23T10:05:00Z"),
        ("transfer_offered", "manchester-duty", "2026-11-23T10:10:00Z"),
        ("seen", "salford-duty", "2026-11-23T10:10:00Z"),
        ("accepted", "salford-duty", "2026-11-23T10:15:00Z"),
        ("duty_moved", "salford-duty", "2026-11-23T10:15:00Z"),
        ("duty_moved", "salford-duty", "2026-11-23T10:15:00Z"),
        ("received", "salford-system", "2026-11-23T10:15:00Z"),
        ("handover_confirmed", "salford-duty", "2026-11-23T10:20:00Z"),
        ("handover_confirmed", "manchester-duty", "2026-11-23T10:20:00Z"),
        ("handed_over", "manchester-duty", "2026-11-23T10:20:00Z"),
        ("closed", "salford-duty", "2026-11-23T10:20:00Z"),
    ];
    assert_eq!(told, expected);
    // Every look at the child's record is there too.
    let looks = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!(looks("referral.history_opened"), 3, "two of Manchester’s people and one of Salford’s");
    assert!(looks("referral.viewed") > 0);
}
