//! Something that is well or not, logged when it changes and not at every try.

use std::fmt::Display;

/// One thing that can go wrong and come right again.
pub(crate) struct Condition {
    what: &'static str,
    of: String,
    bad: bool,
}

impl Condition {
    /// It starts well.
    pub(crate) fn new(what: &'static str, of: &str) -> Self {
        Self { what, of: of.to_owned(), bad: false }
    }

    /// It is not well. `why` must hold no personal data.
    pub(crate) fn bad(&mut self, why: &dyn Display) {
        if !self.bad {
            tracing::error!(service = %self.of, why = %why, "{} stands still and will go on by itself when the cause is gone", self.what);
        }
        self.bad = true;
    }

    /// It is well again.
    pub(crate) fn good(&mut self) {
        if self.bad {
            tracing::info!(service = %self.of, "{} goes on", self.what);
        }
        self.bad = false;
    }
}
