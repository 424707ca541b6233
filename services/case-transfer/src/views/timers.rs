//! The clocks that run, each with the instant at which it runs out.

use event_store::{Applied, PgTime, View};
use kernel::{ChildId, GlassId, Recorded, ReferralId, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor};

use super::folded;
use crate::{glass::GlassEvent, kept::Kept, ledger::LedgerEvent, rules::Event};

/// The day team's list is due.
pub(crate) const NIGHT_LIST: &str = "night_list";

/// Nobody has taken a case of the night.
pub(crate) const NIGHT_LATE: &str = "night_late";

/// The time of a legal power is over.
pub(crate) const POWER_OVER: &str = "power_over";

/// Too few have read of a break-glass.
pub(crate) const GLASS_UNREAD: &str = "glass_unread";

/// Nobody has reviewed a break-glass.
pub(crate) const GLASS_REVIEW: &str = "glass_review";

pub(crate) struct Timers;

/// A break-glass is told again until it was read, and is to be reviewed; the worker finds out whether it still must be.
async fn glass(connection: &mut PgConnection, id: GlassId, event: &GlassEvent) -> Result<(), sqlx::Error> {
    let id = id.to_string();
    let over = match event {
        GlassEvent::Opened { .. } | GlassEvent::Read { .. } | GlassEvent::Ended { .. } => None,
        GlassEvent::ToldAgain { .. } => Some(GLASS_UNREAD),
        GlassEvent::Reviewed { .. } | GlassEvent::ReviewOverdue { .. } => Some(GLASS_REVIEW),
    };
    if let Some(kind) = over {
        let query = sqlx::query("delete from timer where subject = $1 and kind = $2").bind(&id).bind(kind);
        query.execute(&mut *connection).await?;
    }
    match event {
        GlassEvent::Opened { tell_again_at, review_by, .. } => {
            start(connection, &id, GLASS_UNREAD, "", *tell_again_at).await?;
            start(connection, &id, GLASS_REVIEW, "", *review_by).await
        }
        GlassEvent::ToldAgain { tell_again_at: Some(at), .. } => start(connection, &id, GLASS_UNREAD, "", *at).await,
        GlassEvent::ToldAgain { tell_again_at: None, .. }
        | GlassEvent::Read { .. }
        | GlassEvent::Ended { .. }
        | GlassEvent::Reviewed { .. }
        | GlassEvent::ReviewOverdue { .. } => Ok(()),
    }
}

/// A power has one clock, until the end that was said last.
#[expect(clippy::wildcard_enum_match_arm, reason = "only three events of a ledger are about a power")]
async fn power(connection: &mut PgConnection, child: ChildId, event: &LedgerEvent) -> Result<(), sqlx::Error> {
    let (power, ends_at) = match event {
        LedgerEvent::PowerStarted { power, ends_at, .. } => (power, *ends_at),
        LedgerEvent::PowerEnded { power, .. } | LedgerEvent::PowerRanOut { power, .. } => (power, None),
        _ => return Ok(()),
    };
    let (child, power) = (child.to_string(), name(power));
    sqlx::query("delete from timer where subject = $1 and kind = $2 and detail = $3")
        .bind(&child)
        .bind(POWER_OVER)
        .bind(&power)
        .execute(&mut *connection)
        .await?;
    match ends_at {
        Some(ends_at) => start(connection, &child, POWER_OVER, &power, ends_at).await,
        None => Ok(()),
    }
}

/// A case of the night has both its clocks as they were set. The first release did not say when the second is over: there the
/// worker, which has the editions, finds out.
async fn night(connection: &mut PgConnection, child: ChildId, event: &LedgerEvent) -> Result<(), sqlx::Error> {
    if let LedgerEvent::ContactOpened { referral, day_by: Some(day_by), late_by, .. } = event {
        for (kind, due_at) in [(NIGHT_LIST, *day_by), (NIGHT_LATE, late_by.unwrap_or(*day_by))] {
            start(connection, &child.to_string(), kind, &referral.to_string(), due_at).await?;
        }
        return Ok(());
    }
    let Some((referral, kinds)) = stopped(event) else { return Ok(()) };
    sqlx::query("delete from timer where subject = $1 and kind = any($2) and detail = $3")
        .bind(child.to_string())
        .bind(kinds)
        .bind(referral.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only three events of a ledger stop a clock of the night list")]
fn stopped(event: &LedgerEvent) -> Option<(ReferralId, &'static [&'static str])> {
    match event {
        LedgerEvent::NightCaseDue { referral, .. } => Some((*referral, &[NIGHT_LIST])),
        LedgerEvent::NightCaseEscalated { referral, .. } | LedgerEvent::NightCaseTaken { referral, .. } => {
            Some((*referral, &[NIGHT_LIST, NIGHT_LATE]))
        }
        _ => None,
    }
}

impl View<Kept> for Timers {
    fn name(&self) -> &'static str {
        "timers"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["timer"]
    }

    fn ddl(&self) -> &'static str {
        "-- transfers, cases of the night, and the ends of legal powers
         create table timer (
             subject text not null, kind text not null, detail text not null, due_at timestamptz not null,
             primary key (subject, kind, detail));
         create index on timer (due_at)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Glass(id, event) = &recorded.event.event {
                    glass(connection, *id, event).await?;
                }
                if let Event::Ledger(child, event) = &recorded.event.event {
                    night(connection, *child, event).await?;
                    power(connection, *child, event).await?;
                }
            }
            for folded in folded::touched(connection, events).await? {
                let subject = folded.id.to_string();
                sqlx::query("delete from timer where subject = $1").bind(&subject).execute(&mut *connection).await?;
                for (clock, due_at) in folded.talk.due {
                    start(connection, &subject, &name(&clock), "", due_at).await?;
                }
            }
            Ok(())
        })
    }
}

async fn start(connection: &mut PgConnection, subject: &str, kind: &str, detail: &str, due_at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("insert into timer (subject, kind, detail, due_at) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(subject)
        .bind(kind)
        .bind(detail)
        .bind(PgTime(due_at))
        .execute(connection)
        .await?;
    Ok(())
}

fn name(code: &impl Serialize) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A clock that has run out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ran {
    pub(crate) subject: String,
    pub(crate) kind: String,
    pub(crate) detail: String,
    pub(crate) due_at: Timestamp,
}

/// The clocks that have run out, the latest to be noticed first.
pub(crate) async fn ran_out(executor: impl PgExecutor<'_>, now: Timestamp, most: i64) -> Result<Vec<Ran>, sqlx::Error> {
    let rows: Vec<(String, String, String, PgTime)> =
        sqlx::query_as("select subject, kind, detail, due_at from timer where due_at <= $1 order by due_at, subject, kind limit $2")
            .bind(PgTime(now))
            .bind(most)
            .fetch_all(executor)
            .await?;
    Ok(rows.into_iter().map(|(subject, kind, detail, PgTime(due_at))| Ran { subject, kind, detail, due_at }).collect())
}

/// Takes a row away that led to nothing.
pub(crate) async fn forget(executor: impl PgExecutor<'_>, ran: &Ran) -> Result<(), sqlx::Error> {
    sqlx::query("delete from timer where subject = $1 and kind = $2 and detail = $3 and due_at = $4")
        .bind(&ran.subject)
        .bind(&ran.kind)
        .bind(&ran.detail)
        .bind(PgTime(ran.due_at))
        .execute(executor)
        .await?;
    Ok(())
}
