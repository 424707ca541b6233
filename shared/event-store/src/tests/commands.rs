//! A command is decided once, on the latest state, and is either wholly recorded or not at all.

use futures_util::future::join_all;
use kernel::Stream;
use serde_json::json;

use super::{add, context, database, done, open, with_key};
use crate::{Advance, MOVED, Outcome, Request, StoreError, Unmoved};

#[tokio::test]
async fn an_answer_tells_the_position_and_the_new_version() {
    let database = database("answer").await;
    let (store, _writer) = open(&database.app);
    let first = done(store.execute(add(1, 5, 10)).await.unwrap());
    let second = done(store.execute(add(1, 5, 10)).await.unwrap());
    assert_eq!((first.position, first.version, first.body), (1, Some(1), json!({ "total": 5, "version": 1 })));
    assert_eq!((second.position, second.version, second.body), (2, Some(2), json!({ "total": 10, "version": 2 })));
}

#[tokio::test]
async fn a_refusal_fails_its_own_command_alone() {
    let database = database("refusal").await;
    let (store, _writer) = open(&database.app);
    let outcomes = join_all((0..40).map(|_| store.execute(add(1, 1, 25)))).await;
    let refused =
        outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Refused(refused)) if refused.code == "above_limit")).count();
    assert_eq!(refused, 15);
    assert_eq!(store.log().head().await.unwrap(), 25);
    assert_eq!(store.log().verify(|_| ()).await.unwrap(), None);
}

#[tokio::test]
async fn a_decider_that_panics_fails_its_own_command_alone() {
    let database = database("panic").await;
    let (store, _writer) = open(&database.app);
    let outcomes = join_all([666, 1, 2].map(|amount| store.execute(add(1, amount, 100)))).await;
    assert!(matches!(outcomes[0], Err(StoreError::Bug { .. })));
    assert!(outcomes[1..].iter().all(|outcome| matches!(outcome, Ok(Outcome::Done(_)))));
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_answer_again_and_another_body_is_refused() {
    let database = database("receipt").await;
    let (store, _writer) = open(&database.app);
    let first = done(store.execute(with_key(add(1, 5, 100), "k", 1)).await.unwrap());
    let again = done(store.execute(with_key(add(1, 5, 100), "k", 1)).await.unwrap());
    assert!(!first.replayed && again.replayed);
    assert_eq!((first.body, first.version, first.position), (again.body, again.version, again.position));
    assert_eq!(store.execute(with_key(add(1, 6, 100), "k", 2)).await.unwrap(), Outcome::KeyReused);
    assert_eq!(store.log().head().await.unwrap(), 1);
}

#[tokio::test]
async fn one_key_sent_many_times_at_once_counts_once() {
    let database = database("key-race").await;
    let (one, _first) = open(&database.app);
    let (two, _second) = open(&database.app);
    let outcomes =
        join_all((0..32).map(|n| if n % 2 == 0 { &one } else { &two }).map(|store| store.execute(with_key(add(1, 1, 100), "k", 1)))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Outcome::Done(answer)) if answer.body["total"] == 1)));
    assert_eq!(one.log().head().await.unwrap(), 1);
}

#[tokio::test]
async fn a_command_decided_on_an_older_version_is_stale() {
    let database = database("stale").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 1, 100)).await.unwrap());
    let stream = Stream::new("counter", 1);
    let at = |version| Request { expect: Some((stream.clone(), version)), describe: Some(Box::new(|_| json!("now"))), ..add(1, 1, 100) };
    done(store.execute(at(1)).await.unwrap());
    let outcome = store.execute(at(1)).await.unwrap();
    let Outcome::Stale { version: 2, changed: Some((actor, _)), state: Some(state) } = outcome else { panic!("{outcome:?}") };
    assert_eq!((actor, state), (context().actor, json!("now")));
}

#[tokio::test]
async fn events_of_another_service_are_taken_once_and_in_order() {
    let database = database("inbox").await;
    let (store, _writer) = open(&database.app);
    let take = |position| {
        let advance = Some(Advance { source: "other".to_owned(), position });
        store.execute(Request { advance, ..add(1, 1, 100) })
    };
    assert!(matches!(take(2).await.unwrap(), Outcome::Gap { next: 1 }));
    done(take(1).await.unwrap());
    assert_eq!(take(1).await.unwrap(), Outcome::Skipped);
    let all = join_all((2..=20).map(take)).await;
    assert!(all.iter().all(|outcome| matches!(outcome, Ok(Outcome::Done(_)))), "one batch keeps their order");
    assert_eq!(store.log().head().await.unwrap(), 20);
}

#[tokio::test]
async fn two_replicas_never_give_one_version_twice() {
    let database = database("replicas").await;
    let (one, _first) = open(&database.app);
    let (two, _second) = open(&database.app);
    let outcomes = join_all((0..200).map(|n| if n % 2 == 0 { &one } else { &two }).map(|store| store.execute(add(1, 1, 150)))).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Done(_)))).count();
    assert_eq!(done, 150);
    assert_eq!(one.log().verify(|_| ()).await.unwrap(), None);
}

#[tokio::test]
async fn with_the_database_down_a_command_is_told_so_and_works_again_afterwards() {
    let mut database = database("down").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(with_key(add(1, 1, 100), "a", 1)).await.unwrap());
    database.postgres.kill().await;
    let down = store.execute(with_key(add(1, 1, 100), "b", 1)).await;
    assert!(matches!(down, Err(StoreError::Unavailable | StoreError::Unknown)), "{down:?}");
    database.postgres.restart().await.unwrap();
    // Connections of before the crash are found dead one by one.
    let mut tries = 0;
    let answer = loop {
        match store.execute(with_key(add(1, 1, 100), "b", 1)).await {
            Ok(outcome) => break done(outcome),
            Err(error) if tries == 40 => panic!("{error:?}"),
            Err(_) => tries += 1,
        }
    };
    assert_eq!(answer.body["total"], 2);
    assert_eq!(store.log().head().await.unwrap(), 2);
}

#[tokio::test]
async fn the_first_commands_after_a_restart_of_the_server_are_recorded() {
    let mut database = database("restart").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 1, 100)).await.unwrap());
    database.postgres.kill().await;
    database.postgres.restart().await.unwrap();
    let outcomes = join_all((0..4).map(|_| store.execute(add(1, 1, 100)))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Outcome::Done(_)))), "{outcomes:?}");
    assert_eq!(store.log().head().await.unwrap(), 5);
}

#[tokio::test]
async fn a_command_is_refused_when_what_was_looked_up_for_it_has_moved_since() {
    let database = database("moved").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 1, 100)).await.unwrap());
    let looked = |since, types| Request { unmoved: Some(Unmoved { since, types }), ..add(2, 1, 100) };
    let moved = |outcome| matches!(outcome, Outcome::Refused(refused) if refused.code == MOVED);
    assert!(moved(store.execute(looked(0, &["counter.counted"])).await.unwrap()), "an event came after the look");
    done(store.execute(looked(0, &["counter.other"])).await.unwrap());
    assert_eq!(store.log().head().await.unwrap(), 2, "another type of event changes nothing");
    let together = join_all((0..8).map(|_| store.execute(looked(2, &["counter.counted"])))).await;
    let taken = together.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Done(_)))).count();
    assert_eq!(taken, 1, "those of the same batch have moved too");
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer_though_everything_has_moved() {
    let database = database("moved-again").await;
    let (store, _writer) = open(&database.app);
    let look = || Request { unmoved: Some(Unmoved { since: 0, types: &["counter.counted"] }), ..with_key(add(1, 1, 100), "k", 1) };
    let first = done(store.execute(look()).await.unwrap());
    let again = done(store.execute(look()).await.unwrap());
    assert_eq!((first.position, again.position, again.replayed), (1, 1, true));
}
