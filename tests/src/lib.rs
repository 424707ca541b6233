//! What the tests that cross services share.

pub mod client;
pub mod history;
pub mod storm;
