//! What a duty desk records about a child's duties.

use serde_json::{Value, json};

use super::hub::{ASHA, AUDITOR, BEN, BOSS, Hub, MANAGER, MANCHESTER, NURSE, SALFORD, SYSTEM, TESS, child, holder, items, offer};

async fn responsible(hub: &Hub, child: kernel::ChildId) -> Value {
    hub.get(NURSE, &format!("/children/{child}/responsibility")).await.ok().body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_is_ended_by_a_person_of_its_holder_and_not_while_something_about_the_child_is_open() {
    let mut hub = Hub::start("end").await;
    hub.desk(BOSS, None).await;
    let child = child();
    let referral = hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/children/{child}/duties/emergency_action/end");
    let why = json!({ "reason": "He sleeps, his aunt is with him." });
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let other = hub.post(BEN, &path, version, &why).await.refused(409, "not_the_holder");
    assert_eq!(other.body["duties"][0]["holder"], MANCHESTER);
    hub.post(ASHA, &path, version, &why).await.refused(409, "another_contact_undecided");
    hub.post(ASHA, &path, version + 5, &why).await.refused(412, "stale");
    hub.post(NURSE, &path, version, &why).await.refused(403, "forbidden");
    hub.decision(ASHA, referral, &[child], "immediate_protection").await;
    let offered = hub.offered(&[child]).await;
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    hub.post(ASHA, &path, version, &why).await.refused(409, "transfer_open");
    hub.post(ASHA, &format!("/{}/withdraw", offered.id()), 1, &json!({ "reason": "Not needed." })).await.ok();
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let ended = hub.post(ASHA, &path, version, &why).await.ok();
    assert_eq!(ended.headers["etag"], format!("\"{}\"", version + 1).as_str());
    let now = responsible(&hub, child).await;
    assert_eq!((holder(&now, "emergency_action"), holder(&now, "enquiry")), (None, Some(MANCHESTER)));
    let unknown = super::hub::child();
    hub.post(ASHA, &format!("/children/{unknown}/duties/plan/end"), 1, &why).await.refused(404, "not_found");
    hub.post(ASHA, &format!("/children/{child}/duties/marigold/end"), 1, &why).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_stays_while_a_care_order_runs_and_the_emergency_duty_moves() {
    let mut hub = Hub::start("plan").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let at = |command: &str| format!("/children/{child}/{command}");
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let planned = hub.post(ASHA, &at("plan"), version, &json!({ "kind": "looked_after" })).await.ok();
    assert_eq!(planned.body["plan"], "looked_after");
    hub.post(BEN, &at("plan"), planned.version(), &json!({ "kind": "child_in_need" })).await.refused(409, "not_the_holder");
    let order = json!({ "power": "care_order", "started_at": "2026-11-01T10:00:00Z" });
    let ordered = hub.post(ASHA, &at("powers"), planned.version(), &order).await.ok();
    let police = json!({ "power": "police_protection", "started_at": "2026-11-23T02:00:00Z" });
    hub.post(ASHA, &at("powers"), ordered.version(), &police).await.ok();
    let mut plan = offer(SALFORD, &[child]);
    plan["items"][0]["duties"] = json!(["plan"]);
    hub.create(ASHA, "", &plan).await.refused(409, "plan_stays");
    let path = format!("/{}", hub.offered(&[child]).await.id());
    hub.post(BEN, &format!("{path}/accept"), 1, &items(&[child])).await.ok();
    let now = responsible(&hub, child).await;
    assert_eq!((holder(&now, "plan"), holder(&now, "emergency_action")), (Some(MANCHESTER), Some(SALFORD)));
    let version = now["version"].as_i64().unwrap();
    hub.post(ASHA, &at("powers/end"), version, &json!({ "power": "care_order" })).await.ok();
    hub.post(ASHA, &at("powers"), version + 1, &json!({ "power": "care_order", "started_at": "2030-01-01T00:00:00Z" }))
        .await
        .refused(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_child_pauses_its_transfer_and_the_holder_stays_responsible() {
    let mut hub = Hub::start("missing").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let missing = hub.post(BEN, &format!("/children/{child}/missing"), version, &json!({})).await.ok();
    assert_eq!(missing.body["missing"], true);
    assert_eq!(hub.get(ASHA, &path).await.ok().body["flags"]["paused"], true);
    let refused = hub.post(BEN, &format!("{path}/accept"), 1, &items(&[child])).await.refused(409, "child_missing");
    assert_eq!(refused.body["holder"], MANCHESTER);
    hub.post(ASHA, &format!("/children/{child}/found"), missing.version(), &json!({})).await.ok();
    hub.post(BEN, &format!("{path}/accept"), 1, &items(&[child])).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_shielded_child_is_on_no_sheet_and_a_notice_moves_nothing() {
    let mut hub = Hub::start("shield").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let at = |command: &str| format!("/children/{child}/{command}");
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let shielded = hub.post(ASHA, &at("shield"), version, &json!({ "shielded": true })).await.ok();
    let mut with_address = offer(SALFORD, &[child]);
    with_address["items"][0]["child_is_now"] = json!({ "address": "1 Marigold Way" });
    hub.create(ASHA, "", &with_address).await.refused(409, "shielded_address");
    with_address["items"][0]["child_is_now"] = json!({ "contact_desk": MANCHESTER });
    let path = format!("/{}", hub.create(ASHA, "", &with_address).await.ok().id());
    assert_eq!(hub.get(BEN, &path).await.ok().body["sheet"]["children"][0]["child_is_now"], json!({ "contact_desk": MANCHESTER }));
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let notice = json!({ "to": SALFORD, "until": "2026-12-01T00:00:00Z", "text": "With the grandmother." });
    let noticed = hub.post(ASHA, &at("notices"), version, &notice).await.ok();
    let born = hub.post(ASHA, &at("birth"), noticed.version(), &json!({ "born_on": "2026-11-22" })).await.ok();
    hub.post(ASHA, &at("birth"), born.version(), &json!({ "born_on": "2026-11-24" })).await.refused(422, "invalid");
    assert_eq!(holder(&responsible(&hub, child).await, "emergency_action"), Some(MANCHESTER));
    assert!(shielded.body["shielded"].as_bool().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_read_by_the_borough_that_gave_it_and_the_one_it_went_to_and_each_look_is_recorded_first() {
    let mut hub = Hub::start("notices").await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/children/{child}/notices");
    assert_eq!(hub.get(ASHA, &path).await.ok().body["notices"], json!([]), "the holder reads that there are none");
    hub.get(BEN, &path).await.refused(404, "not_found");
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let notice = json!({ "to": SALFORD, "until": "2026-12-01T00:00:00Z", "text": "With the grandmother." });
    hub.post(ASHA, &path, version, &notice).await.ok();
    for (who, looks) in [(BEN, 1), (SYSTEM, 2), (ASHA, 3)] {
        let told = hub.get(who, &path).await.ok().body["notices"][0].clone();
        assert_eq!((&told["text"], &told["from"]), (&json!("With the grandmother."), &json!(MANCHESTER)));
        assert_eq!((&told["to"], &told["until"], &told["at"]), (&json!(SALFORD), &notice["until"], &json!("2026-11-23T02:14:00Z")));
        assert_eq!((&told["by"]["name"], &told["by"]["role"]), (&json!("Name of asha"), &json!("duty_worker")));
        assert_eq!(hub.types().await.iter().filter(|what| *what == "notices.viewed").count(), looks);
    }
    let audited = hub.get(AUDITOR, &path).await.ok().body;
    assert_eq!((&audited["notices"][0]["to"], audited["notices"][0].get("text")), (&json!(SALFORD), None));
    for who in [TESS, NURSE] {
        hub.get(who, &path).await.refused(404, "not_found");
    }
    hub.get(BEN, &format!("/children/{}/notices", super::hub::child())).await.refused(404, "not_found");
    let head = hub.send(BEN, (axum::http::Method::HEAD, &path), &[], None).await;
    assert_eq!((head.status, head.headers["allow"].to_str().unwrap()), (405, "GET, POST"));
    assert_eq!(hub.types().await.iter().filter(|what| *what == "notices.viewed").count(), 3, "who reads no text is no look");
    assert_eq!(responsible(&hub, child).await["version"], version + 1, "looking makes no version stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_duty_ended_is_read_by_whoever_held_it_or_holds_a_duty_now() {
    let mut hub = Hub::start("ended").await;
    hub.desk(BOSS, None).await;
    let child = child();
    let referral = hub.referral(MANCHESTER, &[child]).await;
    hub.decision(ASHA, referral, &[child], "immediate_protection").await;
    let path = format!("/children/{child}/notices");
    let version = responsible(&hub, child).await["version"].as_i64().unwrap();
    let why = json!({ "reason": "He sleeps, his aunt is with him." });
    hub.post(ASHA, &format!("/children/{child}/duties/emergency_action/end"), version, &why).await.ok();
    let ended = hub.get(ASHA, &path).await.ok().body["ended"][0].clone();
    assert_eq!((&ended["duty"], &ended["holder"], &ended["text"]), (&json!("emergency_action"), &json!(MANCHESTER), &why["reason"]));
    hub.get(BEN, &path).await.refused(404, "not_found");
    let mut enquiry = offer(SALFORD, &[child]);
    enquiry["items"][0]["duties"] = json!(["enquiry"]);
    let offered = hub.create(ASHA, "", &enquiry).await.ok();
    hub.get(BEN, &path).await.refused(404, "not_found");
    let taken = json!({ "items": [{ "child_id": child, "duties": ["enquiry"] }] });
    hub.post(BEN, &format!("/{}/accept", offered.id()), 1, &taken).await.ok();
    assert_eq!(hub.get(BEN, &path).await.ok().body["ended"][0]["text"], why["reason"], "Salford holds a duty now");
    assert_eq!(hub.get(ASHA, &path).await.ok().body["ended"][0]["text"], why["reason"], "Manchester held it");
    let audited = hub.get(AUDITOR, &path).await.ok().body;
    assert_eq!((&audited["ended"][0]["duty"], audited["ended"][0].get("text")), (&json!("emergency_action"), None));
}
