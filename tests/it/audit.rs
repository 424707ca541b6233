//! What the board can ask, after a night of cases.

use std::collections::BTreeMap;

use hub::{client::Client, night};
use kernel::Role;
use serde_json::{Value, json};
use testkit::{TestHub, until};

async fn after_a_night(name: &str) -> (TestHub, String) {
    let hub = TestHub::start(name).await.with_desks().await;
    let child = night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await.unwrap();
    hub.settled().await;
    (hub, child)
}

async fn items(auditor: &Client, path: &str) -> Vec<Value> {
    let reply = auditor.get(path).await.unwrap();
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    reply.body["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_reads_every_handover_and_every_story_and_nobody_else_does() {
    let (hub, child) = after_a_night("audit").await;
    let auditor = hub.person("board-auditor");
    let handovers = items(&auditor, "/api/audit/handovers").await;
    assert_eq!(handovers.len(), 2);
    let (moved, declined) = (&handovers[0], &handovers[1]);
    assert_eq!((&moved["from_name"], &moved["to_name"], &moved["priority"]), (&json!("Manchester"), &json!("Salford"), &json!("P1")));
    for time in ["seen_at", "accepted_at", "received_at"] {
        assert!(moved[time].is_string(), "{time} is missing: {moved}");
    }
    assert_eq!((&declined["decline_reason"], &declined["children"]), (&json!("not_our_area"), &json!(2)));
    assert!(declined["declined_at"].is_string() && declined["accepted_at"].is_null());
    in_pages(&auditor, &handovers).await;

    let path = format!("/api/audit/chronologies/{child}");
    let story = auditor.get(&path).await.unwrap();
    let events = story.body["events"].as_array().unwrap();
    let services: BTreeMap<&str, usize> = events.iter().fold(BTreeMap::new(), |mut count, event| {
        *count.entry(event["service"].as_str().unwrap()).or_default() += 1;
        count
    });
    assert!(services["intake"] >= 3 && services["transfers"] >= 6, "{services:?}");
    let times: Vec<&str> = events.iter().map(|event| event["recorded_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by_key(|time| time.parse::<kernel::Timestamp>().unwrap()));
    assert!(events.iter().all(|event| event["actor"]["id"].is_string() && event["leaf_hash"].as_str().unwrap().len() == 64));
    assert!(!story.body.to_string().contains("Ottilie"), "a chronology has codes and times, and no names");

    // Recording something about the child opens nothing, and neither does having been asked.
    let wigan = hub.person("wigan-duty");
    wigan.after(&auditor);
    let version = hub.person("wigan-duty").get(&format!("/api/transfers/children/{child}/responsibility")).await.unwrap().version;
    let noted = wigan.change(&format!("/api/transfers/children/{child}/missing"), &hub.key(), version.unwrap(), &json!({})).await.unwrap();
    assert_eq!(noted.status, 200, "{}", noted.body);
    hub.settled().await;

    // Manchester and Salford have had to do with the child; Wigan has not, and cannot tell that there is one.
    for (who, status) in
        [("manchester-duty", 200), ("salford-manager", 200), ("wigan-duty", 404), ("hub-operator", 403), ("north-manchester-nurse", 403)]
    {
        assert_eq!(hub.person(who).get(&path).await.unwrap().status, status, "{who}");
    }
    let absent = hub.person("wigan-duty").get("/api/audit/chronologies/chd_00000000000000000000000000000001").await.unwrap();
    let foreign = hub.person("wigan-duty").get(&path).await.unwrap();
    assert_eq!((absent.status, &absent.body["code"]), (foreign.status, &foreign.body["code"]));
    assert_eq!(hub.person("manchester-manager").get("/api/audit/handovers").await.unwrap().status, 403);
    assert_eq!(hub.somebody("approver", "board", Role::BoardApprover).get("/api/audit/handovers").await.unwrap().status, 403);
    looks_are_recorded(&hub, &child).await;
    hub.finish().await;
}

/// Page by page it is the same list.
async fn in_pages(auditor: &Client, all: &[Value]) {
    let first = auditor.get("/api/audit/handovers?limit=1").await.unwrap();
    let next = first.body["next"].as_str().unwrap().to_owned();
    let second = auditor.get(&next).await.unwrap();
    assert_eq!([&first.body["items"][0], &second.body["items"][0]], [&all[0], &all[1]]);
    assert!(second.body["next"].is_null());
    assert_eq!(auditor.get("/api/audit/handovers?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z").await.unwrap().status, 422);
}

/// Whoever opens a chronology is in it from then on.
async fn looks_are_recorded(hub: &TestHub, child: &str) {
    hub.settled().await;
    let story = hub.person("board-auditor").get(&format!("/api/audit/chronologies/{child}")).await.unwrap();
    let looks: Vec<&Value> = story.body["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "record_read").collect();
    let who: Vec<&str> = looks.iter().map(|look| look["actor"]["id"].as_str().unwrap()).collect();
    for looked in ["board-auditor", "manchester-duty", "salford-manager"] {
        assert!(who.contains(&looked), "{looked} is not among {who:?}");
    }
    assert!(!who.contains(&"wigan-duty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_can_be_thrown_away_and_taken_again_and_misses_no_position() {
    let (hub, child) = after_a_night("retake").await;
    let auditor = hub.person("board-auditor");
    let before = items(&auditor, "/api/audit/handovers").await;
    let story = async || {
        let reply = auditor.get(&format!("/api/audit/chronologies/{child}")).await.unwrap();
        let events = reply.body["events"].as_array().cloned().unwrap_or_default();
        events.into_iter().filter(|event| event["service"] != "audit").collect::<Vec<_>>()
    };
    let told = story().await;
    assert!(!told.is_empty());
    board_audit::forget(&hub.owner("audit").await).await.unwrap();
    hub.settled().await;
    assert_eq!(items(&auditor, "/api/audit/handovers").await, before);
    assert_eq!(story().await, told);
    until("no position is missing", async || {
        let reply = auditor.get("/api/audit/continuity").await.unwrap();
        let services = reply.body.as_array().unwrap().clone();
        let whole =
            |service: &Value| service["first_missing"].is_null() && service["events"] == service["checkpoint"] && service["parked"] == 0;
        services.len() == hub::SERVICES.len()
            && services.iter().all(whole)
            && services.iter().all(|service| service["events"].as_i64() > Some(0))
    })
    .await;
    hub.finish().await;
}
