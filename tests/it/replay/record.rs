//! The record, as it is kept in `tests/data/climbie.json` with its sources and its note on care.

use jiff::civil::Date;
use serde::Deserialize;

const RECORD: &str = include_str!("../../data/climbie.json");

/// One step of the record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Step {
    pub(super) n: usize,
    at: String,
    pub(super) place: String,
    pub(super) actor_org: String,
    pub(super) action: String,
    pub(super) summary: String,
    pub(super) done: String,
    pub(super) not_done: String,
    pub(super) confidence: String,
}

impl Step {
    /// The local day; the record knows no clock times.
    pub(super) fn day(&self) -> Date {
        let day = self.at.split('T').next().unwrap_or_default();
        day.parse().unwrap_or_else(|error| panic!("step {}: {error}", self.n))
    }
}

/// Every step, in order.
pub(super) fn steps() -> Vec<Step> {
    #[derive(Deserialize)]
    struct Record {
        steps: Vec<Step>,
    }
    let record: Record = serde_json::from_str(RECORD).unwrap_or_else(|error| panic!("the record cannot be read: {error}"));
    assert!(record.steps.iter().map(|step| step.n).eq(1..=52), "52 steps, each once");
    record.steps
}
