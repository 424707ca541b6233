//! NATS subjects: `hub.<service>.<borough>.<kind>`, so that a borough's own system can be allowed exactly its own.

/// The subject of one event. Nothing personal is in it.
#[must_use]
pub fn event(service: &str, borough: Option<&str>, kind: &str) -> String {
    format!("hub.{service}.{}.{kind}", borough.unwrap_or("all"))
}

/// All events of one service.
#[must_use]
pub fn all_of(service: &str) -> String {
    format!("hub.{service}.>")
}

/// Where a service says every second how far its log reaches.
#[must_use]
pub fn head(service: &str) -> String {
    format!("hub-head.{service}")
}

/// The JetStream stream of one service's events.
#[must_use]
pub fn stream(service: &str) -> String {
    format!("HUB_{}", service.replace('-', "_").to_uppercase())
}
