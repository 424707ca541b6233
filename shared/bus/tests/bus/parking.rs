//! What cannot be taken waits for a person, with what comes after it about the same subject, and nobody else.

use std::sync::{Arc, atomic::Ordering};

use bus::{Inbox, Later, Reactions, Source, SourceError, Unreadable, parked};
use event_store::{Applied, Store, View};
use kernel::Recorded;
use proto_events::Envelope;
use sqlx::{Executor, PgConnection};

use crate::{
    fixture::{Task, World, until},
    world::{Direct, Heard, heard, react, say, say_one},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_parked_its_subject_waits_the_others_go_on_and_a_retry_closes_it() {
    let world = World::start("poison").await;
    let pool = world.listener.log().pool().clone();
    let (_relay, _heartbeat, (_inbox, lag)) = (world.relay().await, world.heartbeat().await, world.inbox().await);
    say(&world.speaker, 22).await;
    let bad = ["unknown", "panics", "refused", "decider panics"];
    let mut poisoned = Vec::new();
    for (about, what) in (100..).step_by(7).zip(bad) {
        poisoned.push((say_one(&world.speaker, about, what).await, format!("said-{about}")));
    }
    let mut later = Vec::new();
    for (_, subject) in &poisoned {
        later.push(say_one(&world.speaker, subject.trim_start_matches("said-").parse().unwrap(), "something").await);
    }
    say(&world.speaker, 22).await;
    world.all_taken().await;

    let waiting = parked::list(&pool).await.unwrap();
    let found: Vec<_> = waiting.iter().map(|parked| (parked.position, parked.subject.clone())).collect();
    let behind = later.iter().zip(&poisoned).map(|(position, (_, subject))| (*position, subject.clone()));
    assert_eq!(found, poisoned.iter().cloned().chain(behind).collect::<Vec<_>>());
    let causes: Vec<_> = waiting.iter().map(|parked| parked.cause.as_str()).collect();
    let named = ["a type from the future", "the reaction panicked", "the reaction was refused: not_now", "a decider panicked"];
    assert_eq!(causes[..4], named);
    assert!(causes[4..].iter().zip(&poisoned).all(|(cause, (position, _))| **cause == format!("waits behind position {position}")));
    until("health shows it", async || lag.borrow().parked == 8).await;
    assert_eq!(heard(world.listener.log()).await.len(), 22 + 22);

    let nothing = parked::retry(&pool, "intake", world.reactions().as_ref()).await.unwrap();
    assert_eq!((nothing.taken.len(), nothing.kept.len()), (0, 8), "it is still broken");
    world.broken.store(false, Ordering::SeqCst);
    let repaired = parked::retry(&pool, "intake", world.reactions().as_ref()).await.unwrap();
    assert_eq!((repaired.taken.len(), repaired.kept.len()), (8, 0));
    assert_eq!(parked::list(&pool).await.unwrap(), []);
    until("health shows that it is over", async || lag.borrow().parked == 0).await;

    let heard = heard(world.listener.log()).await;
    let mut sorted = heard.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=52).collect::<Vec<_>>(), "each once");
    for ((first, _), second) in poisoned.iter().zip(&later) {
        let place = |position| heard.iter().position(|heard| heard == position).unwrap();
        assert!(place(first) < place(second), "the order about one subject is kept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_cut_short_before_the_event_is_taken_away_has_one_effect() {
    let world = World::start("cut").await;
    let pool = world.listener.log().pool().clone();
    let (_inbox, _) = world.inbox().await;
    say_one(&world.speaker, 1, "refused").await;
    world.all_taken().await;
    let waiting = parked::list(&pool).await.unwrap();
    world.broken.store(false, Ordering::SeqCst);
    let event = proto_events::Envelope::from_json(&waiting[0].event).unwrap();
    bus::Handler::replay(world.reactions().as_ref(), &event).await.unwrap();
    let retried = parked::retry(&pool, "intake", world.reactions().as_ref()).await.unwrap();
    assert_eq!(retried.taken, [1]);
    assert_eq!(heard(world.listener.log()).await, [1]);
}

/// A view with a constraint that one subject breaks.
struct Narrow;

impl View<Heard> for Narrow {
    fn name(&self) -> &'static str {
        "narrow"
    }

    fn tables(&self) -> &'static [&'static str] {
        &[]
    }

    fn ddl(&self) -> &'static str {
        ""
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Heard>]) -> Applied<'a> {
        Box::pin(async move {
            if events.iter().any(|event| event.event.about == "said-100") {
                connection.execute("select 1 / 0").await?;
            }
            Ok(())
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_the_database_keeps_refusing_is_parked_and_the_others_go_on() {
    let world = World::start("refusing").await;
    let pool = world.listener.log().pool().clone();
    let (narrow, writer) = Store::open(pool.clone(), "transfers", vec![Arc::new(Narrow) as Arc<dyn View<Heard>>]);
    let _writer = Task::start(writer);
    let reactions = Arc::new(Reactions::new(narrow, "intake", react(world.broken.clone())));
    say(&world.speaker, 5).await;
    say_one(&world.speaker, 100, "something").await;
    say(&world.speaker, 5).await;
    let _inbox = Task::start(Inbox::new(world.bus().await, pool.clone(), "intake", world.source.clone(), reactions).run());
    world.all_taken().await;
    let waiting = parked::list(&pool).await.unwrap();
    assert!(waiting.len() == 1 && waiting[0].position == 6 && waiting[0].cause.starts_with("it could not be recorded"), "{waiting:?}");
    assert_eq!(heard(world.listener.log()).await, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]);
}

/// A log whose third event is of a version that nobody here knows.
struct Future(Arc<Direct>);

impl Source for Future {
    fn after(&self, position: i64, limit: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>> {
        Box::pin(async move {
            if position == 2 {
                let unreadable = Unreadable { position: 3, subject: "said-2".to_owned(), bytes: b"{}".to_vec() };
                return Err(SourceError::Unreadable(Box::new(unreadable)));
            }
            let mut page = self.0.after(position, limit).await?;
            page.retain(|event| position > 2 || event.position < 3);
            Ok(page)
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_envelope_of_a_future_version_is_parked_and_never_guessed() {
    let world = World::start("future").await;
    let pool = world.listener.log().pool().clone();
    say(&world.speaker, 22).await;
    let source = Arc::new(Future(world.source.clone()));
    let _inbox = Task::start(Inbox::new(world.bus().await, pool.clone(), "intake", source, world.reactions()).run());
    world.all_taken().await;
    let waiting = parked::list(&pool).await.unwrap();
    let found: Vec<_> = waiting.iter().map(|parked| (parked.position, parked.subject.as_str(), parked.cause.as_str())).collect();
    let unreadable = "it is not an event that this version of the program can read";
    assert_eq!(found, [(3, "said-2", unreadable), (14, "said-2", "waits behind position 3")]);
    assert_eq!(heard(world.listener.log()).await.len(), 20);
    let retried = parked::retry(&pool, "intake", world.reactions().as_ref()).await.unwrap();
    assert_eq!((retried.taken.len(), retried.kept.len()), (0, 2));
}
