//! Every referral with where it stands: what a borough's screen lists.

use event_store::{Applied, PgTime, View};
use kernel::Recorded;
use sqlx::PgConnection;

use crate::{
    event::{Event, Of},
    referral::{Decision, Join, Received, ReferralEvent, WatchEvent},
};

/// The view.
#[derive(Debug)]
pub struct Queue;

impl View<Event> for Queue {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["referral"]
    }

    fn ddl(&self) -> &'static str {
        // The sequence is no part of the view: it stands in a schema of its own, so that a number which was given out does not come
        // again, whatever is rebuilt.
        "create schema if not exists intake;
        create sequence if not exists intake.reference_number;
        grant usage on schema intake to hub_app;
        grant usage on sequence intake.reference_number to hub_app;
        create table referral (
            id            text        primary key,
            reference     text        not null,
            owner         text        not null,
            homes         text[]      not null,
            from_org      text        not null,
            children      text[]      not null,
            danger        text        not null,
            received_at   timestamptz not null,
            decide_by     timestamptz not null,
            out_of_hours  boolean     not null,
            seen          boolean     not null default false,
            outcome       text,
            decided_at    timestamptz,
            edition       bigint, -- under which it was decided
            feedback_by   timestamptz,
            feedback_done boolean     not null default false,
            withdrawn     boolean     not null default false,
            joined        text, -- the referral in which it is decided
            level         smallint    not null default 0, -- of the ladder, once the decision is overdue
            version       bigint      not null
        );
        create index referral_owner on referral (owner, received_at, id);
        create index referral_undecided on referral (owner, received_at, id) where outcome is null;
        create index referral_untold on referral (owner, received_at, id) where feedback_by is not null and not feedback_done;
        create index referral_from on referral (from_org, received_at, id);
        create index referral_homes on referral using gin (homes);
        create index referral_children on referral using gin (children);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Referral(of, event) => {
                        happened(connection, of, event).await?;
                        // The first event, by which it came in, has written it.
                        if recorded.version > 1 {
                            sqlx::query("update referral set version = $2 where id = $1")
                                .bind(of.referral.to_string())
                                .bind(recorded.version)
                                .execute(&mut *connection)
                                .await?;
                        }
                    }
                    Event::Watch(of, event) => noticed(connection, of, event).await?,
                    Event::Child(..) | Event::Desk(..) | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}

async fn happened(connection: &mut PgConnection, of: &Of, event: &ReferralEvent) -> Result<(), sqlx::Error> {
    match event {
        ReferralEvent::Received(received) => came_in(connection, of, received).await,
        ReferralEvent::Decided(decision) => decided(connection, of, decision).await,
        ReferralEvent::Joined(join) => joined(connection, of, join).await,
        ReferralEvent::FeedbackGiven { .. } => set(connection, of, "update referral set feedback_done = true where id = $1").await,
        ReferralEvent::Withdrawn { .. } => set(connection, of, "update referral set withdrawn = true where id = $1").await,
        ReferralEvent::InformationAdded { .. }
        | ReferralEvent::Withheld { .. }
        | ReferralEvent::ChecksMade { .. }
        | ReferralEvent::CpisChecked { .. }
        | ReferralEvent::Corrected { .. } => Ok(()),
    }
}

async fn noticed(connection: &mut PgConnection, of: &Of, event: &WatchEvent) -> Result<(), sqlx::Error> {
    match event {
        WatchEvent::Viewed { desk: true, .. } => set(connection, of, "update referral set seen = true where id = $1").await,
        WatchEvent::DecisionOverdue(run_out) => {
            sqlx::query("update referral set level = $2 where id = $1")
                .bind(of.referral.to_string())
                .bind(i16::from(run_out.level))
                .execute(connection)
                .await?;
            Ok(())
        }
        WatchEvent::Viewed { .. } | WatchEvent::HistoryOpened { .. } | WatchEvent::NotSeen(_) | WatchEvent::FeedbackOverdue(_) => Ok(()),
    }
}

async fn came_in(connection: &mut PgConnection, of: &Of, received: &Received) -> Result<(), sqlx::Error> {
    let homes: std::collections::BTreeSet<String> = received.home_boroughs().map(ToString::to_string).collect();
    sqlx::query(
        "insert into referral (id, reference, owner, homes, from_org, children, danger, received_at, decide_by, out_of_hours, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
    )
    .bind(of.referral.to_string())
    .bind(received.reference.as_str())
    .bind(of.owner.code())
    .bind(homes.into_iter().collect::<Vec<_>>())
    .bind(received.from.to_string())
    .bind(of.children.iter().map(ToString::to_string).collect::<Vec<_>>())
    .bind(received.danger_now.code())
    .bind(PgTime(received.received_at))
    .bind(PgTime(received.clocks.decide_by))
    .bind(received.out_of_hours)
    .execute(connection)
    .await?;
    Ok(())
}

async fn decided(connection: &mut PgConnection, of: &Of, decision: &Decision) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update referral set outcome = $2, decided_at = $3, edition = $4, feedback_by = $5, feedback_done = false, joined = null where id = $1",
    )
    .bind(of.referral.to_string())
    .bind(decision.outcome.code())
    .bind(PgTime(decision.at))
    .bind(i64::from(decision.edition))
    .bind(decision.feedback_by.map(PgTime))
        .execute(connection)
        .await?;
    Ok(())
}

async fn joined(connection: &mut PgConnection, of: &Of, join: &Join) -> Result<(), sqlx::Error> {
    sqlx::query("update referral set joined = $2, feedback_by = $3, feedback_done = false where id = $1")
        .bind(of.referral.to_string())
        .bind(join.with.to_string())
        .bind(join.feedback_by.map(PgTime))
        .execute(connection)
        .await?;
    Ok(())
}

async fn set(connection: &mut PgConnection, of: &Of, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).bind(of.referral.to_string()).execute(connection).await?;
    Ok(())
}
