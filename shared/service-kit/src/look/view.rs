//! By what looks are found again.

use std::sync::Arc;

use event_store::{Applied, PgTime, View};
use kernel::Recorded;

use super::{LookEvent, Outcome};

/// Every view of the log of looks.
#[must_use]
pub fn views() -> Vec<Arc<dyn View<LookEvent>>> {
    vec![Arc::new(About)]
}

/// Which looks were at which child or case, and by whom.
struct About;

impl View<LookEvent> for About {
    fn name(&self) -> &'static str {
        "about"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["look_about", "look_by"]
    }

    fn ddl(&self) -> &'static str {
        "create table look_about (
            about    text   not null, -- a child, a referral or a transfer
            position bigint not null,
            primary key (about, position)
        );
        create table look_by (
            position bigint      primary key,
            actor    text        not null,
            at       timestamptz not null,
            shown    boolean     not null
        );
        create index look_by_actor on look_by (actor, at);"
    }

    fn apply<'a>(&'a self, connection: &'a mut sqlx::PgConnection, events: &'a [Recorded<LookEvent>]) -> Applied<'a> {
        Box::pin(async move {
            let (mut about, mut positions) = (Vec::new(), Vec::new());
            for recorded in events {
                let LookEvent::Looked(_, look) = &recorded.event;
                for named in look.children.iter().chain(&look.cases) {
                    about.push(named.as_str());
                    positions.push(recorded.position);
                }
            }
            sqlx::query("insert into look_about select * from unnest($1::text[], $2::bigint[])")
                .bind(about)
                .bind(positions)
                .execute(&mut *connection)
                .await?;
            let shown = |recorded: &Recorded<LookEvent>| {
                let LookEvent::Looked(_, look) = &recorded.event;
                look.outcome == Outcome::Shown
            };
            sqlx::query("insert into look_by select * from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::boolean[])")
                .bind(events.iter().map(|recorded| recorded.position).collect::<Vec<_>>())
                .bind(events.iter().map(|recorded| recorded.actor.id.as_str()).collect::<Vec<_>>())
                .bind(events.iter().map(|recorded| PgTime(recorded.recorded_at)).collect::<Vec<_>>())
                .bind(events.iter().map(shown).collect::<Vec<_>>())
                .execute(&mut *connection)
                .await?;
            Ok(())
        })
    }
}
