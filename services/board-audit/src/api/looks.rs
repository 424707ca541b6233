//! `GET /api/audit/looks/{child_id}`: who looked at this child.

use axum::extract::State;
use event_store::StoreError;
use kernel::Org;
use serde::Deserialize;
use service_kit::{As, List, Page, Path, Problem, Query};
use utoipa::IntoParams;

use super::chronology::{Child, ChronologyReaders, unavailable};
use crate::{
    looks::{self, Looked},
    service::App,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// How many, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200)]
    #[expect(dead_code, reason = "read by the page")]
    limit: Option<String>,
    /// Where the page before ended.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the page")]
    cursor: Option<String>,
}

/// Who looked at a child, over all services and linked records, the newest first: who, when, what was shown or denied, and what for. For
/// the board, and for the people of a borough that holds a duty towards the child now. To everybody else there is nothing here.
#[utoipa::path(get, path = "/api/audit/looks/{child_id}", operation_id = "list_looks", params(Child, Part), responses((status = 200, body = [Looked])))]
pub(super) async fn list(
    State(app): State<App>,
    by: As<ChronologyReaders>,
    Path(Child { child_id }): Path<Child>,
    (page, Query(_)): (Page, Query<Part>),
) -> Result<List<Looked>, Problem> {
    if let Org::Borough(borough) = &by.caller.org
        && !looks::is_responsible(&app.pool, child_id, borough.code()).await.map_err(unavailable)?
    {
        return Err(Problem::not_found().because("not_responsible"));
    }
    let subject = looks::subject(&app.pool, child_id).await.map_err(unavailable)?;
    let most = i64::try_from(page.limit()).unwrap_or(200);
    let found = looks::read(&app.looks, &subject, page.after()?, most + 1).await.map_err(|error| unreadable(&error))?;
    Ok(page.list(found, |line| line.position))
}

fn unreadable(error: &StoreError) -> Problem {
    tracing::warn!(error = %error, "the record of looks did not answer");
    Problem::unavailable("The record of looks cannot be read now.", 2)
}
