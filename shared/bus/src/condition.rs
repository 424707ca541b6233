//! Something that is well or not: logged when it changes and not at every try, and tried again after growing waits.

use std::{fmt::Display, time::Duration};

use tokio::time::Instant;

/// Waits between tries: the first, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// One thing that can go wrong and come right again.
pub(crate) struct Condition {
    what: &'static str,
    of: String,
    bad: bool,
    tries: u32,
    not_before: Instant,
}

impl Condition {
    /// It starts well.
    pub(crate) fn new(what: &'static str, of: &str) -> Self {
        Self { what, of: of.to_owned(), bad: false, tries: 0, not_before: Instant::now() }
    }

    /// It is not well. `why` must hold no personal data.
    pub(crate) fn bad(&mut self, why: &dyn Display) {
        if !self.bad {
            tracing::error!(service = %self.of, why = %why, "{} stands still and will go on by itself when the cause is gone", self.what);
        }
        self.bad = true;
        self.later();
    }

    /// Nothing is wrong, and there is no sense in trying again at once.
    pub(crate) fn later(&mut self) {
        self.tries = self.tries.saturating_add(1);
        self.not_before = Instant::now() + (WAITS.0 * self.tries.min(20)).min(WAITS.1);
    }

    /// It is well again.
    pub(crate) fn good(&mut self) {
        if self.bad {
            tracing::info!(service = %self.of, "{} goes on", self.what);
        }
        self.bad = false;
        self.tries = 0;
        self.not_before = Instant::now();
    }

    /// Whether it may be tried now.
    pub(crate) fn due(&self) -> bool {
        Instant::now() >= self.not_before
    }

    /// When it may be tried.
    pub(crate) fn not_before(&self) -> Instant {
        self.not_before
    }

    /// How often it has failed in a row.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }
}
