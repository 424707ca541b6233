//! Clocks that run out. They record and escalate, and decide nothing.

use serde_json::{Value, json};

use super::hub::{ASHA, BEN, BOSS, Hub, MANAGER, MANCHESTER, SALFORD, child, holder, items};

/// What happened to a transfer, with its codes.
async fn history(hub: &Hub, path: &str) -> Vec<(String, Value)> {
    let shown = hub.get(ASHA, path).await.ok().body;
    let lines = shown["history"].as_array().unwrap().clone();
    lines.into_iter().map(|line| (line["what"].as_str().unwrap().to_owned(), line["code"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_answers_climbs_the_ladder_by_name_and_moves_nothing() {
    let mut hub = Hub::start("silent").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    hub.timers.look().await.unwrap();
    assert_eq!(history(&hub, &path).await.len(), 1, "nothing is due yet");

    hub.advance(119);
    hub.timers.look().await.unwrap();
    assert_eq!(history(&hub, &path).await.len(), 1);
    hub.advance(1);
    hub.timers.look().await.unwrap();
    let shown = hub.get(ASHA, &path).await.ok().body;
    assert_eq!((&shown["flags"]["link_down"], &shown["history"][1]["ring"]), (&json!(true), &json!("0161 496 0002")));
    assert_eq!(shown["to_phone"], "0161 496 0002");

    // The hub was stopped meanwhile: what ran out long ago fires once, late.
    hub.advance(9 * 60);
    hub.timers.look().await.unwrap();
    hub.timers.look().await.unwrap();
    let seen_by = history(&hub, &path).await;
    assert_eq!(seen_by[2..], [("clock_ran_out".to_owned(), json!("seen_by")), ("escalated".to_owned(), json!("level_1_seen_by"))]);
    let shown = hub.get(ASHA, &path).await.ok().body;
    let called: Vec<_> = shown["history"][3]["called"].as_array().unwrap().iter().map(|person| person["name"].clone()).collect();
    assert_eq!(called, [json!(format!("Manager of {MANCHESTER}")), json!(format!("Manager of {SALFORD}"))]);

    hub.advance(15 * 60);
    hub.timers.look().await.unwrap();
    hub.advance(40 * 60);
    hub.timers.look().await.unwrap();
    let codes: Vec<Value> = history(&hub, &path).await.into_iter().filter(|(what, _)| what == "escalated").map(|(_, code)| code).collect();
    assert_eq!(codes[..2], [json!("level_1_seen_by"), json!("level_2_next_escalation")]);
    assert!(codes.contains(&json!("level_3_decide_by")) || codes.contains(&json!("level_3_next_escalation")), "{codes:?}");
    let shown = hub.get(ASHA, &path).await.ok().body;
    assert_eq!((&shown["state"], &shown["message"]), (&json!("offered"), &json!("You are still responsible.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_that_its_desk_does_not_confirm_is_an_alarm_and_then_goes_to_the_manager() {
    let mut hub = Hub::start("receipt").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let accepted = hub.post(BEN, &format!("{path}/accept"), 1, &items(&[child])).await.ok();
    hub.advance(60);
    hub.timers.look().await.unwrap();
    assert_eq!(history(&hub, &path).await.last().unwrap(), &("clock_ran_out".to_owned(), json!("received_alarm")));
    hub.advance(240);
    hub.timers.look().await.unwrap();
    let after = history(&hub, &path).await;
    assert_eq!(after.last().unwrap(), &("escalated".to_owned(), json!("level_1_received_manager")));
    hub.post(BEN, &format!("{path}/received"), accepted.version(), &json!({})).await.refused(412, "stale");
    let now = hub.get(BEN, &path).await.ok().version();
    assert_eq!(hub.post(BEN, &format!("{path}/received"), now, &json!({})).await.ok().body["state"], "received");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_offer_leaves_no_clock_behind_that_could_fire() {
    let mut hub = Hub::start("stopped").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    hub.post(ASHA, &format!("{path}/withdraw"), 1, &json!({ "reason": "The child went home." })).await.ok();
    let rows: i64 = sqlx::query_scalar("select count(*) from view.timer where subject like 'trf_%'").fetch_one(&hub.owner).await.unwrap();
    assert_eq!(rows, 0);
    hub.advance(7_200);
    hub.timers.look().await.unwrap();
    assert_eq!(history(&hub, &path).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_the_night_is_listed_at_nine_taken_in_a_name_or_goes_to_the_manager_at_ten() {
    let mut hub = Hub::start("nights").await;
    hub.desk(MANAGER, None).await;
    let (taken, left) = (child(), child());
    let first = hub.referral(MANCHESTER, &[taken]).await;
    let second = hub.referral(MANCHESTER, &[left]).await;
    let at = format!("/night-list?borough={MANCHESTER}");
    let states = async |hub: &Hub| {
        let list = hub.get(ASHA, &at).await.ok().body;
        let mut states: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    };
    assert_eq!(states(&hub).await, ["waiting", "waiting"]);
    hub.get(BEN, &at).await.refused(403, "forbidden");
    hub.clock.set("2026-11-23T09:00:00Z".parse().unwrap());
    hub.timers.look().await.unwrap();
    assert_eq!(states(&hub).await, ["due", "due"]);
    let path = format!("/children/{taken}/night/take");
    let version = hub.get(ASHA, &format!("/children/{taken}/responsibility")).await.ok().version();
    hub.post(BEN, &path, version, &json!({ "referral_id": first })).await.refused(409, "not_your_borough");
    hub.post(ASHA, &path, version, &json!({ "referral_id": second })).await.refused(409, "no_night_case");
    hub.post(ASHA, &path, version, &json!({ "referral_id": first })).await.ok();
    hub.clock.set("2026-11-23T09:59:59Z".parse().unwrap());
    hub.timers.look().await.unwrap();
    assert_eq!(states(&hub).await, ["due", "taken"]);
    hub.clock.set("2026-11-23T10:00:00Z".parse().unwrap());
    hub.timers.look().await.unwrap();
    hub.timers.look().await.unwrap();
    let list = hub.get(ASHA, &at).await.ok().body;
    let of =
        |child: kernel::ChildId| list["items"].as_array().unwrap().iter().find(|item| item["child_id"] == json!(child)).unwrap().clone();
    assert_eq!((&of(taken)["state"], &of(taken)["taken_by"]), (&json!("taken"), &json!("Name of asha")));
    assert_eq!((&of(left)["state"], &of(left)["manager_told"]), (&json!("escalated"), &json!(format!("Manager of {MANCHESTER}"))));
    assert_eq!(hub.types().await.iter().filter(|what| *what == "night_case.escalated").count(), 1);
    assert_eq!(holder(&hub.get(ASHA, &format!("/children/{left}/responsibility")).await.ok().body, "emergency_action"), Some(MANCHESTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_level_of_tomorrows_rota_is_an_alert_once() {
    let mut hub = Hub::start("rota").await;
    let body = json!({ "hours": [], "phones": { "day": "0161 1", "night": "0161 2" } });
    hub.send(BOSS, (axum::http::Method::PUT, &format!("/desks/{SALFORD}")), &[], Some(&body)).await.ok();
    hub.timers.look().await.unwrap();
    hub.timers.look().await.unwrap();
    assert_eq!(hub.types().await.iter().filter(|what| *what == "desk.rota_gap").count(), 3);
    hub.advance(24 * 3_600);
    hub.timers.look().await.unwrap();
    assert_eq!(hub.types().await.iter().filter(|what| *what == "desk.rota_gap").count(), 6, "the next day has gaps of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_legal_power_is_recorded_once_at_the_end_that_was_said_last() {
    let mut hub = Hub::start("power-over").await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let responsible = format!("/children/{child}/responsibility");
    let ends = async |hub: &Hub| hub.types().await.iter().filter(|what| *what == "power.ran_out").count();
    let version = hub.get(ASHA, &responsible).await.ok().version();
    let police = json!({ "power": "police_protection", "started_at": "2026-11-23T02:00:00Z" });
    hub.post(ASHA, &format!("/children/{child}/powers"), version, &police).await.ok();
    let order = json!({ "power": "emergency_protection_order", "started_at": "2026-11-23T02:10:00Z", "ends_at": "2026-11-24T02:10:00Z" });
    hub.post(ASHA, &format!("/children/{child}/powers"), version + 1, &order).await.ok();
    let mut longer = order.clone();
    longer["ends_at"] = json!("2026-11-30T02:10:00Z");
    hub.post(ASHA, &format!("/children/{child}/powers"), version + 2, &longer).await.ok();
    for (time, told) in [("2026-11-26T01:59:59Z", 0), ("2026-11-26T02:00:00Z", 1), ("2026-11-30T02:10:00Z", 2), ("2026-12-24T02:10:00Z", 2)]
    {
        hub.clock.set(time.parse().unwrap());
        hub.timers.look().await.unwrap();
        hub.timers.look().await.unwrap();
        assert_eq!(ends(&hub).await, told, "{time}");
    }
    let log = hub.log().await;
    let last = log.iter().rev().find(|recorded| kernel::StoredEvent::type_name(&recorded.event) == "power.ran_out").unwrap();
    let published = serde_json::to_value(crate::publish::publish(last).unwrap()).unwrap();
    assert!(last.actor.id.starts_with("hub:") && published.to_string().contains(MANCHESTER), "{published}");
    let now = hub.get(ASHA, &responsible).await.ok().body;
    assert_eq!((holder(&now, "emergency_action"), &now["powers"]), (Some(MANCHESTER), &json!([])));
}
