//! The legal powers that ran for each child, and which children are shielded, as case transfer told it.

use std::collections::{BTreeMap, BTreeSet};

use event_store::{Applied, PgTime, View};
use kernel::{ChildId, Recorded, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{child::ChildEvent, event::Event};

/// The view.
#[derive(Debug)]
pub struct Circumstances;

impl View<Event> for Circumstances {
    fn name(&self) -> &'static str {
        "circumstances"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["power", "shield"]
    }

    fn ddl(&self) -> &'static str {
        "create table power (
            child      text        not null,
            power      text        not null,
            started_at timestamptz not null,
            ends_at    timestamptz, -- by law or order
            ended_at   timestamptz, -- before that
            primary key (child, power, started_at)
        );
        create table shield (child text primary key);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Child(id, event) => happened(connection, *id, event).await?,
                    Event::Referral(..) | Event::Watch(..) | Event::Desk(..) | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}

async fn happened(connection: &mut PgConnection, id: ChildId, event: &ChildEvent) -> Result<(), sqlx::Error> {
    let child = id.to_string();
    let query = match event {
        ChildEvent::PowerStarted { power, started_at, ends_at } => {
            sqlx::query("insert into power (child, power, started_at, ends_at) values ($1, $2, $3, $4) on conflict do nothing")
                .bind(child)
                .bind(power)
                .bind(PgTime(*started_at))
                .bind(ends_at.map(PgTime))
        }
        ChildEvent::PowerEnded { power, ended_at } => {
            sqlx::query("update power set ended_at = $3 where child = $1 and power = $2 and ended_at is null")
                .bind(child)
                .bind(power)
                .bind(PgTime(*ended_at))
        }
        ChildEvent::ShieldSet { shielded: true } => {
            sqlx::query("insert into shield (child) values ($1) on conflict do nothing").bind(child)
        }
        ChildEvent::ShieldSet { shielded: false } => sqlx::query("delete from shield where child = $1").bind(child),
        ChildEvent::Linked { .. }
        | ChildEvent::Unlinked { .. }
        | ChildEvent::Born { .. }
        | ChildEvent::DutyTaken { .. }
        | ChildEvent::DutyEnded { .. } => return Ok(()),
    };
    query.execute(connection).await?;
    Ok(())
}

/// A legal power that ran, or runs, for a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Power {
    /// `police_protection`, `emergency_protection_order` or `care_order`.
    pub power: String,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// Until when by law or order; none where it runs until it is ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// When it was ended before that.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

impl Power {
    fn from_pg(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            power: row.try_get(1)?,
            started_at: row.try_get::<PgTime, _>(2)?.0,
            ends_at: row.try_get::<Option<PgTime>, _>(3)?.map(|time| time.0),
            ended_at: row.try_get::<Option<PgTime>, _>(4)?.map(|time| time.0),
        })
    }
}

/// The powers of some children, by child, the earliest first.
///
/// # Errors
/// When the database does not answer.
pub async fn powers_of(executor: impl PgExecutor<'_>, children: &[String]) -> Result<BTreeMap<String, Vec<Power>>, sqlx::Error> {
    let rows = sqlx::query(
        "select child, power, started_at, ends_at, ended_at from power where child = any($1) order by child, started_at, power",
    )
    .bind(children)
    .fetch_all(executor)
    .await?;
    let mut powers: BTreeMap<String, Vec<Power>> = BTreeMap::new();
    for row in &rows {
        powers.entry(row.try_get(0)?).or_default().push(Power::from_pg(row)?);
    }
    Ok(powers)
}

/// Those of these children who are shielded, under this or any linked record.
///
/// # Errors
/// When the database does not answer.
pub async fn shielded(executor: impl PgExecutor<'_>, children: &[String]) -> Result<BTreeSet<String>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "with recursive same (root, child) as (
             select named, named from unnest($1::text[]) named
             union
             select same.root, link.other from link join same on link.child = same.child where link.holds
         )
         select distinct root from same join shield using (child)",
    )
    .bind(children)
    .fetch_all(executor)
    .await?;
    Ok(found.into_iter().collect())
}
