//! How far a log reaches, said every second, so that a consumer notices a lost tail.

use std::time::Duration;

use event_store::Log;
use proto_events::subject;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use crate::Bus;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The service.
    pub service: String,
    /// Position of the last event in its log.
    pub position: i64,
}

/// The heartbeat of a service. Every replica may run one.
pub struct Heartbeat {
    bus: Bus,
    log: Log,
    service: &'static str,
}

impl Heartbeat {
    /// For a service by its published name ([`proto_events::Published::SERVICE`]).
    #[must_use]
    pub fn new(bus: Bus, log: Log, service: &'static str) -> Self {
        Self { bus, log, service }
    }

    /// Goes on until dropped. What cannot be said this second is said the next.
    pub async fn run(self) {
        let mut second = interval(EVERY);
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            second.tick().await;
            // Nothing is put aside for a NATS that is away: an old heartbeat is of no use to anybody.
            if !self.bus.is_connected() {
                continue;
            }
            if let Ok(position) = self.log.head().await
                && let Ok(body) = serde_json::to_vec(&Head { service: self.service.to_owned(), position })
                && let Err(error) = self.bus.client().publish(subject::head(self.service), body.into()).await
            {
                tracing::debug!(error = %error, "a heartbeat was not sent");
            }
        }
    }
}
