//! Real servers with the databases of two services.

use std::{
    path::PathBuf,
    process,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use bus::{Bus, Heartbeat, Inbox, Lag, Options, Reactions, Relay};
use embedded::{NatsOptions, OWNER, Stack, StackOptions};
use event_store::{Log, Store, pool};
use kernel::StoredEvent;
use proto_events::{Envelope, intake::Intake};
use sqlx::PgPool;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use crate::world::{Direct, Heard, Said, publish, react};

/// Both servers, `intake` (which speaks) and `transfers` (which listens).
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) speaker: Store<Said>,
    pub(crate) listener: Store<Heard>,
    pub(crate) owner: PgPool,
    pub(crate) source: Arc<Direct>,
    pub(crate) broken: Arc<AtomicBool>,
    _writers: Vec<Task>,
    directory: PathBuf,
}

/// A task that ends with its handle, as a killed process would.
pub(crate) struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Task {
    #[expect(clippy::disallowed_methods, reason = "a stand-in for a process that can be killed")]
    pub(crate) fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Ends it now, whatever it is doing.
    pub(crate) async fn kill(mut self) {
        self.0.abort();
        assert!((&mut self.0).await.is_err_and(|error| error.is_cancelled()), "it had ended by itself");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

impl World {
    pub(crate) async fn start(test: &str) -> Self {
        Self::start_with(test, NatsOptions::default()).await
    }

    pub(crate) async fn start_with(test: &str, nats: NatsOptions) -> Self {
        let directory = std::env::temp_dir().join(format!("hub-bus-{test}-{}", process::id()));
        let stack = Stack::start_with(&directory, StackOptions { nats, ..StackOptions::default() }).await.unwrap();
        stack.postgres.create_role("hub_app").await.unwrap();
        let mut writers = Vec::new();
        let (speaker, owner) = store(&stack, "intake", &mut writers).await;
        let (listener, _) = store(&stack, "transfers", &mut writers).await;
        let source = Direct::new(speaker.log().clone());
        Self { stack, speaker, listener, owner, source, broken: Arc::new(AtomicBool::new(true)), _writers: writers, directory }
    }

    /// A connection of one service process.
    pub(crate) async fn bus(&self) -> Bus {
        let options = Options {
            url: self.stack.nats.url(),
            monitor_url: self.stack.nats.monitor_url(),
            name: "test".to_owned(),
            nkey: None,
            replicas: 1,
        };
        bus::connect(options).await.unwrap()
    }

    pub(crate) async fn relay(&self) -> Task {
        self.relay_on(self.bus().await)
    }

    pub(crate) fn relay_on(&self, bus: Bus) -> Task {
        Task::start(Relay::<Said, Intake>::new(self.speaker.clone(), bus, publish).run())
    }

    pub(crate) async fn heartbeat(&self) -> Task {
        Task::start(Heartbeat::new(self.bus().await, self.speaker.log().clone(), "intake").run())
    }

    pub(crate) fn reactions(&self) -> Arc<Reactions<Heard>> {
        Arc::new(Reactions::new(self.listener.clone(), "intake", react(self.broken.clone())))
    }

    pub(crate) async fn inbox(&self) -> (Task, watch::Receiver<Lag>) {
        let pool = self.listener.log().pool().clone();
        let inbox = Inbox::new(self.bus().await, pool, "intake", self.source.clone(), self.reactions());
        let lag = inbox.lag();
        (Task::start(inbox.run()), lag)
    }

    /// How far the relay has marked.
    pub(crate) async fn marked(&self) -> i64 {
        sqlx::query_scalar("select position from log.relay").fetch_one(self.speaker.log().pool()).await.unwrap()
    }

    /// Puts the mark of the relay somewhere, as a crash or a loss would leave it.
    pub(crate) async fn put_mark(&self, position: i64) {
        let mut transaction = self.owner.begin().await.unwrap();
        sqlx::query("update log.relay set position = $1").bind(position).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Waits until the relay has marked everything.
    pub(crate) async fn all_marked(&self) {
        let head = self.speaker.log().head().await.unwrap();
        until("everything is published", async || self.marked().await >= head).await;
    }

    /// Waits until the listener's checkpoint is at the speaker's head.
    pub(crate) async fn all_taken(&self) {
        let head = self.speaker.log().head().await.unwrap();
        let pool = self.listener.log().pool();
        until("everything is taken", async || bus::checkpoint(pool, "intake").await.unwrap() == head).await;
    }

    /// Everything that the speaker has published, as its API gives it.
    pub(crate) async fn envelopes(&self) -> Vec<Envelope> {
        let mut all = Vec::new();
        loop {
            let page = bus::page(self.speaker.log(), publish, all.len() as i64, 500).await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// The messages that NATS keeps of the speaker.
    pub(crate) async fn kept(&self) -> u64 {
        let jetstream = async_nats::jetstream::new(async_nats::connect(self.stack.nats.url()).await.unwrap());
        jetstream.get_stream("HUB_INTAKE").await.map_or(0, |stream| stream.cached_info().state.messages)
    }
}

async fn store<E: StoredEvent>(stack: &Stack, service: &str, writers: &mut Vec<Task>) -> (Store<E>, PgPool) {
    stack.postgres.create_database(service).await.unwrap();
    let owner = pool::connect(&stack.postgres.url(service, OWNER), 4).await.unwrap();
    event_store::migrate::<E>(&owner, &[]).await.unwrap();
    let store = replica(stack, service, writers).await;
    (store, owner)
}

/// One more process of a service on the same database.
pub(crate) async fn replica<E: StoredEvent>(stack: &Stack, service: &str, writers: &mut Vec<Task>) -> Store<E> {
    let pool = pool::connect(&stack.postgres.url(service, "hub_app"), 8).await.unwrap();
    let (store, writer) = Store::open(pool, service, Vec::new());
    writers.push(Task::start(writer));
    store
}

/// Waits for a level, looking every 10 ms for at most 30 seconds.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited 30 s and never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// 1, 2, … up to the head of a log.
pub(crate) async fn all_positions(log: &Log) -> Vec<i64> {
    (1..=log.head().await.unwrap()).collect()
}
