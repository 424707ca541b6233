//! How many ended cases would be due to be deleted on a day, by class.

use axum::{Json, extract::State};
use service_kit::{
    As, Problem, Query,
    retention::{Planners, Preview, Wanted},
};

use crate::{
    app::{App, away},
    views::cases,
};

/// Counts what would be due on a day, by the class that the edition in force at the end of each case gave. A case has ended when no duty
/// towards the child is open. Numbers only; nothing is deleted.
#[utoipa::path(get, path = "/api/transfers/retention", params(Wanted), responses((status = 200, body = Preview)))]
pub(crate) async fn preview_retention(
    State(app): State<App>,
    by: As<Planners>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Preview>, Problem> {
    let (at, borough) = wanted.scope(&by)?;
    let ended = cases::ended_by(app.pool(), borough.as_ref()).await.map_err(away)?;
    Ok(Json(Preview::of(&app.editions.editions(), (at, borough), ended)))
}
