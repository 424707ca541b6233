//! NATS may repeat, reorder and drop.

use std::sync::atomic::Ordering;

use async_nats::jetstream;
use proto_events::Envelope;

use crate::{
    fixture::{World, all_positions, until},
    world::{heard, say, say_one},
};

/// A small generator, so that a failure can be run again by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Each event dropped (1 in 8) or delivered up to 3 times, shuffled within 50 places, with rubbish in between.
fn mangled(events: &[Envelope], dice: &mut Dice) -> Vec<Vec<u8>> {
    let mut placed = Vec::new();
    for (place, event) in (0..).zip(events) {
        let times = if dice.below(8) == 0 { 0 } else { 1 + dice.below(3) };
        for _ in 0..times {
            placed.push((place + dice.below(50), serde_json::to_vec(event).unwrap()));
        }
        if dice.below(20) == 0 {
            placed.push((place + dice.below(50), b"{\"specversion\":\"1.0\",\xff".to_vec()));
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, bytes)| bytes).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_shuffled_and_dropped_messages_have_the_effects_of_the_log() {
    let world = World::start("mangled").await;
    let jetstream = jetstream::new(async_nats::connect(world.stack.nats.url()).await.unwrap());
    let config =
        jetstream::stream::Config { name: "HUB_INTAKE".to_owned(), subjects: vec!["hub.intake.>".to_owned()], ..Default::default() };
    jetstream.create_stream(config).await.unwrap();
    let _heartbeat = world.heartbeat().await;
    let (_inbox, _) = world.inbox().await;
    let mut before = 0;
    for seed in 1..=8 {
        say(&world.speaker, 200).await;
        let events = world.envelopes().await;
        for bytes in mangled(&events[before..], &mut Dice(seed)) {
            jetstream.publish("hub.intake.all.noted", bytes.into()).await.unwrap();
        }
        before = events.len();
        world.all_taken().await;
        assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await, "seed {seed}");
    }
    let fetched = world.source.given.load(Ordering::SeqCst);
    assert!((1..1_600).contains(&fetched), "{fetched} of 1600 events came from the log: NATS brought nothing, or lost nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_other_service_is_away_its_events_come_from_nats() {
    let world = World::start("away").await;
    let _relay = world.relay().await;
    say(&world.speaker, 600).await;
    world.all_marked().await;
    world.source.away.store(true, Ordering::SeqCst);
    let (_inbox, _) = world.inbox().await;
    world.all_taken().await;
    say(&world.speaker, 100).await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    assert_eq!(world.source.given.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_too_large_for_nats_is_taken_from_the_log() {
    let world = World::start("large").await;
    let (_relay, _heartbeat, (_inbox, _)) = (world.relay().await, world.heartbeat().await, world.inbox().await);
    say(&world.speaker, 10).await;
    say_one(&world.speaker, 1, &"x".repeat(2 << 20)).await;
    say(&world.speaker, 10).await;
    world.all_marked().await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
    assert_eq!(world.kept().await, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_of_a_consumer_take_each_event_once_and_one_goes_on_alone() {
    let world = World::start("consumers").await;
    let (_relay, _heartbeat) = (world.relay().await, world.heartbeat().await);
    let (first, _) = world.inbox().await;
    let (_second, lag) = world.inbox().await;
    say(&world.speaker, 300).await;
    world.all_taken().await;
    until("the one that only watches says how far", async || lag.borrow().checkpoint == 300).await;
    first.kill().await;
    say(&world.speaker, 100).await;
    world.all_taken().await;
    assert_eq!(heard(world.listener.log()).await, all_positions(world.speaker.log()).await);
}
