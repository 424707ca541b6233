//! `GET /api/audit/break-glass`: the board's list.

use axum::extract::State;
use service_kit::{As, List, Page, Problem, Query, caller::Auditors};

use super::looks::Part;
use crate::{
    glass::{self, Broken},
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
