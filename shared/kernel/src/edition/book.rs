//! The editions that a running service knows, shared by everything in it.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use crate::edition::{Edition, Editions};

/// A handle on the editions that a service knows. Copies are the same book: whoever looks next sees what was learnt last.
#[derive(Clone, Debug)]
pub struct Book(Arc<RwLock<Arc<Editions>>>);

impl Book {
    /// A book that begins with these editions.
    #[must_use]
    pub fn new(editions: Editions) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(editions))))
    }

    /// The edition in force at an instant; before the first, the first.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Arc<Edition> {
        Arc::clone(self.editions().holding(at))
    }

    /// All editions as they are known now. What is learnt later does not change the answer.
    #[must_use]
    pub fn editions(&self) -> Arc<Editions> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes by other editions from now on.
    pub fn replace(&self, editions: Editions) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(editions);
    }
}

impl From<Editions> for Book {
    fn from(editions: Editions) -> Self {
        Self::new(editions)
    }
}
