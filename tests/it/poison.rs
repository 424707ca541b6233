//! T17: an event that cannot be taken is parked with its cause, its subject waits, everybody else goes on, and a retry closes it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use hub::{
    client::{Client, Reply},
    people, seed,
    stand::{Stand, StandOptions},
};
use hub_tests::storm::chance::{self, Chance};
use reqwest::Method;
use serde_json::{Value, json};
use service_kit::Clock;
use tokio::time::{Instant, sleep};

use crate::storm::directory;

const DUTY: &str = "emergency_action";

/// What an operator sees and does, with the token that services use.
struct Operator {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Operator {
    async fn ask(&self, method: Method, path: &str) -> Value {
        let asked = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token).send().await.unwrap();
        asked.json().await.unwrap()
    }

    async fn parked(&self) -> Vec<Value> {
        self.ask(Method::GET, "/api/transfers/parked/intake").await["items"].as_array().cloned().unwrap_or_default()
    }
}

/// A referral that carries a trace which can be told apart.
async fn refer(worker: &Client, chance: &mut Chance, trace: &str) -> (Reply, String) {
    let body = json!({
        "concern": "A made-up concern.", "referrer": { "name": "Duty worker", "role": "social worker", "phone": "0161 496 0999" },
        "child_is_now": { "borough": "E08000003" }, "danger_now": "yes", "children": [{ "age_about": 7 }]
    });
    let request = worker.request(Method::POST, "/api/intake/referrals").header("Idempotency-Key", chance.hex()).json(&body);
    let answer = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01")).send().await.unwrap();
    let position = answer.headers()["hub-position"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    let child = body["children"][0]["child_id"].as_str().unwrap().to_owned();
    (Reply { status: 201, version: Some(1), position: Some(position), replayed: false, body }, child)
}

async fn holder(worker: &Client, child: &str) -> Option<String> {
    let shown = worker.get(&format!("/api/transfers/children/{child}/responsibility")).await.unwrap();
    let held = shown.body["duties"].as_array()?.iter().find(|held| held["duty"] == DUTY)?;
    held["holder"].as_str().map(str::to_owned)
}

async fn within(what: &str, limit: Duration, mut so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < limit, "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_taken_is_parked_with_its_cause_and_taken_after_the_repair() {
    let mut chance = Chance::new(chance::seed());
    let stand = Stand::start(&directory("poison"), StandOptions::default()).await.unwrap();
    seed::desks(&stand.url(), &stand.ground.signer, Clock::system().now(), |_| ()).await.unwrap();
    let now = Clock::system().now();
    let worker = seed::client(&stand.url(), &stand.ground.signer, &people::by_id("manchester-duty").unwrap(), now).unwrap();
    let operator =
        Operator { http: reqwest::Client::new(), url: stand.url(), token: stand.ground.signer.service("operator", now).unwrap() };

    // The database of transfers refuses whatever follows from one referral, as a broken constraint would.
    let trace = chance.hex();
    let broken = format!(
        "create function log.broken() returns trigger language plpgsql as $$ begin
             if new.correlation = '{trace}' then raise exception 'broken'; end if; return new; end $$;
         create trigger broken before insert on log.event for each row execute function log.broken()"
    );
    stand.ground.stack.postgres.sql("hub_transfers", &broken).await.unwrap();
    let (bad, child) = refer(&worker, &mut chance, &trace).await;
    let begun = Instant::now();
    within("it is parked", Duration::from_secs(20), async || !operator.parked().await.is_empty()).await;
    println!("poison: parked after {:?}", begun.elapsed());
    let parked = operator.parked().await;
    assert!(parked[0]["cause"].as_str().unwrap().starts_with("it could not be recorded"), "{parked:?}");
    within("health says so", Duration::from_secs(20), async || {
        operator.ask(Method::GET, "/health").await["components"]["transfers.inbox intake"]["status"] == "degraded"
    })
    .await;
    assert_eq!(holder(&worker, &child).await, None);

    // Everybody else goes on.
    for _ in 0..99 {
        let other = chance.hex();
        let (_, other) = refer(&worker, &mut chance, &other).await;
        if chance.one_in(10) {
            within("another child's duty is there", Duration::from_secs(20), async || holder(&worker, &other).await.is_some()).await;
        }
    }
    // What comes later about the same referral waits behind it.
    let path = format!("/api/intake/referrals/{}", bad.text("/referral_id"));
    assert_eq!(worker.get(&format!("{path}/history")).await.unwrap().status, 200);
    let opened = worker.get(&path).await.unwrap();
    let decision = json!({ "outcome": "immediate_protection", "reason": "Seen." });
    let decided = worker.change(&format!("{path}/decisions"), &chance.hex(), opened.version.unwrap(), &decision).await.unwrap();
    assert_eq!(decided.status, 201, "{}", decided.body);
    let behind =
        async || operator.parked().await.iter().any(|one| one["cause"].as_str().is_some_and(|cause| cause.starts_with("waits behind")));
    within("the decision waits behind the referral", Duration::from_secs(5), behind).await;

    // Still broken: a try brings nothing and loses nothing.
    let waiting = operator.parked().await.len();
    operator.ask(Method::POST, "/api/transfers/parked/intake").await;
    assert_eq!(operator.parked().await.len(), waiting);
    stand.ground.stack.postgres.sql("hub_transfers", "drop trigger broken on log.event; drop function log.broken()").await.unwrap();
    let repaired = operator.ask(Method::POST, "/api/transfers/parked/intake").await;
    assert_eq!(repaired["kept"].as_array().map(Vec::len), Some(0), "{repaired}");
    assert_eq!(operator.parked().await, Vec::<Value>::new());
    assert_eq!(holder(&worker, &child).await.as_deref(), Some("E08000003"));
    within("health shows that it is over", Duration::from_secs(5), async || {
        operator.ask(Method::GET, "/health").await["components"]["transfers.inbox intake"]["status"] == "up"
    })
    .await;
    stand.stop().await;
}

/// Bytes that nobody of the hub has published.
fn rubbish(next: i64) -> Vec<Vec<u8>> {
    let envelope = |changes: Value| {
        let mut event = json!({
            "specversion": "1.0", "id": "0192f3a4-0000-7000-8000-000000000001", "source": "/hub/intake", "type": "uk.hub.intake.noted.v1",
            "subject": "referral-x", "time": "2026-11-23T02:00:00Z", "occurredat": "2026-11-23T02:00:00Z",
            "datacontenttype": "application/json", "position": next + 1_000_000, "leafhash": "00", "traceid": "00",
            "actor": { "id": "x", "org": "hub", "role": "hub" }, "data": null
        });
        event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::to_vec(&event).unwrap()
    };
    let mut all = vec![
        b"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"not JSON".to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        vec![b'['; 100_000],
        vec![b'x'; 900_000],
    ];
    all.extend(
        [
            json!({}),
            json!({ "specversion": "2.0" }),
            json!({ "position": 0 }),
            json!({ "position": -1 }),
            json!({ "position": i64::MAX }),
            json!({ "position": "1" }),
            json!({ "position": 1 }),
            json!({ "source": "/hub/audit" }),
            json!({ "source": "" }),
            json!({ "id": "x" }),
            json!({ "time": "yesterday" }),
            json!({ "actor": null }),
            json!({ "data": { "kind": "from the future" } }),
        ]
        .map(envelope),
    );
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rubbish_on_nats_stops_nobody_parks_nothing_and_skips_nothing() {
    let mut chance = Chance::new(chance::seed());
    let stand = Stand::start(&directory("rubbish"), StandOptions::default()).await.unwrap();
    seed::desks(&stand.url(), &stand.ground.signer, Clock::system().now(), |_| ()).await.unwrap();
    let now = Clock::system().now();
    let worker = seed::client(&stand.url(), &stand.ground.signer, &people::by_id("manchester-duty").unwrap(), now).unwrap();
    let operator =
        Operator { http: reqwest::Client::new(), url: stand.url(), token: stand.ground.signer.service("operator", now).unwrap() };
    let nats = async_nats::connect(stand.ground.stack.nats.url()).await.unwrap();
    let rubbish = rubbish(1);
    assert_eq!(rubbish.len(), 20);
    for bytes in rubbish {
        nats.publish("hub.intake.all.noted", bytes.clone().into()).await.unwrap();
        nats.publish("hub-head.intake", bytes.into()).await.unwrap();
        nats.flush().await.unwrap();
        let trace = chance.hex();
        let (_, child) = refer(&worker, &mut chance, &trace).await;
        within("the duty is there", Duration::from_secs(5), async || holder(&worker, &child).await.is_some()).await;
    }
    assert_eq!(operator.parked().await, Vec::<Value>::new());
    let pools = hub_tests::storm::settle::pools(&stand.ground).await;
    hub_tests::storm::settle::caught_up(&pools).await;
    stand.stop().await;
}
