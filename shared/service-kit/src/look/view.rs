//! By what looks are found again.

use std::sync::Arc;

use event_store::{Applied, PgTime, View};
use kernel::Recorded;

use super::{AccessEvent, LookEvent, Outcome, Under};

/// Every view of the log of looks.
#[must_use]
pub fn views() -> Vec<Arc<dyn View<LookEvent>>> {
    vec![Arc::new(About), Arc::new(Glasses), Arc::new(Revoked)]
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
            shown    boolean     not null,
            tied     boolean     not null -- whether they seem to have to do with a child whom they were shown
        );
        create index look_by_actor on look_by (actor, at);"
    }

    fn apply<'a>(&'a self, connection: &'a mut sqlx::PgConnection, events: &'a [Recorded<LookEvent>]) -> Applied<'a> {
        Box::pin(async move {
            let (mut about, mut positions) = (Vec::new(), Vec::new());
            for recorded in events {
                let Some(look) = recorded.event.look() else { continue };
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
            let looks = || events.iter().filter(|recorded| recorded.event.look().is_some());
            let shown = |recorded: &Recorded<LookEvent>| recorded.event.look().is_some_and(|look| look.outcome == Outcome::Shown);
            let tied = |recorded: &Recorded<LookEvent>| recorded.event.look().is_some_and(|look| look.tie.is_some());
            sqlx::query(
                "insert into look_by select * from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::boolean[], $5::boolean[])",
            )
            .bind(looks().map(|recorded| recorded.position).collect::<Vec<_>>())
            .bind(looks().map(|recorded| recorded.actor.id.as_str()).collect::<Vec<_>>())
            .bind(looks().map(|recorded| PgTime(recorded.recorded_at)).collect::<Vec<_>>())
            .bind(looks().map(shown).collect::<Vec<_>>())
            .bind(looks().map(tied).collect::<Vec<_>>())
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
        &["glass", "glass_end", "look_under"]
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
        create index glass_position on glass (position);
        create table glass_end (
            id text        primary key, -- also of one whose opening is not here: the look of the answer may have failed
            at timestamptz not null
        );
        create table look_under (
            glass    text   not null,
            position bigint not null, -- of what was shown under it
            primary key (glass, position)
        );"
    }

    fn apply<'a>(&'a self, connection: &'a mut sqlx::PgConnection, events: &'a [Recorded<LookEvent>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Some(look) = recorded.event.look() else { continue };
                match look.glass {
                    // The answer that is given again is not another opening, and opens nothing that was ended.
                    Some(Under::Opening { glass, child, until }) => {
                        sqlx::query(
                            "insert into glass values ($1, $2, $3, $4, $5, $6, (select at from glass_end where id = $1))
                             on conflict do nothing",
                        )
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
                        sqlx::query(
                            "with known as (insert into glass_end values ($1, $2) on conflict do nothing)
                             update glass set ended_at = coalesce(ended_at, $2) where id = $1",
                        )
                        .bind(glass.to_string())
                        .bind(PgTime(recorded.recorded_at))
                        .execute(&mut *connection)
                        .await?;
                    }
                    Some(Under::Looking(glass)) if look.outcome == Outcome::Shown => {
                        sqlx::query("insert into look_under values ($1, $2)")
                            .bind(glass.to_string())
                            .bind(recorded.position)
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

/// Whose tokens hold no more, as every service goes by it.
struct Revoked;

impl View<LookEvent> for Revoked {
    fn name(&self) -> &'static str {
        "revoked"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["revoked"]
    }

    fn ddl(&self) -> &'static str {
        "create table revoked (
            subject  text        not null,
            org      text        not null, -- the only one for which it holds; empty for any
            before   timestamptz not null,
            reason   text        not null,
            position bigint      not null,
            primary key (subject, org)
        )"
    }

    fn apply<'a>(&'a self, connection: &'a mut sqlx::PgConnection, events: &'a [Recorded<LookEvent>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Some(event) = recorded.event.access() else { continue };
                let whose = event.whose();
                let org = whose.org.as_ref().map(ToString::to_string).unwrap_or_default();
                let query = match event {
                    AccessEvent::Revoked { before, reason, .. } => sqlx::query(
                        "insert into revoked values ($1, $2, $3, $4, $5) on conflict (subject, org) do update
                         set before = excluded.before, reason = excluded.reason, position = excluded.position",
                    )
                    .bind(&whose.subject)
                    .bind(org)
                    .bind(PgTime(*before))
                    .bind(serde_json::to_value(reason).ok().and_then(|reason| reason.as_str().map(str::to_owned)))
                    .bind(recorded.position),
                    AccessEvent::Restored { .. } => {
                        sqlx::query("delete from revoked where subject = $1 and org = $2").bind(&whose.subject).bind(org)
                    }
                };
                query.execute(&mut *connection).await?;
            }
            Ok(())
        })
    }
}
