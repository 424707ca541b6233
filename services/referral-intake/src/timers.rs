//! Clocks that run out. A timer only records and calls the next level of the ladder; it decides nothing and closes nothing.
//!
//! One replica at a time looks, under an advisory lock. The rows themselves are not locked, because the writer changes them in the
//! transaction that records the event, and would wait for whoever waits for it. Two that fire the same clock do no harm: the rules
//! record each level once.

use std::time::Duration;

use event_store::{Context, Outcome, StoreError};
use kernel::{
    Actor, ReferralId, Timestamp,
    edition::{ClockName, Edition},
};
use serde_json::Value;
use service_kit::{Stop, Trace};
use tokio::time::sleep;

use crate::{
    app::{App, request},
    referral::{self, priority_of},
    rules::{Command, referral_stream, watch_stream},
    views::timers::{Due, run_out},
};

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(500);

/// How many clocks are fired in one look.
const MOST: i64 = 100;

/// Any number that no other lock of this database uses.
const LOCK: i64 = 0x696e_7461_6b65;

/// Looks at the clocks until the process stops.
pub(crate) async fn run(app: App, stop: Stop) {
    let mut well = true;
    while !stop.is_asked() {
        let looked = look(&app).await;
        if let Err(error) = &looked
            && well
        {
            tracing::error!(error = %error, "clocks cannot be looked at now");
        }
        well = looked.is_ok();
        sleep(EVERY).await;
    }
}

/// Fires every clock that has run out by now. One that cannot be fired is tried again, and does not hold up the others.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn look(app: &App) -> Result<(), StoreError> {
    let mut lock = app.pool().begin().await?;
    let mine: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(&mut *lock).await?;
    if mine {
        let now = app.now();
        for due in run_out(&mut *lock, now, MOST).await? {
            match fire(app, &due, now).await {
                Ok(Outcome::Done(_)) => {
                    metrics::counter!("intake_clocks_run_out_total", "clock" => due.kind.code()).increment(1);
                    tracing::info!(clock = due.kind.code(), level = due.level, "a clock ran out");
                }
                Ok(_) => tracing::warn!(clock = due.kind.code(), "a clock could not be fired; it is tried again"),
                Err(error) => tracing::warn!(clock = due.kind.code(), error = %error, "a clock could not be fired; it is tried again"),
            }
        }
    }
    lock.rollback().await?;
    Ok(())
}

async fn fire(app: &App, due: &Due, now: Timestamp) -> Result<Outcome, StoreError> {
    let id: ReferralId = due.referral.parse().map_err(|_| StoreError::Bug { what: "a timer of no referral" })?;
    let edition = app.edition(now);
    let Some(level) = edition.ladder(due.level.min(edition.top_level())) else {
        return Err(StoreError::Bug { what: "a ladder without levels" });
    };
    let command = referral::Command::RunOut {
        kind: due.kind,
        level: due.level,
        who: level.who,
        next_at: next_at(&edition, due, now),
        edition: edition.number,
    };
    let context = Context {
        actor: Actor::hub("timer"),
        occurred_at: None,
        recorded_at: now,
        correlation: Trace::new(&app.parts.kit.ids).id(),
        causation: None,
    };
    let streams = vec![referral_stream(id), watch_stream(id)];
    let ask = request(streams, context, Command::Referral(id, command), (200, Value::Null, None));
    app.store.execute(ask).await
}

/// When the next level is called; none at the top.
fn next_at(edition: &Edition, due: &Due, now: Timestamp) -> Option<Timestamp> {
    (due.level < edition.top_level()).then(|| edition.due(ClockName::EscalationStep, Some(priority_of(due.danger)), now).at)
}
