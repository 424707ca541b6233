//! With NATS down every command succeeds and screens say since when they may be stale; with PostgreSQL down a command is told 503
//! and nothing is half done.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{sync::Arc, time::Duration};

use hub::{
    client::{Client, Reply},
    people, seed,
};
use hub_tests::storm::{
    chance::{self, Chance},
    settle,
    town::Town,
};
use serde_json::{Value, json};
use service_kit::Clock;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::storm::directory;

fn someone(town: &Town, service: &str, id: &str) -> Client {
    let url = town.addresses().remove(service).unwrap();
    seed::client(&url, &town.ground.signer, &people::by_id(id).unwrap(), Clock::system().now()).unwrap()
}

fn referral() -> Value {
    json!({
        "concern": "A made-up concern.", "referrer": { "name": "Duty worker", "role": "social worker", "phone": "0161 496 0999" },
        "child_is_now": { "borough": "E08000003" }, "danger_now": "yes", "children": [{ "age_about": 7 }]
    })
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn list(worker: &Client) -> Option<Reply> {
    worker.get("/api/transfers?borough=E08000003").await.ok().filter(|reply| reply.status == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nats_down_every_command_succeeds_and_a_screen_that_cannot_be_sure_says_since_when() {
    let mut chance = Chance::new(chance::seed());
    let mut town = Town::start(&directory("nats-down"), &mut chance).await;
    let (referrer, worker) = (someone(&town, "intake", "manchester-duty"), someone(&town, "transfers", "manchester-duty"));
    town.ground.stack.nats.kill().await;
    for _ in 0..100 {
        let referred = referrer.post("/api/intake/referrals", &chance.hex(), &referral()).await.unwrap();
        assert_eq!(referred.status, 201, "{}", referred.body);
    }
    let pools = settle::pools(&town.ground).await;
    // The relays cannot publish; the inboxes ask the logs.
    until("everybody has taken everything without NATS", async || {
        let places = settle::places(&pools).await.unwrap();
        places.iter().filter(|(who, ..)| !who.starts_with("relay")).all(|(_, head, at)| head == at).then_some(())
    })
    .await;
    until("asking the log alone makes the list sure", async || list(&worker).await.filter(|list| list.body["stale_since"].is_null())).await;
    let health: Value = reqwest::get(format!("{}/health", town.addresses()["transfers"])).await.unwrap().json().await.unwrap();
    assert_eq!(health["components"]["transfers.nats"]["status"], "degraded", "{health}");

    let intake = town.services.iter_mut().find(|service| service.name == "intake").unwrap();
    assert!(intake.kill().await);
    let stale = until("the list says since when it may be stale", async || {
        list(&worker).await.and_then(|list| list.body["stale_since"].as_str().map(str::to_owned))
    })
    .await;
    let since: kernel::Timestamp = stale.parse().unwrap();
    assert!(since <= Clock::system().now());

    hub_tests::storm::fault::bring_back(&mut town).await;
    until("the list is sure again", async || list(&worker).await.filter(|list| list.body["stale_since"].is_null())).await;
    settle::caught_up(&pools).await;
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgresql_down_a_command_is_told_503_and_the_same_key_has_one_effect_afterwards() {
    let mut chance = Chance::new(chance::seed());
    let mut town = Town::start(&directory("postgresql-down"), &mut chance).await;
    let referrer = Arc::new(someone(&town, "intake", "manchester-duty"));
    let before = referrer.post("/api/intake/referrals", &chance.hex(), &referral()).await.unwrap();
    assert_eq!(before.status, 201, "{}", before.body);

    // Some are under way when it goes, the rest come while it is away.
    let keys: Vec<String> = (0..40).map(|_| chance.hex()).collect();
    let mut sent = JoinSet::new();
    for key in &keys[..20] {
        let (referrer, key) = (Arc::clone(&referrer), key.clone());
        sent.spawn(async move { referrer.post("/api/intake/referrals", &key, &referral()).await.unwrap() });
    }
    town.ground.stack.postgres.kill().await;
    for key in &keys[20..24] {
        let told = referrer.post("/api/intake/referrals", key, &referral()).await.unwrap();
        assert_eq!(told.status, 503, "{}", told.body);
        assert!(told.body["type"].as_str().is_some_and(|kind| kind.ends_with("/problems/unavailable")), "{}", told.body);
    }
    for told in sent.join_all().await {
        assert!(matches!(told.status, 201 | 503), "{}", told.body);
    }
    let ready = reqwest::get(format!("{}/readyz", town.addresses()["intake"])).await.unwrap();
    assert_eq!(ready.status().as_u16(), 503);

    hub_tests::storm::fault::bring_back(&mut town).await;
    for key in &keys {
        // The first may meet a connection that died with the server, and is told to send it again.
        until("each key is resolved", async || {
            let told = referrer.post("/api/intake/referrals", key, &referral()).await.unwrap();
            assert!(matches!(told.status, 201 | 503), "{}", told.body);
            (told.status == 201).then_some(())
        })
        .await;
    }
    let pools = settle::pools(&town.ground).await;
    let counts: (i64, i64) = sqlx::query_as(
        "select (select count(*) from log.receipt where principal = 'manchester-duty'),
                (select count(*) from log.event where type = 'referral.received')",
    )
    .fetch_one(&pools[0].1)
    .await
    .unwrap();
    assert_eq!(counts, (41, 41), "each key has one receipt and one effect");
    let fault = event_store::Log::new(pools[0].1.clone(), "intake").verify(|_| ()).await.unwrap();
    assert_eq!(fault, None);
    settle::caught_up(&pools).await;
    town.stop().await;
}
