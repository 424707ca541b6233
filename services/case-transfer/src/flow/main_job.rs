//! The main job: a child found in one borough becomes another's responsibility, and everybody can see it.

use serde_json::json;

use super::hub::{ASHA, AUDITOR, BEN, BOSS, Hub, MANAGER, MANCHESTER, NURSE, OPERATOR, SALFORD, child, holder, items};

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_handed_over_and_everybody_can_see_who_is_responsible() {
    let mut hub = Hub::start("main").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let at = format!("/children/{child}/responsibility");
    for who in [ASHA, BEN, NURSE, AUDITOR] {
        let seen = hub.get(who, &at).await.ok();
        assert_eq!(holder(&seen.body, "emergency_action"), Some(MANCHESTER));
        assert_eq!(seen.headers["etag"], format!("\"{}\"", seen.version()).as_str());
    }
    let first = hub.get(NURSE, &at).await.ok().body;
    assert_eq!(first["duties"][0]["since"], "2026-11-23T02:14:00Z");
    assert_eq!(
        (&first["duties"][0]["because"]["event"], &first["duties"][0]["holder_name"]),
        (&json!("duty.opened"), &json!("Manchester"))
    );
    assert_eq!((&first["duties"][0]["desk"], &first["duties"][0]["desk_phone"]), (&json!("EDT"), &json!("0161 496 0002")));
    hub.get(OPERATOR, &at).await.refused(403, "forbidden");

    hub.advance(60);
    let offered = hub.offered(&[child]).await;
    assert_eq!((offered.status, &offered.body["state"]), (201, &json!("offered")));
    assert_eq!((&offered.body["still_responsible"], &offered.body["message"]), (&json!(MANCHESTER), &json!("You are still responsible.")));
    assert_eq!((&offered.body["seen_by"], &offered.body["decide_by"]), (&json!("2026-11-23T02:25:00Z"), &json!("2026-11-23T03:15:00Z")));
    assert!(offered.body["reference"].as_str().unwrap().starts_with("ST-2026-"));
    assert_eq!((offered.version(), &offered.headers["etag"]), (1, &"\"1\"".parse().unwrap()));
    assert!(offered.headers["hub-position"].to_str().unwrap().starts_with("transfers:"));
    let path = format!("/{}", offered.id());

    hub.advance(60);
    let seen = hub.post(BEN, &format!("{path}/open"), 1, &json!({})).await.ok();
    assert_eq!(
        (&seen.body["state"], &seen.body["still_responsible"], seen.body.get("seen_by")),
        (&json!("seen"), &json!(MANCHESTER), None)
    );
    assert_eq!(seen.body["message"], "Manchester is still responsible.");
    hub.advance(60);
    let accepted = hub.post(BEN, &format!("{path}/accept"), seen.version(), &items(&[child])).await.ok();
    assert_eq!((&accepted.body["state"], &accepted.body["holder"]), (&json!("accepted"), &json!(SALFORD)));
    assert_eq!((&accepted.body["message"], accepted.body.get("still_responsible")), (&json!("You are responsible."), None));
    assert_eq!(accepted.body["handover_by"], "2026-11-23T02:47:00Z");
    let now = hub.get(NURSE, &at).await.ok().body;
    assert_eq!(holder(&now, "emergency_action"), Some(SALFORD));
    assert_eq!(
        (&now["duties"][0]["because"]["event"], &now["duties"][0]["awaiting_receipt_of"]),
        (&json!("duty.moved"), &json!(MANCHESTER))
    );
    // To the giver it is still theirs until the receiving desk says that it knows.
    assert_eq!(hub.get(ASHA, &path).await.ok().body["message"], "Still yours, awaiting receipt.");

    let received = hub.post(BEN, &format!("{path}/received"), accepted.version(), &json!({})).await.ok();
    assert_eq!((&received.body["state"], &received.body["flags"]["awaiting_receipt"]), (&json!("received"), &json!(false)));
    assert_eq!(hub.get(ASHA, &path).await.ok().body["message"], "Salford is responsible.");
    assert_eq!(hub.get(NURSE, &at).await.ok().body["duties"][0]["awaiting_receipt_of"], json!(null));

    let spoken = json!({ "giver": "Asha", "taker": "Ben", "spoken_at": "2026-11-23T02:16:30Z", "read_back": "I understand that he fell." });
    let one = hub.post(BEN, &format!("{path}/handover"), received.version(), &spoken).await.ok();
    assert_eq!(one.body["state"], "received");
    let both = hub.post(ASHA, &format!("{path}/handover"), one.version(), &spoken).await.ok();
    assert_eq!(both.body["state"], "handed_over");
    let closed = hub.post(BEN, &format!("{path}/close"), both.version(), &json!({})).await.ok();
    assert_eq!(closed.body["state"], "closed");
    assert_eq!(hub.get(BEN, &path).await.ok().body["sheet"]["child_says"], "He fell on me.");
}

#[tokio::test(flavor = "multi_thread")]
async fn responsibility_is_answered_for_any_instant_from_the_first_record_on() {
    let mut hub = Hub::start("past").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    hub.advance(600);
    let offered = hub.offered(&[child]).await;
    hub.advance(1);
    hub.post(BEN, &format!("/{}/accept", offered.id()), 1, &items(&[child])).await.ok();
    let at = |instant: &str| format!("/children/{child}/responsibility?at={instant}");
    let holder_at = async |instant: &str| {
        let answer = hub.get(AUDITOR, &at(instant)).await.ok().body;
        (holder(&answer, "emergency_action").map(str::to_owned), answer["duties"][0]["because"]["event"].as_str().map(str::to_owned))
    };
    let gave = |holder: &str, event: &str| (Some(holder.to_owned()), Some(event.to_owned()));
    assert_eq!(holder_at("2026-11-23T02:13:59.999999Z").await, (None, None));
    assert_eq!(holder_at("2026-11-23T02:14:00Z").await, gave(MANCHESTER, "duty.opened"));
    assert_eq!(holder_at("2026-11-23T02:24:00.999999Z").await, gave(MANCHESTER, "duty.opened"));
    assert_eq!(holder_at("2026-11-23T02:24:01Z").await, gave(SALFORD, "duty.moved"));
    hub.get(AUDITOR, &at("2030-01-01T00:00:00Z")).await.refused(422, "invalid");
    hub.get(AUDITOR, &at("yesterday")).await.refused(422, "invalid");
    let nobody = super::hub::child();
    hub.get(AUDITOR, &format!("/children/{nobody}/responsibility")).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_offer_leaves_the_giver_responsible_and_tells_them_so() {
    let mut hub = Hub::start("decline").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let offered = hub.offered(&[child]).await;
    let path = format!("/{}", offered.id());
    hub.post(BEN, &format!("{path}/decline"), 1, &json!({ "reason": "below_threshold" })).await.refused(422, "invalid");
    let no = json!({ "reason": "not_our_area", "text": "The address is in Trafford." });
    let declined = hub.post(BEN, &format!("{path}/decline"), 1, &no).await.ok();
    assert_eq!((&declined.body["state"], &declined.body["still_responsible"]), (&json!("declined"), &json!(MANCHESTER)));
    let shown = hub.get(ASHA, &path).await.ok().body;
    assert_eq!((&shown["message"], &shown["state"]), (&json!("You are still responsible."), &json!("declined")));
    let last = shown["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["code"], &last["text"]), (&json!("not_our_area"), &json!("The address is in Trafford.")));
    let late = hub.post(BEN, &format!("{path}/accept"), declined.version(), &items(&[child])).await.refused(409, "declined");
    assert_eq!((&late.body["state"], &late.body["holder"]), (&json!("declined"), &json!(MANCHESTER)));
    let at = format!("/children/{child}/responsibility");
    assert_eq!(holder(&hub.get(ASHA, &at).await.ok().body, "emergency_action"), Some(MANCHESTER));
}
