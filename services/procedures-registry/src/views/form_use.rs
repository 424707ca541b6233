//! How the form is used, by field, without anybody's name.

use std::collections::BTreeMap;

use event_store::{Applied, PgTime, View};
use kernel::{Recorded, ReferralId, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

use crate::{
    form_use::{LEAST, SittingEvent, UseEvent},
    rules::Event,
};

/// The view.
#[derive(Debug)]
pub struct FormUse;

/// How the form was used in some weeks. Figures with too few forms under them are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Referrals that came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrals: Option<i64>,
    /// Those of them that were decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<i64>,
    /// Sittings before the form, by when they were begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sittings: Option<i64>,
    /// Those of them that were not sent: given up, or never ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<i64>,
    /// The median time of the sittings that ended with a referral, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<f64>,
    /// Whether one of these is absent.
    pub too_few: bool,
    /// By field.
    pub fields: BTreeMap<String, FieldUse>,
}

/// How one field was used in some weeks. Figures with too few forms under them are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct FieldUse {
    /// Referrals that came in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<i64>,
    /// Those of them in which it was shown to the decider before a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<i64>,
    /// The median time that people spent on it, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<f64>,
    /// Whether one of these is absent.
    pub too_few: bool,
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
        create table sitting (id text primary key, at timestamptz not null, seconds bigint, sent boolean not null);
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
    let id = id.simple().to_string();
    let (at, seconds, sent, fields) = match event {
        SittingEvent::Begun { at, .. } => (*at, None, false, &BTreeMap::new()),
        SittingEvent::Sat { seconds, fields, sent, at, .. } => (*at, Some(i64::from(*seconds)), *sent, fields),
    };
    // It counts in the week in which it was begun, where that was told.
    sqlx::query(
        "insert into sitting (id, at, seconds, sent) values ($1, $2, $3, $4)
         on conflict (id) do update set seconds = excluded.seconds, sent = excluded.sent",
    )
    .bind(&id)
    .bind(PgTime(at))
    .bind(seconds)
    .bind(sent)
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

/// What the form was used for in some weeks: from the first Monday until before the second. A week with too few forms is in no
/// figure, so that the difference of two reports does not show it either.
///
/// # Errors
/// When the database does not answer.
pub async fn report(connection: &mut PgConnection, (from, to): (Timestamp, Timestamp)) -> Result<Report, sqlx::Error> {
    let (referrals, decided): (i64, i64) = sqlx::query_as(
        "with weeks as (
            select count(*) as forms, count(*) filter (where decided) as decided from referral_form
            where received_at >= $1 and received_at < $2 group by date_trunc('week', received_at at time zone 'Europe/London'))
         select coalesce(sum(forms), 0)::bigint, coalesce(sum(decided), 0)::bigint from weeks where forms >= $3",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .bind(LEAST)
    .fetch_one(&mut *connection)
    .await?;
    let (sittings, sent, median): (i64, i64, Option<f64>) = sqlx::query_as(
        "with weekly as (
            select seconds, sent, count(*) over (partition by date_trunc('week', at at time zone 'Europe/London')) as sittings
            from sitting where at >= $1 and at < $2)
         select count(*), count(*) filter (where sent), percentile_cont(0.5) within group (order by seconds) filter (where sent)
         from weekly where sittings >= $3",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .bind(LEAST)
    .fetch_one(&mut *connection)
    .await?;
    let fields = by_field(connection, (from, to)).await?;
    let over = |forms: i64, figure: i64| (forms >= LEAST).then_some(figure);
    Ok(Report {
        referrals: over(referrals, referrals),
        decided: over(referrals, decided),
        sittings: over(sittings, sittings),
        abandoned: over(sittings, sittings - sent),
        median_seconds: median.filter(|_| sent >= LEAST),
        too_few: referrals < LEAST || sent < LEAST,
        fields,
    })
}

async fn by_field(executor: impl PgExecutor<'_>, (from, to): (Timestamp, Timestamp)) -> Result<BTreeMap<String, FieldUse>, sqlx::Error> {
    let rows = sqlx::query(
        "with weekly as (
            select referral, count(*) over (partition by date_trunc('week', received_at at time zone 'Europe/London')) as forms
            from referral_form where received_at >= $1 and received_at < $2),
         used as (
            select u.field, count(*) as filled, count(*) filter (where u.read) as read
            from weekly join field_use u using (referral) where forms >= $3 group by u.field),
         sat as (
            select id, count(*) over (partition by date_trunc('week', at at time zone 'Europe/London')) as sittings
            from sitting where at >= $1 and at < $2),
         timed as (
            select t.field, count(*) as times, percentile_cont(0.5) within group (order by t.seconds) as median
            from sat join field_sitting t using (id) where sittings >= $3 group by t.field)
         select field, coalesce(filled, 0) as filled, coalesce(read, 0) as read, coalesce(times, 0) as times, median
         from used full join timed using (field)",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .bind(LEAST)
    .fetch_all(executor)
    .await?;
    let mut fields = BTreeMap::new();
    for row in rows {
        let (filled, read, times): (i64, i64, i64) = (row.try_get("filled")?, row.try_get("read")?, row.try_get("times")?);
        let median: Option<f64> = row.try_get("median")?;
        let used = FieldUse {
            filled: (filled >= LEAST).then_some(filled),
            read: (filled >= LEAST).then_some(read),
            median_seconds: median.filter(|_| times >= LEAST),
            too_few: filled < LEAST || times < LEAST,
        };
        fields.insert(row.try_get("field")?, used);
    }
    Ok(fields)
}
