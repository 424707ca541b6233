//! How far behind a consumer is, and since when it cannot be sure.

use std::time::Duration;

use kernel::Timestamp;
use tokio::time::Instant;

/// Without proof for longer than this, what is shown may be old. Three heartbeats.
const SURE_FOR: Duration = Duration::from_secs(3);

/// How a consumer stands towards one other service.
#[derive(Clone, Debug)]
pub struct Lag {
    /// The other service.
    pub source: String,
    /// The last position taken.
    pub checkpoint: i64,
    /// The furthest position known to exist.
    pub head: i64,
    /// Events that could not be taken and wait for a person.
    pub parked: i64,
    /// When the other service was last heard, by heartbeat, event or answer.
    pub last_heard: Option<Instant>,
    /// The last moment at which everything that existed had been taken.
    pub(crate) sure_at: Option<Instant>,
    pub(crate) begun: Instant,
}

impl Lag {
    pub(crate) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), checkpoint: 0, head: 0, parked: 0, last_heard: None, sure_at: None, begun: Instant::now() }
    }

    /// How many events are known and not taken.
    #[must_use]
    pub fn behind(&self) -> i64 {
        (self.head - self.checkpoint).max(0)
    }

    /// Since when screens can't be sure to be fresh; `None` while they can. `now` is the caller's clock.
    #[must_use]
    pub fn stale_since(&self, now: Timestamp) -> Option<Timestamp> {
        let unsure = self.sure_at.unwrap_or(self.begun).elapsed();
        let unsure = jiff::SignedDuration::try_from(unsure).ok().filter(|_| unsure > SURE_FOR || self.sure_at.is_none())?;
        Some(now.checked_sub(unsure).unwrap_or(now))
    }
}
