//! `kill -9` at random times on services, with the relays and inboxes in them, on nats-server and on PostgreSQL.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::sleep;

use super::{chance::Chance, town::Town};

/// What can be killed, by how often. A service carries its relay, its writer and its inboxes. PostgreSQL takes seconds to recover,
/// in which nobody works, so it is one of eight.
const TARGETS: [&str; 8] = ["intake", "intake", "transfers", "transfers", "audit", "nats", "nats", "postgresql"];

/// What the faults came to.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// Kills that hit a living process, by target.
    pub by_target: BTreeMap<&'static str, u32>,
    /// Kills that found nobody.
    pub missed: u32,
}

impl Hits {
    /// All kills that hit a living process.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.by_target.values().sum()
    }

    fn add(&mut self, target: &'static str, hit: bool) {
        if hit {
            *self.by_target.entry(target).or_default() += 1;
        } else {
            self.missed += 1;
        }
    }
}

/// Kills until so many kills have hit, and leaves everything running.
///
/// # Panics
/// When something does not come back.
pub async fn rage(town: &mut Town, chance: &mut Chance, kills: u32) -> Hits {
    let mut hits = Hits::default();
    while hits.all() < kills {
        sleep(Duration::from_millis(300 + chance.below(2_200))).await;
        // In one of four cases a second one is killed before the first is back.
        let first = next(chance, &hits);
        let second = if chance.one_in(4) { Some(next(chance, &hits)) } else { None };
        for target in [Some(first), second.filter(|second| *second != first)].into_iter().flatten() {
            let hit = kill(town, target).await;
            hits.add(target, hit);
            sleep(Duration::from_millis(chance.below(150))).await;
        }
        sleep(Duration::from_millis(chance.below(400))).await;
        bring_back(town).await;
    }
    hits
}

/// The first kills go once to everybody, so that a short storm leaves nobody out.
fn next(chance: &mut Chance, hits: &Hits) -> &'static str {
    let spared: Vec<&'static str> = TARGETS.into_iter().filter(|target| !hits.by_target.contains_key(target)).collect();
    let from: &[&'static str] = if spared.is_empty() { &TARGETS } else { &spared };
    chance.pick::<&str>(from)
}

async fn kill(town: &mut Town, target: &str) -> bool {
    let stack = &mut town.ground.stack;
    match target {
        "postgresql" => {
            let hit = stack.postgres.is_running();
            stack.postgres.kill().await;
            hit
        }
        "nats" => {
            let hit = stack.nats.is_running();
            stack.nats.kill().await;
            hit
        }
        name => match town.services.iter_mut().find(|service| service.name == name) {
            Some(service) => service.kill().await,
            None => false,
        },
    }
}

/// Starts again whatever does not run. Also what ended by itself, which is counted and judged at the end.
///
/// # Panics
/// When a server does not start.
pub async fn bring_back(town: &mut Town) {
    let stack = &mut town.ground.stack;
    if !stack.postgres.is_running() {
        stack.postgres.restart().await.unwrap_or_else(|error| panic!("PostgreSQL does not come back: {error}"));
    }
    if !stack.nats.is_running() {
        stack.nats.restart().await.unwrap_or_else(|error| panic!("nats-server does not come back: {error}"));
    }
    for service in &mut town.services {
        service.start().await;
    }
}
