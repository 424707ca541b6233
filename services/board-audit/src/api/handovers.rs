//! `GET /api/audit/handovers`.

use axum::{extract::State, response::IntoResponse};
use kernel::Timestamp;
use serde::Deserialize;
use service_kit::{As, Fault, Page, Problem, Query, Trace, caller::Auditors, clock::EARLIEST};
use utoipa::IntoParams;

use super::chronology::{put_on_record, unavailable};
use crate::{
    Event,
    handovers::{self, Handover},
    service::App,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// Offered at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Offered before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
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

/// Every transfer that was offered in a span of time and how it went, oldest first.
#[utoipa::path(get, path = "/api/audit/handovers", operation_id = "list_handovers", params(Span), responses((status = 200, body = [Handover])))]
pub(super) async fn list(
    State(app): State<App>,
    by: As<Auditors>,
    trace: Trace,
    page: Page,
    Query(Span { from, to, .. }): Query<Span>,
) -> Result<impl IntoResponse, Problem> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Problem::invalid(vec![Fault::in_parameter("to", "an instant that is not before from")]));
    }
    // PostgreSQL cannot compare with every instant that can be written.
    let from = from.map(|from| from.max(EARLIEST));
    let to = to.map(|to| to.max(EARLIEST));
    let most = i64::try_from(page.limit()).unwrap_or(200);
    let found = handovers::list(&app.pool, (from, to), page.after()?, most + 1).await.map_err(unavailable)?;
    let shown = i64::try_from(found.len()).unwrap_or(most).min(most);
    put_on_record(&app, by.actor().clone(), &trace, Event::HandoversRead { from, to, shown }).await?;
    let list = page.list(found, |(mark, _)| mark.clone());
    Ok(service_kit::List { items: list.items.into_iter().map(|(_, handover)| handover).collect::<Vec<_>>(), next: list.next })
}
