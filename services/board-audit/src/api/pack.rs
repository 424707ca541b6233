//! `GET /api/audit/chronologies/{child_id}/pack`.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use service_kit::{As, Path, Problem, Trace};

use super::chronology::{Child, ChronologyReaders, may_read, put_on_record, unavailable};
use crate::{Event, chronology, pack, reports, service::App};

/// The whole chronology of a child as one page for paper (A4, HTML, nothing to load). The look itself goes on the record first.
#[utoipa::path(get, path = "/api/audit/chronologies/{child_id}/pack", operation_id = "read_chronology_pack", params(Child),
    responses((status = 200, content_type = "text/html", body = String)))]
pub(super) async fn read(
    State(app): State<App>,
    by: As<ChronologyReaders>,
    trace: Trace,
    Path(Child { child_id }): Path<Child>,
) -> Result<impl IntoResponse, Problem> {
    if !may_read(&app, &by, child_id).await? {
        return Err(Problem::not_found());
    }
    // How far the record reached is read first: what is told later may be in the pack, and nothing before is missing.
    let (as_of, reach) = (app.kit.clock.now(), reports::reach(&app.pool).await.map_err(unavailable)?);
    let lines = chronology::whole(&app.pool, child_id).await.map_err(unavailable)?;
    if lines.is_empty() {
        return Err(Problem::not_found());
    }
    let event = Event::ChronologyRead { child: child_id, shown: i64::try_from(lines.len()).unwrap_or(i64::MAX) };
    let position = put_on_record(&app, by.actor().clone(), &trace, event).await?;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let position = HeaderValue::try_from(position).map_err(|error| Problem::internal("position", &error))?;
    let headers = [(header::CONTENT_TYPE, html), (HeaderName::from_static("hub-position"), position)];
    Ok((headers, pack::html(child_id, &lines, (as_of, &reach))))
}
