//! From the log to NATS: a reader with a checkpoint, never a second write after the commit.

use std::time::Duration;

use async_nats::jetstream::{
    context::{CreateStreamError, PublishAckFuture, PublishError, PublishErrorKind},
    message::PublishMessage,
};
use event_store::{Row, Store, StoreError};
use futures_util::{StreamExt, future::Either, stream::FuturesOrdered};
use kernel::{Recorded, StoredEvent};
use proto_events::Published;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::{
    Bus, NotSafe,
    condition::Condition,
    envelope::{self, Publish},
    health::{gauge, relay_lag},
    lease::Lease,
    stream,
};

/// How many publishes may be under way at once.
const WINDOW: usize = 128;

/// How often the log is looked at when nobody in this process says that it has grown.
const POLL: Duration = Duration::from_millis(200);

/// How often it is checked that the stream is there.
const LOOK: Duration = Duration::from_secs(5);

/// How much is published again when the stream was gone. Only a convenience for readers outside the hub: the hub's own
/// consumers go by their own checkpoints and fetch the rest from the log.
const TAIL: i64 = 10_000;

/// How long one publish may take to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(6);

/// Publishes every position of a service's log, in order. One replica at a time does it, and it may be done twice.
pub struct Relay<E, P> {
    store: Store<E>,
    bus: Bus,
    publish: Publish<E, P>,
}

/// Why nothing is published now.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    NotSafe(#[from] NotSafe),
    #[error("the log cannot be read: {0}")]
    Store(StoreError),
    #[error("the stream cannot be made: {0}")]
    Stream(CreateStreamError),
    #[error("an event was not acknowledged: {0}")]
    Publish(PublishErrorKind),
}

impl<T: Into<StoreError>> From<T> for Fault {
    fn from(error: T) -> Self {
        Self::Store(error.into())
    }
}

impl<E: StoredEvent, P: Published + 'static> Relay<E, P> {
    /// `publish` says what others may see of an event; every position is published, with no data where it says nothing.
    #[must_use]
    pub fn new(store: Store<E>, bus: Bus, publish: fn(&Recorded<E>) -> Option<P>) -> Self {
        Self { store, bus, publish }
    }

    /// Goes on until dropped. A fault is logged when it begins and when it ends, and never stops a command.
    pub async fn run(self) {
        let mut lease = Lease::new(self.store.log().pool(), format!("relay:{}", P::SERVICE));
        let mut condition = Condition::new("the relay", P::SERVICE);
        loop {
            if !lease.held().await {
                sleep(POLL).await;
            } else if let Err(fault) = self.carry(&mut lease, &mut condition).await {
                condition.bad(&fault);
                metrics::counter!("relay_faults", "service" => P::SERVICE).increment(1);
                self.tell_lag().await;
                sleep_until(condition.not_before()).await;
            }
        }
    }

    /// Publishes until the lease is lost or something fails. What is under way then is published again.
    async fn carry(&self, lease: &mut Lease, condition: &mut Condition) -> Result<(), Fault> {
        self.bus.safe().await?;
        let made = self.ensure().await?;
        let marked: i64 = sqlx::query_scalar("select position from log.relay").fetch_one(self.store.log().pool()).await?;
        let mut sent = if made { (marked - TAIL).max(0) } else { marked };
        let mut head = self.store.head();
        let mut underway = FuturesOrdered::new();
        let mut stuck = None;
        let mut looked = Instant::now();
        while lease.held().await {
            self.bus.safe().await?;
            if looked.elapsed() > LOOK {
                looked = Instant::now();
                if self.ensure().await? {
                    underway = FuturesOrdered::new();
                    sent = (sent - TAIL).max(0);
                }
            }
            if stuck.is_none() && underway.len() <= WINDOW / 2 {
                head.mark_unchanged();
                let room = i64::try_from(WINDOW - underway.len()).unwrap_or(0);
                for row in self.store.log().after(sent, room).await? {
                    let position = row.position;
                    match self.send(row).await {
                        Ok(publish) => underway.push_back(publish),
                        Err(fault) => {
                            stuck = Some(fault);
                            break;
                        }
                    }
                    sent = position;
                }
            }
            if !underway.is_empty() {
                let (last, fault) = acknowledged(&mut underway).await;
                if last > 0 {
                    self.mark(last).await?;
                }
                fault.map_or(Ok(()), Err)?;
                condition.good();
            } else if let Some(fault) = stuck {
                return Err(fault);
            } else {
                condition.good();
                // A changed head only wakes; when its writer has ended the poll is left.
                tokio::select! { Ok(()) = head.changed() => {} () = sleep(POLL) => {} }
            }
        }
        Ok(())
    }

    async fn ensure(&self) -> Result<bool, Fault> {
        let made = stream::ensure(self.bus.jetstream(), P::SERVICE, self.bus.replicas()).await.map_err(Fault::Stream)?;
        if made {
            tracing::warn!(service = P::SERVICE, "NATS had no stream of this service's events: it has been made");
        }
        Ok(made)
    }

    /// Sends one position; what comes back is resolved when NATS has it on disk.
    async fn send(&self, row: Row) -> Result<impl Future<Output = Result<i64, Fault>> + Send + use<E, P>, Fault> {
        let position = row.position;
        let (subject, event) = envelope::of(row, self.publish)?;
        let body = serde_json::to_vec(&event).map_err(|_| StoreError::Bug { what: "an envelope cannot be written as JSON" })?;
        let message = PublishMessage::build().message_id(event.id.to_string()).payload(body.into());
        match self.bus.jetstream().send_publish(subject, message).await {
            Ok(acknowledgement) => Ok(Either::Left(wait_for(acknowledgement, position))),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                tracing::error!(service = P::SERVICE, position, "this event is too large for NATS: consumers fetch it from the log");
                Ok(Either::Right(std::future::ready(Ok(position))))
            }
            Err(error) => Err(Fault::Publish(error.kind())),
        }
    }

    /// Notes that everything up to a position is with NATS. A lost mark only means that it is published again, so the disk is
    /// not waited for; a mark never goes back.
    async fn mark(&self, position: i64) -> Result<(), Fault> {
        let mut transaction = self.store.log().pool().begin().await?;
        sqlx::query("set local synchronous_commit = off").execute(&mut *transaction).await?;
        sqlx::query("update log.relay set position = $1 where position < $1").bind(position).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.tell_lag().await;
        Ok(())
    }

    /// The metric of how many positions NATS does not have yet.
    async fn tell_lag(&self) {
        // Without an answer the metric stays as it was.
        if let Ok(lag) = relay_lag(self.store.log().pool()).await {
            metrics::gauge!("relay_lag", "service" => P::SERVICE).set(gauge(lag));
        }
    }
}

/// Waits for the oldest publish and takes every later one that is acknowledged too: the last position without a fault before
/// it (0 if there is none), and the first fault.
async fn acknowledged<F: Future<Output = Result<i64, Fault>>>(underway: &mut FuturesOrdered<F>) -> (i64, Option<Fault>) {
    let mut last = 0;
    for one in underway.ready_chunks(WINDOW).next().await.unwrap_or_default() {
        match one {
            Ok(position) => last = position,
            Err(fault) => return (last, Some(fault)),
        }
    }
    (last, None)
}

async fn wait_for(acknowledgement: PublishAckFuture, position: i64) -> Result<i64, Fault> {
    let answer = timeout(PATIENCE, acknowledgement).await.map_err(|_| Fault::Publish(PublishErrorKind::TimedOut))?;
    answer.map(|_| position).map_err(|error: PublishError| Fault::Publish(error.kind()))
}
