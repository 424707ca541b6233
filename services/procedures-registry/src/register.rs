//! The list of the editions that were, are and will be in force.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{DraftId, Person, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document::{ContentHash, Document};

/// Something that happened to the list. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterEvent {
    /// The program brought this edition. It is a record of that and no decision: nobody has approved it.
    Carried { number: u32, id: String, in_force_from: Timestamp, hash: ContentHash, document: Box<Document>, at: Timestamp },
    /// An approved draft has its number and its instant.
    Scheduled {
        number: u32,
        id: String,
        in_force_from: Timestamp,
        hash: ContentHash,
        draft: DraftId,
        document: Box<Document>,
        by: Person,
        at: Timestamp,
    },
    /// A scheduled edition was taken back before it began.
    Withdrawn { number: u32, id: String, reason: String, by: Person, at: Timestamp },
}

impl RegisterEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Carried { .. } => "edition.carried",
            Self::Scheduled { .. } => "edition.scheduled",
            Self::Withdrawn { .. } => "edition.withdrawn",
        }
    }
}

/// An edition on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From when it is in force.
    pub in_force_from: Timestamp,
    /// Its content.
    pub hash: ContentHash,
    /// The names of the fields that its form asks.
    pub asks: BTreeSet<String>,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    editions: BTreeMap<u32, Entry>,
}

/// Where an edition comes from that nobody has approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program has it in itself.
    Program,
    /// `HUB_EDITIONS_FILE`.
    File,
}

/// An edition that the program brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// Where it has it from.
    pub origin: Origin,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// From when it is in force.
    pub in_force_from: Timestamp,
    /// Its content.
    pub document: Box<Document>,
    /// When the hub was told.
    pub at: Timestamp,
}

/// Why an edition that the program brings is not put on the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCarried {
    /// It does not follow the last one.
    #[error("The registry has editions and not the program's edition {0}. Give it up, or draft it.")]
    OutOfOrder(u32),
    /// A file holds one that the registry does not hold.
    #[error(
        "The registry does not hold edition {0} of HUB_EDITIONS_FILE as it is there, and takes a single one from a file, at its first start. \
         Take it out of the file, and hand it in with `hub procedures publish`."
    )]
    NotHeld(u32),
    /// It has no canonical form.
    #[error("The program's edition {0} cannot be written in its canonical form.")]
    NotCanonical(u32),
}

impl kernel::Refusal for NotCarried {
    fn code(&self) -> &'static str {
        match self {
            Self::OutOfOrder(_) => "carried_out_of_order",
            Self::NotHeld(_) => "edition_not_held",
            Self::NotCanonical(_) => "not_canonical",
        }
    }
}

impl Register {
    /// The last edition that stands, with its number.
    #[must_use]
    pub fn last(&self) -> Option<(u32, &Entry)> {
        self.editions.iter().rev().find(|(_, entry)| !entry.withdrawn).map(|(number, entry)| (*number, entry))
    }

    /// Whether there is an edition of this number that was not taken back.
    #[must_use]
    pub fn stands(&self, number: u32) -> bool {
        self.editions.get(&number).is_some_and(|entry| !entry.withdrawn)
    }

    /// The first edition from a number on that asks a field, of those that were not taken back.
    #[must_use]
    pub fn asked_from(&self, number: u32, field: &str) -> Option<u32> {
        let mut later = self.editions.range(number..).filter(|(_, entry)| !entry.withdrawn && entry.asks.contains(field));
        later.next().map(|(number, _)| *number)
    }

    /// The number of the next edition. A number is given once, also when its edition was taken back.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.editions.keys().next_back().map_or(1, |last| last + 1)
    }

    /// Puts an edition that the program brings on an empty list. On any other list the program's own stays as it was recorded, and
    /// that of a file must be what was recorded: nobody has approved it.
    pub(crate) fn carry(&self, carried: &Carried) -> Result<Option<RegisterEvent>, NotCarried> {
        let Carried { origin, number, id, in_force_from, document, at } = carried;
        let hash = document.hash().map_err(|_| NotCarried::NotCanonical(*number))?;
        let held = self.editions.get(number);
        match origin {
            Origin::Program if held.is_some() => return Ok(None),
            Origin::File if held.is_some_and(|entry| entry.hash == hash && entry.in_force_from == *in_force_from) => return Ok(None),
            Origin::Program | Origin::File if self.editions.is_empty() => {}
            Origin::Program => return Err(NotCarried::OutOfOrder(*number)),
            Origin::File => return Err(NotCarried::NotHeld(*number)),
        }
        let (id, document) = (id.clone(), document.clone());
        Ok(Some(RegisterEvent::Carried { number: *number, id, in_force_from: *in_force_from, hash, document, at: *at }))
    }

    /// Takes one event in.
    pub fn evolve(&mut self, event: &RegisterEvent) {
        match event {
            RegisterEvent::Carried { number, in_force_from, hash, document, .. }
            | RegisterEvent::Scheduled { number, in_force_from, hash, document, .. } => {
                let (in_force_from, hash, asks) = (*in_force_from, hash.clone(), document.asks());
                self.editions.insert(*number, Entry { in_force_from, hash, asks, withdrawn: false });
            }
            RegisterEvent::Withdrawn { number, .. } => {
                if let Some(entry) = self.editions.get_mut(number) {
                    entry.withdrawn = true;
                }
            }
        }
    }
}

/// The id of an edition that was adopted.
#[must_use]
pub fn edition_id(number: u32) -> String {
    format!("edition-{number}")
}
