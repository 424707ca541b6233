//! T30, T31, T33: every look is on the record before anything is shown, and the record says exactly who looked.

mod oracle;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hub::client::Client;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use service_kit::look::Named;
use sqlx::Executor as _;
use testkit::TestHub;

use crate::{
    flow::{Made, Said as _, Story, concern, offer},
    openapi::{documents, operations},
};

/// Every route that shows something of a child. A new one is added here after somebody has thought about it.
const SHOWS_CHILDREN: [&str; 19] = [
    "/api/audit/break-glass",
    "/api/audit/break-glass/{id}/looks",
    "/api/audit/chronologies/{child_id}",
    "/api/audit/chronologies/{child_id}/pack",
    "/api/audit/handovers",
    "/api/audit/looks/{child_id}",
    "/api/audit/reports/{report}/events",
    "/api/intake/desks/{borough}/events",
    "/api/intake/referrals",
    "/api/intake/referrals/{id}",
    "/api/intake/referrals/{id}/history",
    "/api/transfers",
    "/api/transfers/break-glass",
    "/api/transfers/break-glass/{id}",
    "/api/transfers/children/{child_id}/notices",
    "/api/transfers/children/{child_id}/responsibility",
    "/api/transfers/desks/{borough}/events",
    "/api/transfers/night-list",
    "/api/transfers/{id}",
];

/// A night with a referral, an earlier one about perhaps the same child, and a transfer.
pub(crate) struct Night {
    pub(crate) story: Story,
    pub(crate) referral: Made,
    pub(crate) transfer: String,
    pub(crate) glass: String,
}

async fn night(name: &str) -> Night {
    let story = Story::new(TestHub::start_at(name, "2026-11-23T02:14:00Z", None).await.with_desks().await);
    let nurse = story.person("salford-royal-nurse");
    let found = json!({ "borough": "E08000006" });
    story.refer(&nurse, &concern("Ada Example", found.clone())).await;
    let referral = story.refer(&nurse, &concern("Ada Example", found)).await;
    story.hub.settled().await;
    let salford = story.person("salford-duty");
    let made = story.post(&salford, "/api/transfers", &offer("E08000003", "P1", &[(&referral.child, &["emergency_action"])])).await.ok();
    let notice = json!({ "to": "E08000003", "text": "With her aunt until Friday.", "until": "2026-11-27T17:00:00Z" });
    story.on_child(&salford, &referral.child, "notices", notice).await.ok();
    let wigan = story.person("wigan-duty");
    let reason = json!({ "reason": "The child is at our station." });
    let glass = story.post(&wigan, &format!("/api/transfers/children/{}/break-glass", referral.child), &reason).await.ok();
    story.get(&wigan, &referral.path()).await.ok();
    story.hub.settled().await;
    let (transfer, glass) = (made.text("/transfer_id").to_owned(), glass.text("/glass_id").to_owned());
    Night { story, referral, transfer, glass }
}

/// What the log of looks does when there is no room for a row.
pub(crate) async fn refuse_looks(hub: &TestHub) {
    let sql = "create or replace function public.no_look() returns trigger language plpgsql as
               $$ begin raise exception 'there is no room'; end $$;
               create trigger no_look before insert on log.event for each row execute function public.no_look()";
    hub.owner("looks").await.execute(sql).await.unwrap();
}

pub(crate) async fn take_looks_again(hub: &TestHub) {
    hub.owner("looks").await.execute("drop trigger no_look on log.event").await.unwrap();
}

/// The address of a route, with things that exist.
pub(crate) fn address(night: &Night, route: &str) -> String {
    let things = [
        ("{child_id}", night.referral.child.as_str()),
        ("{borough}", "E08000006"),
        ("{number}", "1"),
        ("{name}", "needs"),
        // What was offered at the instant that the test stands at is in a period that ends later.
        ("{report}/events", "pairs/events?from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"),
        ("{report}", "pairs"),
    ];
    let route = things.iter().fold(route.to_owned(), |route, (what, thing)| route.replace(what, thing));
    let id = if route.contains("/referrals/") {
        &night.referral.id
    } else if route.contains("/break-glass/") {
        &night.glass
    } else {
        &night.transfer
    };
    route.replace("{id}", id).replace("{procedure_id}", "police-protection")
}

/// The status and the body; of a stream, what it says until it names a child, at most 5 s.
pub(crate) async fn raw(who: &Client, path: &str) -> (u16, Vec<u8>) {
    let mut response = who.request(Method::GET, path).header("Last-Event-ID", "0").send().await.unwrap();
    let status = response.status().as_u16();
    let is_stream = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
    if !is_stream {
        return (status, response.bytes().await.unwrap().to_vec());
    }
    let mut body = Vec::new();
    let listening = async {
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend(piece);
            if !Named::within(&body).is_nobody() {
                break;
            }
        }
    };
    drop(tokio::time::timeout(Duration::from_secs(5), listening).await);
    (status, body)
}

/// The first caller to whom a route shows something of a child.
async fn who_is_shown(callers: &[Client], path: &str) -> Option<Client> {
    for caller in callers {
        let (status, body) = raw(caller, path).await;
        if status == 200 && !Named::within(&body).is_nobody() {
            return Some(caller.clone());
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_in_the_record_of_looks_no_data_on_every_route_that_shows_a_child() {
    let night = night("looks-none").await;
    let hub = &night.story.hub;
    let callers: Vec<Client> =
        ["salford-duty", "board-auditor", "manchester-author", "hub-operator"].into_iter().map(|id| hub.person(id)).collect();
    let mut shown: BTreeMap<String, Client> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for document in documents(hub).await.values() {
        for route in operations(document).into_iter().filter(|one| one.method == "get").map(|one| one.path) {
            if let Some(caller) = who_is_shown(&callers, &address(&night, &route)).await {
                shown.insert(route.clone(), caller);
            }
            all.insert(route);
        }
    }
    assert_eq!(shown.keys().map(String::as_str).collect::<Vec<_>>(), SHOWS_CHILDREN, "of {} routes that are read", all.len());

    refuse_looks(hub).await;
    for (route, caller) in &shown {
        let (status, body) = raw(caller, &address(&night, route)).await;
        assert_eq!((status, body.len()), (503, 0), "{route}: {}", String::from_utf8_lossy(&body));
    }
    // A denial that cannot be recorded says nothing either, whether the thing exists or not.
    let oldham = hub.person("oldham-duty");
    for id in [night.transfer.as_str(), "trf_00000000000000000000000000000001"] {
        assert_eq!(raw(&oldham, &format!("/api/transfers/{id}")).await, (503, vec![]));
    }
    // A search shows nobody; sent again under its key, it shows whom it found, and that is on the record.
    let nurse = hub.person("salford-royal-nurse");
    let (key, body) = (hub.key(), concern("Ada Example", json!({ "borough": "E08000006" })));
    let lost = nurse.post("/api/intake/referrals", &key, &body).await.unwrap();
    assert_eq!((lost.status, &lost.body), (503, &Value::Null));
    take_looks_again(hub).await;
    let again = nurse.post("/api/intake/referrals", &key, &body).await.unwrap().ok();
    assert!(again.replayed);
    let matched = again.body["children"][0]["possible_matches"][0]["child_id"].as_str().unwrap().to_owned();
    let looks = night.story.get(&hub.person("board-auditor"), &format!("/api/audit/looks/{matched}")).await.ok();
    let found = looks.body["items"].as_array().unwrap().iter().find(|look| look["how"] == "found").unwrap();
    assert_eq!((&found["who"]["id"], &found["purpose"]), (&json!("salford-royal-nurse"), &json!("follow_up")));
    for (route, caller) in &shown {
        assert_eq!(raw(caller, &address(&night, route)).await.0, 200, "{route}");
    }
    println!("looks: {} of {} routes that are read show something of a child", shown.len(), all.len());
    night.story.hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looked_at_a_child_is_shown_to_the_responsible_borough_and_the_board_and_to_nobody_else() {
    let night = night("looks-who").await;
    let story = &night.story;
    let path = format!("/api/audit/looks/{}", night.referral.child);
    story.get(&story.person("bolton-manager"), &format!("/api/transfers/children/{}/responsibility", night.referral.child)).await.ok();
    story.get(&story.person("oldham-duty"), &night.referral.path()).await.refused(404, "not_found");
    for (who, status) in
        [("salford-manager", 200), ("board-auditor", 200), ("manchester-duty", 404), ("hub-operator", 403), ("salford-royal-nurse", 403)]
    {
        assert_eq!(story.get(&story.person(who), &path).await.status, status, "{who}");
    }
    let absent = story.get(&story.person("manchester-duty"), "/api/audit/looks/chd_00000000000000000000000000000001").await;
    absent.refused(404, "not_found");
    let looks = story.get(&story.person("salford-manager"), &format!("{path}?limit=200")).await.ok();
    let looks = looks.body["items"].as_array().unwrap();
    let of = |who: &str| looks.iter().find(|look| look["who"]["id"] == who).unwrap_or_else(|| panic!("{who} is not in {looks:?}"));
    let bolton = of("bolton-manager");
    assert_eq!((&bolton["who"]["org_name"], &bolton["who"]["role"]), (&json!("Bolton"), &json!("duty_manager")));
    assert!(bolton["who"]["name"].as_str().unwrap().contains("duty manager"));
    // What does not exist for them exists for the record: the case is known to be about this child.
    let oldham = of("oldham-duty");
    assert_eq!((&oldham["outcome"], &oldham["reason"]), (&json!("denied"), &json!("no_relationship")));
    let operator = of("hub-operator");
    assert_eq!((&operator["outcome"], &operator["reason"]), (&json!("denied"), &json!("role")));
    let other = story.hub.somebody("nobody", "E08000006", Role::BoardAuditor);
    story.get(&other, &path).await.refused(403, "forbidden");
    let page = story.get(&story.person("board-auditor"), &format!("{path}?limit=2")).await.ok();
    let last = page.body["items"][0]["position"].as_i64().unwrap();
    let none = page.body["items"].as_array().unwrap().iter().find(|look| look["who"]["id"] == "nobody").unwrap();
    assert!(none["who"]["role"].is_null() && last > 0, "somebody without a role that their organisation has acts in none: {none}");
    assert!(page.body["next"].is_string());
    night.story.hub.finish().await;
}
