//! Dates of birth as they are given: on a day, about an age, expected on a day, or not known.

use std::fmt;

use jiff::civil::Date;

/// When a child was, or will be, born.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Birth {
    /// Born on this day, as far as anybody said. The day may not exist.
    On(BirthDate),
    /// Somebody guessed the age.
    AgeAbout {
        /// Whole years.
        years: u8,
        /// The day on which it was said.
        said_on: Date,
    },
    /// Not born yet.
    ExpectedOn(Date),
    /// Nothing was said.
    #[default]
    NotKnown,
}

impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[birth]")
    }
}

/// Year, month and day as written. They need not make a date: a slip such as the 81st still says something.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BirthDate {
    year: i16,
    month: u8,
    day: u8,
}

impl BirthDate {
    /// Reads `2016-03-04`; the figures need not make a date. Anything of another shape is nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        Some(Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? })
    }

    /// The calendar day, if there is such a day.
    #[must_use]
    pub fn real(self) -> Option<Date> {
        Date::new(self.year, i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?).ok()
    }

    /// The year as written.
    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// Month and day as written.
    #[must_use]
    pub fn month_and_day(self) -> (u8, u8) {
        (self.month, self.day)
    }

    /// The eight figures, year first, for looking at slips one by one.
    #[must_use]
    pub fn figures(self) -> [u8; 8] {
        let tens = |n: u8| [n / 10, n % 10];
        let year = u16::try_from(self.year).unwrap_or(0);
        let (century, rest) = (u8::try_from(year / 100).unwrap_or(0), u8::try_from(year % 100).unwrap_or(0));
        let ([a, b], [c, d], [e, f], [g, h]) = (tens(century), tens(rest), tens(self.month), tens(self.day));
        [a, b, c, d, e, f, g, h]
    }

    /// Day and month the other way round, if that makes a day.
    #[must_use]
    pub fn swapped(self) -> Option<Self> {
        let swapped = Self { year: self.year, month: self.day, day: self.month };
        swapped.real().map(|_| swapped)
    }
}

impl From<Date> for BirthDate {
    fn from(date: Date) -> Self {
        Self { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[birth date]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_does_not_exist_is_kept_as_written() {
        let date = BirthDate::parse("2013-06-81").unwrap();
        assert_eq!((date.real(), date.to_string().as_str(), date.figures()), (None, "2013-06-81", [2, 0, 1, 3, 0, 6, 8, 1]));
    }

    #[test]
    fn another_shape_is_not_guessed_at() {
        for text in ["", "2013", "13-06-2013", "06/01/2013", "2013-6-1", "2013-06-01-", "२०१३-०६-०१", "+013-06-01"] {
            assert_eq!(BirthDate::parse(text), None, "{text}");
        }
    }
}
