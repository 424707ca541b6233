//! Clocks that cannot be fired now.
//!
//! A worker reads the longest overdue clocks first, and only so many at once. One that cannot be fired stays where it is, so without
//! this a handful of them would keep all the others from ever being looked at.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use kernel::Timestamp;

/// How long a clock that could not be fired waits before it is tried again.
const LATER: SignedDuration = SignedDuration::from_secs(30);

/// The clocks that wait, by whatever names them. It is forgotten with the process: then each is tried once more.
#[derive(Debug)]
pub struct PutOff<K>(BTreeMap<K, Timestamp>);

impl<K: Ord> PutOff<K> {
    /// None waits.
    #[must_use]
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// How many wait: so many more must be read, so that as many as ever are new.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    /// Whether a clock still waits.
    #[must_use]
    pub fn waits(&self, clock: &K, now: Timestamp) -> bool {
        self.0.get(clock).is_some_and(|until| *until > now)
    }

    /// Lets a clock wait until an instant.
    pub fn until(&mut self, clock: K, at: Timestamp) {
        self.0.insert(clock, at);
    }

    /// Lets a clock wait for half a minute.
    pub fn later(&mut self, clock: K, now: Timestamp) {
        self.until(clock, now.saturating_add(LATER).unwrap_or(now));
    }

    /// Forgets those that have waited long enough.
    pub fn forget_past(&mut self, now: Timestamp) {
        self.0.retain(|_, until| *until > now);
    }
}

impl<K: Ord> Default for PutOff<K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_clock_that_was_put_off_waits_half_a_minute_and_the_others_do_not_wait() {
        let mut put_off = PutOff::new();
        put_off.later("bad", at(0));
        assert!(put_off.waits(&"bad", at(29)) && !put_off.waits(&"bad", at(30)) && !put_off.waits(&"good", at(0)));
    }

    #[test]
    fn one_that_has_waited_long_enough_no_longer_widens_what_is_read() {
        let mut put_off = PutOff::new();
        put_off.later("bad", at(0));
        put_off.until("worse", at(100));
        put_off.forget_past(at(60));
        assert_eq!((put_off.waiting(), put_off.waits(&"worse", at(60))), (1, true));
    }
}
