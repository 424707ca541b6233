//! The local variations, by borough and time.

use event_store::{Applied, PgTime, View};
use kernel::{Borough, Recorded, Timestamp, VariationId};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{
    document::ProcedureId,
    rules::Event,
    variation::{Place, VariationEvent},
};

/// The view.
#[derive(Debug)]
pub struct Variations;

/// A variation in a list. It names posts and no people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub variation_id: String,
    /// The procedure.
    pub procedure: String,
    /// The borough.
    pub borough: String,
    /// What is done otherwise.
    pub text: String,
    /// Why.
    pub reason: String,
    /// The post that answers for it.
    pub owner: String,
    /// From when.
    pub from: Timestamp,
    /// Until when it was made for.
    pub until: Timestamp,
    /// When it was ended before that, if it was.
    pub ended_at: Option<Timestamp>,
    /// Why it was ended.
    pub ended_because: Option<String>,
    /// The one that it renews.
    pub renews: Option<String>,
    /// `planned`, `in_force`, `ended` or `expired`, at the instant that was asked for.
    pub state: &'static str,
    /// Whether it is in force and its end is near, at that instant.
    pub ends_soon: bool,
    /// The version, for `If-Match`.
    #[serde(skip)]
    pub version: i64,
}

impl View<Event> for Variations {
    fn name(&self) -> &'static str {
        "variations"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["variation"]
    }

    fn ddl(&self) -> &'static str {
        "create table variation (
            id            text primary key,
            borough       text not null,
            procedure     text not null,
            version       bigint not null, -- of the stream of the borough and the procedure
            text          text not null,
            reason        text not null,
            owner         text not null,
            from_at       timestamptz not null,
            until_at      timestamptz not null,
            over_at       timestamptz not null, -- the end, or the early end
            notice_at     timestamptz not null,
            ended_at      timestamptz,
            ended_because text,
            renews        text,
            notice_told   boolean not null default false,
            expiry_told   boolean not null default false
        );
        create index variation_at on variation (over_at, from_at);
        create index variation_place on variation (borough, procedure);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Event::Variation(place, event) = &recorded.event else { continue };
                apply(connection, place, event).await?;
                sqlx::query("update variation set version = $3 where borough = $1 and procedure = $2")
                    .bind(place.borough.code())
                    .bind(place.procedure.as_str())
                    .bind(recorded.version)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    }
}

async fn apply(connection: &mut PgConnection, place: &Place, event: &VariationEvent) -> Result<(), sqlx::Error> {
    let query = match event {
        VariationEvent::Made(made) => sqlx::query(
            "insert into variation (id, borough, procedure, version, text, reason, owner, from_at, until_at, over_at, notice_at, renews)
             values ($1, $2, $3, 0, $4, $5, $6, $7, $8, $8, $9, $10)",
        )
        .bind(made.id.to_string())
        .bind(place.borough.code())
        .bind(place.procedure.as_str())
        .bind(&made.text)
        .bind(&made.reason)
        .bind(&made.owner)
        .bind(PgTime(made.from))
        .bind(PgTime(made.until))
        .bind(PgTime(made.notice_at))
        .bind(made.renews.map(|old| old.to_string())),
        VariationEvent::Ended { id, reason, at, .. } => {
            sqlx::query("update variation set ended_at = $2, over_at = least(until_at, $2), ended_because = $3 where id = $1")
                .bind(id.to_string())
                .bind(PgTime(*at))
                .bind(reason)
        }
        VariationEvent::ExpiresSoon { id, .. } => sqlx::query("update variation set notice_told = true where id = $1").bind(id.to_string()),
        VariationEvent::Expired { id, .. } => sqlx::query("update variation set expiry_told = true where id = $1").bind(id.to_string()),
    };
    query.execute(connection).await?;
    Ok(())
}

/// What is in force at an instant: everywhere or in a borough, of every procedure or of one.
///
/// # Errors
/// When the database does not answer.
pub async fn in_force(
    executor: impl PgExecutor<'_>,
    at: Timestamp,
    borough: Option<&Borough>,
    procedure: Option<&ProcedureId>,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, borough, procedure, version, text, reason, owner, from_at, until_at, over_at, notice_at, ended_at, ended_because, renews
         from variation where from_at <= $1 and $1 < over_at and ($2::text is null or borough = $2) and ($3::text is null or procedure = $3)
         order by borough, procedure, id",
    )
    .bind(PgTime(at))
    .bind(borough.map(Borough::code))
    .bind(procedure.map(ProcedureId::as_str))
    .fetch_all(executor)
    .await?;
    rows.iter().map(|row| listed(row, at)).collect()
}

/// All of them before an id, also those whose time is over, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    executor: impl PgExecutor<'_>,
    (before, most): (Option<String>, usize),
    now: Timestamp,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, borough, procedure, version, text, reason, owner, from_at, until_at, over_at, notice_at, ended_at, ended_because, renews
         from variation where ($1::text is null or id < $1) order by id desc limit $2",
    )
    .bind(before)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await?;
    rows.iter().map(|row| listed(row, now)).collect()
}

/// One of them, with its place.
///
/// # Errors
/// When the database does not answer.
pub async fn one(executor: impl PgExecutor<'_>, id: VariationId, now: Timestamp) -> Result<Option<(Listed, Place)>, sqlx::Error> {
    let row = sqlx::query(
        "select id, borough, procedure, version, text, reason, owner, from_at, until_at, over_at, notice_at, ended_at, ended_because, renews
         from variation where id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(|row| Ok((listed(row, now)?, place(row)?))).transpose()
}

/// Those of which a clock has something to record.
///
/// # Errors
/// When the database does not answer.
pub async fn due(executor: impl PgExecutor<'_>, now: Timestamp) -> Result<Vec<(VariationId, Place)>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, borough, procedure from variation
         where ended_at is null and not expiry_told and (until_at <= $1 or (notice_at <= $1 and not notice_told)) order by id limit 100",
    )
    .bind(PgTime(now))
    .fetch_all(executor)
    .await?;
    let id = |row: &PgRow| row.try_get::<&str, _>("id")?.parse().map_err(|error: kernel::BadId| sqlx::Error::Decode(error.into()));
    rows.iter().map(|row| Ok((id(row)?, place(row)?))).collect()
}

fn place(row: &PgRow) -> Result<Place, sqlx::Error> {
    let text = format!("{}.{}", row.try_get::<&str, _>("borough")?, row.try_get::<&str, _>("procedure")?);
    text.parse().map_err(|()| sqlx::Error::Decode("a variation has no place".into()))
}

fn listed(row: &PgRow, at: Timestamp) -> Result<Listed, sqlx::Error> {
    let time = |name: &str| row.try_get::<PgTime, _>(name).map(|time| time.0);
    let ended_at = row.try_get::<Option<PgTime>, _>("ended_at")?.map(|time| time.0);
    let (from, until, over) = (time("from_at")?, time("until_at")?, time("over_at")?);
    let state = match (at < over, at < from, ended_at) {
        (true, true, _) => "planned",
        (true, false, _) => "in_force",
        (false, _, Some(_)) => "ended",
        (false, _, None) => "expired",
    };
    Ok(Listed {
        variation_id: row.try_get("id")?,
        procedure: row.try_get("procedure")?,
        borough: row.try_get("borough")?,
        text: row.try_get("text")?,
        reason: row.try_get("reason")?,
        owner: row.try_get("owner")?,
        from,
        until,
        ended_at,
        ended_because: row.try_get("ended_because")?,
        renews: row.try_get("renews")?,
        state,
        ends_soon: state == "in_force" && ended_at.is_none() && time("notice_at")? <= at,
        version: row.try_get("version")?,
    })
}
