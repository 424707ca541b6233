//! `GET /api/audit/chronologies/{child_id}`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
    response::{AppendHeaders, IntoResponse},
};
use event_store::{Context, Decided, Request};
use kernel::{ChildId, Org, Role, Stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_kit::{
    As, Authority, List, Page, Path, Problem, Query, Trace,
    access::{Purpose, Thing, Who},
    command,
    look::{Under, glass_of, under},
};
use utoipa::{IntoParams, ToSchema};

use super::looks::Part;
use crate::{
    Event, SERVICE,
    chronology::{self, Line},
    service::App,
};

/// Who may read a chronology: the board's auditors, and the people of a borough that has had to do with the child.
pub(super) enum ChronologyReaders {}

impl Authority for ChronologyReaders {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director];
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Child {
    /// The child.
    #[param(value_type = String)]
    pub(super) child_id: ChildId,
}

/// How many lines a page has when nobody says: most children have fewer.
const USUAL: u16 = 1_000;

/// A page of everything about one child, and about the records that persons have linked to it.
#[derive(Serialize, ToSchema)]
pub(super) struct Chronology {
    /// The child asked for.
    #[schema(value_type = String)]
    child_id: ChildId,
    /// Every event over all services, in the order in which the hub was told.
    events: Vec<Line>,
    /// Address of the next page, if there is one; in `Link` too.
    next: Option<String>,
}

/// Every event about a child over all services, in order, with who and when. The look itself goes on the record first. A
/// page has 1,000 events where no `limit` is given.
#[utoipa::path(get, path = "/api/audit/chronologies/{child_id}", operation_id = "read_chronology", params(Child, Part), responses((status = 200, body = Chronology)))]
pub(super) async fn read(
    State(app): State<App>,
    by: As<ChronologyReaders>,
    trace: Trace,
    Path(Child { child_id }): Path<Child>,
    (page, Query(_)): (Page, Query<Part>),
) -> Result<impl IntoResponse, Problem> {
    let mut glass = None;
    if !may_read(&app, &by, child_id).await? {
        glass = glass_of(&app.looks, &by.caller.id, [child_id], app.kit.clock.now()).await?;
        if glass.is_none() || !permitted(&app, &by, (false, Purpose::BreakGlass)) {
            return Err(Problem::not_found().because("no_relationship"));
        }
    }
    let page = page.usually(USUAL);
    let (after, most) = (page.after()?, i64::from(USUAL).min(i64::try_from(page.limit()).unwrap_or(1)) + 1);
    let first = after.is_none();
    let found = chronology::read(&app.pool, child_id, after, most).await.map_err(unavailable)?;
    if found.is_empty() && first {
        return Err(Problem::not_found());
    }
    let List { items: events, next } = page.list(found, Line::mark);
    let event = Event::ChronologyRead { child: child_id, shown: i64::try_from(events.len()).unwrap_or(i64::MAX) };
    let position = put_on_record(&app, by.actor().clone(), &trace, event).await?;
    let link = next.as_ref().map(|next| (header::LINK, format!("<{next}>; rel=\"next\"")));
    let headers = [Some((HeaderName::from_static("hub-position"), position)), link].into_iter().flatten();
    let mut body = serde_json::to_value(Chronology { child_id, events, next }).map_err(|error| Problem::internal("chronology", &error))?;
    glass.iter().for_each(|glass| glass.only_its_child(&mut body));
    let shown = (AppendHeaders(headers.collect::<Vec<_>>()), Json(body)).into_response();
    Ok(under(shown, glass.map(|glass| Under::Looking(glass.id))))
}

/// Whether the child's record is theirs to read: the board's, and a borough's that has had to do with the child.
pub(super) async fn may_read(app: &App, by: &As<ChronologyReaders>, child: ChildId) -> Result<bool, Problem> {
    let concerned = match &by.caller.org {
        Org::Borough(borough) => chronology::concerns(&app.pool, child, borough.code()).await.map_err(unavailable)?,
        Org::Board => true,
        Org::Site(_) | Org::Hub => false,
    };
    Ok(concerned && permitted(app, by, (concerned, Purpose::Work)))
}

/// Asks the policy.
fn permitted(app: &App, by: &As<ChronologyReaders>, (concerned, purpose): (bool, Purpose)) -> bool {
    let concerns = concerned.then(|| by.caller.org.to_string()).into_iter().collect();
    let child = Thing { kind: "Chronology", relations: vec![("concerns", concerns)] };
    app.kit.access.permits(SERVICE, &Who::from(by.actor()), ("read chronology", purpose), &child)
}

/// Records a look; what was looked at is given out only after that.
pub(super) async fn put_on_record(app: &App, actor: kernel::Actor, trace: &Trace, event: Event) -> Result<String, Problem> {
    let request = Request {
        streams: vec![kernel::StoredEvent::stream(&event)],
        expect: None,
        unmoved: None,
        receipt: None,
        context: Context { actor, occurred_at: None, recorded_at: app.kit.clock.now(), correlation: trace.id(), causation: None },
        advance: None,
        decide: Box::new(move |_| Ok(Decided { events: vec![event.clone()], status: 200, body: Value::Null, resource: None::<Stream> })),
        describe: None,
    };
    let answered = command::run(&app.kit.tasks, &app.store, request).await?;
    Ok(command::position(SERVICE, answered.answer.position))
}

pub(super) fn unavailable(error: sqlx::Error) -> Problem {
    tracing::warn!(error = %error, "the audit's database did not answer");
    drop(error);
    Problem::unavailable("The record cannot be read now.", 2)
}
