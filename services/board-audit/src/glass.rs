//! The board's list of break-glasses: who opened whose record, what was looked at under each, who was told, and who has reviewed it.

use std::collections::BTreeMap;

use event_store::{Log, StoreError};
use kernel::{GlassId, Recorded, Timestamp};
use serde::Serialize;
use service_kit::{
    Problem,
    look::{self, Glass, LookEvent},
};
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::looks::Looker;

/// How many looks are told of each one in the list; the others have pages of their own.
const LOOKS: i64 = 20;

/// One break-glass.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Broken {
    /// Its id.
    glass_id: String,
    /// Whose record.
    child_id: String,
    /// Who opened it.
    opened_by: Looker,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When it is or was over.
    #[schema(value_type = String, format = DateTime)]
    over_at: Timestamp,
    /// Whether it is open now.
    open: bool,
    /// How often the child's borough was told.
    times_told: usize,
    /// How many people of the child's borough have said that they have read it.
    readers: usize,
    /// Whether too few have.
    not_yet_read: bool,
    /// Whether somebody of another team has reviewed it.
    reviewed: bool,
    /// Whether the time for that is over.
    overdue: bool,
    /// The looks under it, the newest 20 first.
    looks: Vec<LookUnder>,
    /// The address of all of them, where there are more.
    all_looks: Option<String>,
}

/// One look under a break-glass.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookUnder {
    #[serde(skip)]
    pub(crate) position: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The service that was asked.
    service: String,
    /// What was asked: method and route.
    action: String,
    /// The referrals and transfers that were shown.
    cases: Vec<String>,
}

impl Broken {
    /// Where the opening stands in the log of looks.
    pub(crate) fn mark(of: &(i64, Self)) -> i64 {
        of.0
    }
}

/// What case transfer has told about some break-glasses: how often each thing happened.
type Told = BTreeMap<(String, String), usize>;

/// The break-glasses before a position of the log of looks, the newest first.
pub(crate) async fn list(
    (pool, looks): (&PgPool, &PgPool),
    (before, most): (Option<i64>, i64),
    now: Timestamp,
) -> Result<Vec<(i64, Broken)>, Problem> {
    let found = look::glasses(looks, before, most).await?;
    let told = told(pool, &found).await.map_err(|error| unreadable(&StoreError::Database(error)))?;
    let openings = Log::new(looks.clone(), look::NAME);
    let positions: Vec<i64> = found.iter().map(|glass| glass.position).collect();
    let openings = openings.at(&positions).await.map_err(|error| unreadable(&error))?;
    let mut openers = BTreeMap::new();
    for row in openings {
        let recorded: Recorded<LookEvent> = row.decode().map_err(|error| unreadable(&error))?;
        openers.insert(recorded.position, recorded.actor);
    }
    let mut list = Vec::new();
    for glass in found {
        let Some(opener) = openers.remove(&glass.position) else { continue };
        let mut looked = looked(looks, &glass, None, LOOKS + 1).await.map_err(|error| unreadable(&error))?;
        let id = glass.id.to_string();
        let first = usize::try_from(LOOKS).unwrap_or(usize::MAX);
        let all_looks = (looked.len() > first).then(|| format!("/api/audit/break-glass/{id}/looks"));
        looked.truncate(first);
        let times = |kind: &str| told.get(&(id.clone(), kind.to_owned())).copied().unwrap_or(0);
        let (readers, over_at, reviewed) = (times("glass.read"), glass.ended_at.unwrap_or(glass.until), times("glass.reviewed") > 0);
        let broken = Broken {
            child_id: glass.child.to_string(),
            opened_at: glass.opened_at,
            over_at,
            open: now < over_at,
            times_told: times("glass.opened") + times("glass.told_again"),
            readers,
            not_yet_read: readers < 2,
            reviewed,
            overdue: !reviewed && times("glass.review_overdue") > 0,
            opened_by: Looker::of(opener.clone(), Some(opener.role)),
            looks: looked,
            all_looks,
            glass_id: id,
        };
        list.push((glass.position, broken));
    }
    Ok(list)
}

async fn told(pool: &PgPool, glasses: &[Glass]) -> Result<Told, sqlx::Error> {
    let streams: Vec<String> = glasses.iter().map(|glass| format!("glass-{}", glass.id)).collect();
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select substr(subject, 7), kind, count(*) from audit.record where service = 'transfers' and subject = any($1) group by 1, 2",
    )
    .bind(streams)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, kind, times)| ((id, kind), usize::try_from(times).unwrap_or(usize::MAX))).collect())
}

/// What was shown under one before a position, the newest first.
async fn looked(looks: &PgPool, glass: &Glass, before: Option<i64>, most: i64) -> Result<Vec<LookUnder>, StoreError> {
    let found = look::shown_under(looks, glass.id, before, most).await?;
    let line = |recorded: Recorded<LookEvent>| {
        let look = recorded.event.look()?.clone();
        let (position, at) = (recorded.position, recorded.recorded_at);
        Some(LookUnder { position, at, service: look.service, action: look.action, cases: look.cases })
    };
    Ok(found.into_iter().filter_map(line).collect())
}

/// A page of the looks under one break-glass, the newest first.
pub(crate) async fn looks_under(looks: &PgPool, id: GlassId, (before, most): (Option<i64>, i64)) -> Result<Vec<LookUnder>, Problem> {
    let glass = look::glass(looks, id).await?.ok_or_else(Problem::not_found)?;
    looked(looks, &glass, before, most).await.map_err(|error| unreadable(&error))
}

fn unreadable(error: &StoreError) -> Problem {
    tracing::warn!(error = %error, "the list of break-glasses cannot be read");
    Problem::unavailable("The record cannot be read now.", 2)
}
