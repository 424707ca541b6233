//! The queue's live line: that something changed, and nothing else. What it is the page shows when it is looked at again, so no row
//! moves under a cursor.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream;
use service_kit::Stop;

use crate::{failure::Failure, me::Me};

/// No line is held longer than a shift; the browser opens another.
const LONGEST: Duration = Duration::from_secs(12 * 3_600);

/// A sign of life goes out this often.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The two services that tell a desk of changes.
struct Lines {
    intake: reqwest::Response,
    transfers: reqwest::Response,
    stop: Stop,
}

impl Lines {
    /// Waits for something that concerns the desk; none when a service or this process ends the line.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let chunk = tokio::select! {
                chunk = self.intake.chunk() => chunk,
                chunk = self.transfers.chunk() => chunk,
                () = self.stop.asked() => return None,
            };
            let told = chunk.ok()??;
            // Signs of life are comments, which begin with a colon.
            if !told.starts_with(b":") {
                return Some(Event::default().event("changed").data("1"));
            }
        }
    }
}

/// Follows the desk of whoever asks.
pub(crate) async fn follow(me: Me) -> Result<impl IntoResponse, Failure> {
    let borough = me.borough().filter(|_| me.works_a_desk()).cloned().ok_or(Failure::NotFound)?;
    let open = async |service: &str| me.stream(&format!("/api/{service}/desks/{borough}/events"), LONGEST).await;
    let lines = Lines { intake: open("intake").await?, transfers: open("transfers").await?, stop: me.app.kit().tasks.stop() };
    let events = stream::unfold(lines, |mut lines| async move { lines.next().await.map(|event| (Ok::<_, Infallible>(event), lines)) });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}
