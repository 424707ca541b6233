//! Days, as people in England count them.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::Timestamp;

/// The day in England at an instant.
pub(crate) fn day_of(at: Timestamp) -> Date {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC).to_datetime(at).date()
}

/// The first instant of a day in England.
pub(crate) fn start_of(day: Date) -> Timestamp {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MAX)
}
