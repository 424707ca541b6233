//! `GET /api/audit/continuity`: proof that no position of any log is missing here.

use axum::{Json, extract::State};
use kernel::Role;
use serde::Serialize;
use service_kit::{As, Authority, Problem};
use sqlx::Row as _;
use utoipa::ToSchema;

use super::chronology::unavailable;
use crate::{SOURCES, service::App};

/// Who may see that the record is whole: auditors, and those who run the software. No case data is shown.
pub(super) enum Watchers {}

impl Authority for Watchers {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::HubOperator];
}

/// One service's log as the audit has it.
#[derive(Serialize, ToSchema)]
pub(super) struct Continuity {
    /// The service.
    service: String,
    /// The last position taken.
    checkpoint: i64,
    /// How many events are kept; equal to the checkpoint when none is missing.
    events: i64,
    /// The first position that is missing up to the checkpoint.
    first_missing: Option<i64>,
    /// Events that could not be taken and wait for a person.
    parked: i64,
}

/// For each service, whether every position up to the last one taken is here.
#[utoipa::path(get, path = "/api/audit/continuity", operation_id = "read_continuity", responses((status = 200, body = [Continuity])))]
pub(super) async fn read(State(app): State<App>, _: As<Watchers>) -> Result<Json<Vec<Continuity>>, Problem> {
    let rows = sqlx::query(
        "select s.service, coalesce(i.position, 0) as checkpoint,
                (select count(*) from audit.record r where r.service = s.service) as events,
                (select n from generate_series(1, coalesce(i.position, 0)) n
                 where not exists (select from audit.record r where r.service = s.service and r.position = n)
                 order by n limit 1) as first_missing,
                (select count(*) from log.parked p where p.source = s.service) as parked
         from unnest($1::text[]) as s (service) left join log.inbox i on i.source = s.service order by s.service",
    )
    .bind(SOURCES.as_slice())
    .fetch_all(&app.pool)
    .await
    .map_err(unavailable)?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Continuity {
            service: row.try_get("service")?,
            checkpoint: row.try_get("checkpoint")?,
            events: row.try_get("events")?,
            first_missing: row.try_get("first_missing")?,
            parked: row.try_get("parked")?,
        })
    };
    Ok(Json(rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(unavailable)?))
}
