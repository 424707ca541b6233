//! Due times, from the procedure edition in force when a command arrives.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::{
    Priority, Timestamp,
    edition::{ClockName, Edition},
};

use crate::clocks::Clocks;

/// Every due time that a command may set. Where a clock differs by priority and none is given, the earliest holds.
pub(crate) fn clocks(edition: &Edition, priority: Option<Priority>, at: Timestamp) -> Clocks {
    let due = |name| edition.due(name, priority, at).at;
    let rota_levels = edition.levels().iter().filter(|level| level.decides).map(|level| level.level).max();
    Clocks {
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

/// The first instant of a day in England.
pub(crate) fn start_of(day: Date) -> Timestamp {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MAX)
}
