//! Chance that can be repeated: everything random in a run follows from its seed.

use std::hash::{BuildHasher as _, RandomState};

/// A sequence of random numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another, which is not 0.
    pub fn below(&mut self, most: u64) -> u64 {
        self.number() % most
    }

    /// Whether something that happens once in so many times happens now.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several, of which there is at least one.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let most = u64::try_from(from.len()).unwrap_or(u64::MAX);
        &from[usize::try_from(self.below(most)).unwrap_or_default()]
    }

    /// 32 hexadecimal digits, as a trace id or a key.
    pub fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.number(), self.number())
    }

    /// A sequence of its own for somebody who goes on beside this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.number())
    }
}

/// The seed of this run: `HUB_SEED`, or any. Whoever uses it prints it.
#[must_use]
pub fn seed() -> u64 {
    let given = service_kit::Config::environment().get("HUB_SEED").and_then(|seed| seed.trim().parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one("hub"))
}
