//! What is said between offer and answer, and the ways out.

use serde_json::{Value, json};

use super::hub::{ASHA, BEN, BOSS, CHIEF, Hub, MANAGER, MANCHESTER, NURSE, SALFORD, SYSTEM, TESS, TRAFFORD, child, holder, items, offer};

async fn ready(name: &str) -> (Hub, kernel::ChildId, String) {
    let mut hub = Hub::start(name).await;
    for manager in [MANAGER, BOSS, CHIEF] {
        hub.desk(manager, None).await;
    }
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    (hub, child, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_asks_the_giver_answers_and_conditions_need_the_givers_agreement() {
    let (hub, child, path) = ready("talk").await;
    let at = |command: &str| format!("{path}/{command}");
    hub.post(ASHA, &at("open"), 1, &json!({})).await.refused(409, "not_yours_to_answer");
    let delivered = hub.post(SYSTEM, &at("delivered"), 1, &json!({})).await.ok();
    assert_eq!(delivered.body["state"], "delivered");
    let asked = hub.post(BEN, &at("questions"), 2, &json!({ "text": "Where is the brother?" })).await.ok();
    assert_eq!((&asked.body["state"], asked.body["decide_by"].is_string()), (&json!("query"), true));
    hub.post(BEN, &at("answers"), asked.version(), &json!({ "text": "x" })).await.refused(409, "not_the_giver");
    let told = hub.post(ASHA, &at("answers"), asked.version(), &json!({ "text": "With the aunt." })).await.ok();
    assert_eq!(told.body["state"], "seen");
    let conditions = json!({ "conditions": "If the consultant stays on call." });
    let query = hub.post(BEN, &at("accept"), told.version(), &conditions).await.ok();
    assert_eq!(
        (&query.body["state"], &query.body["flags"]["conditions_open"], &query.body["holder"]),
        (&json!("query"), &json!(true), &json!(MANCHESTER))
    );
    let agreed = hub.post(ASHA, &at("conditions/agree"), query.version(), &json!({})).await.ok();
    let accepted = hub.post(BEN, &at("accept"), agreed.version(), &items(&[child])).await.ok();
    assert_eq!(accepted.body["holder"], SALFORD);
    let shown = hub.get(ASHA, &path).await.ok().body;
    let texts: Vec<&Value> = shown["history"].as_array().unwrap().iter().filter_map(|line| line.get("text")).collect();
    assert_eq!(texts, [&json!("Where is the brother?"), &json!("With the aunt."), &json!("If the consultant stays on call.")]);
    let late =
        hub.post(ASHA, &at("withdraw"), accepted.version(), &json!({ "reason": "Too late." })).await.refused(409, "already_accepted");
    assert_eq!((&late.body["holder"], &late.body["state"]), (&json!(SALFORD), &json!("accepted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_new_offer_with_the_same_sheet_and_the_whole_age() {
    let (hub, child, path) = ready("redirect").await;
    hub.advance(300);
    hub.post(ASHA, &format!("{path}/redirect"), 1, &json!({ "to": SALFORD })).await.refused(409, "same_borough");
    let moved = hub.post(ASHA, &format!("{path}/redirect"), 1, &json!({ "to": TRAFFORD })).await.ok();
    let new = &moved.body["new_transfer"];
    assert_eq!(
        (&moved.body["state"], &new["state"], &new["still_responsible"]),
        (&json!("redirected"), &json!("offered"), &json!(MANCHESTER))
    );
    assert_eq!((&new["first_offered_at"], &moved.body["next"]), (&json!("2026-11-23T02:14:00Z"), &new["transfer_id"]));
    assert_ne!(new["reference"], moved.body["reference"]);
    let next = format!("/{}", new["transfer_id"].as_str().unwrap());
    let shown = hub.get(TESS, &next).await.ok().body;
    assert_eq!((&shown["sheet"]["child_says"], &shown["reference"]), (&json!("He fell on me."), &new["reference"]));
    hub.get(BEN, &next).await.refused(404, "not_found");
    hub.post(TESS, &format!("{next}/accept"), 1, &items(&[child])).await.ok();
    let at = format!("/children/{child}/responsibility");
    assert_eq!(holder(&hub.get(NURSE, &at).await.ok().body, "emergency_action"), Some(TRAFFORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_offered_back_and_held_until_the_other_accepts() {
    let (hub, child, path) = ready("back").await;
    let at = |command: &str| format!("{path}/{command}");
    let sheet = json!({ "priority": "P2", "sheet": { "situation": "He lives with you after all." } });
    hub.post(BEN, &at("hand-back"), 1, &sheet).await.refused(409, "not_accepted");
    hub.post(BEN, &at("accept"), 1, &items(&[child])).await.ok();
    hub.post(BEN, &at("received"), 2, &json!({})).await.ok();
    let spoken = json!({ "giver": "Asha", "taker": "Ben", "not_spoken_because": "She is with the child.", "read_back": "I understand that he is on ward 3." });
    let neither = json!({ "giver": "Asha", "taker": "Ben" });
    hub.post(BEN, &at("handover"), 3, &neither).await.refused(422, "invalid");
    let one = hub.post(BEN, &at("handover"), 3, &spoken).await.ok();
    let both = hub.post(ASHA, &at("handover"), one.version(), &spoken).await.ok();
    let back = hub.post(BEN, &at("hand-back"), both.version(), &sheet).await.ok();
    let new = back.body["new_transfer"].clone();
    assert_eq!(
        (&back.body["state"], &new["from"], &new["to"], &new["priority"]),
        (&json!("handed_back"), &json!(SALFORD), &json!(MANCHESTER), &json!("P2"))
    );
    let responsible = format!("/children/{child}/responsibility");
    assert_eq!(holder(&hub.get(NURSE, &responsible).await.ok().body, "emergency_action"), Some(SALFORD));
    hub.post(ASHA, &format!("/{}/accept", new["transfer_id"].as_str().unwrap()), 1, &items(&[child])).await.ok();
    assert_eq!(holder(&hub.get(NURSE, &responsible).await.ok().body, "emergency_action"), Some(MANCHESTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoken_agreement_moves_nothing_and_a_correction_stands_beside_the_sheet() {
    let (hub, child, path) = ready("agreed").await;
    let at = |command: &str| format!("{path}/{command}");
    let agreement = json!({ "people": ["Asha", "Ben"], "spoken_at": "2026-11-23T02:13:00Z", "text": "Ben takes him." });
    let recorded = hub.post(ASHA, &at("agreements"), 1, &agreement).await.ok();
    assert_eq!((&recorded.body["flags"]["provisional"], &recorded.body["holder"]), (&json!(true), &json!(MANCHESTER)));
    hub.post(ASHA, &at("agreements/confirm"), recorded.version(), &json!({})).await.refused(409, "no_agreement");
    let confirmed = hub.post(BEN, &at("agreements/confirm"), recorded.version(), &json!({})).await.ok();
    assert_eq!(confirmed.body["holder"], MANCHESTER);
    let fact = json!({ "field": "situation", "text": "It was 01:40." });
    let corrected = hub.post(ASHA, &at("corrections"), confirmed.version(), &fact).await.ok();
    hub.post(ASHA, &at("corrections"), corrected.version(), &json!({ "field": "Not a field", "text": "x" })).await.refused(422, "invalid");
    let shown = hub.get(BEN, &path).await.ok().body;
    assert_eq!(shown["sheet"]["situation"], "Seen at 01:50 with a bruise that nobody explains.");
    assert_eq!(shown["history"].as_array().unwrap().last().unwrap()["text"], "It was 01:40.");
    hub.post(ASHA, &at("close"), corrected.version(), &json!({})).await.refused(409, "not_finished");
    let conflict = hub.post(BEN, &at("conflict"), corrected.version(), &json!({})).await.ok();
    hub.post(BEN, &at("accept"), conflict.version(), &items(&[child])).await.refused(409, "conflict_of_interest");
    let withdrawn = hub.post(ASHA, &at("withdraw"), conflict.version(), &json!({ "reason": "Offered to the wrong team." })).await.ok();
    assert_eq!((&withdrawn.body["state"], &withdrawn.body["message"]), (&json!("withdrawn"), &json!("You are still responsible.")));
    assert_eq!(hub.post(ASHA, &at("close"), withdrawn.version(), &json!({})).await.ok().body["state"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn siblings_may_be_split_and_what_is_not_taken_stays_with_the_giver() {
    let mut hub = Hub::start("siblings").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let (one, two) = (child(), child());
    hub.referral(MANCHESTER, &[one, two]).await;
    let path = format!("/{}", hub.offered(&[one, two]).await.id());
    let accepted = hub.post(BEN, &format!("{path}/accept"), 1, &items(&[one])).await.ok();
    assert_eq!((&accepted.body["holder"], &accepted.body["still_responsible"]), (&json!(SALFORD), &json!(MANCHESTER)));
    let of = async |child: kernel::ChildId| {
        let seen = hub.get(NURSE, &format!("/children/{child}/responsibility")).await.ok().body;
        holder(&seen, "emergency_action").map(str::to_owned)
    };
    assert_eq!((of(one).await.as_deref(), of(two).await.as_deref()), (Some(SALFORD), Some(MANCHESTER)));
    let shown = hub.get(ASHA, &path).await.ok().body;
    let split = shown["history"].as_array().unwrap().iter().find(|line| line["what"] == "siblings_split").unwrap().clone();
    assert_eq!(split["told"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borough_that_is_not_connected_takes_a_duty_only_by_a_named_acceptance_that_a_manager_records() {
    let mut hub = Hub::start("elsewhere").await;
    hub.desk(MANAGER, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.create(ASHA, "", &offer(SALFORD, &[child])).await.ok().id());
    let mut acceptance = items(&[child]);
    acceptance["person"] = json!("Bola");
    acceptance["role"] = json!("duty manager");
    acceptance["spoken_at"] = json!("2026-11-23T02:14:00Z");
    acceptance["evidence"] = json!("E-mail of 02:13.");
    hub.post(ASHA, &format!("{path}/acceptance-elsewhere"), 1, &acceptance).await.refused(403, "forbidden");
    let recorded = hub.post(MANAGER, &format!("{path}/acceptance-elsewhere"), 1, &acceptance).await.ok();
    assert_eq!((&recorded.body["holder"], &recorded.body["state"]), (&json!(SALFORD), &json!("received")));
    let shown = hub.get(MANAGER, &path).await.ok().body;
    assert_eq!(shown["history"].as_array().unwrap().last().unwrap()["evidence"], "E-mail of 02:13.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_offer_stands_for_an_earlier_one() {
    let (hub, child, path) = ready("newer").await;
    let mut newer = offer(SALFORD, &[child]);
    newer["priority"] = json!("P2");
    newer["replaces"] = json!(path.trim_start_matches('/'));
    hub.create(ASHA, "", &newer).await.refused(422, "invalid");
    newer["replaces_version"] = json!(1);
    hub.create(TESS, "", &newer).await.refused(404, "not_found");
    let new = hub.create(ASHA, "", &newer).await.ok();
    assert_eq!((&new.body["state"], &new.body["previous"]), (&json!("offered"), &newer["replaces"]));
    let before = hub.get(BEN, &path).await.ok().body;
    assert_eq!((&before["state"], &before["next"]), (&json!("superseded"), &new.body["transfer_id"]));
    hub.post(BEN, &format!("{path}/accept"), 2, &items(&[child])).await.refused(409, "superseded");
    let seen = hub.get(NURSE, &format!("/children/{child}/responsibility")).await.ok().body;
    assert_eq!(seen["transfers"][0]["transfer_id"], new.body["transfer_id"], "whoever raised the concern finds the transfer to follow");
    assert_eq!(hub.get(CHIEF, &format!("/children/{child}/responsibility")).await.ok().body["transfers"], json!([]));
}
