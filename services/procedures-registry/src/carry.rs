//! The editions that the program brings: recorded once each, as what they are, before anybody has adopted one.

use std::{sync::Arc, time::Duration};

use event_store::{Context, Decided, Log, Outcome, Request, Store, StoreError};
use kernel::{
    Actor, Decider as _, Recorded, Timestamp,
    edition::{Edition, Editions},
};
use service_kit::{Kit, Stop, Trace};
use sqlx::PgPool;
use tokio::{select, time::sleep};

use crate::{
    document::{self, Document},
    register::{Carried, NotCarried, Origin},
    rules::{Command, Event, Registry, Situation, register_stream},
};

/// How long a record that cannot be written now waits.
const AGAIN: Duration = Duration::from_millis(250);

/// The document of an edition that the program brings. Only the first has procedures: other files have only what services obey.
fn document(edition: &Edition) -> Document {
    let first = document::first();
    if *edition.written() == first.parts {
        return first;
    }
    Document { parts: edition.written().clone(), ..Document::default() }
}

/// The editions of a file are not to be gone by.
#[derive(Debug, thiserror::Error)]
pub enum NotBrought {
    /// The registry does not hold them.
    #[error("{0}")]
    Carried(#[from] NotCarried),
    /// The log cannot be read.
    #[error("the registry's list of editions cannot be read: check that the database is there and `hub migrate` has run")]
    Store(#[from] StoreError),
}

/// Refuses editions of a file that the registry behind a pool would not record, before anything goes by them.
///
/// # Errors
/// The first that is refused.
pub async fn check_brought(pool: &PgPool, editions: &Editions, now: Timestamp) -> Result<(), NotBrought> {
    let mut situation = Situation::default();
    for row in Log::new(pool.clone(), crate::SERVICE).streams(&[register_stream()]).await? {
        let recorded: Recorded<Event> = row.decode()?;
        situation.take(&recorded.event);
    }
    let origin = origin(editions);
    for edition in editions.iter() {
        if let Some(event) = situation.register.carry(&carried(edition, origin, now))? {
            situation.register.evolve(&event);
        }
    }
    Ok(())
}

/// A file that says what the program says is the program's.
fn origin(editions: &Editions) -> Origin {
    if *editions == Editions::first() { Origin::Program } else { Origin::File }
}

fn carried(edition: &Edition, origin: Origin, now: Timestamp) -> Carried {
    Carried {
        origin,
        number: edition.number,
        id: edition.id.clone(),
        in_force_from: edition.in_force_from,
        document: Box::new(document(edition)),
        at: now,
    }
}

/// Records every edition that the program brings, then waits for the stop.
pub(crate) async fn run(store: Store<Event>, kit: Kit, editions: Arc<Editions>, mut stop: Stop) {
    let origin = origin(&editions);
    for edition in editions.iter() {
        loop {
            match carry(&store, &kit, carried(edition, origin, kit.clock.now())).await {
                Ok(Outcome::Refused(refused)) => {
                    tracing::error!(
                        edition = edition.number,
                        code = refused.code,
                        detail = refused.detail,
                        "an edition of the program is not recorded"
                    );
                    break;
                }
                Ok(Outcome::Done(_) | Outcome::Stale { .. } | Outcome::KeyReused | Outcome::Skipped | Outcome::Gap { .. }) => break,
                Err(error) => tracing::warn!(edition = edition.number, error = %error, "an edition of the program waits to be recorded"),
            }
            select! {
                () = sleep(AGAIN) => {}
                () = stop.asked() => return,
            }
        }
    }
    stop.asked().await;
}

async fn carry(store: &Store<Event>, kit: &Kit, carried: Carried) -> Result<Outcome, StoreError> {
    let now = carried.at;
    let command = Command::Carry(carried);
    let correlation = Trace::new(&kit.ids).id();
    let request = Request {
        streams: command.streams(),
        expect: None,
        receipt: None,
        unmoved: None,
        context: Context { actor: Actor::hub("program"), occurred_at: None, recorded_at: now, correlation, causation: None },
        advance: None,
        decide: Box::new(move |past| {
            let events = Registry::decide(&past.replay::<Registry>(), command.clone())?;
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    };
    store.execute(request).await
}
