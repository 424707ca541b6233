//! What the tests that cross services share.

pub mod history;
pub mod client;
pub mod storm;
