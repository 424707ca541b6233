//! What the audit itself puts on the record: that somebody looked, what was learnt, and which samples were drawn.

use kernel::{ChildId, DecodeError, StoredEvent, Stream, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{alerts::Alert, learning::LearningEvent, sample::SampleEvent};

/// A look at the record, or what the board keeps here itself.
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
    /// Somebody read the learning log.
    LearningRead {
        /// How many items were shown.
        shown: i64,
    },
    /// Somebody read the dip samples, or a case of one.
    SampleRead {
        /// Which sample; `all` for the list.
        sample: String,
        /// The case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<u32>,
        /// The child that the case is about. It was not shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        child: Option<ChildId>,
    },
    /// Something in the learning log.
    Learning(LearningEvent),
    /// Something about dip samples.
    Sample(SampleEvent),
    /// Looks by which somebody should ask.
    Alerted(Alert),
}

impl Event {
    /// The alert, if it is one.
    #[must_use]
    pub fn alert(&self) -> Option<&Alert> {
        if let Self::Alerted(alert) = self { Some(alert) } else { None }
    }
}

/// The category of the learning log's stream.
pub(crate) const LEARNING: &str = "learning";

/// The category of the samples' stream.
pub(crate) const SAMPLES: &str = "samples";

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::ChronologyRead { child, .. } => Stream::new("looks", child),
            Self::HandoversRead { .. } => Stream::new("looks", "handovers"),
            Self::ReportRead { report, .. } => Stream::new("reports", report),
            Self::LearningRead { .. } => Stream::new("looks", "learning"),
            Self::SampleRead { sample, .. } => Stream::new("sample_looks", sample),
            Self::Learning(_) => Stream::new(LEARNING, "log"),
            Self::Sample(_) => Stream::new(SAMPLES, "all"),
            Self::Alerted(_) => crate::watch::alerts_stream(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::ChronologyRead { .. } => "audit.chronology_read",
            Self::HandoversRead { .. } => "audit.handovers_read",
            Self::ReportRead { .. } => "audit.report_read",
            Self::LearningRead { .. } => "audit.learning_read",
            Self::SampleRead { .. } => "audit.sample_read",
            Self::Learning(LearningEvent::Reported { .. }) => "learning.reported",
            Self::Learning(LearningEvent::Linked { .. }) => "learning.linked",
            Self::Sample(SampleEvent::Drawn { .. }) => "sample.drawn",
            Self::Sample(SampleEvent::Unmasked { .. }) => "sample.unmasked",
            Self::Alerted(_) => "audit.alerted",
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
pub(crate) mod tests {
    use super::*;
    use kernel::{Actor, Org, Person, Role, Sealed};

    pub(crate) fn person(id: &str, role: Role) -> Person {
        Person::try_from(Actor { id: id.to_owned(), name: "auditor".to_owned(), org: Org::Board, role }).unwrap()
    }

    pub(crate) fn sealed() -> Sealed {
        Sealed { key: "key_1".to_owned(), box_: "sealed".to_owned() }
    }

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
            ("audit.learning_read", r#"{"learning_read":{"shown":2}}"#),
            ("audit.sample_read", r#"{"sample_read":{"sample":"smp_1","case":3,"child":"chd_00000000000000000000000000000007"}}"#),
            (
                "learning.reported",
                r#"{"learning":{"reported":{"id":"lrn_1","item":{"kind":"near_miss","what":{"key":"k","box_":"b"},"system":{"key":"k","box_":"b"},"procedures":["handover"],"reporter":{"key":"r","box_":"b"},"at":"2026-01-01T00:00:00Z"}}}}"#,
            ),
            (
                "learning.linked",
                r#"{"learning":{"linked":{"id":"lrn_1","procedure":"handover","by":{"id":"a","name":"auditor","org":"board","role":"board_auditor"},"at":"2026-01-01T00:00:00Z"}}}"#,
            ),
            (
                "sample.drawn",
                r#"{"sample":{"drawn":{"id":"smp_1","sample":{"seed":"2f6c","seed_given":false,"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","through":7,"population":40,"cases":["chd_00000000000000000000000000000007"],"by":{"id":"a","name":"auditor","org":"board","role":"board_auditor"},"at":"2026-02-01T00:00:00Z"}}}}"#,
            ),
            (
                "sample.unmasked",
                r#"{"sample":{"unmasked":{"id":"smp_1","unmasking":{"case":1,"child":"chd_00000000000000000000000000000007","reason":{"key":"k","box_":"b"},"by":{"id":"a","name":"auditor","org":"board","role":"board_auditor"},"at":"2026-02-01T00:00:00Z"}}}}"#,
            ),
            (
                "audit.alerted",
                r#"{"alerted":{"rule":"own_name","who":{"id":"a","name":"duty worker","org":"E08000003","role":"duty_worker"},"children":[],"looks":[3,3],"at":"2026-01-01T00:00:00Z"}}"#,
            ),
            (
                "audit.alerted",
                r#"{"alerted":{"rule":"same_surname","who":{"id":"a","name":"duty worker","org":"E08000003","role":"duty_worker"},"children":[],"looks":[3,3],"at":"2026-01-01T00:00:00Z"}}"#,
            ),
            (
                "audit.alerted",
                r#"{"alerted":{"rule":"many_unrelated","who":{"id":"a","name":"duty worker","org":"E08000003","role":"duty_worker"},"children":["chd_00000000000000000000000000000007"],"looks":[3,9],"at":"2026-01-01T00:00:00Z"}}"#,
            ),
        ];
        for (type_name, data) in golden {
            let event = Event::from_data(&Stream::new("looks", "x"), type_name, 1, data.as_bytes()).unwrap();
            assert_eq!(event.type_name(), type_name);
            assert_eq!(event.to_data().unwrap(), data.as_bytes());
        }
    }
}
