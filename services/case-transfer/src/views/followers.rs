//! Which organisation raised a concern about which child: it may follow the child's transfers and escalate them.

use event_store::{Applied, View};
use kernel::{ChildId, Org, Recorded};
use sqlx::{PgConnection, PgExecutor};

use crate::{kept::Kept, ledger::LedgerEvent, rules::Event};

pub(crate) struct Followers;

impl View<Kept> for Followers {
    fn name(&self) -> &'static str {
        "followers"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["follower"]
    }

    fn ddl(&self) -> &'static str {
        "create table follower (child text not null, org text not null, primary key (child, org))"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Event::Ledger(child, LedgerEvent::ContactOpened { .. }) = &recorded.event.event else { continue };
                sqlx::query("insert into follower values ($1, $2) on conflict do nothing")
                    .bind(child.to_string())
                    .bind(recorded.actor.org.to_string())
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    }
}

/// Who raised a concern about one of these children.
pub(crate) async fn of(executor: impl PgExecutor<'_>, children: &[ChildId]) -> Result<Vec<Org>, sqlx::Error> {
    let children: Vec<String> = children.iter().map(ToString::to_string).collect();
    let orgs: Vec<String> = sqlx::query_scalar("select distinct org from follower where child = any($1) order by org")
        .bind(children)
        .fetch_all(executor)
        .await?;
    orgs.iter().map(|org| org.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))).collect()
}
