//! The editions: anybody who is signed in reads them.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, List, Page, Path, Problem, Query};
use utoipa::IntoParams;

use crate::{
    app::{App, away},
    document::{Document, Procedure},
    views::editions::{self, Known},
};

/// What an edition that nobody has adopted is called wherever it is shown.
const CARRIED: &str = "draft carried by the program, not adopted";

/// At which instant.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct At {
    /// An instant, for instance `2026-11-23T02:14:00Z`; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Pages {
    /// How many on a page, 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200)]
    #[serde(rename = "limit")]
    _limit: Option<String>,
    /// Where the page starts.
    #[param(value_type = Option<String>)]
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// Every edition, the latest first.
#[utoipa::path(get, path = "/api/procedures/editions", operation_id = "list_editions", params(Pages),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_editions(
    State(app): State<App>,
    _: Caller,
    page: Page,
    Query(Pages { .. }): Query<Pages>,
) -> Result<List<Value>, Problem> {
    let (now, before) = (app.now(), page.after()?);
    let (in_force, _) = app.in_force(now).await?;
    let found = editions::list(app.pool(), before, page.limit() + 1).await.map_err(away)?;
    let items = found.iter().map(|known| summary(known, in_force.number, now)).collect();
    Ok(page.list(items, |item: &Value| item["number"].clone()))
}

/// The edition that was, is or will be in force at an instant.
#[utoipa::path(get, path = "/api/procedures/editions/in-force", operation_id = "show_edition_in_force", params(At),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_edition_in_force(State(app): State<App>, _: Caller, Query(At { at }): Query<At>) -> Result<Json<Value>, Problem> {
    let (known, document) = app.in_force(at.unwrap_or_else(|| app.now())).await?;
    whole(&app, &known, &document).await
}

/// An edition by its number.
#[utoipa::path(get, path = "/api/procedures/editions/{number}", operation_id = "show_edition", params(("number" = u32, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_edition(State(app): State<App>, _: Caller, Path(number): Path<u32>) -> Result<Json<Value>, Problem> {
    let (known, document) = app.numbered(number).await?.ok_or_else(Problem::not_found)?;
    whole(&app, &known, &document).await
}

/// The exact canonical bytes of an edition, whose SHA-256 is its hash and its `ETag`.
#[utoipa::path(get, path = "/api/procedures/editions/{number}/document", operation_id = "show_document", params(("number" = u32, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_document(State(app): State<App>, _: Caller, Path(number): Path<u32>) -> Result<Response, Problem> {
    let (known, bytes) = editions::numbered(app.pool(), number).await.map_err(away)?.ok_or_else(Problem::not_found)?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", known.hash)) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// What everybody is shown of an edition. Nothing in it but its state changes with time.
fn summary(known: &Known, in_force: u32, now: Timestamp) -> Value {
    let state = if known.withdrawn.is_some() {
        "withdrawn"
    } else if known.number == in_force {
        "in_force"
    } else if known.in_force_from > now {
        "scheduled"
    } else {
        "superseded"
    };
    let mut shown = cited(known);
    if let Some(members) = shown.as_object_mut() {
        members.insert("state".to_owned(), state.into());
        members.insert("withdrawn_because".to_owned(), known.withdrawn.clone().into());
    }
    shown
}

/// An edition as it is cited beside a procedure: the same at every instant.
pub(crate) fn cited(known: &Known) -> Value {
    json!({
        "number": known.number,
        "id": known.id,
        "title": known.title,
        "in_force_from": known.in_force_from,
        "hash": known.hash,
        "adopted": known.draft.is_some(),
        "standing": if known.draft.is_some() { "adopted" } else { CARRIED },
        "draft_id": known.draft,
        "unconsulted": known.unconsulted,
    })
}

async fn whole(app: &App, known: &Known, document: &Document) -> Result<Json<Value>, Problem> {
    let now = app.now();
    let (in_force, _) = app.in_force(now).await?;
    let mut shown = summary(known, in_force.number, now);
    if let Some(members) = shown.as_object_mut() {
        members.insert("procedures".to_owned(), document.procedures.values().map(listed).collect());
        members.insert("parts".to_owned(), document.parts.clone().into());
    }
    Ok(Json(shown))
}

/// A procedure in a list.
fn listed(procedure: &Procedure) -> Value {
    json!({
        "id": procedure.id,
        "title": procedure.title,
        "summary": procedure.summary,
        "change": procedure.change,
        "review_by": procedure.review_by,
        "applies_to": procedure.applies_to,
    })
}
