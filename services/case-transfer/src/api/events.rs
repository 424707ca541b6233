//! The live events of a desk: ids and codes, never a text. Whoever wants more asks for it with their token.

use axum::{extract::State, http::HeaderMap, response::IntoResponse};
use kernel::{Borough, Recorded};
use proto_events::{Published as _, transfers::Transfers};
use service_kit::{Caller, Path, Problem, live};

use crate::{app::App, kept::Kept, publish::publish, rules::Event};

/// What concerns a borough's desk, as it happens. `Last-Event-ID` goes on after that position.
#[utoipa::path(get, path = "/api/transfers/desks/{borough}/events", params(("borough" = String, Path)),
    responses((status = 200, content_type = "text/event-stream")))]
pub(crate) async fn follow_desk(
    State(app): State<App>,
    Path(borough): Path<Borough>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if !app.acts_for(&caller, &borough, app.kit.clock.now()).await? {
        return Err(Problem::forbidden("You follow the desk of your own borough, and of one that your team covers now."));
    }
    let told = move |recorded: &Recorded<Kept>| publish(recorded).filter(|published| concerns(recorded, published, &borough));
    live::follow(&app.store, &headers, told).await
}

fn concerns(recorded: &Recorded<Kept>, published: &Transfers, borough: &Borough) -> bool {
    let party = recorded.event.about.as_ref().is_some_and(|about| &about.from == borough || &about.to == borough);
    let giver = match published {
        Transfers::DutyMoved { from, .. } => from == borough.code(),
        Transfers::DutyOpened { .. }
        | Transfers::DutyEnded { .. }
        | Transfers::TransferOffered { .. }
        | Transfers::TransferChanged { .. }
        | Transfers::DeskSet { .. }
        | Transfers::Noted { .. } => false,
    };
    let told = match &recorded.event.event {
        Event::Ledger(_, event) => event.told().contains(borough),
        Event::Glass(_, event) => event.told().contains(borough),
        Event::Transfer(..) | Event::Desk(..) | Event::Board(..) | Event::Look(..) | Event::ChildLook(..) | Event::Edition(..) => false,
    };
    party || giver || told || published.borough() == Some(borough.code())
}
