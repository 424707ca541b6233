//! Handing events to the handler, and parking those that it cannot take.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use event_store::StoreError;
use futures_util::FutureExt;
use proto_events::Envelope;

use super::{TOGETHER, Taker};
use crate::{
    Trouble, Unreadable,
    health::gauge,
    parked::{self, Parking, Why},
};

/// An event that the database refuses this often while it answers counts as poison. With the waits between the tries this is
/// six seconds.
const ENOUGH: u32 = 11;

impl Taker {
    /// Takes everything that has arrived and follows the checkpoint.
    pub(super) async fn take_ready(&mut self) -> Result<(), StoreError> {
        if !self.ahead.contains_key(&(self.lag.checkpoint + 1)) {
            return Ok(());
        }
        let mut subjects = self.parked().await?;
        while let Some(first) = self.ahead.get(&(self.lag.checkpoint + 1)) {
            if subjects.contains_key(&first.subject) {
                let event = first.clone();
                self.park(&event, Why::Behind).await?;
                subjects = self.parked().await?;
                continue;
            }
            let batch = self.batch(&subjects);
            match self.hand_over(&batch).await {
                Ok(checkpoint) if checkpoint > self.lag.checkpoint => self.went_well(checkpoint),
                Ok(checkpoint) if checkpoint < self.lag.checkpoint => self.reached(checkpoint),
                Ok(_) => return Err(StoreError::Bug { what: "the handler did not move the checkpoint" }),
                Err(Trouble::Poison { position, cause }) => {
                    let Some(event) = batch.iter().find(|event| event.position == position) else {
                        return Err(StoreError::Bug { what: "the handler names a position that it was not given" });
                    };
                    self.park(event, Why::Poison(cause)).await?;
                    subjects = self.parked().await?;
                }
                Err(Trouble::Later(error)) => self.not_now(&batch, error).await?,
            }
        }
        Ok(())
    }

    /// The run of events after the checkpoint, up to one whose subject waits.
    fn batch(&self, subjects: &HashMap<String, i64>) -> Vec<Envelope> {
        // After a fault one at a time, so that it is clear whose fault it is.
        let most = if self.taking.tries() > 0 { 1 } else { TOGETHER };
        let positions = self.lag.checkpoint + 1..;
        let run = self
            .ahead
            .values()
            .zip(positions)
            .take_while(|(event, next)| event.position == *next && !subjects.contains_key(&event.subject));
        run.take(most).map(|(event, _)| event.clone()).collect()
    }

    async fn hand_over(&self, batch: &[Envelope]) -> Result<i64, Trouble> {
        let handler = &self.inbox.handler;
        match AssertUnwindSafe(handler.take(batch)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(_) => match batch {
                [one] => Err(Trouble::Poison { position: one.position, cause: "the handler panicked".to_owned() }),
                _ => Err(Trouble::Later(StoreError::Bug { what: "the handler panicked" })),
            },
        }
    }

    fn went_well(&mut self, checkpoint: i64) {
        self.taking.good();
        self.reached(checkpoint);
    }

    /// Nothing is assumed about what was recorded. An event that keeps failing while the database takes others is parked.
    async fn not_now(&mut self, batch: &[Envelope], error: StoreError) -> Result<(), StoreError> {
        let before = self.lag.checkpoint;
        let now = self.inbox.handler.checkpoint().await?;
        self.reached(now);
        if let [one] = batch
            && now == before
            && self.taking.tries() >= ENOUGH
        {
            let cause = format!("it could not be recorded in {ENOUGH} tries: {error}");
            return self.park(one, Why::Poison(cause)).await;
        }
        Err(error)
    }

    async fn park(&mut self, event: &Envelope, why: Why) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(event).map_err(|_| StoreError::Bug { what: "an envelope cannot be written as JSON" })?;
        let (source, position) = (self.inbox.name.clone(), event.position);
        let parking = Parking { source: &source, position, subject: &event.subject, event: &bytes, why };
        parked::park(&self.inbox.pool, parking).await?;
        let checkpoint = self.inbox.handler.checkpoint().await?;
        self.went_well(checkpoint);
        Ok(())
    }

    pub(super) async fn park_unreadable(&mut self, unreadable: &Unreadable) -> Result<(), StoreError> {
        let Unreadable { position, subject, bytes } = unreadable;
        let source = self.inbox.name.clone();
        let why = Why::Poison("it is not an event that this version of the program can read".to_owned());
        let parking = Parking { source: &source, position: *position, subject, event: bytes, why };
        parked::park(&self.inbox.pool, parking).await?;
        let checkpoint = self.inbox.handler.checkpoint().await?;
        self.went_well(checkpoint);
        self.parked().await?;
        Ok(())
    }

    /// The subjects that have something parked, each with its first position.
    pub(super) async fn parked(&mut self) -> Result<HashMap<String, i64>, StoreError> {
        let (subjects, waiting) = parked::subjects(&self.inbox.pool, &self.inbox.name).await?;
        self.lag.parked = waiting;
        metrics::gauge!("inbox_waiting", "source" => self.inbox.name.clone()).set(gauge(waiting));
        Ok(subjects)
    }
}
