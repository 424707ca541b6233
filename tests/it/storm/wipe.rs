//! JetStream's directory is wiped while everything runs: everything heals, a lost tail too.

use std::{sync::atomic::Ordering, time::Duration};

use hub_tests::storm::{
    chance::{Chance, seed},
    settle,
    town::Town,
};
use tokio::time::{Instant, sleep};

use super::{Cast, directory, judge};

/// Waits for a count to be reached.
async fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_jetstream_is_filled_again_from_the_logs_and_a_lost_tail_is_noticed() {
    let seed = seed();
    println!("wipe: HUB_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut town = Town::start(&directory("wipe"), &mut chance).await;
    let cast = Cast::begin(&town, &mut chance);
    let acknowledged = {
        let score = std::sync::Arc::clone(&cast.score);
        move || score.acknowledged.load(Ordering::Relaxed)
    };
    for _ in 0..2 {
        let before = acknowledged();
        until("clients work before the wipe", || acknowledged() >= before + 60).await;
        town.ground.stack.nats.wipe_store().await.unwrap();
        let before = acknowledged();
        until("clients work without NATS", || acknowledged() >= before + 60).await;
        town.ground.stack.nats.restart().await.unwrap();
    }
    let (before, score, book) = (acknowledged(), std::sync::Arc::clone(&cast.score), std::sync::Arc::clone(&cast.book));
    until("clients work after the wipe", || acknowledged() >= before + 60).await;
    cast.settle(&town).await;

    // The tail: everything is marked as published, and NATS forgets it while nobody writes.
    town.ground.stack.nats.wipe_store().await.unwrap();
    town.ground.stack.nats.restart().await.unwrap();
    let pools = settle::pools(&town.ground).await;
    until_kept(&town, &pools).await;
    settle::caught_up(&pools).await;

    for service in &mut town.services {
        service.kill().await;
    }
    let faults = judge(&town.ground, &book).await;
    println!("wipe: {} acknowledged, {} handovers", acknowledged(), score.handed_over.load(Ordering::Relaxed));
    assert_eq!(faults, vec![], "HUB_SEED={seed}");
    assert_eq!(town.fell(), 0, "services ended by themselves");
    town.stop().await;
}

/// Waits until JetStream has every position of every log again. A short storm stays below what the relay publishes again.
async fn until_kept(town: &Town, pools: &[(&'static str, sqlx::PgPool)]) {
    let client = async_nats::connect(town.ground.stack.nats.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    for (service, pool) in pools {
        let begun = Instant::now();
        loop {
            let head: i64 = sqlx::query_scalar("select position from log.head").fetch_one(pool).await.unwrap();
            let kept = match jetstream.get_stream(proto_events::subject::stream(service)).await {
                Ok(stream) => i64::try_from(stream.cached_info().state.messages).unwrap(),
                Err(_) => 0,
            };
            if kept >= head {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "JetStream has {kept} of {head} events of {service} again");
            sleep(Duration::from_millis(100)).await;
        }
    }
}
