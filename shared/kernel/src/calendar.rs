//! Working days: bank holidays, office hours and the two clock changes.

use std::{collections::BTreeSet, ops::RangeInclusive};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

mod bank_holidays;
#[cfg(test)]
mod tests;
mod week;

pub use bank_holidays::{BadCalendar, BankHolidays};
pub use week::monday;

/// From when a period of working days is counted. Which one holds is data in the clock.
///
/// Both count a period of n working days to the same local time n working days later; they differ in what is done with a receipt
/// while the office is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsFrom {
    /// The instant itself, whatever the hour: Friday 23:59 and one working day is Monday 23:59. A receipt on a day that is not a
    /// working day counts as the last second of the working day before, so Saturday and one working day is the end of Monday.
    /// No reading of the guidance gives an earlier duty to act, so this is the one for clocks that rest on law or guidance.
    Instant,
    /// The opening of the office, when it was closed: Friday 23:59, Saturday and Monday 07:00 all count from Monday 09:00. For
    /// local clocks of work that only a day desk does.
    NextWorkingDayStart,
}

/// An instant by which something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    /// The instant. One that came from counting working days is a whole second.
    pub at: Timestamp,
    /// Whether the bank holidays of every day that was counted are known. If not, only weekends were left out, so the true
    /// deadline may be later: show a warning.
    pub covered: bool,
}

/// A calendar of working days in one time zone, with the hours of the office.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    name: String,
    zone: TimeZone,
    holidays: BTreeSet<Date>,
    covers: RangeInclusive<Date>,
    hours: OfficeHours,
}

/// The hours of the office on a working day, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeHours {
    /// The first moment of the office day.
    pub opens: Time,
    /// The first moment after it.
    pub closes: Time,
}

impl Calendar {
    /// A calendar from its parts.
    ///
    /// # Errors
    /// When the time zone is unknown or the office does not close after it opens.
    pub fn new(name: &str, zone: &str, hours: OfficeHours, days: BankHolidays) -> Result<Self, BadCalendar> {
        if hours.opens >= hours.closes {
            return Err(BadCalendar::Hours);
        }
        let zone = TimeZone::get(zone).map_err(|source| BadCalendar::Zone { source })?;
        Ok(Self { name: name.to_owned(), zone, holidays: days.holidays, covers: days.covers, hours })
    }

    /// The name that clocks know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hours of the office.
    #[must_use]
    pub fn hours(&self) -> OfficeHours {
        self.hours
    }

    /// The days whose bank holidays are known.
    #[must_use]
    pub fn covers(&self) -> &RangeInclusive<Date> {
        &self.covers
    }

    /// The local date and time of an instant.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// Neither a Saturday, nor a Sunday, nor a bank holiday.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    /// Whether the office is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.local(at);
        self.is_working_day(local.date()) && self.hours.opens <= local.time() && local.time() < self.hours.closes
    }

    /// The end of a period of working days; [`CountsFrom`] says how a receipt out of hours is counted.
    ///
    /// Both clock changes fall on a Sunday, so the same local time exists on every working day. No days is the instant itself.
    #[must_use]
    pub fn add_working_days(&self, from: Timestamp, days: u16, counts_from: CountsFrom) -> Due {
        if days == 0 {
            return Due { at: from, covered: true };
        }
        let start = self.counted_from(from, counts_from);
        let day = (0..days).fold(start.date(), |day, _| self.working_day_after(day));
        self.due(from, day.to_datetime(start.time()))
    }

    /// The first time after an instant that the local clock of a working day shows `time`.
    #[must_use]
    pub fn next_working_day_at(&self, from: Timestamp, time: Time) -> Due {
        let local = self.local(from);
        let today = self.is_working_day(local.date()) && local.time() < time;
        let day = if today { local.date() } else { self.working_day_after(local.date()) };
        self.due(from, day.to_datetime(time))
    }

    /// A local time on the "next working day" as a night team means it: the first working day whose office opens at or after the
    /// instant. At 02:00 on a Monday it is that Monday; at 10:00 it is Tuesday.
    #[must_use]
    pub fn at_on_next_working_day(&self, from: Timestamp, time: Time) -> Due {
        self.due(from, self.opening_from(self.local(from)).date().to_datetime(time))
    }

    /// When the office next closes.
    #[must_use]
    pub fn end_of_working_day(&self, from: Timestamp) -> Due {
        self.next_working_day_at(from, self.hours.closes)
    }

    fn counted_from(&self, from: Timestamp, counts_from: CountsFrom) -> DateTime {
        let local = self.local(from);
        match counts_from {
            CountsFrom::Instant if self.is_working_day(local.date()) => whole_second(local),
            CountsFrom::Instant => self.working_day_before(local.date()).to_datetime(Time::constant(23, 59, 59, 0)),
            CountsFrom::NextWorkingDayStart if self.is_open(from) => whole_second(local),
            CountsFrom::NextWorkingDayStart => self.opening_from(local),
        }
    }

    fn opening_from(&self, local: DateTime) -> DateTime {
        let today = self.is_working_day(local.date()) && local.time() <= self.hours.opens;
        let day = if today { local.date() } else { self.working_day_after(local.date()) };
        day.to_datetime(self.hours.opens)
    }

    fn working_day_after(&self, day: Date) -> Date {
        let mut next = day.saturating_add(1.day());
        while !self.is_working_day(next) && next < Date::MAX {
            next = next.saturating_add(1.day());
        }
        next
    }

    fn working_day_before(&self, day: Date) -> Date {
        let mut previous = day.saturating_sub(1.day());
        while !self.is_working_day(previous) && previous > Date::MIN {
            previous = previous.saturating_sub(1.day());
        }
        previous
    }

    /// A local time that the clocks skip is taken after the gap, one that comes twice is taken the first time. An instant beyond
    /// the year 9999 is the last one there is.
    pub(crate) fn due(&self, from: Timestamp, local: DateTime) -> Due {
        let at = self.zone.to_timestamp(local).unwrap_or(Timestamp::MAX);
        let covered = self.covers.contains(&self.local(from).date()) && self.covers.contains(&local.date());
        Due { at, covered }
    }
}

fn whole_second(local: DateTime) -> DateTime {
    let time = local.time();
    local.date().at(time.hour(), time.minute(), time.second(), 0)
}
