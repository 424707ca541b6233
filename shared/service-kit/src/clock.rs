//! The time, from one place, so that a test can set it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use kernel::Timestamp;

/// 1900-01-01: nothing that the hub is told of happened before. PostgreSQL cannot keep every instant that can be written.
pub const EARLIEST: Timestamp = Timestamp::constant(-2_208_988_800, 0);

/// Where a service gets the time from. Deciders never see it: they get an instant with the command.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is set. Copies of it move together.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))))
    }

    /// The instant now, cut to the microsecond that PostgreSQL keeps.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => cut(system_now()),
            Source::Manual(micros) => Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Sets a manual clock; the clock of the machine is left alone.
    pub fn set(&self, to: Timestamp) {
        match &self.0 {
            Source::System => {}
            Source::Manual(micros) => micros.store(to.as_microsecond(), Ordering::SeqCst),
        }
    }

    /// Whether it is a manual clock.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Source::Manual(_))
    }
}

fn cut(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_manual_clock_move_together() {
        let clock = Clock::manual("2026-11-23T02:14:00Z".parse().unwrap());
        let copy = clock.clone();
        clock.set("2026-11-23T02:15:00Z".parse().unwrap());
        assert_eq!(copy.now(), "2026-11-23T02:15:00Z".parse().unwrap());
    }

    #[test]
    fn the_time_has_no_more_digits_than_the_database_keeps() {
        assert_eq!(Clock::system().now().as_nanosecond() % 1_000, 0);
    }
}
