//! An event as the log keeps it.

use kernel::{Borough, ChildId, DecodeError, Reference, StoredEvent, Stream, edition::EditionEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_kit::editions::Obeys;

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

impl Obeys for Kept {
    fn of_edition(event: EditionEvent) -> Self {
        Self { event: Event::Edition(event), about: None }
    }

    fn edition(&self) -> Option<&EditionEvent> {
        match &self.event {
            Event::Edition(event) => Some(event),
            Event::Transfer(..)
            | Event::Ledger(..)
            | Event::Desk(..)
            | Event::Board(..)
            | Event::Glass(..)
            | Event::Look(..)
            | Event::ChildLook(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::TransferId;

    /// What stands beside the event of a transfer, as the first release wrote it. It never changes.
    const ABOUT: &str =
        r#"{"reference":"ST-2026-00417R","from":"E08000003","to":"E08000006","children":["chd_00000000000000000000000000000007"]}"#;

    fn golden() -> Vec<(String, String)> {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let of_transfers = files.filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".v1.json")?.to_owned();
            name.starts_with("transfer.").then(|| (name, std::fs::read_to_string(&path).unwrap().trim_end().to_owned()))
        });
        of_transfers.collect()
    }

    #[test]
    fn every_event_of_a_transfer_is_kept_with_whom_it_concerns_and_comes_back_byte_for_byte() {
        let stream = Stream::new("transfer", TransferId::from_uuid(uuid::Uuid::from_u128(1)));
        let about = ABOUT.replace("ST-2026-00417R", Reference::transfer(2026, 417).as_str());
        let golden = golden();
        assert!(golden.len() > 25);
        for (type_name, event) in golden {
            let data = format!("{{\"about\":{about},\"event\":{event}}}");
            let kept = Kept::from_data(&stream, &type_name, 1, data.as_bytes()).unwrap();
            assert_eq!((kept.type_name(), kept.about.is_some()), (type_name.as_str(), true));
            assert_eq!(String::from_utf8(kept.to_data().unwrap()).unwrap(), data);
            let bare = Kept::from_data(&stream, &type_name, 1, event.as_bytes()).unwrap();
            assert_eq!((bare.event, bare.about), (kept.event, None));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_quoting_it() {
        let stream = Stream::new("transfer", TransferId::from_uuid(uuid::Uuid::from_u128(1)));
        for data in ["{\"about\":{},\"event\":{\"seen\":\"Marigold\"}}", "{\"about\":\"Marigold\"}", "Marigold"] {
            let fault = Kept::from_data(&stream, "transfer.seen", 1, data.as_bytes()).unwrap_err();
            assert!(!fault.to_string().contains("Marigold"));
        }
    }
}
