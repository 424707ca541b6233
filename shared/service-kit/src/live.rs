//! The live queue of a desk: server-sent events from a service's log, each with its position as id.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, HeaderName},
    response::sse::{Event as Message, KeepAlive, Sse},
};
use event_store::Store;
use futures_util::stream::{self, Stream};
use kernel::{Recorded, StoredEvent};
use proto_events::Published;
use tokio::{sync::watch, time::timeout};

use crate::{
    command::position,
    problem::{Fault, Problem, types},
};

/// A sign of life goes out this often, so that a screen notices a dead line.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Another replica's events are looked for this often.
const POLL: Duration = Duration::from_secs(1);

/// One desk's way through the log.
struct Following<E, F> {
    store: Store<E>,
    position: i64,
    head: watch::Receiver<i64>,
    ready: VecDeque<Message>,
    told: F,
}

/// Follows a log from now on, or after the position in `Last-Event-ID`. `told` gives what one event says to whoever follows: ids and
/// codes, never a text; nothing where it does not concern them.
///
/// # Errors
/// 400 when `Last-Event-ID` is no position of this log, 503 when the log cannot be read.
pub async fn follow<E, P, F>(
    store: &Store<E>,
    headers: &HeaderMap,
    told: F,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>> + use<E, P, F>>, Problem>
where
    E: StoredEvent,
    P: Published,
    F: Fn(&Recorded<E>) -> Option<P> + Send + 'static,
{
    let newest = store.log().head().await.map_err(|_| Problem::unavailable("The record cannot be read now.", 2))?;
    let position = match headers.get("last-event-id") {
        Some(value) => {
            let said = value.to_str().ok().and_then(|text| text.parse().ok());
            said.filter(|position| (0..=newest).contains(position)).ok_or_else(bad_id)?
        }
        None => newest,
    };
    let following = Following { store: store.clone(), position, head: store.head(), ready: VecDeque::new(), told };
    let events = stream::unfold(following, |mut following| async move { following.next().await.map(|message| (Ok(message), following)) });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// Where the log stands, as `Hub-Position` of a list that is about to be read: whoever then follows the log after it misses nothing
/// that the list has not.
///
/// # Errors
/// 503 when the log cannot be read.
pub async fn here<E: StoredEvent>(store: &Store<E>, service: &str) -> Result<[(HeaderName, String); 1], Problem> {
    let newest = store.log().head().await.map_err(|_| Problem::unavailable("The record cannot be read now.", 2))?;
    Ok([(HeaderName::from_static("hub-position"), position(service, newest))])
}

fn bad_id() -> Problem {
    Problem::of(&types::BAD_HEADER).fault(Fault::in_parameter("Last-Event-ID", "the id of the last event that was received"))
}

impl<E: StoredEvent, P: Published, F: Fn(&Recorded<E>) -> Option<P>> Following<E, F> {
    /// The next event of this desk. Ends the stream when the log cannot be read: the screen comes back with its last id.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            let events = self.store.following(self.position).await.ok()?;
            if events.is_empty() {
                // Either somebody in this process wrote, or it is time to look for what others wrote.
                drop(timeout(POLL, self.head.changed()).await);
                continue;
            }
            for recorded in events {
                self.position = recorded.position;
                self.ready.extend((self.told)(&recorded).and_then(|published| message(recorded.position, &published)));
            }
        }
    }
}

fn message(position: i64, published: &impl Published) -> Option<Message> {
    let data = serde_json::to_string(published).ok()?;
    Some(Message::default().id(position.to_string()).event(published.kind()).data(data))
}
