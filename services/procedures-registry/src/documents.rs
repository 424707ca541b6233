//! The documents that were read lately. An edition never changes, so what is at hand is never stale; its hash says which one it is.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::document::Document;

/// How many are kept: the one in force, the ones before and after it, and those that somebody compares.
const MOST: usize = 8;

/// Documents by their hash, the latest read last.
#[derive(Clone, Default)]
pub(crate) struct Documents(Arc<Mutex<VecDeque<Kept>>>);

type Kept = (String, Arc<Document>);

impl Documents {
    pub(crate) fn get(&self, hash: &str) -> Option<Arc<Document>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(other, _)| other == hash)?;
        let found = kept.remove(at)?;
        let document = Arc::clone(&found.1);
        kept.push_back(found);
        Some(document)
    }

    pub(crate) fn keep(&self, hash: &str, document: Document) -> Arc<Document> {
        let document = Arc::new(document);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((hash.to_owned(), Arc::clone(&document)));
        if kept.len() > MOST {
            kept.pop_front();
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_read_lately_are_at_hand_and_the_others_are_let_go() {
        let documents = Documents::default();
        for number in 0..MOST {
            documents.keep(&number.to_string(), Document::default());
        }
        assert!(documents.get("0").is_some());
        documents.keep("more", Document::default());
        assert!(documents.get("0").is_some() && documents.get("more").is_some());
        assert!(documents.get("1").is_none(), "nobody had asked for it since");
    }
}
