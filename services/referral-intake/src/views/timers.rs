//! What is due when.

use event_store::{Applied, PgTime, View};
use kernel::{Recorded, Timestamp};
use sqlx::{PgConnection, PgExecutor, Row as _};

use crate::{
    event::{Event, Of},
    referral::{ClockKind, Danger, ReferralEvent, RunOut, WatchEvent},
};

/// The view.
#[derive(Debug)]
pub struct Timers;

impl View<Event> for Timers {
    fn name(&self) -> &'static str {
        "timers"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["timer", "timer_danger"]
    }

    fn ddl(&self) -> &'static str {
        "create table timer (
            referral text        not null,
            kind     text        not null,
            level    smallint    not null, -- of the ladder, that is called when it runs out
            due_at   timestamptz not null,
            primary key (referral, kind)
        );
        create index timer_due_at on timer (due_at);
        create table timer_danger (referral text primary key, danger text not null);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Referral(of, event) => happened(connection, of, event).await?,
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
        ReferralEvent::Received(received) => {
            sqlx::query("insert into timer_danger (referral, danger) values ($1, $2)")
                .bind(of.referral.to_string())
                .bind(received.danger_now.code())
                .execute(&mut *connection)
                .await?;
            set(connection, of, ClockKind::Decision, Some((1, received.clocks.decide_by))).await?;
            set(connection, of, ClockKind::Seen, received.clocks.seen_by.map(|due| (1, due))).await
        }
        ReferralEvent::Decided(decision) => {
            set(connection, of, ClockKind::Seen, None).await?;
            set(connection, of, ClockKind::Decision, None).await?;
            set(connection, of, ClockKind::Feedback, decision.feedback_by.map(|due| (1, due))).await
        }
        ReferralEvent::FeedbackGiven { .. } => set(connection, of, ClockKind::Feedback, None).await,
        ReferralEvent::InformationAdded { .. }
        | ReferralEvent::Withdrawn { .. }
        | ReferralEvent::Withheld { .. }
        | ReferralEvent::ChecksMade { .. }
        | ReferralEvent::CpisChecked { .. }
        | ReferralEvent::Corrected { .. } => Ok(()),
    }
}

async fn noticed(connection: &mut PgConnection, of: &Of, event: &WatchEvent) -> Result<(), sqlx::Error> {
    match event {
        WatchEvent::Viewed { desk: true, .. } => set(connection, of, ClockKind::Seen, None).await,
        WatchEvent::NotSeen(run_out) => set(connection, of, ClockKind::Seen, next(run_out)).await,
        WatchEvent::DecisionOverdue(run_out) => set(connection, of, ClockKind::Decision, next(run_out)).await,
        WatchEvent::FeedbackOverdue(run_out) => set(connection, of, ClockKind::Feedback, next(run_out)).await,
        WatchEvent::Viewed { .. } | WatchEvent::HistoryOpened { .. } => Ok(()),
    }
}

fn next(run_out: &RunOut) -> Option<(u8, Timestamp)> {
    run_out.next_at.map(|at| (run_out.level.saturating_add(1), at))
}

async fn set(connection: &mut PgConnection, of: &Of, kind: ClockKind, due: Option<(u8, Timestamp)>) -> Result<(), sqlx::Error> {
    sqlx::query("delete from timer where referral = $1 and kind = $2")
        .bind(of.referral.to_string())
        .bind(kind.code())
        .execute(&mut *connection)
        .await?;
    if let Some((level, at)) = due {
        sqlx::query("insert into timer (referral, kind, level, due_at) values ($1, $2, $3, $4)")
            .bind(of.referral.to_string())
            .bind(kind.code())
            .bind(i16::from(level))
            .bind(PgTime(at))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// A clock that has run out.
#[derive(Clone, Debug)]
pub struct Due {
    /// The referral.
    pub referral: String,
    /// Which clock.
    pub kind: ClockKind,
    /// Which level is called.
    pub level: u8,
    /// How urgent it is.
    pub danger: Danger,
}

/// Clocks that have run out, the longest overdue first.
///
/// # Errors
/// When the database does not answer.
pub async fn run_out(executor: impl PgExecutor<'_>, now: Timestamp, most: i64) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query(
        "select t.referral, t.kind, t.level, d.danger from timer t join timer_danger d using (referral)
         where t.due_at <= $1 order by t.due_at, t.referral, t.kind limit $2",
    )
    .bind(PgTime(now))
    .bind(most)
    .fetch_all(executor)
    .await?;
    let strange = || sqlx::Error::Decode("a timer of another kind".into());
    rows.iter()
        .map(|row| {
            Ok(Due {
                referral: row.try_get(0)?,
                kind: row.try_get::<&str, _>(1)?.parse().map_err(|()| strange())?,
                level: u8::try_from(row.try_get::<i16, _>(2)?).map_err(|_| strange())?,
                danger: row.try_get::<&str, _>(3)?.parse().map_err(|()| strange())?,
            })
        })
        .collect()
}
