//! The other service's log, asked directly: the truth that NATS is measured against.

use proto_events::Envelope;

use crate::Later;

/// Where the events of one service can be fetched by position.
pub trait Source: Send + Sync {
    /// Up to `limit` events after a position, contiguous and in order. A page may be short; an empty one means that there are
    /// no more yet.
    fn after(&self, position: i64, limit: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>>;
}

/// The events could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The service does not answer.
    #[error("the service does not answer for its log")]
    Away,
    /// It answered with a refusal.
    #[error("the service refused its log with status {0}: check the role of this service's token")]
    Refused(u16),
    /// The answer is too large, not a list, or not in order. Nothing of it is used.
    #[error("the answer is not a page of a log: {0}")]
    NotAPage(&'static str),
    /// The very next position is there and is not an event that this version of the program can read.
    #[error("position {} cannot be read", .0.position)]
    Unreadable(Box<Unreadable>),
}

/// A position that cannot be read as an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub position: i64,
    /// What it is about, if that much can be read.
    pub subject: String,
    /// As it came.
    pub bytes: Vec<u8>,
}
