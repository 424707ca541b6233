//! Whom to ring, by borough.

use event_store::{Applied, View};
use kernel::{Borough, Recorded};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    desk::{Desk, DeskEvent},
    rules::Event,
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
        "create table desk (borough text primary key, desk text not null)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Event::Desk(borough, DeskEvent::Learnt(desk)) = &recorded.event else { continue };
                let json = serde_json::to_string(desk).map_err(|error| sqlx::Error::Encode(error.into()))?;
                sqlx::query(
                    "insert into desk (borough, desk) values ($1, $2)
                     on conflict (borough) do update set desk = excluded.desk",
                )
                .bind(borough.code())
                .bind(json)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
    }
}

/// The desk of a borough, if it has set one.
///
/// # Errors
/// When the database does not answer.
pub async fn of(executor: impl PgExecutor<'_>, borough: &Borough) -> Result<Option<Desk>, sqlx::Error> {
    let json: Option<String> =
        sqlx::query_scalar("select desk from desk where borough = $1").bind(borough.code()).fetch_optional(executor).await?;
    json.map(|json| serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))).transpose()
}
