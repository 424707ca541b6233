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
    /// By field. One of which nothing can be told is absent.
    pub fields: BTreeMap<String, FieldUse>,
}

/// How one field was used in some weeks. Weeks in which too few forms have it are in no figure.
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
            select seconds, sent, count(*) over week as sittings, count(*) filter (where sent) over week as finished
            from sitting where at >= $1 and at < $2
            window week as (partition by date_trunc('week', at at time zone 'Europe/London')))
         select count(*), count(*) filter (where sent),
            percentile_cont(0.5) within group (order by seconds) filter (where sent and finished >= $3)
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
        median_seconds: median,
        too_few: referrals < LEAST || median.is_none(),
        fields,
    })
}

async fn by_field(executor: impl PgExecutor<'_>, (from, to): (Timestamp, Timestamp)) -> Result<BTreeMap<String, FieldUse>, sqlx::Error> {
    let rows = sqlx::query(
        // Each field of each week by itself: of a field that few forms of a week have, no figure tells anything.
        "with used as (
            select u.field, count(*) as filled, count(*) filter (where u.read) as read
            from referral_form f join field_use u using (referral) where f.received_at >= $1 and f.received_at < $2
            group by u.field, date_trunc('week', f.received_at at time zone 'Europe/London') having count(*) >= $3),
         sat as (
            select t.field, t.seconds,
                count(*) over (partition by t.field, date_trunc('week', s.at at time zone 'Europe/London')) as times
            from sitting s join field_sitting t using (id) where s.at >= $1 and s.at < $2),
         filled as (select field, sum(filled)::bigint as filled, sum(read)::bigint as read from used group by field),
         timed as (select field, percentile_cont(0.5) within group (order by seconds) as median from sat where times >= $3 group by field)
         select field, filled, read, median from filled full join timed using (field)",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .bind(LEAST)
    .fetch_all(executor)
    .await?;
    let mut fields = BTreeMap::new();
    for row in rows {
        let (filled, read, median_seconds) = (row.try_get("filled")?, row.try_get("read")?, row.try_get("median")?);
        let used = FieldUse { filled, read, median_seconds, too_few: filled.is_none() || median_seconds.is_none() };
        fields.insert(row.try_get("field")?, used);
    }
    Ok(fields)
}
