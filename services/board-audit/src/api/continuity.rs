//! `GET /api/audit/continuity`: proof that no position of any log is missing here.

use axum::{Json, extract::State};
use kernel::Role;
use serde::Serialize;
use service_kit::{As, Authority, Problem};
use utoipa::ToSchema;

use super::chronology::unavailable;
use crate::{SOURCES, service::App};

/// Who may see that the record is whole: auditors, and those who run the software. No case data is shown.
pub(super) enum Watchers {}

impl Authority for Watchers {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::HubOperator];
}

/// How many positions one answer looks at beyond those that were seen to be here before.
const FURTHER: i64 = 100_000;

/// One service's log as the audit has it.
#[derive(Serialize, ToSchema)]
pub(super) struct Continuity {
    /// The service.
    service: String,
    /// The last position taken.
    checkpoint: i64,
    /// How many events from the first on are here without a gap, as far as was looked; equal to the checkpoint when none is missing.
    /// After a start the service looks at 100,000 positions with each answer, so a long log takes several.
    events: i64,
    /// The first position that is missing up to the checkpoint, as far as was looked.
    first_missing: Option<i64>,
    /// Events that could not be taken and wait for a person.
    parked: i64,
}

/// For each service, whether every position up to the last one taken is here.
#[utoipa::path(get, path = "/api/audit/continuity", operation_id = "read_continuity", responses((status = 200, body = [Continuity])))]
pub(super) async fn read(State(app): State<App>, _: As<Watchers>) -> Result<Json<Vec<Continuity>>, Problem> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select s.service, coalesce(i.position, 0), (select count(*) from log.parked p where p.source = s.service)
         from unnest($1::text[]) as s (service) left join log.inbox i on i.source = s.service order by s.service",
    )
    .bind(SOURCES.as_slice())
    .fetch_all(&app.pool)
    .await
    .map_err(unavailable)?;
    let mut services = Vec::with_capacity(rows.len());
    for (service, checkpoint, parked) in rows {
        let (events, first_missing) = look(&app, &service, checkpoint).await.map_err(unavailable)?;
        services.push(Continuity { service, checkpoint, events, first_missing, parked });
    }
    Ok(Json(services))
}

/// Looks on from where the last look found everything. The service can take no row away, so what was here is here, unless the whole
/// audit was thrown away to be taken again: then its checkpoint has gone back.
async fn look(app: &App, service: &str, checkpoint: i64) -> Result<(i64, Option<i64>), sqlx::Error> {
    let before = app.whole_to(service).filter(|to| *to <= checkpoint).unwrap_or(0);
    let to = checkpoint.min(before.saturating_add(FURTHER));
    let first_missing: Option<i64> = sqlx::query_scalar(
        "select n from generate_series($2::bigint + 1, $3) n
         where not exists (select from audit.record r where r.service = $1 and r.position = n) order by n limit 1",
    )
    .bind(service)
    .bind(before)
    .bind(to)
    .fetch_optional(&app.pool)
    .await?;
    let whole = first_missing.map_or(to, |missing| missing - 1);
    app.is_whole_to(service, whole);
    Ok((whole, first_missing))
}
