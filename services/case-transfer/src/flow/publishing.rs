//! What leaves the service: published events, the live desk, the document, and views that can be made again.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Method, Request},
};
use futures_util::StreamExt as _;
use kernel::StoredEvent as _;
use proto_events::{Published as _, transfers::Transfers};
use serde_json::json;
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::hub::{ASHA, BEN, BOSS, Hub, MANAGER, MANCHESTER, OPERATOR, SALFORD, SERVICE, TESS, child, items};
use crate::{kept::Kept, publish::publish, views::views};

/// A story in which most kinds of event happen.
async fn story(hub: &mut Hub) {
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let (one, two) = (child(), child());
    let referral = hub.referral(MANCHESTER, &[one, two]).await;
    let path = format!("/{}", hub.offered(&[one, two]).await.id());
    let at = |command: &str| format!("{path}/{command}");
    hub.advance(600);
    hub.timers.look().await.unwrap();
    let on = async |hub: &Hub| hub.get(ASHA, &path).await.ok().version();
    hub.post(BEN, &at("questions"), on(hub).await, &json!({ "text": "Canary: where is the brother?" })).await.ok();
    hub.post(ASHA, &at("answers"), on(hub).await, &json!({ "text": "Canary: with the aunt." })).await.ok();
    hub.post(BEN, &at("accept"), on(hub).await, &items(&[one])).await.ok();
    hub.post(BEN, &at("received"), on(hub).await, &json!({})).await.ok();
    let again = format!("/{}", hub.offered(&[two]).await.id());
    hub.post(BEN, &format!("{again}/decline"), 1, &json!({ "reason": "other", "text": "Canary: no." })).await.ok();
    hub.decision(ASHA, referral, &[one, two], "child_in_need_assessment").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_names_everybody_it_must_and_holds_no_personal_data() {
    let mut hub = Hub::start("publish").await;
    story(&mut hub).await;
    let (mut kinds, mut steps) = (vec![], vec![]);
    for recorded in hub.log().await {
        let published = publish(&recorded).expect("every event of this service is published, if only as noted");
        let text = serde_json::to_string(&published).unwrap();
        for canary in ["Canary", "He fell", "bruise", "Name of", "Manager of", "0161 496 0100", "box_"] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
        if let Transfers::TransferChanged { from, to, children, step, .. } = &published {
            assert_eq!((from.as_str(), to.as_str(), children.is_empty()), (MANCHESTER, SALFORD, false), "{text}");
            steps.push(step.clone());
        }
        kinds.push(published.kind());
    }
    for kind in ["duty_opened", "duty_moved", "duty_ended", "transfer_offered", "transfer_changed", "desk_set", "noted"] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    for step in ["link_down", "clock_ran_out", "escalated", "information_requested", "accepted", "siblings_split", "received", "declined"] {
        assert!(steps.iter().any(|known| known == step), "{step} in {steps:?}");
    }
    // Nothing that somebody typed stands in the log in plain words.
    let rows = hub.app.store.log().after(0, 1_000).await.unwrap();
    assert!(
        rows.iter()
            .all(|row| !String::from_utf8_lossy(&row.data).contains("Canary") && !String::from_utf8_lossy(&row.data).contains("He fell"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn views_made_again_from_the_log_are_the_ones_that_were_kept_up() {
    let mut hub = Hub::start("rebuild").await;
    story(&mut hub).await;
    let tables = |view: &dyn event_store::View<Kept>| view.tables().to_vec();
    for view in views() {
        let before = event_store::digest(&hub.owner, &tables(view.as_ref())).await.unwrap();
        event_store::rebuild(&hub.owner, view.as_ref(), |_| ()).await.unwrap();
        let after = event_store::digest(&hub.owner, &tables(view.as_ref())).await.unwrap();
        assert_eq!(before, after, "{}", view.name());
    }
    // References go on after those that were given out.
    let known: Vec<_> = hub.log().await.into_iter().filter_map(|recorded| recorded.event.about).map(|about| about.reference).collect();
    let one = child();
    hub.referral(MANCHESTER, &[one]).await;
    let new = hub.offered(&[one]).await.body["reference"].clone();
    assert!(known.iter().all(|reference| json!(reference) != new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_event_comes_back_as_it_was() {
    let mut hub = Hub::start("kept").await;
    story(&mut hub).await;
    for row in hub.app.store.log().after(0, 1_000).await.unwrap() {
        let recorded = row.clone().decode::<Kept>().unwrap();
        assert_eq!(recorded.event.to_data().unwrap(), row.data, "{}", row.type_name);
        assert_eq!(recorded.event.about.is_some(), row.type_name.starts_with("transfer."), "{}", row.type_name);
    }
}

async fn next(stream: &mut BodyDataStream) -> String {
    let chunk = timeout(Duration::from_secs(10), stream.next()).await.unwrap().unwrap().unwrap();
    String::from_utf8(chunk.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_follows_its_own_events_live_and_goes_on_after_the_last_one_it_saw() {
    let mut hub = Hub::start("live").await;
    hub.desk(BOSS, None).await;
    let (one, two) = (child(), child());
    hub.referral(MANCHESTER, &[one, two]).await;
    let at = format!("/desks/{SALFORD}/events");
    hub.get(TESS, &at).await.refused(403, "forbidden");
    let follow = async |last: Option<&str>| {
        let mut request = Request::builder().method(Method::GET).uri(format!("/api/transfers{at}"));
        request = request.header("authorization", format!("Bearer {}", hub.token(BEN)));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = hub.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response.into_body().into_data_stream()
    };
    let mut stream = follow(None).await;
    let first = hub.offered(&[one]).await;
    let message = next(&mut stream).await;
    assert!(message.contains("event: transfer_offered") && message.contains(&first.id()), "{message}");
    assert!(!message.contains("He fell"));
    let id = message.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    drop(stream);
    let second = hub.offered(&[two]).await;
    let message = next(&mut follow(Some(&id)).await).await;
    assert!(message.contains(&second.id()) && !message.contains(&first.id()), "{message}");
    hub.send(BEN, (Method::GET, &at), &[("last-event-id", "x")], None).await.refused(400, "bad_header");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_boroughs_of_a_transfer_see_on_their_live_queue_that_the_child_is_missing_or_under_police_protection() {
    let mut hub = Hub::start("told").await;
    hub.desk(BOSS, None).await;
    let one = child();
    hub.referral(MANCHESTER, &[one]).await;
    hub.offered(&[one]).await;
    let mut queues = vec![];
    for (who, borough) in [(ASHA, MANCHESTER), (BEN, SALFORD)] {
        let request = Request::builder().method(Method::GET).uri(format!("/api/transfers/desks/{borough}/events"));
        let request = request.header("authorization", format!("Bearer {}", hub.token(who)));
        queues.push(hub.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_body().into_data_stream());
    }
    let at = |command: &str| format!("/children/{one}/{command}");
    let version = hub.get(ASHA, &at("responsibility")).await.ok().version();
    let missing = hub.post(ASHA, &at("missing"), version, &json!({})).await.ok();
    let power = json!({ "power": "police_protection", "started_at": "2026-11-23T02:00:00Z" });
    hub.post(ASHA, &at("powers"), missing.version(), &power).await.ok();
    for queue in &mut queues {
        for what in ["missing.reported", "power.started"] {
            let message = next(queue).await;
            assert!(message.contains(what) && message.contains(&one.to_string()), "{message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_unseen_at_a_transfer_or_at_the_list_that_delivers() {
    let mut hub = Hub::start("unseen").await;
    hub.desk(BOSS, None).await;
    let one = child();
    hub.referral(MANCHESTER, &[one]).await;
    let path = format!("/{}", hub.offered(&[one]).await.id());
    let before = hub.types().await.len();
    for at in [path.as_str(), "?direction=in"] {
        let reply = hub.send(BEN, (Method::HEAD, at), &[], None).await;
        assert_eq!(reply.status, 405, "{at}");
        assert!(reply.headers["allow"].to_str().unwrap().starts_with("GET"));
    }
    assert_eq!(hub.types().await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_service_shows_its_document_and_its_log_to_the_hubs_own_machinery_alone() {
    let mut hub = Hub::start("whole").await;
    story(&mut hub).await;
    let mut service = crate::service(&hub.parts);
    // Its workers do not run here, and nobody is denied anything without the record of looks.
    let (looks, writer) = service_kit::look::Looks::open(hub.parts.looks.clone(), hub.parts.kit.clone(), "transfers");
    drop(hub.parts.kit.tasks.spawn(writer));
    service.looks = Some(looks);
    hub.router = service_kit::service::app(vec![service]);
    assert_eq!(hub.get(ASHA, "/openapi.json").await.ok().body["openapi"], "3.1.0");
    let log = hub.get(SERVICE, "/log?after=2&limit=5").await.ok().body;
    hub.get(OPERATOR, "/log?after=2&limit=5").await.refused(403, "forbidden");
    let positions: Vec<_> = log.as_array().unwrap().iter().map(|envelope| envelope["position"].as_i64().unwrap()).collect();
    assert_eq!(positions, [3, 4, 5, 6, 7]);
    for who in [ASHA, MANAGER] {
        hub.get(who, "/log").await.refused(403, "forbidden");
    }
    hub.get(ASHA, "").await.ok();
    hub.get(ASHA, "/nowhere/at/all").await.refused(404, "not_found");
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = serde_json::to_string_pretty(&crate::api::document()).unwrap() + "\n";
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == now, "openapi.json is not up to date: run this test with UPDATE_GOLDEN=1");
}
