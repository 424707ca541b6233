//! Day or night.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::{Timestamp, calendar::Calendar};

use super::Hours;

/// Which team is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// The front door in office hours (MASH).
    Day,
    /// The emergency duty team (EDT).
    Night,
}

impl Shift {
    /// The desk's name as practitioners say it.
    #[must_use]
    pub fn desk(self) -> &'static str {
        match self {
            Self::Day => "MASH",
            Self::Night => "EDT",
        }
    }
}

/// Which team is on at an instant. On a day on which the desk is closed the night team is; where no such day is told, on bank holidays;
/// and without a calendar, no day counts as one.
///
/// Hours that cannot be read count as closed, so that the night team's number is given and somebody answers.
#[must_use]
pub fn shift_at(hours: &[Hours], closed_on: &BTreeSet<Date>, at: Timestamp, calendar: Option<&Calendar>) -> Shift {
    let local = match calendar {
        Some(calendar) => calendar.local(at),
        None => TimeZone::get("Europe/London").map_or_else(|_| TimeZone::UTC.to_datetime(at), |zone| zone.to_datetime(at)),
    };
    let bank_holiday = || {
        calendar.is_some_and(|calendar| {
            !calendar.is_working_day(local.date()) && u8::try_from(local.weekday().to_monday_one_offset()).is_ok_and(|day| day < 6)
        })
    };
    let open = hours.iter().filter(|hours| i8::try_from(hours.weekday).is_ok_and(|day| day == local.weekday().to_monday_one_offset())).any(
        |hours| match (hours.from.parse::<Time>(), hours.to.parse::<Time>()) {
            (Ok(from), Ok(to)) => from <= local.time() && local.time() < to,
            (Ok(_) | Err(_), _) => false,
        },
    );
    let closed = if closed_on.is_empty() { bank_holiday() } else { closed_on.contains(&local.date()) };
    if open && !closed { Shift::Day } else { Shift::Night }
}
