//! `GET /api/audit/reports`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use jiff::ToSpan as _;
use kernel::{Borough, Directory, Org, Role, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::{As, Authority, Fault, List, Page, Path, Problem, Query, Trace, clock::EARLIEST};
use utoipa::{IntoParams, ToSchema};

use super::chronology::{put_on_record, unavailable};
use crate::{
    Event,
    reports::{self, Fact, Over, Report, Told, chart, sheet},
    service::App,
};

/// Who may read a report: the board's auditors all of it, a borough's managers what concerns their own borough.
pub(super) enum ReportReaders {}

impl Authority for ReportReaders {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::DutyManager, Role::HeadOfService, Role::Director];
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Name {
    /// The report's name.
    report: String,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    #[default]
    Json,
    Csv,
    Xlsx,
    Svg,
    Html,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Period {
    /// From this instant on; 28 days before the end if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Up to, not including, this instant; now if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Only what concerns this borough: its GSS code. A borough's manager is shown their own whatever is said here.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
    /// `json`, `csv`, `xlsx`, `svg` for the chart, or `html` for the chart with its data beside it.
    #[serde(rename = "as", default)]
    #[param(rename = "as", value_type = Option<String>)]
    form: Form,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Behind {
    /// As in the report.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// As in the report.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// As in the report.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
    /// The labels of a row, with `~` between them; all rows if nothing is said.
    row: Option<String>,
    /// The figure.
    figure: Option<String>,
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

/// What the board can be told.
#[derive(Serialize, ToSchema)]
pub(super) struct Catalogue {
    reports: Vec<Listed>,
    /// Reports that cannot be made yet, and why.
    absent: Vec<Absent>,
}

#[derive(Serialize, ToSchema)]
struct Listed {
    report: &'static str,
    title: &'static str,
    definition: &'static str,
    href: String,
}

#[derive(Serialize, ToSchema)]
struct Absent {
    report: &'static str,
    why: &'static str,
}

/// One event that a figure counts.
#[derive(Serialize, ToSchema)]
pub(super) struct Counted {
    service: String,
    position: i64,
    event_id: Option<String>,
    kind: Option<String>,
    /// When the hub was told.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long it took, where that is what is told.
    seconds: Option<i64>,
    /// The children that it is about, for the board alone.
    children: Vec<String>,
}

/// The list of reports.
#[utoipa::path(get, path = "/api/audit/reports", operation_id = "list_reports", responses((status = 200, body = Catalogue)))]
pub(super) async fn catalogue(_: As<ReportReaders>) -> Json<Catalogue> {
    let listed = |report: Report| {
        let about = report.about();
        Listed { report: about.name, title: about.title, definition: about.definition, href: format!("/api/audit/reports/{}", about.name) }
    };
    let absent = vec![Absent {
        report: "incomplete-lookups",
        why: "There is no lookup of a child over the boroughs' feeds yet, so none can be counted.",
    }];
    Json(Catalogue { reports: Report::ALL.into_iter().map(listed).collect(), absent })
}

/// One report over a period, as JSON, CSV, XLSX, a chart, or a page. That it was read goes on the record first.
#[utoipa::path(get, path = "/api/audit/reports/{report}", operation_id = "read_report", params(Name, Period), responses((status = 200, body = Told)))]
pub(super) async fn read(
    State(app): State<App>,
    by: As<ReportReaders>,
    trace: Trace,
    Path(Name { report }): Path<Name>,
    Query(Period { from, to, borough, form }): Query<Period>,
) -> Result<Response, Problem> {
    let report = Report::named(&report).ok_or_else(Problem::not_found)?;
    let over = over(&app, &by, (from, to), borough.as_ref())?;
    let told = reports::read(&app.pool, report, &over).await.map_err(unavailable)?;
    let shown = i64::try_from(told.rows.len()).unwrap_or(i64::MAX);
    let position = looked(&app, &by, (&trace, report), (&over, shown)).await?;
    let written = written(&told, form)?;
    Ok((AppendHeaders([(HeaderName::from_static("hub-position"), position)]), written).into_response())
}

/// The events that a figure counts, oldest first.
#[utoipa::path(get, path = "/api/audit/reports/{report}/events", operation_id = "list_report_events", params(Name, Behind),
    responses((status = 200, body = [Counted])))]
pub(super) async fn events(
    State(app): State<App>,
    by: As<ReportReaders>,
    trace: Trace,
    Path(Name { report }): Path<Name>,
    (page, Query(behind)): (Page, Query<Behind>),
) -> Result<impl IntoResponse, Problem> {
    let report = Report::named(&report).ok_or_else(Problem::not_found)?;
    let over = over(&app, &by, (behind.from, behind.to), behind.borough.as_ref())?;
    let after: Option<(Timestamp, String, i64)> = page.after()?;
    let facts = reports::facts(&app.pool, report, &over).await.map_err(unavailable)?;
    let wanted = |fact: &Fact| {
        behind.row.as_ref().is_none_or(|row| fact.labels.join("~") == *row)
            && behind.figure.as_ref().is_none_or(|figure| fact.figure == *figure)
            && after.as_ref().is_none_or(|after| *after < (fact.at, fact.service.clone(), fact.position))
    };
    let found: Vec<Fact> = facts.into_iter().filter(wanted).take(page.limit() + 1).collect();
    let List { items, next } = page.list(found, |fact| (fact.at, fact.service.clone(), fact.position));
    looked(&app, &by, (&trace, report), (&over, i64::try_from(items.len()).unwrap_or(i64::MAX))).await?;
    let (services, positions): (Vec<&str>, Vec<i64>) = items.iter().map(|fact| (fact.service.as_str(), fact.position)).unzip();
    let ids: Vec<(String, i64, uuid::Uuid, String, Vec<String>)> = sqlx::query_as(
        "select r.service, r.position, r.event_id, r.kind, array(select c.child from audit.record_child c
                where c.service = r.service and c.position = r.position order by c.child)
         from audit.record r
         join unnest($1::text[], $2::bigint[]) as w (service, position) on w.service = r.service and w.position = r.position",
    )
    .bind(services)
    .bind(positions)
    .fetch_all(&app.pool)
    .await
    .map_err(unavailable)?;
    // A manager is told how many there were on the other side of a pair, not who they are.
    let names_children = by.caller.org == Org::Board;
    let counted = |Fact { service, position, at, seconds, .. }: Fact| {
        let known = ids.iter().find(|(of, at, ..)| (of, at) == (&service, &position));
        let (event_id, kind) = known.map(|(_, _, id, kind, _)| (id.to_string(), kind.clone())).unzip();
        let children = known.filter(|_| names_children).map(|(.., children)| children.clone()).unwrap_or_default();
        Counted { service, position, event_id, kind, at, seconds, children }
    };
    Ok(List { items: items.into_iter().map(counted).collect::<Vec<_>>(), next })
}

/// The period that was asked for, and what of it the reader may see.
fn over(
    app: &App,
    by: &As<ReportReaders>,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    wanted: Option<&Borough>,
) -> Result<Over, Problem> {
    if wanted.is_some_and(|borough| Directory::get().borough(borough).is_none()) {
        return Err(Problem::invalid(vec![Fault::in_parameter("borough", "the GSS code of a borough")]));
    }
    let borough = match &by.caller.org {
        Org::Board => wanted.map(Borough::to_string),
        Org::Borough(borough) => Some(borough.to_string()),
        Org::Site(_) | Org::Hub => return Err(Problem::forbidden("Reports are for the board and for managers of a borough.")),
    };
    let as_of = app.kit.clock.now();
    // PostgreSQL cannot compare with every instant that can be written.
    let to = to.unwrap_or(as_of).max(EARLIEST);
    let usual = to.checked_sub((28 * 24).hours()).unwrap_or(EARLIEST);
    let from = from.unwrap_or(usual).max(EARLIEST);
    if from > to {
        return Err(Problem::invalid(vec![Fault::in_parameter("to", "an instant that is not before from")]));
    }
    Ok(Over { from, to, borough, as_of })
}

async fn looked(
    app: &App,
    by: &As<ReportReaders>,
    (trace, report): (&Trace, Report),
    (over, shown): (&Over, i64),
) -> Result<String, Problem> {
    let event =
        Event::ReportRead { report: report.about().name.to_owned(), from: over.from, to: over.to, borough: over.borough.clone(), shown };
    put_on_record(app, by.actor().clone(), trace, event).await
}

fn written(told: &Told, form: Form) -> Result<Response, Problem> {
    let fault = |error: &dyn std::fmt::Display| Problem::internal("report", error);
    let (kind, bytes) = match form {
        Form::Json => return Ok(Json(told).into_response()),
        Form::Csv => ("text/csv; charset=utf-8", sheet::csv(told).map_err(|error| fault(&error))?),
        Form::Xlsx => {
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet::xlsx(told).map_err(|error| fault(&error))?)
        }
        Form::Svg => ("image/svg+xml", chart::svg(told).into_bytes()),
        Form::Html => ("text/html; charset=utf-8", chart::page(told).into_bytes()),
    };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response())
}
