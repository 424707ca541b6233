//! `GET /api/audit/break-glass`: the board's list, and every look under one of them.

use axum::extract::State;
use kernel::GlassId;
use service_kit::{As, List, Page, Path, Problem, Query, caller::Auditors};

use super::looks::Part;
use crate::{
    glass::{self, Broken, LookUnder},
    service::App,
};

/// Every break-glass, the newest first: who opened whose record, each look under it, whether the child's borough has read of it, and
/// whether somebody of another team has reviewed it in time. The reason is shown by case transfer.
#[utoipa::path(get, path = "/api/audit/break-glass", operation_id = "list_break_glass", params(Part), responses((status = 200, body = [Broken])))]
pub(super) async fn list(State(app): State<App>, _: As<Auditors>, (page, Query(_)): (Page, Query<Part>)) -> Result<List<Broken>, Problem> {
    let most = i64::try_from(page.limit()).unwrap_or(200);
    let found = glass::list((&app.pool, &app.looks), (page.after()?, most + 1), app.kit.clock.now()).await?;
    let List { items, next } = page.list(found, Broken::mark);
    Ok(List { items: items.into_iter().map(|(_, broken)| broken).collect(), next })
}

/// Every look under one break-glass, the newest first.
#[utoipa::path(get, path = "/api/audit/break-glass/{id}/looks", operation_id = "list_looks_under_break_glass",
    params(("id" = String, Path), Part), responses((status = 200, body = [LookUnder])))]
pub(super) async fn looks(
    State(app): State<App>,
    _: As<Auditors>,
    Path(id): Path<GlassId>,
    (page, Query(_)): (Page, Query<Part>),
) -> Result<List<LookUnder>, Problem> {
    let most = i64::try_from(page.limit()).unwrap_or(200);
    let found = glass::looks_under(&app.looks, id, (page.after()?, most + 1)).await?;
    Ok(page.list(found, |line| line.position))
}
