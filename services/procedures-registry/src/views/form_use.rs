//! How the form is used, by field, without anybody's name.

use std::collections::BTreeMap;

use event_store::{Applied, PgTime, View};
use kernel::{Recorded, ReferralId, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

use crate::{
    form_use::{SittingEvent, UseEvent},
    rules::Event,
};

/// The view.
#[derive(Debug)]
pub struct FormUse;

/// How the form was used in a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Referrals that came in.
    pub referrals: i64,
    /// Those of them that were decided.
    pub decided: i64,
    /// Sittings before the form.
    pub sittings: i64,
    /// Sittings that were given up.
    pub abandoned: i64,
    /// The median time of the sittings that ended with a referral, in seconds.
    pub median_seconds: Option<f64>,
    /// By field.
    pub fields: BTreeMap<String, FieldUse>,
}

/// How one field was used in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct FieldUse {
    /// Referrals that came in with it.
    pub filled: i64,
    /// Those of them in which it was shown to the decider before a decision.
    pub read: i64,
    /// The median time that people spent on it, in seconds.
    pub median_seconds: Option<f64>,
}

impl View<Event> for FormUse {
    fn name(&self) -> &'static str {
        "form_use"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["referral_form", "field_use", "sitting", "field_sitting"]
    }

    fn ddl(&self) -> &'static str {
        "create table referral_form (referral text primary key, received_at timestamptz not null, decided boolean not null default false);
        create index referral_form_at on referral_form (received_at);
        create table field_use (
            referral text not null,
            field    text not null,
            read     boolean not null default false,
            primary key (referral, field)
        );
        create table sitting (id text primary key, at timestamptz not null, seconds bigint not null, sent boolean not null);
        create index sitting_at on sitting (at);
        create table field_sitting (id text not null, field text not null, seconds bigint not null, primary key (id, field));"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Use(referral, event) = &recorded.event {
                    used(connection, *referral, event).await?;
                }
                if let Event::Sitting(id, event) = &recorded.event {
                    sat(connection, *id, event).await?;
                }
            }
            Ok(())
        })
    }
}

async fn used(connection: &mut PgConnection, referral: ReferralId, event: &UseEvent) -> Result<(), sqlx::Error> {
    let referral = referral.to_string();
    match event {
        UseEvent::Filled { fields, received_at, .. } => {
            sqlx::query("insert into referral_form (referral, received_at) values ($1, $2)")
                .bind(&referral)
                .bind(PgTime(*received_at))
                .execute(&mut *connection)
                .await?;
            sqlx::query("insert into field_use (referral, field) select $1, unnest($2::text[])")
                .bind(&referral)
                .bind(fields.iter().cloned().collect::<Vec<_>>())
                .execute(connection)
                .await?;
        }
        UseEvent::Decided { read, .. } => {
            sqlx::query("update referral_form set decided = true where referral = $1").bind(&referral).execute(&mut *connection).await?;
            sqlx::query("update field_use set read = true where referral = $1 and field = any($2)")
                .bind(&referral)
                .bind(read.iter().cloned().collect::<Vec<_>>())
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

async fn sat(connection: &mut PgConnection, id: Uuid, event: &SittingEvent) -> Result<(), sqlx::Error> {
    let SittingEvent::Sat { seconds, fields, sent, at, .. } = event;
    let id = id.simple().to_string();
    sqlx::query("insert into sitting (id, at, seconds, sent) values ($1, $2, $3, $4)")
        .bind(&id)
        .bind(PgTime(*at))
        .bind(i64::from(*seconds))
        .bind(*sent)
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into field_sitting (id, field, seconds) select $1, * from unnest($2::text[], $3::bigint[])")
        .bind(&id)
        .bind(fields.keys().cloned().collect::<Vec<_>>())
        .bind(fields.values().map(|seconds| i64::from(*seconds)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// What the form was used for in a time: from the first instant until before the second.
///
/// # Errors
/// When the database does not answer.
pub async fn report(connection: &mut PgConnection, (from, to): (Timestamp, Timestamp)) -> Result<Report, sqlx::Error> {
    let (referrals, decided) =
        sqlx::query_as("select count(*), count(*) filter (where decided) from referral_form where received_at >= $1 and received_at < $2")
            .bind(PgTime(from))
            .bind(PgTime(to))
            .fetch_one(&mut *connection)
            .await?;
    let (sittings, abandoned, median_seconds) = sqlx::query_as(
        "select count(*), count(*) filter (where not sent), percentile_cont(0.5) within group (order by seconds) filter (where sent)
         from sitting where at >= $1 and at < $2",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .fetch_one(&mut *connection)
    .await?;
    let fields = by_field(connection, (from, to)).await?;
    Ok(Report { referrals, decided, sittings, abandoned, median_seconds, fields })
}

async fn by_field(executor: impl PgExecutor<'_>, (from, to): (Timestamp, Timestamp)) -> Result<BTreeMap<String, FieldUse>, sqlx::Error> {
    let rows = sqlx::query(
        "with used as (
            select u.field, count(*) as filled, count(*) filter (where u.read) as read
            from referral_form f join field_use u using (referral) where f.received_at >= $1 and f.received_at < $2 group by u.field),
         timed as (
            select t.field, percentile_cont(0.5) within group (order by t.seconds) as median
            from sitting s join field_sitting t using (id) where s.at >= $1 and s.at < $2 group by t.field)
         select field, coalesce(filled, 0) as filled, coalesce(read, 0) as read, median from used full join timed using (field)",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .fetch_all(executor)
    .await?;
    let mut fields = BTreeMap::new();
    for row in rows {
        let used = FieldUse { filled: row.try_get("filled")?, read: row.try_get("read")?, median_seconds: row.try_get("median")? };
        fields.insert(row.try_get("field")?, used);
    }
    Ok(fields)
}
