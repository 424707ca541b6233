//! The promises of the log, on a real PostgreSQL.

mod append_only;
mod commands;
mod counter;
mod heads;
mod pools;
mod readers;
mod views;

use std::{path::PathBuf, sync::Arc};

use embedded::{OWNER, Postgres, PostgresOptions};
use kernel::{Actor, Stream, Timestamp};
use serde_json::json;
use sqlx::PgPool;
use tokio::task::JoinHandle;

use crate::{Answer, Context, Decided, Outcome, Receipt, Request, Store, View, migrate, pool};
use counter::{Counted, Counter, Tally};

/// A private server with one service's database, gone when the test ends.
struct Database {
    postgres: Postgres,
    directory: PathBuf,
    owner: PgPool,
    app: PgPool,
}

impl Drop for Database {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

async fn database(name: &str) -> Database {
    let directory = std::env::temp_dir().join(format!("hub-event-store-{}-{name}", std::process::id()));
    let postgres = Postgres::start(&directory, PostgresOptions::default()).await.unwrap();
    postgres.create_role("hub_app").await.unwrap();
    postgres.create_database("hub_test").await.unwrap();
    let owner = pool::connect(&postgres.url("hub_test", OWNER), 4).await.unwrap();
    migrate(&owner, &views()).await.unwrap();
    let app = pool::connect(&postgres.url("hub_test", "hub_app"), 16).await.unwrap();
    Database { postgres, directory, owner, app }
}

fn views() -> Vec<Arc<dyn View<Counted>>> {
    vec![Arc::new(Tally)]
}

fn open(pool: &PgPool) -> (Store<Counted>, JoinHandle<()>) {
    let (store, writer) = Store::open(pool.clone(), "test", views());
    #[expect(clippy::disallowed_methods, reason = "there is no service around this test")]
    let writer = tokio::spawn(writer);
    (store, writer)
}

fn time() -> Timestamp {
    "2026-01-02T03:04:05.678901Z".parse().unwrap()
}

fn context() -> Context {
    Context { actor: Actor::hub("test"), occurred_at: None, recorded_at: time(), correlation: "trace".to_owned(), causation: None }
}

/// A command that adds to one counter and refuses to go above a limit.
fn add(id: u32, amount: i64, limit: i64) -> Request<Counted> {
    let stream = Stream::new("counter", id);
    Request {
        streams: vec![stream.clone()],
        expect: None,
        unmoved: None,
        receipt: None,
        context: context(),
        advance: None,
        decide: Box::new(move |past| {
            let total = past.replay::<Counter>();
            let events = Counter::decide_add(total, id, amount, limit)?;
            Ok(Decided { events, status: 201, body: json!({ "total": total + amount }), resource: Some(stream.clone()) })
        }),
        describe: None,
    }
}

fn with_key(mut request: Request<Counted>, key: &str, fingerprint: u8) -> Request<Counted> {
    request.receipt = Some(Receipt { principal: "someone".to_owned(), key: key.to_owned(), fingerprint: [fingerprint; 32] });
    request
}

#[track_caller]
fn done(outcome: Outcome) -> Answer {
    let Outcome::Done(answer) = outcome else { panic!("not done: {outcome:?}") };
    answer
}
