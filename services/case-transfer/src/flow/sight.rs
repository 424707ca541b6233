//! Who sees what.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use tokio::time::sleep;

use super::hub::{
    ASHA, AUDITOR, BEN, BOSS, CHIEF, Hub, MANAGER, MANCHESTER, NURSE, OPERATOR, OTHER_NURSE, SALFORD, SYSTEM, TESS, TRAFFORD, child, items,
    offer,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_does_not_exist_for_outsiders_and_its_sheet_only_for_the_two_boroughs() {
    let mut hub = Hub::start("sight").await;
    hub.desk(BOSS, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    for who in [ASHA, BEN, BOSS, SYSTEM] {
        let shown = hub.get(who, &path).await.ok().body;
        assert_eq!(shown["sheet"]["child_says"], "He fell on me.");
        assert_eq!(shown["sheet"]["not_known"], json!(["who else lives there"]));
        assert_eq!(shown["sheet"]["children"][0]["child_is_now"], "not_known");
    }
    for who in [NURSE, AUDITOR] {
        let shown = hub.get(who, &path).await.ok().body;
        assert_eq!((shown.get("sheet"), &shown["state"]), (None, &json!("offered")));
        assert!(!shown.to_string().contains("He fell"));
    }
    assert!(!hub.get(NURSE, &path).await.ok().body["history"].to_string().contains("Name of asha"));
    for who in [TESS, CHIEF, OTHER_NURSE] {
        hub.get(who, &path).await.refused(404, "not_found");
    }
    hub.get(OPERATOR, &path).await.refused(403, "forbidden");
    hub.post(TESS, &format!("{path}/open"), 1, &json!({})).await.refused(404, "not_found");
    hub.post(TESS, &format!("{path}/accept"), 1, &items(&[child])).await.refused(404, "not_found");
    hub.post(NURSE, &format!("{path}/accept"), 1, &items(&[child])).await.refused(403, "forbidden");
    hub.post(SYSTEM, &format!("{path}/accept"), 1, &items(&[child])).await.refused(403, "forbidden");
    hub.get(ASHA, "/trf_00000000000000000000000000000007").await.refused(404, "not_found");
    hub.get(ASHA, "/Marigold").await.refused(404, "not_found");
    assert_eq!(hub.send(ASHA, (Method::GET, &path), &[("authorization", "Bearer x")], None).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borough_lists_its_own_transfers_and_looking_at_the_list_is_the_delivery() {
    let mut hub = Hub::start("lists").await;
    hub.desk(BOSS, None).await;
    hub.desk(CHIEF, None).await;
    let children = [child(), child(), child()];
    hub.referral(MANCHESTER, &children).await;
    let (first, second) = (hub.offered(&children[..1]).await, hub.offered(&children[1..2]).await);
    let mut planned = offer(TRAFFORD, &children[2..]);
    planned["priority"] = json!("P2");
    hub.create(ASHA, "", &planned).await.ok();

    let out = hub.get(ASHA, &format!("?borough={MANCHESTER}&direction=out")).await.ok().body;
    let states: Vec<_> = out["items"].as_array().unwrap().iter().map(|item| (item["to"].clone(), item["priority"].clone())).collect();
    assert_eq!(states, [(json!(SALFORD), json!("P1")), (json!(SALFORD), json!("P1")), (json!(TRAFFORD), json!("P2"))]);
    assert_eq!(out["items"][0]["still_responsible"], MANCHESTER);
    assert_eq!(hub.get(ASHA, "?direction=in").await.ok().body["items"], json!([]));
    hub.get(TESS, &format!("?borough={SALFORD}")).await.refused(403, "forbidden");
    hub.get(NURSE, &format!("?borough={SALFORD}")).await.refused(403, "forbidden");
    hub.get(AUDITOR, "").await.refused(403, "forbidden");
    hub.get(BEN, "?state=marigold").await.refused(422, "invalid");

    let page = hub.get(BEN, "?direction=in&state=open&limit=1").await.ok();
    assert_eq!(page.body["items"][0]["transfer_id"], first.body["transfer_id"]);
    let next = page.body["next"].as_str().unwrap().strip_prefix("/api/transfers").unwrap().to_owned();
    assert_eq!(hub.get(BEN, &next).await.ok().body["items"][0]["transfer_id"], second.body["transfer_id"]);
    assert!(page.headers["link"].to_str().unwrap().ends_with("rel=\"next\""));

    hub.app.kit.tasks.spawn(sleep(Duration::ZERO)).await.unwrap();
    for _ in 0..200 {
        if hub.types().await.iter().filter(|what| *what == "transfer.delivered").count() == 2 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let delivered = hub.get(BEN, "?direction=in&state=delivered").await.ok().body;
    assert_eq!(delivered["items"].as_array().unwrap().len(), 2);
    hub.get(BEN, "?direction=in").await.ok();
    hub.post(SYSTEM, &format!("/{}/delivered", first.id()), 2, &json!({ "route": "case_system" })).await.ok();
    assert_eq!(hub.types().await.iter().filter(|what| *what == "transfer.delivered").count(), 2, "each is delivered once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_team_acts_for_the_borough_it_covers_and_by_day_it_does_not() {
    let mut hub = Hub::start("cover").await;
    hub.desk(BOSS, Some(TRAFFORD)).await;
    hub.desk(CHIEF, None).await;
    hub.desk(MANAGER, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let path = format!("/{}", hub.offered(&[child]).await.id());
    let shown = hub.get(TESS, &path).await.ok().body;
    assert_eq!(shown["sheet"]["child_says"], "He fell on me.");
    assert_eq!(hub.get(TESS, &format!("?borough={SALFORD}")).await.ok().body["items"].as_array().unwrap().len(), 1);
    let version = hub.get(TESS, &path).await.ok().version();
    let opened = hub.post(TESS, &format!("{path}/open"), version, &json!({})).await;
    let opened = if opened.status == 412 { hub.post(TESS, &format!("{path}/open"), version + 1, &json!({})).await } else { opened }.ok();
    let accepted = hub.post(TESS, &format!("{path}/accept"), opened.version(), &items(&[child])).await.ok();
    // The duty is with the covered borough, not with the team that took it.
    assert_eq!(accepted.body["holder"], SALFORD);
    hub.clock.set("2026-11-23T10:00:00Z".parse().unwrap());
    hub.get(TESS, &path).await.refused(404, "not_found");
    hub.get(TESS, &format!("?borough={SALFORD}")).await.refused(403, "forbidden");
}
