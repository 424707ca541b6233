//! The cases of the night, each with the borough whose day team must take it.

use event_store::{Applied, PgTime, View};
use kernel::{Borough, ChildId, Recorded, ReferralId, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor};

use crate::{kept::Kept, ledger::LedgerEvent, rules::Event};

pub(crate) struct Nights;

/// A case of the night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub(crate) struct NightRow {
    pub(crate) referral: String,
    pub(crate) child: String,
    pub(crate) state: String,
    #[sqlx(try_from = "PgTime")]
    pub(crate) received_at: Instant,
    #[sqlx(try_from = "PgTime")]
    pub(crate) take_by: Instant,
    pub(crate) taken_by: Option<String>,
    pub(crate) told: Option<String>,
}

/// An instant as a row gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl From<PgTime> for Instant {
    fn from(time: PgTime) -> Self {
        Self(time.0)
    }
}

impl View<Kept> for Nights {
    fn name(&self) -> &'static str {
        "nights"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["night_case"]
    }

    fn ddl(&self) -> &'static str {
        "create table night_case (
             referral text not null, child text not null, borough text not null, state text not null,
             received_at timestamptz not null, take_by timestamptz not null, taken_by text, told text,
             primary key (referral, child));
         create index on night_case (borough, take_by)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Ledger(child, event) = &recorded.event.event {
                    take(connection, *child, event).await?;
                }
            }
            Ok(())
        })
    }
}

async fn take(connection: &mut PgConnection, child: ChildId, event: &LedgerEvent) -> Result<(), sqlx::Error> {
    if let LedgerEvent::ContactOpened { referral, borough, received_at, day_by: Some(take_by), .. } = event {
        sqlx::query(
            "insert into night_case (referral, child, borough, state, received_at, take_by) values ($1, $2, $3, 'waiting', $4, $5)
             on conflict do nothing",
        )
        .bind(referral.to_string())
        .bind(child.to_string())
        .bind(borough.code())
        .bind(PgTime(*received_at))
        .bind(PgTime(*take_by))
        .execute(connection)
        .await?;
        return Ok(());
    }
    let Some((referral, state, taken_by, told)) = step(event) else { return Ok(()) };
    sqlx::query(
        "update night_case set state = $3, taken_by = coalesce($4, taken_by), told = coalesce($5, told)
         where referral = $1 and child = $2",
    )
    .bind(referral.to_string())
    .bind(child.to_string())
    .bind(state)
    .bind(taken_by)
    .bind(told)
    .execute(connection)
    .await?;
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only three events of a ledger are about its cases of the night")]
fn step(event: &LedgerEvent) -> Option<(ReferralId, &'static str, Option<&str>, Option<&str>)> {
    match event {
        LedgerEvent::NightCaseDue { referral, .. } => Some((*referral, "due", None, None)),
        LedgerEvent::NightCaseEscalated { referral, to, .. } => {
            Some((*referral, "escalated", None, to.as_ref().map(|to| to.name.as_str())))
        }
        LedgerEvent::NightCaseTaken { referral, by, .. } => Some((*referral, "taken", Some(&by.actor().name), None)),
        _ => None,
    }
}

/// The cases of a borough that were received after an instant or are not taken yet, the longest waiting first.
pub(crate) async fn of(executor: impl PgExecutor<'_>, borough: &Borough, since: Timestamp) -> Result<Vec<NightRow>, sqlx::Error> {
    sqlx::query_as(
        "select referral, child, state, received_at, take_by, taken_by, told from night_case
         where borough = $1 and (state <> 'taken' or received_at >= $2) order by take_by, referral, child limit 500",
    )
    .bind(borough.code())
    .bind(PgTime(since))
    .fetch_all(executor)
    .await
}
