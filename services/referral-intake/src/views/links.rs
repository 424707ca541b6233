//! Which records people say are one child.

use std::collections::BTreeSet;

use event_store::{Applied, View};
use kernel::Recorded;
use sqlx::{PgConnection, PgExecutor};

use crate::{child::ChildEvent, event::Event};

/// The view.
#[derive(Debug)]
pub struct Links;

impl View<Event> for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["link"]
    }

    fn ddl(&self) -> &'static str {
        "create table link (
            child text    not null,
            other text    not null,
            holds boolean not null, -- false: a person has said that they are not one child
            primary key (child, other)
        );"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Child(id, ChildEvent::Linked { other, .. }) => put(connection, *id, *other, true).await?,
                    Event::Child(id, ChildEvent::Unlinked { other, .. }) => put(connection, *id, *other, false).await?,
                    Event::Child(_, ChildEvent::Born { .. } | ChildEvent::DutyTaken { .. } | ChildEvent::DutyEnded { .. })
                    | Event::Referral(..)
                    | Event::Watch(..)
                    | Event::Desk(..)
                    | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}

async fn put(connection: &mut PgConnection, child: kernel::ChildId, other: kernel::ChildId, holds: bool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into link (child, other, holds) values ($1, $2, $3) on conflict (child, other) do update set holds = excluded.holds",
    )
    .bind(child.to_string())
    .bind(other.to_string())
    .bind(holds)
    .execute(connection)
    .await?;
    Ok(())
}

/// These records and every record that is linked to them, however far round.
///
/// # Errors
/// When the database does not answer.
pub async fn same_children(executor: impl PgExecutor<'_>, children: &[String]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "with recursive same (child) as (
             select * from unnest($1::text[])
             union
             select link.other from link join same on link.child = same.child where link.holds
         )
         select child from same order by child",
    )
    .bind(children)
    .fetch_all(executor)
    .await
}

/// Records of which a person has said that they are not the same child as one of these.
///
/// # Errors
/// When the database does not answer.
pub async fn said_to_be_others(executor: impl PgExecutor<'_>, children: &[String]) -> Result<BTreeSet<String>, sqlx::Error> {
    let others: Vec<String> =
        sqlx::query_scalar("select other from link where child = any($1) and not holds").bind(children).fetch_all(executor).await?;
    Ok(others.into_iter().collect())
}
