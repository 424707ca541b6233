//! The record: an append-only log per service on PostgreSQL, and the one way to write to it.
//!
//! A command is decided once, on the latest state, and is either wholly recorded or not at all. Positions are contiguous
//! and in commit order, so a reader that asks for everything after a position misses nothing.

#![warn(missing_docs)]

mod error;
mod execute;
mod heads;
mod leaf;
mod log;
pub mod pool;
mod rebuild;
pub mod settings;
mod tail;
mod time;
mod view;

pub use error::StoreError;
pub use execute::{Advance, Answer, Context, Decide, Decided, MOVED, Outcome, Past, Receipt, Refused, Request, Store, Unmoved};
pub use heads::{Cosignature, Heads, SignedHead};
pub use leaf::{leaf_bytes, leaf_hash};
pub use log::{Fault, Log, Row};
pub use rebuild::{digest, migrate, rebuild};
pub use time::PgTime;
pub use view::{Applied, View};

#[cfg(test)]
mod tests;
