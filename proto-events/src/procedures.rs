//! What the procedures registry tells others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Published;

/// A published event of the procedures registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Procedures {
    /// The program brought this edition as a draft: nobody has approved it, and it holds until an adopted one does.
    EditionCarried(Edition),
    /// A board and its boroughs have approved an edition, and it is in force everywhere from one instant on.
    EditionScheduled(Edition),
    /// A scheduled edition was taken back before it began.
    EditionWithdrawn {
        /// Its number, which no other edition gets.
        number: u32,
        /// Its id.
        id: String,
    },
    /// Something else that stays inside the service; the code says what.
    Noted {
        /// The stored type.
        what: String,
    },
}

/// An edition: what the services obey of it. The procedures themselves are read from the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// From when it is in force.
    pub in_force_from: Timestamp,
    /// SHA-256 over the canonical form of the whole document, in hexadecimal digits.
    pub hash: String,
    /// Clocks, ladder, reasons, form, retention, prompts, limits and quorum, as they were written.
    pub parts: Map<String, Value>,
    /// The items of the learning log that each procedure answers, by procedure; none where an older hub did not tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub learning: BTreeMap<String, Vec<String>>,
}

impl Published for Procedures {
    const SERVICE: &'static str = "procedures";

    fn kind(&self) -> &'static str {
        match self {
            Self::EditionCarried(_) => "edition_carried",
            Self::EditionScheduled(_) => "edition_scheduled",
            Self::EditionWithdrawn { .. } => "edition_withdrawn",
            Self::Noted { .. } => "noted",
        }
    }

    fn children(&self) -> Vec<String> {
        Vec::new()
    }

    fn borough(&self) -> Option<&str> {
        None
    }
}
