//! Events as they are kept.

use std::fmt;

use crate::{Actor, EventId, Timestamp};

/// The name of a stream, for instance `transfer-…`. It holds an id and never personal data.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stream(String);

impl Stream {
    /// The stream of one thing of a category.
    #[must_use]
    pub fn new(category: &str, id: impl fmt::Display) -> Self {
        Self(format!("{category}-{id}"))
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The category, before the first hyphen.
    #[must_use]
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or(self.0.as_str(), |(category, _)| category)
    }

    /// The id, after the first hyphen.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }

    /// A name read back from the log.
    #[must_use]
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes in the log are not an event that this version of the program knows.
#[derive(Debug, thiserror::Error)]
#[error("cannot read event type {type_name} version {version}")]
pub struct DecodeError {
    /// The stored type.
    pub type_name: String,
    /// The stored schema version.
    pub version: i16,
    /// What the parser said. It may quote the data, so it is never printed with the error.
    #[source]
    pub source: Option<serde_json::Error>,
}

/// An event that can be kept in the log. Its names are the storage format: they never change once released.
pub trait StoredEvent: Clone + Send + Sync + Sized + 'static {
    /// The stream that this event belongs to.
    fn stream(&self) -> Stream;

    /// The stable type name, for instance `transfer.offered`.
    fn type_name(&self) -> &'static str;

    /// The version of the shape of the data. A change of shape gets the next number and an upcaster in `from_data`.
    fn schema_version(&self) -> i16 {
        1
    }

    /// The exact bytes that are kept and hashed.
    ///
    /// # Errors
    /// When the event cannot be written as JSON, which is a bug.
    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error>;

    /// Reads any version that was ever released.
    ///
    /// # Errors
    /// When the type or version is unknown or the bytes are not of that shape.
    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError>;
}

/// An event with what the log knows about it.
#[derive(Clone, Debug)]
pub struct Recorded<E> {
    /// Place in the service's log; contiguous from 1 in commit order.
    pub position: i64,
    /// The stream it belongs to.
    pub stream: Stream,
    /// Place in the stream; contiguous from 1.
    pub version: i64,
    /// Its id, which is also the id of what is published.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the hub was told.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The request or story it belongs to (the W3C trace id).
    pub correlation: String,
    /// The event that led to it, if one did.
    pub causation: Option<EventId>,
    /// What happened.
    pub event: E,
}
