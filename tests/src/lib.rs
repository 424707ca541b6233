//! What the tests that cross services share.

pub mod history;
