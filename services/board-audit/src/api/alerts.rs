//! `GET /api/audit/alerts`: looks by which somebody should ask.

use axum::extract::State;
use kernel::{Org, Person, Role};
use serde::Serialize;
use service_kit::{As, Authority, List, Page, Problem, Query};
use utoipa::ToSchema;

use super::looks::Part;
use crate::{
    alerts::{Alert, Rule},
    looks::Looker,
    service::App,
    watch::alerts_stream,
};

/// Who is shown alerts: the board's auditors, and managers for their own people.
pub(super) enum Askers {}

impl Authority for Askers {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::DutyManager, Role::HeadOfService, Role::Director];
}

/// One alert.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// `many_unrelated`: more than 20 children with whom their borough has nothing to do, opened within 10 minutes; `own_name` and
    /// `same_surname`: a child who bears the viewer's whole name, or their surname.
    rule: Rule,
    /// Who looked.
    who: Looker,
    /// At whom.
    children: Vec<String>,
    /// The first of these looks, by its place in the log of looks.
    from: i64,
    /// The last of them.
    to: i64,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    at: kernel::Timestamp,
    #[serde(skip)]
    place: usize,
}

/// Alerts on looks, the newest first: all for the board, and for managers those about their own people.
#[utoipa::path(get, path = "/api/audit/alerts", operation_id = "list_alerts", params(Part), responses((status = 200, body = [Line])))]
pub(super) async fn list(State(app): State<App>, by: As<Askers>, (page, Query(_)): (Page, Query<Part>)) -> Result<List<Line>, Problem> {
    let events = app.events(&alerts_stream()).await?;
    let before = page.after::<usize>()?.unwrap_or(usize::MAX);
    let own = |alert: &Alert| by.caller.org == Org::Board || alert.who.org == by.caller.org;
    let alerts = events.iter().enumerate().filter_map(|(place, event)| Some((place, event.alert()?)));
    let shown = alerts.rev().filter(|(place, alert)| *place < before && own(alert)).take(page.limit() + 1);
    let lines = shown.map(|(place, alert)| line(place, alert)).collect();
    Ok(page.list(lines, |line| line.place))
}

fn line(place: usize, alert: &Alert) -> Line {
    Line {
        rule: alert.rule,
        who: Looker::of(alert.who.clone(), Some(alert.who.role)),
        children: alert.children.iter().map(ToString::to_string).collect(),
        from: alert.looks.0,
        to: alert.looks.1,
        at: alert.at,
        place,
    }
}
