//! An event as the log keeps it.

use kernel::{Borough, ChildId, DecodeError, Reference, StoredEvent, Stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rules::Event;

/// An event, and what a reader of this one position alone must know of its transfer. The rules never see the latter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What happened.
    pub event: Event,
    /// The transfer it belongs to, if it belongs to one.
    pub about: Option<About>,
}

/// Who and whom a transfer concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What people call it on the telephone.
    pub reference: Reference,
    /// The borough that offers.
    pub from: Borough,
    /// The borough that is asked.
    pub to: Borough,
    /// The children, as the event has left them.
    pub children: Vec<ChildId>,
}

/// Both as one JSON object. The event's own object has one member, named as its type, and never `about`.
#[derive(Deserialize)]
struct Together {
    about: About,
    event: Value,
}

impl StoredEvent for Kept {
    fn stream(&self) -> Stream {
        self.event.stream()
    }

    fn type_name(&self) -> &'static str {
        self.event.type_name()
    }

    fn schema_version(&self) -> i16 {
        self.event.schema_version()
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        let event = self.event.to_data()?;
        let Some(about) = &self.about else { return Ok(event) };
        let about = serde_json::to_vec(about)?;
        Ok([b"{\"about\":".as_slice(), &about, b",\"event\":", &event, b"}"].concat())
    }

    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        if !data.starts_with(b"{\"about\":") {
            return Ok(Self { event: Event::from_data(stream, type_name, version, data)?, about: None });
        }
        let fault = |source| DecodeError { type_name: type_name.to_owned(), version, source: Some(source) };
        let Together { about, event } = serde_json::from_slice(data).map_err(fault)?;
        let event = serde_json::to_vec(&event).map_err(fault)?;
        Ok(Self { event: Event::from_data(stream, type_name, version, &event)?, about: Some(about) })
    }
}
