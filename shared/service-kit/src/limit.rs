//! How fast one caller may ask: a bucket of tokens for each subject. It stops a program that runs away, never a person.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use kernel::Timestamp;

/// How many callers are remembered.
const CALLERS: usize = 20_000;

/// Which allowance a request takes from. A router sets it with `Extension(Pace::Referrals)`; others follow the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Looking.
    Reads,
    /// Commands.
    Writes,
    /// Raising a concern: more generous than any other command.
    Referrals,
}

/// An allowance: so many at once, then so many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// How many at once.
    pub burst: f64,
    /// How many a second after that.
    pub per_second: f64,
}

/// The allowances of every caller.
#[derive(Debug)]
pub struct Limits {
    reads: Allowance,
    writes: Allowance,
    referrals: Allowance,
    buckets: Mutex<HashMap<(String, Pace), Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Default for Limits {
    /// Far above what a person or a borough's system needs in the worst night.
    fn default() -> Self {
        Self::new(
            Allowance { burst: 1_000.0, per_second: 200.0 },
            Allowance { burst: 500.0, per_second: 100.0 },
            Allowance { burst: 1_000.0, per_second: 200.0 },
        )
    }
}

impl Limits {
    /// Limits with other allowances.
    #[must_use]
    pub fn new(reads: Allowance, writes: Allowance, referrals: Allowance) -> Self {
        Self { reads, writes, referrals, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one from the caller's allowance.
    ///
    /// # Errors
    /// How many seconds to wait, when it is used up.
    pub fn take(&self, caller: &str, pace: Pace, now: Timestamp) -> Result<(), u32> {
        let allowance = match pace {
            Pace::Reads => self.reads,
            Pace::Writes => self.writes,
            Pace::Referrals => self.referrals,
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS {
            forget_half(&mut buckets);
        }
        let bucket = buckets.entry((caller.to_owned(), pace)).or_insert(Bucket { left: allowance.burst, at: now });
        let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        bucket.left = (bucket.left + passed * allowance.per_second).min(allowance.burst);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(seconds_until_one(bucket.left, allowance.per_second));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=3600 first")]
fn seconds_until_one(left: f64, per_second: f64) -> u32 {
    ((1.0 - left) / per_second).ceil().clamp(1.0, 3_600.0) as u32
}

/// Keeps the memory bounded: those who asked longest ago get a fresh allowance.
fn forget_half(buckets: &mut HashMap<(String, Pace), Bucket>) {
    let mut times: Vec<Timestamp> = buckets.values().map(|bucket| bucket.at).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied();
    buckets.retain(|_, bucket| Some(bucket.at) > middle);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    fn night() -> Timestamp {
        "2026-11-23T02:14:00Z".parse().unwrap()
    }

    fn small() -> Limits {
        let two = Allowance { burst: 2.0, per_second: 0.5 };
        Limits::new(two, two, two)
    }

    #[test]
    fn a_used_up_allowance_says_how_long_to_wait_and_comes_back() {
        let limits = small();
        assert_eq!(limits.take("ada", Pace::Writes, night()), Ok(()));
        assert_eq!(limits.take("ada", Pace::Writes, night()), Ok(()));
        assert_eq!(limits.take("ada", Pace::Writes, night()), Err(2));
        assert_eq!(limits.take("ada", Pace::Writes, night() + 2.seconds()), Ok(()));
    }

    #[test]
    fn one_caller_does_not_use_up_another_ones_allowance_and_reading_not_that_of_referring() {
        let limits = small();
        while limits.take("ada", Pace::Reads, night()).is_ok() {}
        assert_eq!(limits.take("ben", Pace::Reads, night()), Ok(()));
        assert_eq!(limits.take("ada", Pace::Referrals, night()), Ok(()));
    }

    #[test]
    fn a_person_who_clicks_as_fast_as_they_can_is_never_limited() {
        let limits = Limits::default();
        for tenth in 0..3_000_i64 {
            let now = night() + (tenth * 100).milliseconds();
            assert_eq!(limits.take("ada", Pace::Writes, now), Ok(()));
        }
    }

    #[test]
    fn the_memory_for_callers_is_bounded() {
        let limits = small();
        for caller in 0..(2 * CALLERS) {
            let at = night() + i64::try_from(caller).unwrap().milliseconds();
            assert_eq!(limits.take(&caller.to_string(), Pace::Reads, at), Ok(()));
        }
        assert!(limits.buckets.lock().unwrap().len() <= CALLERS);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_panic() {
        let limits = small();
        assert_eq!(limits.take("ada", Pace::Reads, night()), Ok(()));
        assert_eq!(limits.take("ada", Pace::Reads, night() - 1.hours()), Ok(()));
    }
}
