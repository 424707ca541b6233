//! What stands beside the editions, over HTTP, on a real PostgreSQL, without NATS: receipts, local variations, the bin, the use of the
//! form, and search.

#![expect(clippy::unwrap_used, reason = "test helpers")]

mod brought;
mod contacts;
mod difference;
mod editions;
mod fields;
mod forms;
mod receipts;
mod search;
mod support;
mod variations;
