//! An edition as a folder, so that a partnership can keep it in git.
//!
//! `edition.json` holds the parts that the services obey, and `procedures/<id>.md` one procedure each: TOML between `+++` lines,
//! Markdown below. `.exported-from` says which edition of which registry it was, and is no part of it.
//!
//! Reading is tolerant in layout and strict in content: all faults of all files are listed at once, each with file and line.
//! Writing gives the same bytes for the same document, and what is written reads back as exactly that document.

mod body;
mod content;
mod disk;
mod exported;
mod front;
mod json;
mod procedure;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Timestamp;
use serde::Serialize;

pub use disk::{DiskError, files, read, write};
pub use exported::{ExportedFrom, exported_from, note_export};
pub use write::texts;

use crate::document::{Document, ProcedureId};

/// The file with the parts that the services obey.
const EDITION: &str = "edition.json";

/// The folder with the procedures.
const PROCEDURES: &str = "procedures";

/// The text files of an edition by their paths in its folder, with `/`: `edition.json`, `procedures/police-protection.md`.
pub type Texts = BTreeMap<String, String>;

/// One fault of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Fault {
    /// The file, as a path in the folder.
    pub file: String,
    /// The line, from 1. A fault of the whole file is at its first.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What a folder says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The document; none when a file is missing or cannot be read. It may still have faults.
    pub document: Option<Document>,
    /// Everything that is wrong, by file and line.
    pub faults: Vec<Fault>,
    /// The lines of `edition.json`.
    lines: Lines,
}

impl Reading {
    /// The same with what is wrong if it is handed in now: a review date of a field that is past.
    #[must_use]
    pub fn handed_in(mut self, now: Timestamp) -> Self {
        self.faults.extend(self.document.iter().flat_map(|document| content::overdue(document, &self.lines, now)));
        self.faults.sort();
        self
    }

    /// The document, if nothing at all is wrong with it.
    ///
    /// # Errors
    /// Every fault.
    pub fn sound(self) -> Result<Document, Vec<Fault>> {
        match self.document {
            Some(document) if self.faults.is_empty() => Ok(document),
            Some(_) | None => Err(self.faults),
        }
    }
}

/// Where in a file each value is that can be at fault: lines by JSON pointer.
type Lines = BTreeMap<String, usize>;

/// A fault before its file is known: the line, and what is wrong.
type Found = (usize, String);

/// Reads the files of an edition; every one of them has to be one.
#[must_use]
pub fn parse(texts: &Texts) -> Reading {
    let mut read = Content::default();
    let mut faults = Vec::new();
    let mut whole = true;
    for (file, text) in texts {
        let found = if file == EDITION { read.edition(text) } else { read.procedure(file, text) };
        whole &= !found.iter().any(|(broken, _)| *broken);
        faults.extend(found.into_iter().map(|(_, (line, what))| Fault { file: file.clone(), line, what }));
    }
    if !texts.contains_key(EDITION) {
        whole = false;
        faults.push(Fault { file: EDITION.to_owned(), line: 1, what: "is missing".to_owned() });
    }
    faults.extend(content::faults(&read));
    faults.sort();
    faults.dedup();
    Reading { document: whole.then_some(read.document), faults, lines: read.edition.unwrap_or_default() }
}

/// What was read, with the lines where it stands.
#[derive(Debug, Default)]
struct Content {
    document: Document,
    /// The lines of `edition.json`; none while it could not be read.
    edition: Option<Lines>,
    procedures: BTreeMap<ProcedureId, Lines>,
    /// The procedures that have a file, whether it could be read or not.
    present: BTreeSet<ProcedureId>,
}

impl Content {
    /// The faults, each with whether the file cannot be read because of it.
    fn edition(&mut self, text: &str) -> Vec<(bool, Found)> {
        match json::read(text) {
            Ok(read) => {
                self.document.parts = read.parts;
                self.edition = Some(read.lines);
                read.twice.into_iter().map(|found| (true, found)).collect()
            }
            Err(found) => vec![(true, found)],
        }
    }

    fn procedure(&mut self, file: &str, text: &str) -> Vec<(bool, Found)> {
        let id: ProcedureId = match disk::stem(file).parse() {
            Ok(id) => id,
            Err(why) => return vec![(true, (1, format!("the name of the file is no id: {why}")))],
        };
        self.present.insert(id.clone());
        match procedure::read(&id, text) {
            Ok((procedure, lines)) => {
                self.procedures.insert(id.clone(), lines);
                self.document.procedures.insert(id, procedure);
                Vec::new()
            }
            Err(found) => found.into_iter().map(|found| (true, found)).collect(),
        }
    }
}
