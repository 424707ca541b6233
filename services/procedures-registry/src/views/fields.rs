//! The nominations of fields for the bin, with the board's answers.

use event_store::{Applied, PgTime, View};
use kernel::{Recorded, Timestamp};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{
    field::{BinEvent, FieldEvent},
    rules::Event,
};

/// The view.
#[derive(Debug)]
pub struct Fields;

/// A nomination. It names nobody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nomination {
    /// The field.
    pub field: String,
    /// Its number within the field, from 1.
    pub number: i64,
    /// Why somebody thinks that it is not needed.
    pub reason: String,
    /// When.
    pub nominated_at: Timestamp,
    /// The board's answer.
    pub answer: Option<Value>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

impl View<Event> for Fields {
    fn name(&self) -> &'static str {
        "fields"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["nomination", "field_goes"]
    }

    fn ddl(&self) -> &'static str {
        "create table nomination (
            field        text not null,
            number       bigint not null,
            subject      text not null, -- who is shown the answer
            reason       text not null,
            nominated_at timestamptz not null,
            answer       text,
            answered_at  timestamptz,
            version      bigint not null, -- of the field's stream
            primary key (field, number)
        );
        create index nomination_subject on nomination (subject);
        create table field_goes (field text primary key, from_edition bigint not null);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Field(field, event) => nominate(connection, field, event, recorded.version).await?,
                    Event::Bin(event) => promise(connection, event).await?,
                    Event::Draft(..)
                    | Event::Register(_)
                    | Event::Desk(..)
                    | Event::Variation(..)
                    | Event::Reader(..)
                    | Event::Coverage(..)
                    | Event::Use(..)
                    | Event::Sitting(..) => {}
                }
            }
            Ok(())
        })
    }
}

async fn nominate(connection: &mut PgConnection, field: &str, event: &FieldEvent, version: i64) -> Result<(), sqlx::Error> {
    let query = match event {
        FieldEvent::Nominated { number, reason, by, at } => {
            sqlx::query("insert into nomination (field, number, subject, reason, nominated_at, version) values ($1, $2, $3, $4, $5, $6)")
                .bind(field)
                .bind(i64::from(*number))
                .bind(&by.actor().id)
                .bind(reason)
                .bind(PgTime(*at))
                .bind(version)
        }
        FieldEvent::Answered { number, answer, at, .. } => {
            let json = serde_json::to_string(answer).map_err(|error| sqlx::Error::Encode(error.into()))?;
            sqlx::query("update nomination set answer = $3, answered_at = $4, version = $5 where field = $1 and number = $2")
                .bind(field)
                .bind(i64::from(*number))
                .bind(json)
                .bind(PgTime(*at))
                .bind(version)
        }
    };
    query.execute(connection).await?;
    Ok(())
}

async fn promise(connection: &mut PgConnection, event: &BinEvent) -> Result<(), sqlx::Error> {
    let query = match event {
        BinEvent::Promised { field, from_edition: Some(number) } => sqlx::query(
            "insert into field_goes (field, from_edition) values ($1, $2)
             on conflict (field) do update set from_edition = excluded.from_edition",
        )
        .bind(field)
        .bind(i64::from(*number)),
        BinEvent::Promised { field, from_edition: None } => sqlx::query("delete from field_goes where field = $1").bind(field),
    };
    query.execute(connection).await?;
    Ok(())
}

/// Every nomination, by field and number; of one person alone, if named.
///
/// # Errors
/// When the database does not answer.
pub async fn nominations(executor: impl PgExecutor<'_>, subject: Option<&str>) -> Result<Vec<Nomination>, sqlx::Error> {
    let rows = sqlx::query(
        "select field, number, reason, nominated_at, answer, answered_at from nomination
         where $1::text is null or subject = $1 order by field, number",
    )
    .bind(subject)
    .fetch_all(executor)
    .await?;
    rows.iter().map(nomination).collect()
}

fn nomination(row: &PgRow) -> Result<Nomination, sqlx::Error> {
    let answer: Option<String> = row.try_get("answer")?;
    Ok(Nomination {
        field: row.try_get("field")?,
        number: row.try_get("number")?,
        reason: row.try_get("reason")?,
        nominated_at: row.try_get::<PgTime, _>("nominated_at")?.0,
        answer: answer.map(|json| serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))).transpose()?,
        answered_at: row.try_get::<Option<PgTime>, _>("answered_at")?.map(|at| at.0),
    })
}

/// The fields that go, each with the first edition that does not ask it.
///
/// # Errors
/// When the database does not answer.
pub async fn going(executor: impl PgExecutor<'_>) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("select field, from_edition from field_goes order by field").fetch_all(executor).await
}
