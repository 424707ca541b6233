//! The editions that were, are and will be in force.

use std::{borrow::Borrow, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use crate::edition::{Edition, Fault};

const FIRST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/editions/first/edition.json"));

/// When the first edition comes into force: 2026-01-01T00:00:00Z.
const FIRST_FROM: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// All editions, in the order in which they come into force. There is always at least one, so at every instant exactly one holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Editions {
    first: Arc<Edition>,
    later: Vec<Arc<Edition>>,
}

impl Editions {
    /// The edition that the program carries: a draft for a partnership to adopt.
    ///
    /// # Panics
    /// Never in a program whose tests pass: the text is part of it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the text is compiled in, and a test reads it")]
    pub fn first() -> Self {
        let parts = serde_json::from_str(FIRST).expect("data/editions/first/edition.json is a JSON object");
        let first = Edition::numbered(parts, 1, FIRST_FROM).expect("data/editions/first/edition.json is an edition");
        Self { first: Arc::new(first), later: Vec::new() }
    }

    /// Reads a JSON array of editions.
    ///
    /// # Errors
    /// Every fault of every edition, or of their order.
    pub fn parse_many(json: &str) -> Result<Self, Vec<Fault>> {
        let list: Vec<Value> = serde_json::from_str(json).map_err(|e| vec![Fault::shape("", e)])?;
        let (mut editions, mut faults) = (Vec::new(), Vec::new());
        for (index, value) in list.into_iter().enumerate() {
            match Edition::from_value(value) {
                Ok(edition) => editions.push(edition),
                Err(found) => faults.extend(found.into_iter().map(|fault| Fault::InEdition { index, fault: Box::new(fault) })),
            }
        }
        if faults.is_empty() { Self::new(editions) } else { Err(faults) }
    }

    /// Puts editions in order.
    ///
    /// # Errors
    /// When there is none, or one does not follow its predecessor both in number and in time.
    pub fn new(editions: Vec<Edition>) -> Result<Self, Vec<Fault>> {
        Self::in_order(editions.into_iter().map(Arc::new).collect())
    }

    /// The same and one more. One that has the number of a known edition takes its place.
    ///
    /// # Errors
    /// When it does not fit between its neighbours both in number and in time; then nothing is changed.
    pub fn with(&self, edition: Edition) -> Result<Self, Vec<Fault>> {
        let mut all: Vec<_> = self.shared().filter(|known| known.number != edition.number).cloned().collect();
        all.push(Arc::new(edition));
        Self::in_order(all)
    }

    fn in_order(mut editions: Vec<Arc<Edition>>) -> Result<Self, Vec<Fault>> {
        editions.sort_by_key(|edition| edition.in_force_from);
        let follows = |pair: &[Arc<Edition>]| pair[0].number < pair[1].number && pair[0].in_force_from < pair[1].in_force_from;
        let faults: Vec<_> =
            editions.windows(2).filter(|pair| !follows(pair)).map(|pair| Fault::OutOfOrder { number: pair[1].number }).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut editions = editions.into_iter();
        let first = editions.next().ok_or_else(|| vec![Fault::Empty { part: "the list of editions".to_owned() }])?;
        Ok(Self { first, later: editions.collect() })
    }

    /// The edition in force at an instant; before the first, the first.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> &Edition {
        self.holding(at)
    }

    /// The same, to keep.
    pub(super) fn holding(&self, at: Timestamp) -> &Arc<Edition> {
        self.later.iter().rev().find(|edition| edition.in_force_from <= at).unwrap_or(&self.first)
    }

    /// The edition with a number, for a decision that cites it.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<&Edition> {
        self.iter().find(|edition| edition.number == number)
    }

    /// All of them, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = &Edition> {
        self.shared().map(Borrow::borrow)
    }

    fn shared(&self) -> impl Iterator<Item = &Arc<Edition>> {
        std::iter::once(&self.first).chain(&self.later)
    }
}
