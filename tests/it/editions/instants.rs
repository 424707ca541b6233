//! `?at=T` is exact, for everybody.

use hub_tests::storm::chance::{self, Chance};
use jiff::SignedDuration;
use kernel::Timestamp;
use sha2::{Digest as _, Sha256};
use testkit::TestHub;

use super::{PROCEDURE, Press, bytes, first_edition, procedure};

const CHANGES: usize = 50;
const QUESTIONS: usize = 1_000;

/// An instant near or between the changes: half of them within a microsecond of one.
fn instant(chance: &mut Chance, changes: &[(Timestamp, i64)]) -> Timestamp {
    let (change, _) = changes[usize::try_from(chance.below(CHANGES as u64)).unwrap()];
    let micros = i64::try_from(if chance.one_in(2) { chance.below(3) } else { chance.below(7_200_000_000) }).unwrap();
    change + SignedDuration::from_micros(micros - 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_boroughs_and_a_hospital_ask_at_1000_random_instants_around_50_changes_and_get_the_same_bytes_equal_to_what_was_in_force() {
    let seed = chance::seed();
    println!("editions: HUB_SEED={seed}");
    let mut chance = Chance::new(seed);
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let file = first_edition("instants", 60);
    let hub = TestHub::start_at("instants", &start.to_string(), Some(&file)).await;
    let press = Press::new(|id| hub.person(id), &["salford"]);
    let mut changes = vec![];
    let mut from = start + SignedDuration::from_mins(60);
    for number in 2..CHANGES + 2 {
        let gap = i64::try_from(1 + chance.below(7_200)).unwrap();
        from += SignedDuration::from_secs(gap);
        let published = press.publish(from, |document| document["procedures"] = vec![procedure(&format!("Text {number}."))].into()).await;
        changes.push((from, published));
    }
    let askers = ["manchester-duty", "salford-duty", "salford-royal-nurse"].map(|id| hub.person(id));
    for asked in 0..QUESTIONS {
        // What a caller may ask in a second comes back with the time.
        hub.clock.set(start + SignedDuration::from_secs(i64::try_from(asked).unwrap()));
        let at = instant(&mut chance, &changes);
        let expected = changes.iter().rev().find(|(from, _)| *from <= at).map_or(1, |(_, number)| *number);
        if expected == 1 {
            for asker in &askers {
                let path = format!("/api/procedures/editions/in-force?at={at}");
                assert!(bytes(asker, &path).await.contains("\"number\":1,"), "{at}");
            }
            continue;
        }
        let mut given = Vec::new();
        for asker in &askers {
            given.push(bytes(asker, &format!("/api/procedures/{PROCEDURE}?at={at}")).await);
        }
        assert!(given.iter().all(|bytes| *bytes == given[0]), "{at}: {given:?}");
        let shown: serde_json::Value = serde_json::from_str(&given[0]).unwrap();
        assert_eq!(shown["edition"]["number"], expected, "at {at}, HUB_SEED={seed}");
        assert_eq!(shown["procedure"]["change"], format!("Text {expected}."), "at {at}, HUB_SEED={seed}");
    }
    the_documents_are_what_their_hashes_say(&hub).await;
    hub.finish().await;
}

/// Anybody can check an edition: its bytes have the hash that it is cited by.
async fn the_documents_are_what_their_hashes_say(hub: &TestHub) {
    let nurse = hub.person("salford-royal-nurse");
    for number in [1, 2, CHANGES + 1] {
        let path = format!("/api/procedures/editions/{number}/document");
        let answer = nurse.request(reqwest::Method::GET, &path).send().await.unwrap();
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        let hash = hex::encode(Sha256::digest(answer.bytes().await.unwrap()));
        assert_eq!(tag, format!("\"{hash}\""), "edition {number}");
    }
}
