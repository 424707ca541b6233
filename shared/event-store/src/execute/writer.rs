//! The one task that writes.

use std::sync::Arc;

use kernel::StoredEvent;
use sqlx::{Executor as _, Postgres, pool::PoolConnection};
use tokio::{
    sync::{mpsc, watch},
    task::yield_now,
};

use super::{
    Outcome, Waiting,
    batch::{self, Failure},
    memory::Memory,
};
use crate::{Log, StoreError, View};

/// How many commands share a transaction at most. There is no timer: whatever waits is taken, so one command alone does not
/// wait for company.
const TOGETHER: usize = 128;

pub(super) struct Writer<E> {
    pub(super) log: Log,
    pub(super) views: Vec<Arc<dyn View<E>>>,
    pub(super) memory: Memory<E>,
    connection: Option<PoolConnection<Postgres>>,
    told: watch::Sender<i64>,
}

impl<E: StoredEvent> Writer<E> {
    pub(super) fn new(log: Log, views: Vec<Arc<dyn View<E>>>, told: watch::Sender<i64>) -> Self {
        Self { log, views, memory: Memory::new(), connection: None, told }
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Waiting<E>>) {
        let mut waiting = Vec::with_capacity(TOGETHER);
        while queue.recv_many(&mut waiting, TOGETHER).await > 0 {
            let taken = std::mem::take(&mut waiting);
            self.serve(taken).await;
            // Those who were answered just now may have more: they get to say so before the next transaction begins.
            yield_now().await;
        }
    }

    async fn serve(&mut self, taken: Vec<Waiting<E>>) {
        let requests: Vec<_> = taken.iter().map(|waiting| &waiting.request).collect();
        match self.try_batch(&requests).await {
            Ok(outcomes) => {
                for (waiting, outcome) in taken.into_iter().zip(outcomes) {
                    reply(waiting, outcome);
                }
            }
            // One command that the database does not take must not fail the others.
            Err(Failure::Before(error)) if taken.len() > 1 && !is_away(&error) => {
                tracing::warn!(commands = taken.len(), "a batch was not recorded; trying its commands one by one");
                for waiting in taken {
                    let outcome = match self.try_batch(&[&waiting.request]).await {
                        Ok(mut outcomes) => outcomes.pop().unwrap_or(Err(StoreError::Bug { what: "no outcome" })),
                        Err(failure) => Err(failure.into_error()),
                    };
                    reply(waiting, outcome);
                }
            }
            Err(failure) => {
                tracing::error!(cause = failure.cause(), "a batch was not recorded");
                for waiting in taken {
                    reply(waiting, Err(failure.to_each()));
                }
            }
        }
    }

    async fn try_batch(&mut self, requests: &[&super::Request<E>]) -> Result<Vec<Result<Outcome, StoreError>>, Failure> {
        if let Some(kept) = self.connection.take() {
            match self.on(kept, requests).await {
                // The server was started again since the last batch: nothing was recorded there, so a new connection may try.
                Err(Failure::Before(error)) if is_away(&error) => tracing::warn!("the connection was gone; trying a new one"),
                done => return done,
            }
        }
        let fresh = connect(&self.log).await?;
        self.on(fresh, requests).await
    }

    async fn on(
        &mut self,
        mut connection: PoolConnection<Postgres>,
        requests: &[&super::Request<E>],
    ) -> Result<Vec<Result<Outcome, StoreError>>, Failure> {
        match batch::run(self, &mut connection, requests).await {
            Ok((outcomes, head)) => {
                self.connection = Some(connection);
                self.memory.advance(head);
                self.told.send_replace(head);
                Ok(outcomes)
            }
            Err(failure) => {
                self.memory.forget();
                // Its transaction may still be open: the server ends it with the connection.
                connection.close_on_drop();
                Err(failure)
            }
        }
    }
}

/// The writer's own connection. Planning a statement costs more than carrying it out, so each is planned once. The tables may
/// still be empty then; a plan that scans a table because it is empty would stay in use while it grows, so such plans are not taken.
async fn connect(log: &Log) -> Result<PoolConnection<Postgres>, Failure> {
    let mut connection = log.pool().acquire().await?;
    connection.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off").await?;
    Ok(connection)
}

/// Whether the server, and not the command, was the reason: the connection is gone, or the server is stopping or starting.
fn is_away(error: &StoreError) -> bool {
    match error {
        StoreError::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
        // Classes 08 (connection) and 57P (operator intervention).
        StoreError::Database(sqlx::Error::Database(error)) => {
            error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        }
        StoreError::Database(_)
        | StoreError::Unknown
        | StoreError::Unavailable
        | StoreError::Decode { .. }
        | StoreError::Bug { .. }
        | StoreError::Migrate(_) => false,
    }
}

fn reply<E>(waiting: Waiting<E>, outcome: Result<Outcome, StoreError>) {
    // Nobody waits any more when the caller was shut down; the record stands all the same.
    drop(waiting.answer.send(outcome));
}
