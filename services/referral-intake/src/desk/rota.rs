//! Day or night.

use jiff::{civil::Time, tz::TimeZone};
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

/// Which team is on at an instant. On a bank holiday the night team is; without a calendar, no day counts as one.
///
/// Hours that cannot be read count as closed, so that the night team's number is given and somebody answers.
#[must_use]
pub fn shift_at(hours: &[Hours], at: Timestamp, calendar: Option<&Calendar>) -> Shift {
    let local = match calendar {
        Some(calendar) => calendar.local(at),
        None => TimeZone::get("Europe/London").map_or_else(|_| TimeZone::UTC.to_datetime(at), |zone| zone.to_datetime(at)),
    };
    let holiday = calendar.is_some_and(|calendar| {
        !calendar.is_working_day(local.date()) && u8::try_from(local.weekday().to_monday_one_offset()).is_ok_and(|day| day < 6)
    });
    let open = hours.iter().filter(|hours| i8::try_from(hours.weekday).is_ok_and(|day| day == local.weekday().to_monday_one_offset())).any(
        |hours| match (hours.from.parse::<Time>(), hours.to.parse::<Time>()) {
            (Ok(from), Ok(to)) => from <= local.time() && local.time() < to,
            (Ok(_) | Err(_), _) => false,
        },
    );
    if open && !holiday { Shift::Day } else { Shift::Night }
}
