//! What the audit itself puts on the record: that somebody looked.

use kernel::{ChildId, DecodeError, StoredEvent, Stream, Timestamp};
use serde::{Deserialize, Serialize};

/// A look at the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody opened a child's chronology.
    ChronologyRead {
        /// The child asked for.
        child: ChildId,
        /// How many events were shown.
        shown: i64,
    },
    /// Somebody opened the handover list.
    HandoversRead {
        /// From when.
        from: Option<Timestamp>,
        /// Until when.
        to: Option<Timestamp>,
        /// How many handovers were shown.
        shown: i64,
    },
    /// Somebody opened a report, or the events behind one of its figures.
    ReportRead {
        /// Its name.
        report: String,
        /// From when.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
        /// For which borough alone, if for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        borough: Option<String>,
        /// How many rows or events were shown.
        shown: i64,
    },
}

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::ChronologyRead { child, .. } => Stream::new("looks", child),
            Self::HandoversRead { .. } => Stream::new("looks", "handovers"),
            Self::ReportRead { report, .. } => Stream::new("reports", report),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::ChronologyRead { .. } => "audit.chronology_read",
            Self::HandoversRead { .. } => "audit.handovers_read",
            Self::ReportRead { .. } => "audit.report_read",
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn from_data(_: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let fault = |source| DecodeError { type_name: type_name.to_owned(), version, source };
        if version != 1 {
            return Err(fault(None));
        }
        serde_json::from_slice(data).map_err(|error| fault(Some(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored bytes of every released type: they decode for ever and are written the same.
    #[test]
    fn golden_events_decode_and_are_written_byte_for_byte_the_same() {
        let golden = [
            ("audit.chronology_read", r#"{"chronology_read":{"child":"chd_00000000000000000000000000000007","shown":3}}"#),
            ("audit.handovers_read", r#"{"handovers_read":{"from":"2026-01-01T00:00:00Z","to":null,"shown":0}}"#),
            (
                "audit.report_read",
                r#"{"report_read":{"report":"pairs","from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","borough":"E08000003","shown":2}}"#,
            ),
        ];
        for (type_name, data) in golden {
            let event = Event::from_data(&Stream::new("looks", "x"), type_name, 1, data.as_bytes()).unwrap();
            assert_eq!(event.type_name(), type_name);
            assert_eq!(event.to_data().unwrap(), data.as_bytes());
        }
    }
}
