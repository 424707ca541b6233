//! The live events of a desk: ids and codes, never a text. Whoever wants more asks for it with their token.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event as Message, KeepAlive, Sse},
};
use futures_util::stream::{self, Stream};
use kernel::{Borough, Recorded};
use proto_events::{Published as _, transfers::Transfers};
use service_kit::{Caller, Fault, Path, Problem, problem::types};
use tokio::{sync::watch, time::timeout};

use crate::{app::App, kept::Kept, publish::publish, rules::Event};

/// A sign of life goes out this often, so that a screen notices a dead line.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Another replica's events are looked for this often.
const POLL: Duration = Duration::from_secs(1);

/// How many positions are read at once.
const PAGE: i64 = 500;

/// One desk's way through the log.
struct Following {
    app: App,
    borough: Borough,
    position: i64,
    head: watch::Receiver<i64>,
    ready: std::collections::VecDeque<Message>,
}

/// What concerns a borough's desk, as it happens. `Last-Event-ID` goes on after that position.
#[utoipa::path(get, path = "/api/transfers/desks/{borough}/events", params(("borough" = String, Path)),
    responses((status = 200, content_type = "text/event-stream")))]
pub(crate) async fn follow_desk(
    State(app): State<App>,
    Path(borough): Path<Borough>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>> + use<>>, Problem> {
    if !app.acts_for(&caller, &borough, app.kit.clock.now()).await? {
        return Err(Problem::forbidden("You follow the desk of your own borough, and of one that your team covers now."));
    }
    let newest = app.store.log().head().await.map_err(|_| Problem::unavailable("The record cannot be read now.", 2))?;
    let position = match headers.get("last-event-id") {
        Some(value) => {
            let said = value.to_str().ok().and_then(|text| text.parse().ok());
            said.filter(|position| (0..=newest).contains(position)).ok_or_else(bad_id)?
        }
        None => newest,
    };
    let head = app.store.head();
    let following = Following { app, borough, position, head, ready: std::collections::VecDeque::new() };
    let events = stream::unfold(following, |mut following| async move { following.next().await.map(|message| (Ok(message), following)) });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

fn bad_id() -> Problem {
    Problem::of(&types::BAD_HEADER).fault(Fault::in_parameter("Last-Event-ID", "the id of the last event that was received"))
}

impl Following {
    /// The next event of this desk. Ends the stream when the log cannot be read: the screen comes back with its last id.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            let rows = self.app.store.log().after(self.position, PAGE).await.ok()?;
            if rows.is_empty() {
                // Either somebody in this process wrote, or it is time to look for what others wrote.
                drop(timeout(POLL, self.head.changed()).await);
                continue;
            }
            for row in rows {
                self.position = row.position;
                let recorded = row.decode::<Kept>().ok()?;
                self.ready.extend(message(&recorded, &self.borough));
            }
        }
    }
}

/// The message for a desk, if the event concerns it.
fn message(recorded: &Recorded<Kept>, borough: &Borough) -> Option<Message> {
    let published = publish(recorded)?;
    if !concerns(recorded, &published, borough) {
        return None;
    }
    let data = serde_json::to_string(&published).ok()?;
    Some(Message::default().id(recorded.position.to_string()).event(published.kind()).data(data))
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
        Event::Transfer(..) | Event::Desk(..) | Event::Look(..) => false,
    };
    party || giver || told || published.borough() == Some(borough.code())
}
