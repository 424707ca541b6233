//! T1: processes are killed at random times while clients work, and nothing that was acknowledged is lost, doubled or misled.
//!
//! The seed is printed; `HUB_SEED` repeats it. `HUB_STORM=full` kills 200 times instead of 20. The history is kept as JSON lines
//! beside the logs of the services.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod wipe;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use hub::{people, stand::Ground};
use hub_tests::{
    client::Speaker,
    history::{Book, Fault, check},
    storm::{
        chance::{Chance, seed},
        fault,
        plot::{Player, Score, Staff},
        settle, stored,
        town::Town,
    },
};
use kernel::Directory;
use service_kit::Clock;
use tokio::{task::JoinSet, time::Instant};

/// Clients, boroughs and the pace of the whole: 50 commands a second.
const CLIENTS: u16 = 12;
const BOROUGHS: usize = 8;
const PACE: Duration = Duration::from_millis(1_000 * CLIENTS as u64 / 50);

/// How many commands a second must be acknowledged all the same, from the first to the last kill: below, most of the time nothing was
/// under way that a kill could have lost. A development build on two busy cores reaches 6 to 22.
const ACKNOWLEDGED_A_SECOND: f64 = 3.0;

/// A directory of this test's own under the build's, emptied first.
pub(crate) fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&directory));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// The duty workers and managers of the first boroughs of the demonstration.
pub(crate) fn boroughs() -> Arc<Vec<Staff>> {
    let staffed = |borough: &kernel::directory::BoroughEntry| {
        let people = people::of_borough(&borough.code, &borough.name).into_iter().take(3).collect();
        Staff { code: borough.code.to_string(), people }
    };
    Arc::new(Directory::get().boroughs_of_area(people::AREA).take(BOROUGHS).map(staffed).collect())
}

/// The clients of a storm at work, and what they have in common.
struct Cast {
    at_work: JoinSet<Player>,
    score: Arc<Score>,
    book: Arc<Book>,
}

impl Cast {
    fn begin(town: &Town, chance: &mut Chance) -> Self {
        let book = Arc::new(Book::create(&town.directory.join("history.jsonl")).unwrap());
        let (score, boroughs) = (Arc::new(Score::default()), boroughs());
        let mut at_work = JoinSet::new();
        for number in 1..=CLIENTS {
            let speaker = speaker(town, &book, number);
            let mut player = Player::new(speaker, chance.fork(), Arc::clone(&boroughs), (Arc::clone(&score), PACE));
            at_work.spawn(async move {
                player.play().await;
                player
            });
        }
        Self { at_work, score, book }
    }

    /// Ends the clients, resolves what they left open, and waits until everything has settled. How many outcomes were left open.
    async fn settle(self, town: &Town) -> usize {
        self.score.over.store(true, Ordering::Relaxed);
        let mut open = 0;
        for player in self.at_work.join_all().await {
            open += settle::resolve(&player.speaker, player.open).await;
        }
        let pools = settle::pools(&town.ground).await;
        settle::caught_up(&pools).await;
        open
    }
}

fn speaker(town: &Town, book: &Arc<Book>, number: u16) -> Speaker {
    Speaker::new(town.addresses(), &town.ground.signer, Clock::system().now(), (Arc::clone(book), number))
}

/// Compares the history with the record; the services must be down, so that no timer writes meanwhile.
async fn judge(ground: &Ground, book: &Book) -> Vec<Fault> {
    let pools = settle::pools(ground).await;
    for (service, pool) in &pools {
        let fault = event_store::Log::new(pool.clone(), service).verify(|_| ()).await.unwrap();
        assert_eq!(fault, None, "the log of {service} is as it was written");
        let parked: i64 = sqlx::query_scalar("select count(*) from log.parked").fetch_one(pool).await.unwrap();
        assert_eq!(parked, 0, "{service} has parked events");
    }
    check(&book.history(), &stored::read(ground, &pools).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_and_every_duty_has_one_holder_while_processes_are_killed() {
    let seed = seed();
    let full = service_kit::Config::environment().get("HUB_STORM").is_some_and(|how| how == "full");
    println!("storm: HUB_SEED={seed}{}", if full { " HUB_STORM=full" } else { "" });
    let mut chance = Chance::new(seed);
    let mut town = Town::start(&directory("storm"), &mut chance).await;
    let cast = Cast::begin(&town, &mut chance);

    let begun = Instant::now();
    let hits = fault::rage(&mut town, &mut chance, if full { 200 } else { 20 }).await;
    let a_second = f64::from(cast.score.acknowledged.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
    let (score, book) = (Arc::clone(&cast.score), Arc::clone(&cast.book));
    let open = cast.settle(&town).await;
    for service in &mut town.services {
        service.kill().await;
    }
    let faults = judge(&town.ground, &book).await;

    let count = |counter: &std::sync::atomic::AtomicU32| counter.load(Ordering::Relaxed);
    let (acknowledged, handed_over) = (count(&score.acknowledged), count(&score.handed_over));
    println!(
        "storm: {} kills hit {:?} and {} nobody; {acknowledged} acknowledged ({a_second:.1} a second), {} refused, {open} unknown until the end, {} referrals, {handed_over} handovers",
        hits.all(),
        hits.by_target,
        hits.missed,
        count(&score.refused),
        count(&score.referrals),
    );
    assert_eq!(faults, vec![], "HUB_SEED={seed}; the history is {}", town.directory.join("history.jsonl").display());
    assert_eq!(town.fell(), 0, "services ended by themselves: look into {}", town.directory.display());
    assert!(hits.all() >= 20, "a storm without faults proves nothing");
    assert!(a_second >= ACKNOWLEDGED_A_SECOND, "a storm with {a_second:.1} acknowledged commands a second proves nothing");
    assert!(acknowledged >= 300, "a storm with {acknowledged} acknowledged commands proves nothing");
    assert!(handed_over >= 10, "a storm with {handed_over} handovers proves nothing");
    town.stop().await;
}
