//! The registry is away, or NATS loses an edition: nothing changes, and nothing stays lost. Each service is a process of its own.

use std::time::Duration;

use hub::{client::Client, people, seed, stand::StandOptions};
use hub_tests::storm::{
    chance::{self, Chance},
    fault::bring_back,
    settle,
    town::Town,
};
use jiff::SignedDuration;
use kernel::Timestamp;
use serde_json::json;
use service_kit::Clock;
use tokio::time::{Instant, sleep};

use super::{Press, first_edition};
use crate::{
    flow::{Said as _, concern, offer},
    storm::directory,
};

/// How long something may take that must come to pass.
const PATIENCE: Duration = Duration::from_secs(40);

async fn town(name: &str, chance: &mut Chance) -> Town {
    let options = StandOptions { editions_file: Some(first_edition(name, 0)), ..StandOptions::default() };
    Town::with(&directory(name), chance, &options).await
}

fn someone(town: &Town, service: &str, id: &str) -> Client {
    let url = town.addresses().remove(service).unwrap();
    seed::client(&url, &town.ground.signer, &people::by_id(id).unwrap(), Clock::system().now()).unwrap()
}

/// An instant so many seconds from now, in whole seconds.
fn in_seconds(seconds: i64) -> Timestamp {
    let at = Clock::system().now() + SignedDuration::from_secs(seconds + 1);
    Timestamp::from_second(at.as_second()).unwrap()
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// The editions under which a referral and an offer are taken now: one for each service.
async fn under(town: &Town, chance: &mut Chance) -> (i64, i64) {
    let (referrer, worker) = (someone(town, "intake", "manchester-duty"), someone(town, "transfers", "manchester-duty"));
    let referral = concern(&format!("Child {}", chance.hex()), json!({ "borough": "E08000003" }));
    let referred = referrer.post("/api/intake/referrals", &chance.hex(), &referral).await.unwrap().ok();
    let child = referred.text("/children/0/child_id");
    let path = format!("/api/transfers/children/{child}/responsibility");
    worker.after(&referrer);
    until("the ledger hears of the referral", async || worker.get(&path).await.unwrap().status == 200).await;
    let offer = offer("E08000006", "P2", &[(child, &["emergency_action"])]);
    let offered = worker.post("/api/transfers", &chance.hex(), &offer).await.unwrap().ok();
    (referred.body["edition"].as_i64().unwrap(), offered.body["edition"].as_i64().unwrap())
}

async fn publish(town: &Town, from: Timestamp) -> i64 {
    Press::new(|id| someone(town, "procedures", id), &["salford"])
        .publish(from, |document| document["parts"]["title"] = format!("From {from}").into())
        .await
}

/// How many editions a service has learnt.
async fn learnt(pools: &[(&'static str, sqlx::PgPool)], service: &str) -> i64 {
    let (_, pool) = pools.iter().find(|(name, _)| *name == service).unwrap();
    sqlx::query_scalar("select count(*) from log.event where type = 'edition.learnt'").fetch_one(pool).await.unwrap()
}

fn service<'a>(town: &'a mut Town, name: &str) -> &'a mut hub_tests::storm::process::Service {
    town.services.iter_mut().find(|service| service.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_registry_killed_for_a_night_intake_and_transfer_go_on_with_the_last_edition_and_catch_up() {
    let mut chance = Chance::new(chance::seed());
    let mut town = town("registry-night", &mut chance).await;
    let pools = settle::pools(&town.ground).await;
    assert_eq!(under(&town, &mut chance).await, (1, 1));
    let second = in_seconds(20);
    assert_eq!(publish(&town, second).await, 2);
    settle::caught_up(&pools).await;
    assert!(Clock::system().now() < second, "it was learnt before it begins, or the test shows nothing");

    // It begins while the registry is dead, and goes on through a restart of the services that obey it.
    assert!(service(&mut town, "procedures").kill().await);
    until("the second edition begins", async || Clock::system().now() > second).await;
    assert_eq!(under(&town, &mut chance).await, (2, 2));
    for name in ["intake", "transfers"] {
        assert!(service(&mut town, name).kill().await);
        service(&mut town, name).start().await;
    }
    assert_eq!(under(&town, &mut chance).await, (2, 2), "the first command after a restart too");

    // On return everything catches up.
    bring_back(&mut town).await;
    assert_eq!(publish(&town, in_seconds(600)).await, 3);
    until("both services have learnt the third edition", async || {
        (learnt(&pools, "intake").await, learnt(&pools, "transfers").await) == (2, 2)
    })
    .await;
    settle::caught_up(&pools).await;
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edition_event_lost_on_nats_is_noticed_and_fetched() {
    let mut chance = Chance::new(chance::seed());
    let mut town = town("edition-lost", &mut chance).await;
    let pools = settle::pools(&town.ground).await;
    settle::caught_up(&pools).await;
    for name in ["intake", "transfers"] {
        assert!(service(&mut town, name).kill().await);
    }
    town.ground.stack.nats.kill().await;
    let second = in_seconds(30);
    assert_eq!(publish(&town, second).await, 2);

    // The mark says that NATS has all of it, as after a disk of NATS that lost what it had acknowledged: nobody sends it again.
    assert!(service(&mut town, "procedures").kill().await);
    let (_, registry) = pools.iter().find(|(name, _)| *name == "procedures").unwrap();
    sqlx::query("update log.relay set position = (select position from log.head)").execute(registry).await.unwrap();
    town.ground.stack.nats.restart().await.unwrap();
    service(&mut town, "procedures").start().await;
    let nats = async_nats::connect(town.ground.stack.nats.url()).await.unwrap();
    let stream = async_nats::jetstream::new(nats).get_stream("HUB_PROCEDURES").await.unwrap();
    assert!(stream.get_last_raw_message_by_subject("hub.procedures.all.edition_scheduled").await.is_err(), "NATS never had it");
    assert_eq!((learnt(&pools, "intake").await, learnt(&pools, "transfers").await), (0, 0));
    for name in ["intake", "transfers"] {
        service(&mut town, name).start().await;
    }
    until("both have noticed and fetched it by position", async || {
        (learnt(&pools, "intake").await, learnt(&pools, "transfers").await) == (1, 1)
    })
    .await;
    until("it has begun", async || Clock::system().now() > second).await;
    until("both go by it", async || under(&town, &mut chance).await == (2, 2)).await;
    town.stop().await;
}
