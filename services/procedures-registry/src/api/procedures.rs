//! One procedure, as it stood at an instant, with whom to ring in a borough.

use axum::{Json, extract::State};
use kernel::{Borough, Directory, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, Fault, Path, Problem, Query};
use utoipa::IntoParams;

use super::{editions::cited, variations};
use crate::{
    app::{App, away},
    desk::Desk,
    document::{Contact, ProcedureId},
    views::desks,
};

/// When and where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// An instant; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// The borough whose telephones are wanted, as they are now.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
}

/// A procedure of the edition in force at an instant, with what boroughs do otherwise at that instant. The contacts of a borough are those of now, whatever the instant.
#[utoipa::path(get, path = "/api/procedures/{procedure_id}", operation_id = "show_procedure",
    params(("procedure_id" = String, Path), Wanted), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_procedure(
    State(app): State<App>,
    _: Caller,
    Path(id): Path<ProcedureId>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let now = app.now();
    let (known, document) = app.in_force(wanted.at.unwrap_or(now)).await?;
    let procedure = document.procedures.get(&id).ok_or_else(Problem::not_found)?;
    let variations = variations::in_force(&app, wanted.at.unwrap_or(now), None, Some(&id)).await?;
    let mut shown = json!({ "edition": cited(&known), "procedure": procedure, "variations": variations });
    if let Some(borough) = wanted.borough {
        let entry = Directory::get().borough(&borough);
        let entry = entry.ok_or_else(|| Problem::invalid(vec![Fault::in_parameter("borough", "the GSS code of a borough")]))?;
        let desk = desks::of(app.pool(), &entry.code).await.map_err(away)?;
        let contacts: Value = procedure.contacts.iter().map(|contact| resolved(*contact, desk.as_ref(), now)).collect();
        shown["borough"] = json!({ "code": entry.code, "name": entry.name });
        shown["contacts"] = contacts;
    }
    Ok(Json(shown))
}

/// Whom to ring. A borough tells the telephones of its desk alone: the others are asked for there.
fn resolved(contact: Contact, desk: Option<&Desk>, now: Timestamp) -> Value {
    let ask_for = match contact {
        Contact::DutyDesk => None,
        Contact::DutyManager => Some("the duty manager"),
        Contact::HeadOfService => Some("the head of service on call"),
        Contact::Director => Some("the director on call"),
        Contact::Board => return json!({ "contact": contact, "phone_now": null, "ask_for": "the safeguarding board", "covered_by": null }),
    };
    json!({
        "contact": contact,
        "phone_now": desk.map(|desk| desk.phone_now(now)),
        "ask_for": ask_for,
        "covered_by": desk.filter(|desk| !desk.is_open(now)).and_then(|desk| desk.covered_by.as_ref()),
    })
}
