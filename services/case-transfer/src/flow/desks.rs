//! The desks.

use axum::http::Method;
use serde_json::json;

use super::hub::{ASHA, BEN, BOSS, CHIEF, Hub, MANAGER, NURSE, SALFORD, SYSTEM};

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_sets_the_desk_of_their_own_borough_and_everybody_sees_the_number_to_ring() {
    let hub = Hub::start("desks").await;
    hub.get(NURSE, &format!("/desks/{SALFORD}")).await.refused(404, "not_found");
    hub.desk(BOSS, None).await;
    let shown = hub.get(NURSE, &format!("/desks/{SALFORD}")).await.ok();
    assert_eq!(
        (&shown.body["desk"], &shown.body["phone_now"], &shown.headers["etag"]),
        (&json!("EDT"), &json!("0161 496 0002"), &"\"1\"".parse().unwrap())
    );
    assert_eq!(shown.body.get("rota"), None, "a hospital gets telephones, not names");
    assert!(shown.body["closed_on"].as_array().unwrap().contains(&json!("2026-12-25")), "the bank holidays are filled in");
    assert_eq!(hub.get(ASHA, &format!("/desks/{SALFORD}")).await.ok().body["rota"][0]["name"], format!("Manager of {SALFORD}"));
    hub.clock.set("2026-11-23T16:55:00Z".parse().unwrap());
    let day = hub.get(NURSE, &format!("/desks/{SALFORD}")).await.ok().body;
    assert_eq!((&day["desk"], &day["phone_now"]), (&json!("MASH"), &json!("0161 496 0001")));

    let mut body = json!({ "hours": [], "phones": { "day": "0161 1", "night": "0161 2" } });
    let path = format!("/desks/{SALFORD}");
    hub.send(BOSS, (Method::PUT, &path), &[], Some(&body)).await.refused(428, "version_required");
    hub.send(BOSS, (Method::PUT, &path), &[("if-match", "\"7\"")], Some(&body)).await.refused(412, "stale");
    for who in [BEN, NURSE, SYSTEM] {
        hub.send(who, (Method::PUT, &path), &[("if-match", "\"1\"")], Some(&body)).await.refused(403, "forbidden");
    }
    hub.send(MANAGER, (Method::PUT, &path), &[("if-match", "\"1\"")], Some(&body)).await.refused(403, "forbidden");
    let set = hub.send(BOSS, (Method::PUT, &path), &[("if-match", "\"1\"")], Some(&body)).await.ok();
    assert_eq!((set.version(), &set.body["phone_now"]), (2, &json!("0161 2")), "a desk without hours is always the night's");
    for (pointer, value) in [("/phones/day", json!("x")), ("/hours", json!([{ "weekday": 8, "from": "09:00", "to": "17:00" }]))] {
        *body.pointer_mut(pointer).unwrap() = value;
        let reply = hub.send(BOSS, (Method::PUT, &path), &[("if-match", "\"2\"")], Some(&body)).await.refused(422, "invalid");
        assert!(reply.body["errors"][0]["pointer"].as_str().unwrap().starts_with(pointer.split_at(3).0));
        body = json!({ "hours": [], "phones": { "day": "0161 1", "night": "0161 2" } });
    }
    hub.desk(CHIEF, None).await;
    assert_eq!(hub.get(NURSE, "/desks").await.ok().body["items"].as_array().unwrap().len(), 2);
}
