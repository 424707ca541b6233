//! The worker that notices local variations whose end is near or past. It records and ends nothing: they end by themselves.

use std::time::Duration;

use event_store::{Context, Decided, Outcome, Request, Store, StoreError};
use kernel::{Actor, Decider as _, Timestamp};
use service_kit::{Kit, Stop, Trace};
use tokio::{select, time::sleep};

use crate::{
    rules::{Command, Event, Registry},
    variation,
    views::variations,
};

/// How often the worker looks.
const STEP: Duration = Duration::from_millis(500);

/// The lock under which one replica looks; any number that nothing else uses.
const LOCK: i64 = 0x7661_7269_6174;

/// Looks until the process stops.
pub(crate) async fn run(store: Store<Event>, kit: Kit, mut stop: Stop) {
    loop {
        if let Err(error) = look(&store, &kit).await {
            tracing::warn!(error = %error, "local variations cannot be looked at now");
        }
        select! {
            () = sleep(STEP) => {}
            () = stop.asked() => return,
        }
    }
}

async fn look(store: &Store<Event>, kit: &Kit) -> Result<(), Failed> {
    let mut turn = store.log().pool().begin().await?;
    let mine: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(&mut *turn).await?;
    if mine {
        let now = kit.clock.now();
        for (id, place) in variations::due(&mut *turn, now).await? {
            let command = Command::Variation(place, variation::Command::Look { id, at: now });
            if let Outcome::Refused(refused) = store.execute(request(kit, command, now)).await? {
                tracing::error!(code = refused.code, "a clock of a local variation could not be recorded");
            }
        }
    }
    turn.rollback().await?;
    Ok(())
}

fn request(kit: &Kit, command: Command, now: Timestamp) -> Request<Event> {
    let correlation = Trace::new(&kit.ids).id();
    Request {
        streams: command.streams(),
        expect: None,
        receipt: None,
        unmoved: None,
        context: Context { actor: Actor::hub("timer"), occurred_at: None, recorded_at: now, correlation, causation: None },
        advance: None,
        decide: Box::new(move |past| {
            let events = Registry::decide(&past.replay::<Registry>(), command.clone())?;
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    }
}

/// The worker could not look.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the view cannot be read")]
    View(#[from] sqlx::Error),
    #[error("the log cannot be written")]
    Log(#[from] StoreError),
}
