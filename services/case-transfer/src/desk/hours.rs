//! Opening hours in London time.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Which team is on shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The day team (MASH).
    Day,
    /// The emergency duty team (EDT).
    Night,
}

/// The hours of one day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Open {
    /// The first instant of the day shift.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
}

/// The hours of a week, Monday first; a day without hours is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Week(pub [Option<Open>; 7]);

impl Week {
    /// The same hours from Monday to Friday, closed at the weekend.
    #[must_use]
    pub fn working_days(from: Time, to: Time) -> Self {
        let open = Some(Open { from, to });
        Self([open, open, open, open, open, None, None])
    }
}

/// The local date and time in England. The time zone is built into the program; without it the answer is UTC.
#[must_use]
pub fn local(at: Timestamp) -> DateTime {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC).to_datetime(at)
}

/// The team on shift for these hours.
#[must_use]
pub fn shift_at(week: &Week, closed_on: &BTreeSet<Date>, at: Timestamp) -> Shift {
    let now = local(at);
    let day = usize::try_from(now.weekday().to_monday_zero_offset()).unwrap_or(0);
    let open = week.0.get(day).copied().flatten().filter(|_| !closed_on.contains(&now.date()));
    match open {
        Some(open) if open.from <= now.time() && now.time() < open.to => Shift::Day,
        Some(_) | None => Shift::Night,
    }
}
