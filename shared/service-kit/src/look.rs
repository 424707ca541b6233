//! Reads that are on the record.

use axum::http::{HeaderValue, header};

use crate::problem::{Problem, types};

/// The answer to `HEAD` where looking is recorded, stops a clock or opens the way to a decision: nobody looks without being shown
/// anything. `allow` names the methods that the address takes.
#[must_use]
pub fn never_unseen(allow: &'static str) -> Problem {
    Problem::of(&types::METHOD_NOT_ALLOWED).header(header::ALLOW, HeaderValue::from_static(allow))
}
