//! From the log to NATS.

use std::collections::HashSet;

use async_nats::jetstream::{self, consumer::pull::OrderedConfig};
use bus::NotSafe;
use embedded::NatsOptions;
use futures_util::StreamExt;
use proto_events::Envelope;
use serde_json::Value;

use crate::{
    fixture::{World, all_positions, until},
    world::{heard, say},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_position_is_published_in_order_under_its_event_id() {
    let world = World::start("every").await;
    say(&world.speaker, 300).await;
    let _relay = world.relay().await;
    say(&world.speaker, 200).await;
    world.all_marked().await;

    let jetstream = jetstream::new(async_nats::connect(world.stack.nats.url()).await.unwrap());
    let stream = jetstream.get_stream("HUB_INTAKE").await.unwrap();
    assert!(stream.cached_info().config.deny_delete && stream.cached_info().config.deny_purge);
    let messages = stream.create_consumer(OrderedConfig::default()).await.unwrap().messages().await.unwrap();
    let messages: Vec<_> = messages.take(500).map(Result::unwrap).collect().await;
    let expected = world.envelopes().await;
    for (message, expected) in messages.iter().zip(&expected) {
        let event = Envelope::from_json(&message.payload).unwrap();
        assert_eq!(event, *expected);
        let id = message.headers.as_ref().unwrap().get("Nats-Msg-Id").unwrap();
        assert_eq!(id.as_str(), event.id.to_string());
        let (borough, kind) = if event.data == Value::Null { ("all", "recorded") } else { ("E08000003", "noted") };
        assert_eq!((message.subject.as_str(), event.short_kind()), (format!("hub.intake.{borough}.{kind}").as_str(), kind));
    }
    let rows = world.speaker.log().after(0, 1_000).await.unwrap();
    assert_eq!(rows.len(), messages.len());
    assert!(rows.iter().zip(&expected).all(|(row, event)| hex::encode(&row.leaf_hash) == event.leafhash && row.position == event.position));
    assert!(expected.iter().any(|event| event.data == Value::Null), "some concern nobody outside and are published all the same");
    assert!(!String::from_utf8_lossy(&messages[0].payload).contains("The hub"), "a name has left the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_between_publish_and_mark_has_each_effect_once() {
    let world = World::start("killed").await;
    // A short window, so that NATS itself does not hide the repetitions.
    let jetstream = jetstream::new(async_nats::connect(world.stack.nats.url()).await.unwrap());
    let config = jetstream::stream::Config {
        name: "HUB_INTAKE".to_owned(),
        subjects: vec!["hub.intake.>".to_owned()],
        duplicate_window: std::time::Duration::from_millis(100),
        ..Default::default()
    };
    jetstream.create_stream(config).await.unwrap();
    let (_inbox, _) = world.inbox().await;
    let _heartbeat = world.heartbeat().await;
    let bus = world.bus().await;
    for round in 0..50 {
        let before = world.marked().await;
        let relay = world.relay_on(bus.clone());
        say(&world.speaker, 4).await;
        world.all_marked().await;
        relay.kill().await;
        // What a kill after the publish and before the mark leaves behind.
        world.put_mark(before + i64::from(round % 3)).await;
    }
    let _relay = world.relay().await;
    world.all_marked().await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    assert!(world.kept().await > 200 + 50, "too few repetitions reached NATS for this to prove anything: {}", world.kept().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_relays_and_another_takes_over_when_it_dies() {
    let world = World::start("replicas").await;
    let raw = async_nats::connect(world.stack.nats.url()).await.unwrap();
    let mut all = raw.subscribe("hub.intake.>").await.unwrap();
    raw.flush().await.unwrap();
    let first = world.relay().await;
    say(&world.speaker, 1).await;
    world.all_marked().await;
    let _second = world.relay().await;
    say(&world.speaker, 199).await;
    world.all_marked().await;
    let mut ids = HashSet::new();
    for position in 1..=200 {
        let event = Envelope::from_json(&all.next().await.unwrap().payload).unwrap();
        assert_eq!(event.position, position, "both relays publish");
        ids.insert(event.id);
    }
    assert_eq!(ids.len(), 200);
    first.kill().await;
    say(&world.speaker, 100).await;
    world.all_marked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsafe_nats_is_named_and_gets_nothing_and_nothing_is_lost() {
    let world = World::start_with("unsafe", NatsOptions { sync_always: false, ..NatsOptions::default() }).await;
    let bus = world.bus().await;
    until("NATS answers", async || bus.safe().await != Err(NotSafe::Away)).await;
    let Err(NotSafe::Unsafe(reasons)) = bus.safe().await else { panic!("it passed for safe") };
    assert!(reasons.len() == 1 && reasons[0].contains("sync_interval"), "{reasons:?}");

    let (_relay, _heartbeat, (_inbox, _)) = (world.relay().await, world.heartbeat().await, world.inbox().await);
    say(&world.speaker, 100).await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    assert_eq!((world.marked().await, world.kept().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_that_does_not_answer_is_not_called_unsafe() {
    assert_eq!(bus::check_settings("http://127.0.0.1:1").await, Err(bus::MonitorSilent));
}
