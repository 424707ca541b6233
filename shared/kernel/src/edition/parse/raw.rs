//! The shapes in which the parts of an edition are written.

use jiff::{SignedDuration, civil::Time};
use serde::Deserialize;

use crate::{
    calendar::{self, BadCalendar, BankHolidays, CountsFrom, OfficeHours},
    edition::{self, At, Authority, ClockName, Fault, Length, Of, Priority, Who},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    pub(super) name: String,
    zone: String,
    opens: Time,
    closes: Time,
    bank_holidays: Holidays,
}

/// Either a division of the list that the program carries, or a list of the edition's own in the same shape.
#[derive(Deserialize)]
#[serde(untagged)]
enum Holidays {
    Division(String),
    Own(BankHolidays),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    ElapsedSeconds,
    ElapsedMinutes,
    ElapsedHours,
    CalendarDays,
    WorkingDays,
    NextWorkingDay,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clock {
    name: ClockName,
    #[serde(default)]
    starts_on: String,
    length: Option<u16>,
    unit: Unit,
    at: Option<At>,
    counts_from: Option<CountsFrom>,
    calendar: String,
    #[serde(default)]
    priorities: Vec<Priority>,
    authority: Authority,
    #[serde(default)]
    basis: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    pub(super) level: u8,
    pub(super) who: Option<Who>,
    of: Of,
    decides: bool,
}

impl Calendar {
    pub(super) fn build(self) -> Result<calendar::Calendar, BadCalendar> {
        let days = match self.bank_holidays {
            Holidays::Division(division) => BankHolidays::of_division(&division)?,
            Holidays::Own(days) => days,
        };
        calendar::Calendar::new(&self.name, &self.zone, OfficeHours { opens: self.opens, closes: self.closes }, days)
    }
}

impl Clock {
    pub(super) fn build(self) -> Result<edition::Clock, Fault> {
        let length = self.length().map_err(|why| Fault::ClockLength { clock: self.name, why })?;
        Ok(edition::Clock {
            name: self.name,
            starts_on: self.starts_on,
            length,
            calendar: self.calendar,
            priorities: self.priorities,
            authority: self.authority,
            basis: self.basis,
        })
    }

    fn length(&self) -> Result<Length, &'static str> {
        let count = self.length.filter(|n| *n > 0).ok_or("the length must be at least 1");
        let seconds = |each: i64| count.map(|n| Length::Elapsed(SignedDuration::from_secs(i64::from(n) * each)));
        match (self.unit, self.at, self.counts_from) {
            (Unit::ElapsedSeconds, None, None) => seconds(1),
            (Unit::ElapsedMinutes, None, None) => seconds(60),
            (Unit::ElapsedHours, None, None) => seconds(3600),
            (Unit::CalendarDays, None, None) => count.map(Length::CalendarDays),
            (Unit::WorkingDays, None, Some(counts_from)) => count.map(|days| Length::WorkingDays { days, counts_from }),
            (Unit::NextWorkingDay, Some(at), None) if count == Ok(1) => Ok(Length::NextWorkingDay(at)),
            (Unit::WorkingDays, ..) => Err("working days need counts_from, and no at"),
            (Unit::NextWorkingDay, ..) => Err("the next working day has length 1, needs at, and no counts_from"),
            (Unit::ElapsedSeconds | Unit::ElapsedMinutes | Unit::ElapsedHours | Unit::CalendarDays, ..) => {
                Err("elapsed time and calendar days have neither at nor counts_from")
            }
        }
    }
}

impl Level {
    pub(super) fn named(self) -> Option<edition::Level> {
        self.who.map(|who| edition::Level { level: self.level, who, of: self.of, decides: self.decides })
    }
}
