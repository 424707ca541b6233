//! Pages that stand still, and the start, which leads everybody to their own work.

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde_json::json;
use service_kit::Problem;

use crate::{
    failure::Failure,
    me::{Me, on_to},
    service::App,
};

/// Where somebody's work begins.
pub(crate) async fn start(me: Me) -> Response {
    match (me.works_a_desk(), me.refers(), me.audits()) {
        (true, ..) => on_to("/desk"),
        (false, true, _) => on_to("/refer"),
        (false, false, true) => on_to("/board"),
        (false, false, false) => on_to("/procedures"),
    }
}

/// Somebody is still there: asking is enough to keep the session.
pub(crate) async fn still_here(me: Me) -> String {
    me.idle_seconds().to_string()
}

/// The accessibility statement.
pub(crate) async fn accessibility(State(app): State<App>) -> Result<Response, Failure> {
    Ok(app.rendered("still.html", &json!({ "which": "accessibility" }))?.into_response())
}

/// Which cookies there are: one.
pub(crate) async fn cookies(State(app): State<App>) -> Result<Response, Failure> {
    let name = if app.is_secure() { "__Host-hub" } else { "hub" };
    Ok(app.rendered("still.html", &json!({ "which": "cookies", "cookie": name }))?.into_response())
}

/// An address at which there is nothing. Programs are told so in their own way.
pub(crate) async fn nothing_here(OriginalUri(uri): OriginalUri) -> Response {
    if uri.path() == "/api" || uri.path().starts_with("/api/") {
        Problem::not_found().into_response()
    } else {
        Failure::NotFound.into_response()
    }
}
