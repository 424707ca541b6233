//! An edition as people write it: the parts that the services obey, and the procedures that people read.
//!
//! Its number and the instant from which it is in force are not in it: they are given when it is scheduled.

mod faults;
mod first;
mod procedure;
#[cfg(test)]
mod reading_age;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Timestamp, edition::Edition};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

pub use faults::Fault;
pub(crate) use faults::LINK;
#[cfg(test)]
pub(crate) use first::FILES as CARRIED;
pub use first::first;
pub use procedure::{AppliesTo, Audience, BadProcedureId, By, Contact, Force, Procedure, ProcedureId, Step};

/// The whole content of an edition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Title, note, calendars, clocks, ladder, decline reasons, form, retention, prompts and limits, as the services read them.
    pub parts: Map<String, Value>,
    /// The procedures, in the order of their ids.
    #[serde(with = "procedure::list")]
    pub procedures: BTreeMap<ProcedureId, Procedure>,
}

/// SHA-256 over the canonical form of a document, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);

impl Document {
    /// The canonical bytes (RFC 8785), which are hashed, kept and shown: the same document always has the same.
    ///
    /// # Errors
    /// When a number in the parts has no exact form, which no valid edition has.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(self)
    }

    /// The hash of the canonical bytes.
    ///
    /// # Errors
    /// As [`Document::canonical`].
    pub fn hash(&self) -> Result<ContentHash, serde_json::Error> {
        Ok(ContentHash(hex::encode(Sha256::digest(self.canonical()?))))
    }

    /// The names of the fields that its form asks.
    #[must_use]
    pub fn asks(&self) -> BTreeSet<String> {
        let form = self.parts.get("form").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        form.iter().filter_map(|field| field.get("name")?.as_str().map(str::to_owned)).collect()
    }

    /// The parts that the services obey, as the edition of this number from this instant on.
    ///
    /// # Errors
    /// Every fault of the parts.
    pub fn edition(&self, number: u32, in_force_from: Timestamp) -> Result<Edition, Vec<kernel::edition::Fault>> {
        Edition::numbered(self.parts.clone(), number, in_force_from)
    }
}
