//! What is shown to whom, and what is refused at the door.

use axum::http::Method;
use serde_json::json;

use super::hub::{
    ASHA, AUDITOR, BEN, BOSS, CHIEF, Hub, MANAGER, MANCHESTER, NURSE, SALFORD, SYSTEM, TESS, TRAFFORD, Who, child, holder, items, offer,
};

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

async fn looks(hub: &Hub) -> usize {
    hub.types().await.iter().filter(|what| *what == "sheet.viewed").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_a_sheet_is_on_the_record_and_who_has_no_part_any_more_reads_none() {
    let (hub, _, path) = ready("looks").await;
    hub.get(BEN, &path).await.ok();
    hub.get(SYSTEM, &path).await.ok();
    assert_eq!(looks(&hub).await, 2);
    hub.get(NURSE, &path).await.ok();
    hub.get(AUDITOR, &path).await.ok();
    assert_eq!(looks(&hub).await, 2, "they see no sheet");
    let log = hub.log().await;
    let look = log.iter().rev().find(|recorded| kernel::StoredEvent::type_name(&recorded.event) == "sheet.viewed").unwrap();
    assert_eq!((look.actor.id.as_str(), look.version), ("salford-system", 2));
    let conflict = hub.post(BEN, &format!("{path}/conflict"), 1, &json!({})).await.ok();
    assert_eq!(conflict.version(), 2, "looking makes no version stale");
    let shown = hub.get(BEN, &path).await.ok().body;
    assert_eq!((shown.get("sheet"), &shown["state"]), (None, &json!("offered")));
    assert!(hub.get(BOSS, &path).await.ok().body["sheet"].is_object(), "a colleague goes on");
    hub.post(BOSS, &format!("{path}/decline"), 2, &json!({ "reason": "not_our_area" })).await.ok();
    let shown = hub.get(BOSS, &path).await.ok().body;
    assert_eq!((shown.get("sheet"), &shown["state"]), (None, &json!("declined")));
    assert!(hub.get(ASHA, &path).await.ok().body["sheet"].is_object(), "the giver keeps its own sheet");
    assert_eq!(looks(&hub).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_sent_before_the_shield_is_not_shown_after_it() {
    let (mut hub, _, _) = ready("later-shield").await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let mut with_address = offer(SALFORD, &[child]);
    with_address["items"][0]["child_is_now"] = json!({ "address": "1 Marigold Way" });
    let path = format!("/{}", hub.create(ASHA, "", &with_address).await.ok().id());
    assert!(hub.get(BEN, &path).await.ok().body.to_string().contains("1 Marigold Way"));
    let version = hub.get(ASHA, &format!("/children/{child}/responsibility")).await.ok().version();
    hub.post(ASHA, &format!("/children/{child}/shield"), version, &json!({ "shielded": true })).await.ok();
    let shown = hub.get(BEN, &path).await.ok().body;
    assert!(!shown.to_string().contains("Marigold"));
    let first = &shown["sheet"]["children"][0];
    assert_eq!((&first["child_is_now"], &first["shielded"]), (&json!({ "contact_desk": MANCHESTER }), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_names_the_holder_as_the_ledger_does() {
    let (hub, child, first) = ready("list-words").await;
    hub.post(BEN, &format!("{first}/decline"), 1, &json!({ "reason": "not_our_area" })).await.ok();
    let second = format!("/{}", hub.create(ASHA, "", &offer(TRAFFORD, &[child])).await.ok().id());
    let accepted = hub.post(TESS, &format!("{second}/accept"), 1, &items(&[child])).await.ok();
    let of = async |path: &str| {
        let list = hub.get(ASHA, "?direction=out").await.ok().body;
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|item| format!("/{}", item["transfer_id"].as_str().unwrap()) == path).unwrap()
    };
    assert_eq!(of(&second).await["message"], "Still yours, awaiting receipt.");
    hub.post(TESS, &format!("{second}/received"), accepted.version(), &json!({})).await.ok();
    let declined = of(&first).await;
    assert_eq!((&declined["message"], &declined["holder"]), (&json!("Trafford is responsible."), &json!(TRAFFORD)));
    assert_eq!((declined.get("still_responsible"), declined.get("reoffer_by")), (None, None));
    assert_eq!(declined["flags"]["paused"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_set_again_under_the_same_key_is_given_its_first_answer() {
    let hub = Hub::start("desk-again").await;
    let mut body = json!({ "hours": [], "phones": { "day": "0161 1", "night": "0161 2" } });
    let put = async |key: &str, body: &serde_json::Value| {
        hub.send(BOSS, (Method::PUT, &format!("/desks/{SALFORD}")), &[("idempotency-key", key)], Some(body)).await
    };
    assert_eq!(put("one", &body).await.ok().version(), 1);
    let again = put("one", &body).await.ok();
    assert_eq!((again.version(), &again.headers["idempotency-replayed"]), (1, &"true".parse().unwrap()));
    put("two", &body).await.refused(428, "version_required");
    for cover in [SALFORD, "E09999999"] {
        body["covered_by"] = json!(cover);
        put("three", &body).await.refused(422, "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_responsible_is_for_those_who_work_with_children_and_never_about_the_future() {
    let (mut hub, one, _) = ready("who").await;
    let at = format!("/children/{one}/responsibility");
    for who in [ASHA, TESS, CHIEF, NURSE, AUDITOR] {
        hub.get(who, &at).await.ok();
    }
    for who in [SYSTEM, Who("pia", "board", "board_approver"), super::hub::OPERATOR] {
        hub.get(who, &at).await.refused(403, "forbidden");
    }
    hub.get(ASHA, &format!("{at}?at=2027-01-01T00:00:00Z")).await.refused(422, "invalid");
    let version = hub.get(ASHA, &at).await.ok().version();
    let stale = async |who| hub.post(who, &format!("/children/{one}/shield"), version + 5, &json!({ "shielded": true })).await;
    hub.post(ASHA, &format!("/children/{one}/missing"), version, &json!({})).await.ok();
    let theirs = stale(BEN).await.refused(412, "stale").body;
    assert_eq!(theirs["changed_by"], json!({ "org": MANCHESTER, "role": "duty_worker" }));
    assert_eq!(stale(MANAGER).await.refused(412, "stale").body["changed_by"]["id"], "asha");

    let other = child();
    hub.referral(SALFORD, &[other]).await;
    hub.told(ASHA, &proto_events::intake::Intake::ChildrenLinked { child: one.to_string(), other: other.to_string() }).await;
    let shown = hub.get(ASHA, &at).await.ok().body;
    assert_eq!((&shown["undecided_contacts"], &shown["conflict"]), (&json!(2), &json!(true)));
    assert_eq!(holder(&shown, "emergency_action"), Some(MANCHESTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_names_a_real_borough_and_a_day_to_come_and_a_screen_goes_on_from_what_there_is() {
    let (hub, child, _) = ready("door").await;
    let version = hub.get(ASHA, &format!("/children/{child}/responsibility")).await.ok().version();
    for notice in [json!({ "to": "E09999999", "text": "x" }), json!({ "to": SALFORD, "until": "2026-11-22T00:00:00Z", "text": "x" })] {
        hub.post(ASHA, &format!("/children/{child}/notices"), version, &notice).await.refused(422, "invalid");
    }
    let power = json!({ "power": "care_order", "started_at": "2026-11-22T00:00:00Z", "ends_at": "2026-11-22T00:00:01Z" });
    hub.post(ASHA, &format!("/children/{child}/powers"), version, &power).await.refused(422, "invalid");
    let events = format!("/desks/{SALFORD}/events");
    hub.send(BEN, (Method::GET, &events), &[("last-event-id", "9000000")], None).await.refused(400, "bad_header");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_cannot_be_read_does_not_stop_the_clocks_of_the_others() {
    let (mut hub, _, broken) = ready("unreadable").await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let sound = format!("/{}", hub.offered(&[child]).await.id());
    sqlx::raw_sql("alter table log.event disable trigger user").execute(&hub.owner).await.unwrap();
    let stream = format!("transfer-{}", broken.trim_start_matches('/'));
    let spoilt = sqlx::query("update log.event set schema_version = 99 where stream = $1").bind(stream).execute(&hub.owner).await.unwrap();
    assert_eq!(spoilt.rows_affected(), 1);
    hub.advance(120);
    hub.timers.look().await.unwrap();
    assert_eq!(hub.get(ASHA, &sound).await.ok().body["flags"]["link_down"], true);
}
