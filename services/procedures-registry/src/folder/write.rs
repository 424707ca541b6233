//! A document as files.

use super::{EDITION, PROCEDURES, Texts, json, procedure};
use crate::document::Document;

/// The files of a document. The same document always has the same bytes.
#[must_use]
pub fn texts(document: &Document) -> Texts {
    let procedures = document.procedures.values().map(|one| (format!("{PROCEDURES}/{}.md", one.id), procedure::write(one)));
    std::iter::once((EDITION.to_owned(), json::write(&document.parts))).chain(procedures).collect()
}
