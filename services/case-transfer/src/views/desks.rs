//! The desks as they are now.

use event_store::{Applied, View};
use kernel::{Borough, Recorded};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    desk::{Desk, DeskEvent},
    kept::Kept,
    rules::Event,
};

pub(crate) struct Desks;

/// A desk with the version of its stream.
pub(crate) struct Known {
    pub(crate) borough: Borough,
    pub(crate) version: i64,
    pub(crate) desk: Desk,
}

impl View<Kept> for Desks {
    fn name(&self) -> &'static str {
        "desks"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["desk"]
    }

    fn ddl(&self) -> &'static str {
        "create table desk (borough text primary key, version bigint not null, desk text not null)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Event::Desk(borough, event) = &recorded.event.event else { continue };
                let desk = match event {
                    DeskEvent::Set { desk, .. } => Some(serde_json::to_string(desk).map_err(|fault| sqlx::Error::Encode(fault.into()))?),
                    DeskEvent::RotaGap { .. } => None,
                };
                sqlx::query(
                    "insert into desk as known (borough, version, desk) values ($1, $2, coalesce($3, ''))
                     on conflict (borough) do update set version = excluded.version, desk = coalesce($3, known.desk)",
                )
                .bind(borough.code())
                .bind(recorded.version)
                .bind(desk)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
    }
}

/// Every desk, by borough.
pub(crate) async fn all(executor: impl PgExecutor<'_>) -> Result<Vec<Known>, sqlx::Error> {
    read(sqlx::query_as("select borough, version, desk from desk order by borough").fetch_all(executor).await?)
}

/// The desks of some boroughs. One without a desk is left out.
pub(crate) async fn of<'a>(
    executor: impl PgExecutor<'_>,
    boroughs: impl IntoIterator<Item = &'a Borough>,
) -> Result<Vec<Known>, sqlx::Error> {
    let codes: Vec<&str> = boroughs.into_iter().map(Borough::code).collect();
    read(sqlx::query_as("select borough, version, desk from desk where borough = any($1)").bind(codes).fetch_all(executor).await?)
}

fn read(rows: Vec<(String, i64, String)>) -> Result<Vec<Known>, sqlx::Error> {
    rows.into_iter()
        .map(|(borough, version, desk)| {
            let borough = borough.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))?;
            let desk = serde_json::from_str(&desk).map_err(|fault| sqlx::Error::Decode(fault.into()))?;
            Ok(Known { borough, version, desk })
        })
        .collect()
}
