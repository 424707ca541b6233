//! Commands on their way into the log.

mod batch;
mod memory;
mod writer;

use std::{future::Future, sync::Arc};

use kernel::{Actor, Decider, EventId, Recorded, StoredEvent, Stream, Timestamp};
use serde_json::Value;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Log, StoreError, View, tail::Tail};
use memory::Memory;

/// How many commands may wait for the writer before new ones are told that the service is busy.
const WAITING: usize = 4_096;

/// A decision as the shell hands it to the log.
pub type Decide<E> = Box<dyn Fn(&Past<'_, E>) -> Result<Decided<E>, Refused> + Send + Sync>;

/// What the caller of a stale command is shown of the state now.
type Describe<E> = Box<dyn Fn(&Past<'_, E>) -> Value + Send + Sync>;

/// One command, with everything that must be looked at and written in its transaction.
pub struct Request<E> {
    /// Every stream that the decision reads or writes.
    pub streams: Vec<Stream>,
    /// The version that the caller decided on (`If-Match`); another one refuses the command as stale.
    pub expect: Option<(Stream, i64)>,
    /// The idempotency key, if the command came from outside.
    pub receipt: Option<Receipt>,
    /// What was looked up outside these streams, and must still be so when the command is recorded.
    pub unmoved: Option<Unmoved>,
    /// Who, when, and in which story.
    pub context: Context,
    /// The event of another service that this command answers; taken once and in order.
    pub advance: Option<Advance>,
    /// The decision. It may be called more than once and must be pure.
    pub decide: Decide<E>,
    /// The state to show when the command turns out to be stale.
    pub describe: Option<Describe<E>>,
}

/// The key under which the first answer to a command is kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// Whose key it is: the subject of the token.
    pub principal: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub fingerprint: [u8; 32],
}

/// Who, when, and in which story.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// When it happened; the recorded time if not said.
    pub occurred_at: Option<Timestamp>,
    /// When the hub was told.
    pub recorded_at: Timestamp,
    /// The W3C trace id.
    pub correlation: String,
    /// The event that led to it.
    pub causation: Option<EventId>,
}

/// A look at a view on which a decision rests. The view may move before the command reaches the log; then it is refused with the
/// code [`MOVED`], and whoever asked looks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmoved {
    /// Where the log stood before the look.
    pub since: i64,
    /// The types of event that change what was looked at.
    pub types: &'static [&'static str],
}

/// The code of the refusal of a command whose look is out of date.
pub const MOVED: &str = "moved_since";

/// A step forward in the events of another service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The other service.
    pub source: String,
    /// The position that this command takes.
    pub position: i64,
}

/// What a decision comes to.
pub struct Decided<E> {
    /// What happened; may be nothing.
    pub events: Vec<E>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer. It is kept with the receipt, so it holds no personal data.
    pub body: Value,
    /// The stream whose new version is put into the answer as `version`.
    pub resource: Option<Stream>,
}

/// A refusal of the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Stable code.
    pub code: &'static str,
    /// What to do, in words.
    pub detail: String,
    /// The state now, where it explains the refusal.
    pub state: Option<Value>,
}

impl<R: kernel::Refusal> From<R> for Refused {
    fn from(refusal: R) -> Self {
        Self { code: refusal.code(), detail: refusal.to_string(), state: None }
    }
}

/// The first answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The answer.
    pub body: Value,
    /// The position of the log at which the answer holds.
    pub position: i64,
    /// The version of the resource after the command.
    pub version: Option<i64>,
    /// Whether this is a repetition of an earlier answer.
    pub replayed: bool,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Recorded, or already so.
    Done(Answer),
    /// The rules say no.
    Refused(Refused),
    /// It was decided on an older version.
    Stale {
        /// The version now.
        version: i64,
        /// Who changed it last, and when.
        changed: Option<(Actor, Timestamp)>,
        /// The state now.
        state: Option<Value>,
    },
    /// The same key came with another command before.
    KeyReused,
    /// This event of the other service had been taken already.
    Skipped,
    /// Events of the other service are missing before this one.
    Gap {
        /// The position that must come next.
        next: i64,
    },
}

/// The streams of one command as a decision sees them.
pub struct Past<'a, E> {
    streams: &'a [Stream],
    memory: &'a Memory<E>,
}

impl<E> Past<'_, E> {
    /// The history of one stream.
    #[must_use]
    pub fn of(&self, stream: &Stream) -> &[Recorded<E>] {
        self.memory.of(stream)
    }

    /// The version of one stream; 0 when it does not exist.
    #[must_use]
    pub fn version(&self, stream: &Stream) -> i64 {
        self.of(stream).last().map_or(0, |last| last.version)
    }

    /// The state of a decider after everything in the streams of this command.
    #[must_use]
    pub fn replay<D: Decider<Event = E>>(&self) -> D::State {
        D::replay(self.streams.iter().flat_map(|stream| self.of(stream)).map(|recorded| &recorded.event))
    }
}

struct Waiting<E> {
    request: Request<E>,
    answer: oneshot::Sender<Result<Outcome, StoreError>>,
}

/// The way to write: commands from all requests of a service go through one writer, which takes whatever waits as one
/// transaction.
pub struct Store<E> {
    log: Log,
    queue: mpsc::Sender<Waiting<E>>,
    head: watch::Receiver<i64>,
    tail: Arc<Tail<E>>,
}

impl<E> Clone for Store<E> {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), queue: self.queue.clone(), head: self.head.clone(), tail: Arc::clone(&self.tail) }
    }
}

impl<E: StoredEvent> Store<E> {
    /// Opens a service's log. The second value is the writer: it must be run, and ends when the last store is gone.
    pub fn open(pool: PgPool, service: &str, views: Vec<Arc<dyn View<E>>>) -> (Self, impl Future<Output = ()> + Send + use<E>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let (told, head) = watch::channel(0);
        let log = Log::new(pool, service);
        let writer = writer::Writer::new(log.clone(), views, told);
        let tail = Arc::new(Tail::new(log.clone()));
        (Self { log, queue, head, tail }, writer.run(waiting))
    }

    /// Decides and records one command.
    ///
    /// # Errors
    /// When the record cannot be written. [`StoreError::Unknown`] means that it may have been: send it again with its key.
    pub async fn execute(&self, request: Request<E>) -> Result<Outcome, StoreError> {
        let (answer, reply) = oneshot::channel();
        self.queue.try_send(Waiting { request, answer }).map_err(|_| StoreError::Unavailable)?;
        reply.await.unwrap_or(Err(StoreError::Unknown))
    }

    /// The log, for reading.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Events after a position, in order, for one of many who follow the log from near its end; empty where there are none yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn following(&self, position: i64) -> Result<Vec<Arc<Recorded<E>>>, StoreError> {
        let written = *self.head.borrow();
        self.tail.after(position, written).await
    }

    /// Wakes whoever waits for new events in this process; others poll.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.head.clone()
    }
}
