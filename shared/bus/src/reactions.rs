//! Others' events turned into own commands.

use std::panic::{AssertUnwindSafe, catch_unwind};

use event_store::{Advance, Context, Decided, Outcome, Receipt, Request, Store, StoreError};
use futures_util::future::join_all;
use kernel::{Actor, StoredEvent};
use proto_events::Envelope;

use crate::{Handler, Later, Trouble, handler::checkpoint};

/// The command that an event leads to; none where there is nothing to do; a cause, without data, where it cannot be read.
type React<E> = Box<dyn Fn(&Envelope) -> Result<Option<Request<E>>, String> + Send + Sync>;

/// A service that answers the events of another one with commands on its own log.
pub struct Reactions<E> {
    store: Store<E>,
    source: String,
    react: React<E>,
}

impl<E: StoredEvent> Reactions<E> {
    /// `react` must be pure. It need not set `advance` or `receipt`: both are set here, so that each event is answered once.
    pub fn new(
        store: Store<E>,
        source: &str,
        react: impl Fn(&Envelope) -> Result<Option<Request<E>>, String> + Send + Sync + 'static,
    ) -> Self {
        Self { store, source: source.to_owned(), react: Box::new(react) }
    }

    fn request(&self, event: &Envelope) -> Result<Option<Request<E>>, Trouble> {
        let poison = |cause| Trouble::Poison { position: event.position, cause };
        catch_unwind(AssertUnwindSafe(|| (self.react)(event))).map_err(|_| poison("the reaction panicked".to_owned()))?.map_err(poison)
    }

    /// Gives everything to the writer at once, in order, so that a batch shares a transaction. Each position needs the one
    /// before it: behind one that fails nothing is recorded.
    async fn take_all(&self, batch: &[Envelope]) -> Result<i64, Trouble> {
        let mut requests = Vec::with_capacity(batch.len());
        let mut stopped = None;
        for event in batch {
            match self.request(event) {
                Ok(request) => requests.push((event, request)),
                Err(trouble) => {
                    stopped = Some(trouble);
                    break;
                }
            }
        }
        let sent = requests.into_iter().map(|(event, request)| {
            let mut request = request.unwrap_or_else(|| nothing_to_do(event));
            request.advance = Some(Advance { source: self.source.clone(), position: event.position });
            request.receipt = None;
            let outcome = self.store.execute(request);
            async { (event.position, outcome.await) }
        });
        for (position, outcome) in join_all(sent).await {
            match outcome {
                Ok(Outcome::Done(_) | Outcome::Skipped) => {}
                // Somebody else moves the checkpoint: see where it is now.
                Ok(Outcome::Gap { .. }) => return Ok(self.checkpoint().await?),
                refused => return Err(trouble(position, refused)),
            }
        }
        match (stopped, batch.last()) {
            (Some(trouble), _) => Err(trouble),
            (None, Some(last)) => Ok(last.position),
            (None, None) => Ok(self.checkpoint().await?),
        }
    }

    async fn replay_one(&self, event: &Envelope) -> Result<(), Trouble> {
        let Some(mut request) = self.request(event)? else { return Ok(()) };
        request.advance = None;
        // A receipt is for ever, so a retry that was cut short before the row was taken away has no second effect.
        let mut fingerprint = [0; 32];
        fingerprint[..16].copy_from_slice(event.id.as_bytes());
        request.receipt = Some(Receipt { principal: format!("parked:{}", self.source), key: event.id.to_string(), fingerprint });
        match self.store.execute(request).await {
            Ok(Outcome::Done(_) | Outcome::Skipped) => Ok(()),
            refused => Err(trouble(event.position, refused)),
        }
    }
}

impl<E: StoredEvent> Handler for Reactions<E> {
    fn checkpoint(&self) -> Later<'_, Result<i64, StoreError>> {
        Box::pin(checkpoint(self.store.log().pool(), &self.source))
    }

    fn take<'a>(&'a self, batch: &'a [Envelope]) -> Later<'a, Result<i64, Trouble>> {
        Box::pin(self.take_all(batch))
    }

    fn replay<'a>(&'a self, event: &'a Envelope) -> Later<'a, Result<(), Trouble>> {
        Box::pin(self.replay_one(event))
    }
}

fn trouble(position: i64, outcome: Result<Outcome, StoreError>) -> Trouble {
    let cause = match outcome {
        Ok(Outcome::Refused(refused)) => format!("the reaction was refused: {}", refused.code),
        Ok(Outcome::Stale { .. }) => "the reaction expected another version".to_owned(),
        Ok(Outcome::KeyReused) => "the receipt of the retry belongs to another event".to_owned(),
        Ok(Outcome::Done(_) | Outcome::Skipped | Outcome::Gap { .. }) => return Trouble::Later(StoreError::Unavailable),
        Err(StoreError::Bug { what }) => what.to_owned(),
        Err(StoreError::Decode { position: own, .. }) => format!("position {own} of the own log cannot be read"),
        Err(later @ (StoreError::Database(_) | StoreError::Unknown | StoreError::Unavailable | StoreError::Migrate(_))) => {
            return Trouble::Later(later);
        }
    };
    Trouble::Poison { position, cause }
}

/// Moves the checkpoint and records nothing.
fn nothing_to_do<E>(event: &Envelope) -> Request<E> {
    Request {
        streams: Vec::new(),
        expect: None,
        unmoved: None,
        receipt: None,
        context: Context {
            actor: Actor::hub("inbox"),
            occurred_at: None,
            recorded_at: event.time,
            correlation: event.traceid.clone(),
            causation: None,
        },
        advance: None,
        decide: Box::new(|_| Ok(Decided { events: Vec::new(), status: 204, body: serde_json::Value::Null, resource: None })),
        describe: None,
    }
}
