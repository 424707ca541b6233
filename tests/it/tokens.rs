//! T42: tokens that were tampered with, made up or made for somebody else, sent to a running hub: none is believed, and none leaves
//! anything in any log.

mod attacks;
mod forge;

use hub::SERVICES;
use kernel::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::TestHub;

use self::{attacks::Attack, forge::Forge};
use crate::flow::concern;

/// What must not grow: events, receipts and sealed keys.
async fn marks(hub: &TestHub) -> Vec<i64> {
    let mut marks = Vec::new();
    for service in SERVICES {
        let pool: PgPool = hub.owner(service).await;
        for sql in ["select count(*) from log.event", "select count(*) from log.receipt", "select position from log.head"] {
            marks.push(sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap());
        }
    }
    let vault = hub.owner("vault").await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1",
    )
    .fetch_all(&vault)
    .await
    .unwrap();
    for table in tables {
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(&vault).await.unwrap();
        marks.push(count);
    }
    marks
}

/// What an attacker asks for: to read, to write, to decide, to look into the machinery.
fn requests(hub: &TestHub, child: &str, referral: &str, number: usize) -> Vec<RequestBuilder> {
    let http = reqwest::Client::new();
    let url = hub.stand.url();
    let get = |path: &str| http.get(format!("{url}{path}"));
    let post = |path: &str, body: &Value| {
        let request = http.request(Method::POST, format!("{url}{path}"));
        request.header("Idempotency-Key", format!("attack-{number}")).header("If-Match", "\"1\"").json(body)
    };
    vec![
        get(&format!("/api/intake/referrals/{referral}")),
        get(&format!("/api/audit/chronologies/{child}")),
        get("/api/transfers/log"),
        post("/api/intake/referrals", &concern("Ben Example", json!("not_known"))),
        post(&format!("/api/intake/referrals/{referral}/decisions"), &json!({ "outcome": "no_further_action", "reason": "None." })),
        post("/api/transfers", &crate::flow::offer("E08000006", "P1", &[(child, &["emergency_action"])])),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_attack_with_a_token_is_believed_and_none_leaves_a_trace_in_any_log() {
    let hub = TestHub::start("tokens").await;
    let nurse = hub.somebody("nurse", "RM301", Role::Referrer);
    let made = nurse.post("/api/intake/referrals", &hub.key(), &concern("Ada Example", json!({ "site": "RM301" }))).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let (child, referral) = (made.text("/children/0/child_id").to_owned(), made.text("/referral_id").to_owned());
    let forge = Forge::new(&hub);

    // The forge itself is sound: what it signs truly is believed, so that the attacks fail for what is wrong with them.
    let good = forge.token(&forge.claims());
    let read = requests(&hub, &child, &referral, 0).remove(0).bearer_auth(&good).send().await.unwrap();
    assert!([200, 403, 404].contains(&read.status().as_u16()), "a sound token is believed: {}", read.status());
    hub.settled().await;
    let before = marks(&hub).await;

    let attacks = attacks::all(&forge);
    assert!(attacks.len() >= 60, "{}", attacks.len());
    for (number, Attack { name, headers }) in attacks.iter().enumerate() {
        for request in requests(&hub, &child, &referral, number) {
            let request = headers.iter().fold(request, |request, value| request.header("authorization", value.clone()));
            let answer = request.send().await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let status = answer.status().as_u16();
            // A header that is too long for the server itself never gets as far as the hub.
            if status == 431 {
                continue;
            }
            assert_eq!(status, 401, "believed: {name}");
            assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer realm="), "{name}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json", "{name}");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "unauthenticated", "{name}");
            assert!(problem["errors"].is_null(), "{name}: an attacker learns nothing about the rest of the request: {problem}");
        }
    }
    hub.settled().await;
    assert_eq!(marks(&hub).await, before, "an attack left something behind");
    println!("tokens: {} attacks, 0 believed", attacks.len());
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_does_not_fit_the_organisation_gives_nothing() {
    let hub = TestHub::start("token-roles").await;
    let nurse = hub.somebody("nurse", "RM301", Role::Referrer);
    let made = nurse.post("/api/intake/referrals", &hub.key(), &concern("Ada Example", json!({ "site": "RM301" }))).await.unwrap();
    let (child, referral) = (made.text("/children/0/child_id").to_owned(), made.text("/referral_id").to_owned());
    let forge = Forge::new(&hub);
    hub.settled().await;
    let before = marks(&hub).await;
    let misfits = [
        ("RM301", "duty_worker"),
        ("RM301", "director"),
        ("RM301", "board_auditor"),
        ("RM301", "borough_system"),
        ("E08000003", "board_auditor"),
        ("E08000003", "hub_operator"),
        ("E08000003", "a_role_of_another_system"),
        ("board", "duty_manager"),
        ("board", "borough_system"),
        ("hub", "duty_worker"),
        ("hub", "board_auditor"),
        ("hub", "referrer"),
    ];
    for (number, (org, role)) in misfits.into_iter().enumerate() {
        let token = forge.token(&forge.claims_with(&json!({ "org": org, "roles": [role], "sub": format!("misfit-{number}") })));
        for request in requests(&hub, &child, &referral, number) {
            let answer = request.bearer_auth(&token).send().await.unwrap();
            let status = answer.status().as_u16();
            assert!([403, 404].contains(&status), "{role} of {org} got {status}: {}", answer.text().await.unwrap());
        }
    }
    hub.settled().await;
    assert_eq!(marks(&hub).await, before, "something was recorded");
    hub.finish().await;
}
