//! NATS away, or empty when it comes back.

use std::{sync::atomic::Ordering, time::Duration};

use bus::Head;
use kernel::Timestamp;
use tokio::time::Instant;

use crate::{
    fixture::{World, all_positions, until},
    world::{heard, say},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nats_down_commands_succeed_and_consumers_catch_up_from_the_log() {
    let mut world = World::start("down").await;
    world.stack.nats.kill().await;
    let (_relay, _heartbeat, (_inbox, lag)) = (world.relay().await, world.heartbeat().await, world.inbox().await);
    let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
    for _ in 0..3 {
        say(&world.speaker, 100).await;
        world.all_taken().await;
    }
    assert_eq!(world.marked().await, 0);
    until("the consumer is sure to be fresh by asking alone", async || lag.borrow().stale_since(now).is_none()).await;

    let (watching, watched) = world.inbox().await;
    until("so is a replica that only watches", async || watched.borrow().is_well(now)).await;
    drop(watching);

    world.source.away.store(true, Ordering::SeqCst);
    until("without either it says that it may be stale", async || lag.borrow().stale_since(now).is_some()).await;
    world.source.away.store(false, Ordering::SeqCst);

    world.stack.nats.restart().await.unwrap();
    world.all_marked().await;
    say(&world.speaker, 100).await;
    world.all_marked().await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    assert_eq!(world.kept().await, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_nats_is_filled_again_and_a_lost_tail_is_noticed() {
    let mut world = World::start("wiped").await;
    let (relay, _heartbeat, (_inbox, lag)) = (world.relay().await, world.heartbeat().await, world.inbox().await);
    say(&world.speaker, 200).await;
    world.all_marked().await;
    world.all_taken().await;

    world.stack.nats.wipe_store().await.unwrap();
    say(&world.speaker, 100).await;
    world.stack.nats.restart().await.unwrap();
    world.all_taken().await;
    world.all_marked().await;
    until("the stream is made again with what it had", async || world.kept().await == 300).await;

    // Acknowledged by NATS, marked, and gone.
    relay.kill().await;
    let fetched = world.source.given.load(Ordering::SeqCst);
    say(&world.speaker, 50).await;
    world.put_mark(350).await;
    world.all_taken().await;
    assert_eq!(world.source.given.load(Ordering::SeqCst), fetched + 50);

    let _relay = world.relay().await;
    say(&world.speaker, 50).await;
    world.all_taken().await;
    until("events come from NATS again and not from the log", async || {
        let fetched = world.source.given.load(Ordering::SeqCst);
        say(&world.speaker, 1).await;
        world.all_taken().await;
        world.source.given.load(Ordering::SeqCst) == fetched
    })
    .await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
    until("the consumer is sure again", async || lag.borrow().stale_since(now).is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_nats_dropped_without_a_later_one_is_taken_within_seconds() {
    let world = World::start("tail").await;
    let (_heartbeat, (_inbox, lag)) = (world.heartbeat().await, world.inbox().await);
    until("the other service is heard", async || lag.borrow().last_heard.is_some()).await;
    say(&world.speaker, 1).await;
    let begun = Instant::now();
    world.all_taken().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_ends_before_what_was_taken_from_it_is_not_followed() {
    let world = World::start("rewound").await;
    let (_inbox, lag) = world.inbox().await;
    say(&world.speaker, 10).await;
    world.all_taken().await;
    let nats = async_nats::connect(world.stack.nats.url()).await.unwrap();
    until("the log is found to be an older copy", async || {
        let head = serde_json::to_vec(&Head { service: "intake".to_owned(), position: 7 }).unwrap();
        nats.publish("hub-head.intake", head.into()).await.unwrap();
        lag.borrow().rewound
    })
    .await;
    let _heartbeat = world.heartbeat().await;
    say(&world.speaker, 1).await;
    until("a late heartbeat was no harm", async || !lag.borrow().rewound).await;
    world.all_taken().await;
}
