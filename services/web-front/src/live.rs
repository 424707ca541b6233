//! The queue's live line: that something changed, and its kind. What it is the page shows when it is looked at again, so no row
//! moves under a cursor. Each message has as its id how far both services were: whoever comes back with it misses nothing.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use axum::{
    extract::Query,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::Deserialize;
use service_kit::Stop;

use crate::{
    failure::Failure,
    me::Me,
    session::{read, written},
};

/// No line is held longer than a shift; the browser opens another.
const LONGEST: Duration = Duration::from_secs(12 * 3_600);

/// A sign of life goes out this often.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The services that tell a desk of changes.
const TELLING: [&str; 2] = ["intake", "transfers"];

/// No message of a service is longer.
const MOST_BYTES: usize = 64 * 1024;

/// From where on: as the page was made, or the last message before the line broke.
#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: String,
}

/// One service's line, and what has come of a message that is not whole yet.
struct Line {
    service: &'static str,
    response: reqwest::Response,
    begun: String,
}

/// A message of a service: its position and its kind.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    position: i64,
    kind: String,
}

/// Takes the first whole message out of what has come. Signs of life, which are comments, and what has no id are passed over.
fn first(begun: &mut String) -> Option<Told> {
    while let Some((message, rest)) = begun.split_once("\n\n") {
        let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
        let told = field("id").and_then(|id| id.parse().ok());
        let told = told.map(|position| Told { position, kind: field("event").unwrap_or_default().to_owned() });
        *begun = rest.to_owned();
        if told.is_some() {
            return told;
        }
    }
    None
}

impl Line {
    /// Waits for the next message; none when the line has ended. Nothing is lost when the waiting is given up.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = first(&mut self.begun) {
                return Some(told);
            }
            let chunk = self.response.chunk().await.ok()??;
            self.begun.push_str(&String::from_utf8_lossy(&chunk));
            if self.begun.len() > MOST_BYTES {
                return None;
            }
        }
    }
}

/// A desk's way along both services.
struct Following {
    intake: Line,
    transfers: Line,
    /// How far it has come with each.
    positions: BTreeMap<String, i64>,
    stop: Stop,
}

impl Following {
    /// Waits for something that concerns the desk; none when a service or this process ends the line.
    async fn next(&mut self) -> Option<Event> {
        let (service, told) = tokio::select! {
            told = self.intake.next() => (self.intake.service, told?),
            told = self.transfers.next() => (self.transfers.service, told?),
            () = self.stop.asked() => return None,
        };
        self.positions.insert(service.to_owned(), told.position);
        Some(Event::default().id(written(&self.positions)).event("changed").data(told.kind))
    }
}

/// Follows the desk of whoever asks.
pub(crate) async fn follow(me: Me, headers: HeaderMap, Query(After { after }): Query<After>) -> Result<impl IntoResponse, Failure> {
    let borough = me.borough().filter(|_| me.works_a_desk()).cloned().ok_or(Failure::NotFound)?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let mut positions = read(last.unwrap_or(&after));
    positions.retain(|service, _| TELLING.contains(&service.as_str()));
    let open = async |service: &'static str| {
        let path = format!("/api/{service}/desks/{borough}/events");
        let response = me.stream(&path, positions.get(service).copied(), LONGEST).await?;
        Ok::<_, Failure>(Line { service, response, begun: String::new() })
    };
    let (intake, transfers) = (open(TELLING[0]).await?, open(TELLING[1]).await?);
    let following = Following { intake, transfers, positions, stop: me.app.kit().tasks.stop() };
    let events =
        stream::unfold(
            following,
            |mut following| async move { following.next().await.map(|event| (Ok::<_, Infallible>(event), following)) },
        );
    // A proxy that gathers an answer before it passes it on would hold every message back.
    let unheld = [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];
    Ok((unheld, Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_whole_and_signs_of_life_are_passed_over() {
        let mut begun = ":\n\nid: 7\nevent: transfer_offered\ndata: {}\n\n:\n\nevent: x\n\nid: 9\nev".to_owned();
        assert_eq!(first(&mut begun), Some(Told { position: 7, kind: "transfer_offered".to_owned() }));
        assert_eq!((first(&mut begun), begun.as_str()), (None, "id: 9\nev"));
        begun.push_str("ent: referral_received\ndata: {}\n\n");
        assert_eq!(first(&mut begun), Some(Told { position: 9, kind: "referral_received".to_owned() }));
    }
}
