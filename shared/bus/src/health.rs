//! How far behind a consumer is, and since when it cannot be sure.

use std::time::Duration;

use event_store::StoreError;
use kernel::Timestamp;
use sqlx::PgPool;
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
    /// The other log ends before what was taken from it: it was restored from an older copy. Nothing is taken.
    pub rewound: bool,
    /// The last moment at which everything that existed had been taken.
    pub(crate) sure_at: Option<Instant>,
    pub(crate) begun: Instant,
}

impl Lag {
    pub(crate) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            checkpoint: 0,
            head: 0,
            parked: 0,
            last_heard: None,
            rewound: false,
            sure_at: None,
            begun: Instant::now(),
        }
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

    /// Whether nobody need look at it: nothing parked, nothing rewound, and surely fresh. `now` is the caller's clock.
    #[must_use]
    pub fn is_well(&self, now: Timestamp) -> bool {
        self.parked == 0 && !self.rewound && self.stale_since(now).is_none()
    }

    /// One line for a health page. `now` is the caller's clock.
    #[must_use]
    pub fn describe(&self, now: Timestamp) -> String {
        let stale = self.stale_since(now).map_or_else(String::new, |since| format!(", not sure to be fresh since {since:.0}"));
        let parked = if self.parked > 0 { format!(", {} parked and waiting for a person", self.parked) } else { String::new() };
        let rewound = if self.rewound { ", the other log was restored from an older copy" } else { "" };
        format!("{} of {}{stale}{parked}{rewound}", self.checkpoint, self.head)
    }
}

/// How many positions of a service's own log NATS does not have yet.
///
/// # Errors
/// When the database does not answer.
pub async fn relay_lag(pool: &PgPool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("select h.position - r.position from log.head h, log.relay r").fetch_one(pool).await?)
}

/// A number of events as a metric.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
pub(crate) fn gauge(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_not_proved_fresh_for_three_seconds_is_stale_since_then() {
        let now: Timestamp = "2026-11-23T02:00:10Z".parse().unwrap();
        let mut lag = Lag::new("intake");
        assert_eq!(lag.stale_since(now), Some(now), "nothing is known yet");
        lag.sure_at = Some(Instant::now());
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(lag.is_well(now));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(lag.stale_since(now), Some("2026-11-23T02:00:00Z".parse().unwrap()));
        assert_eq!(lag.describe(now), "0 of 0, not sure to be fresh since 2026-11-23T02:00:00Z");
    }
}
