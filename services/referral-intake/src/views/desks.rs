//! Whom to ring, by borough.

use std::collections::BTreeSet;

use event_store::{Applied, View};
use kernel::{Borough, Recorded, Timestamp, calendar::Calendar};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    desk::{Desk, DeskEvent, Shift},
    event::Event,
};

/// The view.
#[derive(Debug)]
pub struct Desks;

impl View<Event> for Desks {
    fn name(&self) -> &'static str {
        "desks"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["desk"]
    }

    fn ddl(&self) -> &'static str {
        "create table desk (
            borough    text primary key,
            covered_by text,
            desk       text not null -- JSON: telephones and hours
        );
        create index desk_covered_by on desk (covered_by);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Desk(borough, DeskEvent::Learnt(desk)) => {
                        let json = serde_json::to_string(desk).map_err(|error| sqlx::Error::Encode(error.into()))?;
                        sqlx::query(
                            "insert into desk (borough, covered_by, desk) values ($1, $2, $3)
                             on conflict (borough) do update set covered_by = excluded.covered_by, desk = excluded.desk",
                        )
                        .bind(borough.code())
                        .bind(desk.covered_by.as_ref().map(Borough::code))
                        .bind(json)
                        .execute(&mut *connection)
                        .await?;
                    }
                    Event::Referral(..) | Event::Watch(..) | Event::Child(..) | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}

/// The desk of a borough, if it has set one.
///
/// # Errors
/// When the database does not answer.
pub async fn desk_of(executor: impl PgExecutor<'_>, borough: &Borough) -> Result<Option<Desk>, sqlx::Error> {
    let json: Option<String> =
        sqlx::query_scalar("select desk from desk where borough = $1").bind(borough.code()).fetch_optional(executor).await?;
    json.map(|json| serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))).transpose()
}

/// The boroughs for which a borough's people act at an instant: itself, and those whose night team it is while theirs is on.
///
/// # Errors
/// When the database does not answer.
pub async fn acting_for(
    executor: impl PgExecutor<'_>,
    borough: &Borough,
    at: Timestamp,
    calendar: Option<&Calendar>,
) -> Result<BTreeSet<Borough>, sqlx::Error> {
    let covered: Vec<(String, String)> =
        sqlx::query_as("select borough, desk from desk where covered_by = $1").bind(borough.code()).fetch_all(executor).await?;
    let mut boroughs = BTreeSet::from([borough.clone()]);
    for (code, json) in covered {
        let desk: Desk = serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))?;
        if desk.shift(at, calendar) == Shift::Night {
            boroughs.insert(code.parse().map_err(|error: kernel::BadCode| sqlx::Error::Decode(error.into()))?);
        }
    }
    Ok(boroughs)
}
