//! By what looks are found again.

use std::sync::Arc;

use event_store::{Applied, PgTime, View};
use kernel::Recorded;

use super::{LookEvent, Outcome, Under};

/// Every view of the log of looks.
#[must_use]
pub fn views() -> Vec<Arc<dyn View<LookEvent>>> {
    vec![Arc::new(About), Arc::new(Glasses)]
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
                let glass = look.glass.map(|under| under.glass().to_string());
                for named in look.children.iter().chain(&look.cases).cloned().chain(glass) {
                    about.push(named);
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

/// The break-glasses, as every service goes by them.
struct Glasses;

impl View<LookEvent> for Glasses {
    fn name(&self) -> &'static str {
        "glasses"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["glass"]
    }

    fn ddl(&self) -> &'static str {
        "create table glass (
            id        text        primary key,
            position  bigint      not null,
            person    text        not null,
            child     text        not null,
            opened_at timestamptz not null,
            until     timestamptz not null,
            ended_at  timestamptz
        );
        create index glass_person on glass (person, until);
        create index glass_position on glass (position);"
    }

    fn apply<'a>(&'a self, connection: &'a mut sqlx::PgConnection, events: &'a [Recorded<LookEvent>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let LookEvent::Looked(_, look) = &recorded.event;
                match look.glass {
                    // The answer that is given again is not another opening.
                    Some(Under::Opening { glass, child, until }) => {
                        sqlx::query("insert into glass values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
                            .bind(glass.to_string())
                            .bind(recorded.position)
                            .bind(&recorded.actor.id)
                            .bind(child.to_string())
                            .bind(PgTime(recorded.recorded_at))
                            .bind(PgTime(until))
                            .execute(&mut *connection)
                            .await?;
                    }
                    Some(Under::Ending(glass)) => {
                        sqlx::query("update glass set ended_at = coalesce(ended_at, $2) where id = $1")
                            .bind(glass.to_string())
                            .bind(PgTime(recorded.recorded_at))
                            .execute(&mut *connection)
                            .await?;
                    }
                    Some(Under::Looking(_)) | None => {}
                }
            }
            Ok(())
        })
    }
}
