//! `GET /api/intake/retention`: how many closed referrals would be due to be deleted on a day, by class.

use axum::{Json, extract::State};
use service_kit::{
    As, Problem,
    params::Query,
    retention::{Planners, Preview, Wanted},
};

use crate::{
    app::{App, away},
    views::retention,
};

/// Counts what would be due on a day, by the class that the edition in force at each decision gave. Numbers only; nothing is deleted.
#[utoipa::path(get, path = "/api/intake/retention", operation_id = "preview_retention", tag = "referrals", params(Wanted),
    responses((status = 200, description = "By class and edition.", body = Preview)))]
pub(crate) async fn preview(State(app): State<App>, by: As<Planners>, Query(wanted): Query<Wanted>) -> Result<Json<Preview>, Problem> {
    let (at, borough) = wanted.scope(&by)?;
    let closed = retention::closed(app.pool(), borough.as_ref()).await.map_err(|error| away(&error))?;
    Ok(Json(Preview::of(&app.parts.editions.editions(), (at, borough), closed)))
}
