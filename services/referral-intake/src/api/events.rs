//! `GET /api/intake/desks/{borough}/events`: what concerns a desk, as it happens. Whoever wants more asks for it with their token.

use axum::{extract::State, http::HeaderMap, response::IntoResponse};
use kernel::{Actor, Borough, Recorded, Role};
use proto_events::{Published as _, intake::Intake};
use service_kit::{As, Authority, Problem, live, params::Path};

use crate::{
    app::App,
    child::ChildEvent,
    event::Event,
    publish::publish,
    referral::{ReferralEvent, WatchEvent},
};

/// Whoever may follow a desk: its people and the borough's system.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Followers {}

impl Authority for Followers {
    type Who = Actor;
    const ROLES: &'static [Role] = &[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::BoroughSystem];
}

/// What concerns a borough's desk, as it happens: ids and codes. `Last-Event-ID` goes on after that position.
#[utoipa::path(get, path = "/api/intake/desks/{borough}/events", operation_id = "follow_desk", tag = "desks",
    params(("borough" = String, Path, description = "The borough.")),
    responses((status = 200, description = "Server-sent events; a sign of life every 15 s.", content_type = "text/event-stream")))]
pub(crate) async fn follow(
    State(app): State<App>,
    Path(borough): Path<Borough>,
    by: As<Followers>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if !app.acting_for(&by.who.org, app.now()).await?.contains(&borough) {
        return Err(Problem::forbidden("You follow the desk of your own borough, and of one that your team covers now."));
    }
    let told = move |recorded: &Recorded<Event>| publish(recorded).filter(|published| concerns(&recorded.event, published, &borough));
    live::follow(&app.store, &headers, told).await
}

/// The owner, the home boroughs when it comes in, whoever decides, and both sides of a duty that moves. A look wakes no screen.
fn concerns(event: &Event, published: &Intake, borough: &Borough) -> bool {
    let also = match event {
        Event::Watch(_, WatchEvent::Viewed { .. } | WatchEvent::HistoryOpened { .. }) => return false,
        Event::Referral(_, ReferralEvent::Received(received)) => received.home_boroughs().any(|home| home == borough),
        Event::Referral(of, _) | Event::Watch(of, _) => of.owner == *borough,
        Event::Child(_, ChildEvent::DutyTaken { from, .. }) => from == borough,
        Event::Child(..) | Event::Desk(..) | Event::Edition(..) => false,
    };
    also || published.borough() == Some(borough.code())
}
