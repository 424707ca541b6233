//! The editions with their documents, as bytes that never change.

use event_store::{Applied, PgTime, View};
use kernel::{DraftId, Recorded, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{document::Document, draft::DraftEvent, register::RegisterEvent, rules::Event};

/// The view.
#[derive(Debug)]
pub struct Editions;

/// An edition without its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its number.
    pub number: u32,
    /// Its id, which decisions cite.
    pub id: String,
    /// Its title.
    pub title: String,
    /// From when it is in force everywhere.
    pub in_force_from: Timestamp,
    /// SHA-256 over the canonical bytes of its document.
    pub hash: String,
    /// The draft that it was; none where the program brought it.
    pub draft: Option<String>,
    /// Why the boroughs were not asked about its content before it was handed in, if they were not.
    pub unconsulted: Option<String>,
    /// Why it was taken back, if it was.
    pub withdrawn: Option<String>,
}

impl View<Event> for Editions {
    fn name(&self) -> &'static str {
        "editions"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["edition", "handed_in"]
    }

    fn ddl(&self) -> &'static str {
        "create table edition (
            number        bigint primary key,
            id            text not null,
            title         text not null,
            in_force_from timestamptz not null,
            hash          text not null,
            draft         text,
            withdrawn     text, -- why
            document      bytea not null -- the canonical bytes
        );
        create table handed_in (draft text primary key, unconsulted text); -- as it was for the last time
        create index edition_in_force on edition (in_force_from) where withdrawn is null;"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Draft(draft, DraftEvent::Submitted { unconsulted, .. }) = &recorded.event {
                    hand_in(connection, *draft, unconsulted.as_deref()).await?;
                }
                if let Event::Register(event) = &recorded.event {
                    apply(connection, event).await?;
                }
            }
            Ok(())
        })
    }
}

async fn hand_in(connection: &mut PgConnection, draft: DraftId, unconsulted: Option<&str>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into handed_in (draft, unconsulted) values ($1, $2) on conflict (draft) do update set unconsulted = excluded.unconsulted",
    )
    .bind(draft.to_string())
    .bind(unconsulted)
    .execute(connection)
    .await?;
    Ok(())
}

async fn apply(connection: &mut PgConnection, event: &RegisterEvent) -> Result<(), sqlx::Error> {
    let (number, id, from, hash, document, draft) = match event {
        RegisterEvent::Carried { number, id, in_force_from, hash, document, .. } => (number, id, in_force_from, hash, document, None),
        RegisterEvent::Scheduled { number, id, in_force_from, hash, document, draft, .. } => {
            (number, id, in_force_from, hash, document, Some(draft.to_string()))
        }
        RegisterEvent::Withdrawn { number, reason, .. } => {
            sqlx::query("update edition set withdrawn = $2 where number = $1")
                .bind(i64::from(*number))
                .bind(reason)
                .execute(connection)
                .await?;
            return Ok(());
        }
    };
    let bytes = document.canonical().map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("insert into edition (number, id, title, in_force_from, hash, draft, document) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(i64::from(*number))
        .bind(id)
        .bind(document.parts.get("title").and_then(serde_json::Value::as_str).unwrap_or_default())
        .bind(PgTime(*from))
        .bind(&hash.0)
        .bind(draft)
        .bind(bytes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Every edition below a number, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(executor: impl PgExecutor<'_>, below: Option<u32>, most: usize) -> Result<Vec<Known>, sqlx::Error> {
    let rows = sqlx::query(
        "select number, id, title, in_force_from, hash, draft, unconsulted, withdrawn from edition left join handed_in using (draft)
         where number < $1 order by number desc limit $2",
    )
    .bind(below.map_or(i64::MAX, i64::from))
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await?;
    rows.iter().map(known).collect()
}

/// The edition in force at an instant; before the first, the first. None before the program has brought one.
///
/// # Errors
/// When the database does not answer.
pub async fn in_force(executor: impl PgExecutor<'_>, at: Timestamp) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query(
        "select number, id, title, in_force_from, hash, draft, unconsulted, withdrawn from edition left join handed_in using (draft)
         where withdrawn is null
         order by in_force_from <= $1 desc, case when in_force_from <= $1 then in_force_from end desc, in_force_from limit 1",
    )
    .bind(PgTime(at))
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(known).transpose()
}

/// An edition by its number, with the bytes of its document.
///
/// # Errors
/// When the database does not answer.
pub async fn numbered(executor: impl PgExecutor<'_>, number: u32) -> Result<Option<(Known, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query(
        "select number, id, title, in_force_from, hash, draft, unconsulted, withdrawn, document from edition left join handed_in using (draft)
         where number = $1",
    )
    .bind(i64::from(number))
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(with_document).transpose()
}

/// The number of the last edition that was not taken back.
///
/// # Errors
/// When the database does not answer.
pub async fn last(executor: impl PgExecutor<'_>) -> Result<Option<u32>, sqlx::Error> {
    let number: Option<i64> = sqlx::query_scalar("select max(number) from edition where withdrawn is null").fetch_one(executor).await?;
    Ok(number.and_then(|number| u32::try_from(number).ok()))
}

/// Reads the bytes of a document.
///
/// # Errors
/// When they are not one, which is a bug.
pub fn document(bytes: &[u8]) -> Result<Document, sqlx::Error> {
    serde_json::from_slice(bytes).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn with_document(row: &PgRow) -> Result<(Known, Vec<u8>), sqlx::Error> {
    Ok((known(row)?, row.try_get("document")?))
}

fn known(row: &PgRow) -> Result<Known, sqlx::Error> {
    Ok(Known {
        number: u32::try_from(row.try_get::<i64, _>("number")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        id: row.try_get("id")?,
        title: row.try_get("title")?,
        in_force_from: row.try_get::<PgTime, _>("in_force_from")?.0,
        hash: row.try_get("hash")?,
        draft: row.try_get("draft")?,
        unconsulted: row.try_get("unconsulted")?,
        withdrawn: row.try_get("withdrawn")?,
    })
}
