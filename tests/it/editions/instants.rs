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
    let hub = TestHub::start_at("instants", &start.to_string(), Some(&file)).await.with_desks().await;
    let press = Press::new(|id| hub.person(id), &["salford"]);
    let mut changes = vec![];
    let mut from = start + SignedDuration::from_mins(60);
    for number in 2..CHANGES + 2 {
        let gap = i64::try_from(1 + chance.below(7_200)).unwrap();
        from += SignedDuration::from_secs(gap);
        let published = press.publish(from, |document| document["procedures"] = vec![procedure(&format!("Text {number}."))].into()).await;
        changes.push((from, published));
    }
    // The time goes on from before the first change until after the last, so that about half of what is asked about is over.
    let step = from.duration_since(start) / i32::try_from(QUESTIONS - 1).unwrap();
    let (mut over, mut askers) = (0, Vec::new());
    for asked in 0..QUESTIONS {
        let now = start + step * i32::try_from(asked).unwrap();
        hub.clock.set(now);
        // A token lasts for some hours.
        if asked % 50 == 0 {
            askers = ["manchester-duty", "salford-duty", "salford-royal-nurse"].map(|id| hub.person(id)).into();
        }
        let at = instant(&mut chance, &changes);
        over += usize::from(at < now);
        let number = |at: Timestamp| changes.iter().rev().find(|(from, _)| *from <= at).map_or(1, |(_, number)| *number);
        let tonight = bytes(&askers[asked % 3], "/api/procedures/editions/in-force").await;
        assert!(tonight.contains(&format!("\"number\":{},", number(now))), "now, at {now}, HUB_SEED={seed}");
        let expected = number(at);
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
    println!("editions: {QUESTIONS} instants, {over} of them over when they were asked about");
    assert!((QUESTIONS / 4..QUESTIONS * 3 / 4).contains(&over), "{over}");
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
