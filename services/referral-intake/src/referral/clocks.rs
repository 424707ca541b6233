//! What is due when, as the edition in force has it.

use kernel::{
    Timestamp,
    edition::{ClockName, Edition, Priority},
};
use serde::{Deserialize, Serialize};

use super::Danger;

/// The deadlines of one referral. They are set once, when it comes in, and cite the edition that set them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// When a decision is due.
    pub decide_by: Timestamp,
    /// When a person of the duty desk must have opened it; only where somebody is or may be in danger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<Timestamp>,
    /// The edition of the procedures.
    pub edition: u32,
}

impl Clocks {
    /// The deadlines of a referral that comes in now.
    #[must_use]
    pub fn on_receipt(edition: &Edition, at: Timestamp, danger: Danger) -> Self {
        let urgent = danger != Danger::No;
        Self {
            decide_by: edition.due(ClockName::DecideOnReferral, None, at).at,
            seen_by: urgent.then(|| edition.due(ClockName::EmergencyReferralSeen, Some(priority_of(danger)), at).at),
            edition: edition.number,
        }
    }
}

/// How urgent an escalation is that nobody answers: P1 is "in danger now".
#[must_use]
pub fn priority_of(danger: Danger) -> Priority {
    match danger {
        Danger::Yes => Priority::P1,
        Danger::NotSure => Priority::P2,
        Danger::No => Priority::P3,
    }
}
