//! One procedure, as it stood at an instant, with whom to ring in a borough.

use axum::{Json, extract::State};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, Path, Problem, Query};
use utoipa::IntoParams;

use super::{
    contacts::{self, Whose},
    editions::cited,
    variations,
};
use crate::{app::App, document::ProcedureId};

/// When and where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// An instant; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// The borough whose telephones are wanted, as they are now: its GSS code, or `own`. Without it everybody is given the same.
    #[param(value_type = Option<String>)]
    borough: Option<Whose>,
}

/// A procedure of the edition in force at an instant, with what boroughs do otherwise at that instant. The contacts of a borough are those of now, whatever the instant.
#[utoipa::path(get, path = "/api/procedures/{procedure_id}", operation_id = "show_procedure",
    params(("procedure_id" = String, Path), Wanted), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_procedure(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ProcedureId>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let now = app.now();
    let (known, document) = app.in_force(wanted.at.unwrap_or(now)).await?;
    let procedure = document.procedures.get(&id).ok_or_else(Problem::not_found)?;
    let variations = variations::in_force(&app, wanted.at.unwrap_or(now), None, Some(&id)).await?;
    let mut shown = json!({ "edition": cited(&known), "procedure": procedure, "variations": variations });
    if let Some(whose) = wanted.borough {
        let mut there = contacts::resolve(&app, &caller, &whose, &procedure.contacts).await?;
        for name in ["borough", "desk", "emergency", "contacts"] {
            shown[name] = there[name].take();
        }
    }
    Ok(Json(shown))
}
