//! Which child ids are one child, as people have said.

use std::collections::{BTreeMap, BTreeSet};

use event_store::{Applied, View};
use kernel::{ChildId, Recorded};
use sqlx::{PgConnection, PgExecutor};

use crate::{kept::Kept, ledger::LedgerEvent, rules::Event};

pub(crate) struct Links;

impl View<Kept> for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["link"]
    }

    fn ddl(&self) -> &'static str {
        "create table link (child text not null, other text not null, primary key (child, other))"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Some((sql, child, other)) = change(&recorded.event.event) else { continue };
                sqlx::query(sql).bind(child.to_string()).bind(other.to_string()).execute(&mut *connection).await?;
            }
            Ok(())
        })
    }
}

fn change(event: &Event) -> Option<(&'static str, ChildId, ChildId)> {
    match event {
        Event::Ledger(child, LedgerEvent::ChildLinked { other, .. }) => {
            Some(("insert into link values ($1, $2) on conflict do nothing", *child, *other))
        }
        Event::Ledger(child, LedgerEvent::ChildUnlinked { other, .. }) => {
            Some(("delete from link where child = $1 and other = $2", *child, *other))
        }
        Event::Ledger(..)
        | Event::Transfer(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    }
}

/// Each of these ids with every id that is linked to it, over however many others; itself among them.
pub(crate) async fn linked(
    executor: impl PgExecutor<'_>,
    children: impl IntoIterator<Item = ChildId>,
) -> Result<BTreeMap<ChildId, BTreeSet<ChildId>>, sqlx::Error> {
    let mut found: BTreeMap<ChildId, BTreeSet<ChildId>> = children.into_iter().map(|child| (child, BTreeSet::from([child]))).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let roots: Vec<String> = found.keys().map(ToString::to_string).collect();
    let pairs: Vec<(String, String)> = sqlx::query_as(
        "with recursive reach (root, child) as (
             select c, c from unnest($1::text[]) c
             union
             select reach.root, link.other from reach join link on link.child = reach.child
         )
         select root, child from reach where root <> child",
    )
    .bind(roots)
    .fetch_all(executor)
    .await?;
    for (root, child) in pairs {
        if let (Ok(root), Ok(child)) = (root.parse(), child.parse()) {
            found.entry(root).or_default().insert(child);
        }
    }
    Ok(found)
}
