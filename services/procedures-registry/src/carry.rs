//! The editions that the program brings: recorded once each, as what they are, before anybody has adopted one.

use std::{sync::Arc, time::Duration};

use event_store::{Context, Decided, Outcome, Request, Store, StoreError};
use kernel::{
    Actor, Decider as _, Timestamp,
    edition::{Edition, Editions},
};
use service_kit::{Kit, Stop, Trace};
use tokio::{select, time::sleep};

use crate::{
    document::{self, Document},
    register::Carried,
    rules::{Command, Event, Registry},
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

/// Records every edition that the program brings, then waits for the stop.
pub(crate) async fn run(store: Store<Event>, kit: Kit, editions: Arc<Editions>, mut stop: Stop) {
    for edition in editions.iter() {
        loop {
            match carry(&store, &kit, edition, kit.clock.now()).await {
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

async fn carry(store: &Store<Event>, kit: &Kit, edition: &Edition, now: Timestamp) -> Result<Outcome, StoreError> {
    let carried = Carried {
        number: edition.number,
        id: edition.id.clone(),
        in_force_from: edition.in_force_from,
        document: Box::new(document(edition)),
        at: now,
    };
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
