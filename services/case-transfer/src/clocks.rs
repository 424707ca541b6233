//! Times and due times, as facts that come with a command.

use std::borrow::Borrow;

use kernel::{
    Priority, Timestamp,
    edition::{ClockName, Edition, Of},
};
use serde::{Deserialize, Serialize};

/// When something was recorded, and when it happened where it was entered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct When {
    /// When the hub was told.
    pub recorded_at: Timestamp,
    /// When it happened, where that was said and is another instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

impl When {
    /// Told as it happened.
    #[must_use]
    pub fn now(at: Timestamp) -> Self {
        Self { recorded_at: at, occurred_at: None }
    }

    /// Entered later than it happened.
    #[must_use]
    pub fn late(recorded_at: Timestamp, occurred_at: Timestamp) -> Self {
        Self { recorded_at, occurred_at: Some(occurred_at) }
    }
}

/// Every due time that a command about a transfer may set.
///
/// The shell works them out from the procedure edition in force, the transfer's priority and the instant of the command. Rules
/// compare these times; they hold no length of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clocks {
    /// The edition that they come from. Every decision cites it.
    pub edition: u32,
    /// The receiver must have opened the offer.
    pub seen_by: Timestamp,
    /// The receiver must have decided.
    pub decide_by: Timestamp,
    /// Without a confirmed delivery the link counts as down.
    pub link_down_at: Timestamp,
    /// The spoken handover must be complete.
    pub handover_by: Timestamp,
    /// Without the receiving desk's receipt there is an alarm.
    pub received_alarm_at: Timestamp,
    /// Without the receipt the duty manager is called.
    pub received_manager_at: Timestamp,
    /// After a decline the giver must have offered again, redirected or kept it.
    pub reoffer_by: Timestamp,
    /// The other side must have confirmed a spoken agreement.
    pub agreement_by: Timestamp,
    /// Without an answer the next level is called.
    pub next_escalation_at: Timestamp,
    /// The highest level of the ladder.
    pub top_level: u8,
    /// The highest level that the boroughs' rotas fill; above it stands the board's chair, who is informed and does not decide.
    pub rota_levels: u8,
}

impl Clocks {
    /// The due times of a command at an instant, under an edition. Where a clock differs by priority and none is given, the
    /// earliest holds.
    #[must_use]
    pub fn under(edition: impl Borrow<Edition>, priority: impl Into<Option<Priority>>, at: Timestamp) -> Self {
        let (edition, priority) = (edition.borrow(), priority.into());
        let due = |name| edition.due(name, priority, at).at;
        let rota_levels = edition.levels().iter().filter(|level| level.of == Of::Both).map(|level| level.level).max();
        Self {
            edition: edition.number,
            seen_by: due(ClockName::SeenBy),
            decide_by: due(ClockName::DecideBy),
            link_down_at: due(ClockName::LinkDown),
            handover_by: due(ClockName::HandoverBy),
            received_alarm_at: due(ClockName::ReceivedAlarm),
            received_manager_at: due(ClockName::ReceivedManager),
            reoffer_by: due(ClockName::ReofferBy),
            agreement_by: due(ClockName::AgreementConfirm),
            next_escalation_at: due(ClockName::EscalationStep),
            top_level: edition.top_level(),
            rota_levels: rota_levels.unwrap_or(0),
        }
    }
}

/// What else of the edition a rule compares with. It comes with the command, and no event keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// From how many declines in a chain on there is a dispute.
    pub declines_until_dispute: u8,
    /// How often an emergency protection order may be extended.
    pub order_extensions: u8,
    /// By when a dispute that opens now must be settled: sooner where a child is at risk of harm now or tonight.
    pub settle_by: Timestamp,
    /// Until when a break-glass that is opened now is open.
    pub glass_until: Timestamp,
    /// By when somebody of another team must have reviewed it.
    pub glass_review_by: Timestamp,
}

impl Terms {
    /// The terms of a command at an instant, under an edition.
    #[must_use]
    pub fn under(edition: &Edition, priority: Option<Priority>, at: Timestamp) -> Self {
        let overall = match priority {
            None | Some(Priority::P1 | Priority::P2) => ClockName::EscalationOverallAtRisk,
            Some(Priority::P3 | Priority::P4) => ClockName::EscalationOverall,
        };
        Self {
            declines_until_dispute: edition.limits.declines_until_dispute,
            order_extensions: edition.limits.emergency_protection_extensions,
            settle_by: edition.due(overall, priority, at).at,
            glass_until: edition.due(ClockName::BreakGlassEnds, priority, at).at,
            glass_review_by: edition.due(ClockName::BreakGlassReview, priority, at).at,
        }
    }
}

/// The clocks that may run out on a transfer. They record and escalate, and never decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// No route of the receiver confirmed the delivery.
    LinkDown,
    /// Nobody opened the offer.
    SeenBy,
    /// Nobody decided.
    DecideBy,
    /// The acceptance was not received by the receiver's own desk: an alarm.
    ReceivedAlarm,
    /// Still not received: the duty manager.
    ReceivedManager,
    /// The spoken handover is not complete.
    HandoverBy,
    /// The giver has not acted on a decline.
    ReofferBy,
    /// A spoken agreement was not confirmed.
    AgreementBy,
    /// The level that was called last did not bring an answer.
    NextEscalation,
    /// A dispute was not settled.
    SettleBy,
}
