//! Events of others that could not be taken. They wait in the database for a person, and so do later ones about the same
//! subject; everybody else's go on.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use event_store::{PgTime, StoreError};
use futures_util::FutureExt;
use kernel::Timestamp;
use proto_events::Envelope;
use sqlx::{PgConnection, PgPool, Row as _};

use crate::{Handler, Trouble, step};

/// One event that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The service that published it.
    pub source: String,
    /// Its position there.
    pub position: i64,
    /// What it is about: a stream of that service.
    pub subject: String,
    /// The event as it came. Public events hold no personal data.
    pub event: Vec<u8>,
    /// Why it could not be taken.
    pub cause: String,
    /// Since when it waits.
    pub parked_at: Timestamp,
}

/// What a retry came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Positions that have been taken now.
    pub taken: Vec<i64>,
    /// Positions that still cannot be taken, each with why.
    pub kept: Vec<(i64, String)>,
}

/// Everything that waits, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(pool: &PgPool) -> Result<Vec<Parked>, StoreError> {
    let rows = sqlx::query("select source, position, subject, event, cause, parked_at from log.parked order by source, position");
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Parked {
            source: row.try_get(0)?,
            position: row.try_get(1)?,
            subject: row.try_get(2)?,
            event: row.try_get(3)?,
            cause: row.try_get(4)?,
            parked_at: row.try_get::<PgTime, _>(5)?.0,
        })
    };
    Ok(rows.fetch_all(pool).await?.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

/// Tries everything that waits of one source again, in order. Behind one that fails, later ones about its subject go on
/// waiting. Safe to repeat, and beside a running inbox.
///
/// # Errors
/// When the database does not answer. What was taken until then stays taken.
pub async fn retry(pool: &PgPool, source: &str, handler: &dyn Handler) -> Result<Retried, StoreError> {
    let mut retried = Retried::default();
    let mut blocked = HashMap::<String, i64>::new();
    let mut last = 0;
    while let Some((position, subject, bytes)) = next(pool, source, last).await? {
        last = position;
        let outcome = match blocked.get(&subject) {
            Some(ahead) => Err(behind(*ahead)),
            None => again(handler, &bytes).await?,
        };
        match outcome {
            Ok(()) => {
                let mut transaction = pool.begin().await?;
                lock(&mut transaction, source).await?;
                let sql = "delete from log.parked where source = $1 and position = $2";
                sqlx::query(sql).bind(source).bind(position).execute(&mut *transaction).await?;
                transaction.commit().await?;
                tracing::info!(source, position, "a parked event has been taken");
                retried.taken.push(position);
            }
            Err(cause) => {
                blocked.entry(subject).or_insert(position);
                retried.kept.push((position, cause));
            }
        }
    }
    Ok(retried)
}

async fn next(pool: &PgPool, source: &str, last: i64) -> Result<Option<(i64, String, Vec<u8>)>, StoreError> {
    let sql = "select position, subject, event from log.parked where source = $1 and position > $2 order by position limit 1";
    Ok(sqlx::query_as(sql).bind(source).bind(last).fetch_optional(pool).await?)
}

async fn again(handler: &dyn Handler, bytes: &[u8]) -> Result<Result<(), String>, StoreError> {
    let event = match Envelope::from_json(bytes) {
        Ok(event) => event,
        Err(unreadable) => return Ok(Err(unreadable.to_string())),
    };
    match AssertUnwindSafe(handler.replay(&event)).catch_unwind().await {
        Ok(Ok(())) => Ok(Ok(())),
        Ok(Err(Trouble::Poison { cause, .. })) => Ok(Err(cause)),
        Ok(Err(Trouble::Later(error))) => Err(error),
        Err(_) => Ok(Err("the handler panicked".to_owned())),
    }
}

/// An event about to be parked.
pub(crate) struct Parking<'a> {
    pub(crate) source: &'a str,
    pub(crate) position: i64,
    pub(crate) subject: &'a str,
    pub(crate) event: &'a [u8],
    pub(crate) why: Why,
}

/// Why an event is parked.
pub(crate) enum Why {
    /// It cannot be taken.
    Poison(String),
    /// An earlier one about the same subject is parked.
    Behind,
}

/// Parks an event and moves the checkpoint past it. `false` means that nothing was done: the checkpoint is elsewhere, or the
/// event that it would wait behind has been taken meanwhile.
pub(crate) async fn park(pool: &PgPool, parking: Parking<'_>) -> Result<bool, StoreError> {
    let Parking { source, position, subject, event, why } = parking;
    let mut transaction = pool.begin().await?;
    lock(&mut transaction, source).await?;
    let cause = match why {
        Why::Poison(cause) => cause,
        Why::Behind => match ahead_of(&mut transaction, source, subject).await? {
            Some(ahead) => behind(ahead),
            None => return Ok(false),
        },
    };
    if !step(&mut transaction, source, position - 1, position).await? {
        return Ok(false);
    }
    let sql = "insert into log.parked (source, position, subject, event, cause, parked_at) values ($1, $2, $3, $4, $5, clock_timestamp())";
    sqlx::query(sql).bind(source).bind(position).bind(subject).bind(event).bind(&cause).execute(&mut *transaction).await?;
    transaction.commit().await?;
    tracing::error!(source, position, subject, cause, "an event could not be taken and is parked: look at it and retry it");
    metrics::counter!("inbox_parked", "source" => source.to_owned()).increment(1);
    Ok(true)
}

/// The subjects of a source that have something parked, each with its first position, and how many events wait in all.
pub(crate) async fn subjects(pool: &PgPool, source: &str) -> Result<(HashMap<String, i64>, i64), StoreError> {
    let sql = "select subject, min(position), count(*) from log.parked where source = $1 group by subject";
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(sql).bind(source).fetch_all(pool).await?;
    let count = rows.iter().map(|(_, _, count)| count).sum();
    Ok((rows.into_iter().map(|(subject, first, _)| (subject, first)).collect(), count))
}

async fn ahead_of(connection: &mut PgConnection, source: &str, subject: &str) -> Result<Option<i64>, StoreError> {
    let sql = "select min(position) from log.parked where source = $1 and subject = $2";
    Ok(sqlx::query_scalar(sql).bind(source).bind(subject).fetch_one(connection).await?)
}

/// Parking behind an event and taking that event away never cross.
async fn lock(connection: &mut PgConnection, source: &str) -> Result<(), StoreError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))").bind(format!("parked:{source}")).execute(connection).await?;
    Ok(())
}

fn behind(position: i64) -> String {
    format!("waits behind position {position}")
}
