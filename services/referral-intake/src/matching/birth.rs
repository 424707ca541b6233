//! How two dates of birth agree, and the slips by which one date becomes another.

use jiff::civil::Date;

use crate::identity::{Birth, BirthDate};

/// How far two births agree. The order is the order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BirthAgreement {
    /// Two days that no known slip joins.
    Different,
    /// Same day and month, another year: brothers and sisters, but also a wrong year.
    OtherYear,
    /// One side says nothing.
    NotKnown,
    /// A slip that is possible but rare, or a date put in for one not known.
    Weak,
    /// A guessed age or an expected date that fits.
    Fits,
    /// One slip of the pen or the keyboard apart.
    Slip,
    /// Day and month the other way round, or a day that does not exist with the figures of the other.
    Swapped,
    /// The same day.
    Same,
}

/// Agreement, the reason, and how many years lie between at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BirthLikeness {
    pub(super) agreement: BirthAgreement,
    pub(super) why: Option<&'static str>,
    pub(super) years_apart: u16,
    /// Either date is a 1 January, which is often given for an unknown date.
    pub(super) new_year: bool,
}

/// Puts aside dates that only fill a box: 1900-01-01 and its like say nothing about a child.
pub(super) fn without_fillers(birth: Birth) -> Birth {
    match birth {
        Birth::On(date) if date.year() <= 1901 || date.year() >= 2100 => Birth::NotKnown,
        Birth::On(_) | Birth::AgeAbout { .. } | Birth::ExpectedOn(_) | Birth::NotKnown => birth,
    }
}

/// Compares two births.
pub(super) fn compare(a: Birth, b: Birth) -> BirthLikeness {
    match (a, b) {
        (Birth::NotKnown, _) | (_, Birth::NotKnown) => likeness(BirthAgreement::NotKnown, None),
        (Birth::On(a), Birth::On(b)) => dates(a, b),
        (Birth::On(date), Birth::AgeAbout { years, said_on }) | (Birth::AgeAbout { years, said_on }, Birth::On(date)) => {
            age(date, years, said_on)
        }
        (Birth::On(date), Birth::ExpectedOn(expected)) | (Birth::ExpectedOn(expected), Birth::On(date)) => {
            born_after_expected(date, expected)
        }
        (Birth::ExpectedOn(a), Birth::ExpectedOn(b)) => expected(a, b),
        (Birth::AgeAbout { years: x, said_on: on }, Birth::AgeAbout { years: y, said_on: then }) => {
            let gap = (birth_year(x, on) - birth_year(y, then)).unsigned_abs();
            fits_if(gap <= tolerance(x).max(tolerance(y)), gap, "the guessed ages fit")
        }
        (Birth::AgeAbout { years, .. }, Birth::ExpectedOn(_)) | (Birth::ExpectedOn(_), Birth::AgeAbout { years, .. }) => {
            fits_if(years == 0, u16::from(years), "a newborn and an expected date")
        }
    }
}

fn likeness(agreement: BirthAgreement, why: Option<&'static str>) -> BirthLikeness {
    BirthLikeness { agreement, why, years_apart: 0, new_year: false }
}

fn fits_if(fits: bool, years_apart: u16, why: &'static str) -> BirthLikeness {
    let agreement = if fits { BirthAgreement::Fits } else { BirthAgreement::Different };
    BirthLikeness { agreement, why: fits.then_some(why), years_apart, new_year: false }
}

/// People guess a small child's age to a year and an older one's to two.
fn tolerance(years: u8) -> u16 {
    if years < 4 { 1 } else { 2 }
}

fn birth_year(years: u8, said_on: Date) -> i16 {
    said_on.year() - i16::from(years)
}

fn age(date: BirthDate, years: u8, said_on: Date) -> BirthLikeness {
    let had_birthday = date.month_and_day() <= (said_on.month().unsigned_abs(), said_on.day().unsigned_abs());
    let age = said_on.year().saturating_sub(date.year()).saturating_sub(i16::from(!had_birthday));
    let gap = age.abs_diff(i16::from(years));
    fits_if(age >= -1 && gap <= tolerance(years), gap, "the guessed age fits the date of birth")
}

/// From 17 weeks before the expected date, when a child can live, to 4 weeks after it.
fn born_after_expected(date: BirthDate, expected: Date) -> BirthLikeness {
    let Some(born) = date.real() else { return likeness(BirthAgreement::Different, None) };
    let days = days_between(expected, born);
    fits_if((-119..=28).contains(&days), years(days), "the date of birth fits the expected date")
}

/// Scans move an expected date by a few weeks.
fn expected(a: Date, b: Date) -> BirthLikeness {
    let days = days_between(a, b);
    if days == 0 {
        likeness(BirthAgreement::Fits, Some("same expected date"))
    } else {
        fits_if(days.abs() <= 42, years(days), "the expected dates fit")
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

fn years(days: i32) -> u16 {
    u16::try_from(days.unsigned_abs() / 365).unwrap_or(u16::MAX)
}

fn dates(a: BirthDate, b: BirthDate) -> BirthLikeness {
    let (agreement, why) = slip(a, b);
    let new_year = a.month_and_day() == (1, 1) || b.month_and_day() == (1, 1);
    BirthLikeness { agreement, why, years_apart: a.year().abs_diff(b.year()), new_year }
}

fn slip(a: BirthDate, b: BirthDate) -> (BirthAgreement, Option<&'static str>) {
    use BirthAgreement::{Different, OtherYear, Same, Slip, Swapped, Weak};
    if a == b {
        return (Same, Some("same date of birth"));
    }
    let (year_a, year_b) = (a.year(), b.year());
    if a.month_and_day() == b.month_and_day() {
        return match year_a.abs_diff(year_b) {
            1 => (Weak, Some("same day and month of birth, the year one out")),
            // One figure of the year; a parent is farther away than ten years.
            10 => (Weak, Some("same day and month of birth, one figure of the year differs")),
            _ if is_transposed(&a.figures()[..4], &b.figures()[..4]) => (Weak, Some("two figures of the year of birth swapped")),
            _ => (OtherYear, Some("same day and month of birth, another year")),
        };
    }
    if year_a != year_b {
        return (Different, None);
    }
    if a.swapped() == Some(b) || b.swapped() == Some(a) {
        return (Swapped, Some("day and month of birth swapped"));
    }
    let (x, y) = (a.figures(), b.figures());
    let same_figures = sorted(&x[4..]) == sorted(&y[4..]);
    if same_figures && (a.real().is_none() || b.real().is_none()) {
        return (Swapped, Some("one date of birth does not exist and has the figures of the other"));
    }
    if x[4..6] == y[4..6] && is_transposed(&x[6..], &y[6..]) || x[6..] == y[6..] && is_transposed(&x[4..6], &y[4..6]) {
        return (Slip, Some("two figures of the date of birth swapped"));
    }
    if x.iter().zip(&y).filter(|(x, y)| x != y).count() == 1 {
        return (Slip, Some("date of birth one digit apart"));
    }
    if let (Some(a), Some(b)) = (a.real(), b.real())
        && days_between(a, b).abs() == 1
    {
        return (Slip, Some("dates of birth one day apart"));
    }
    if same_figures {
        return (Weak, Some("the dates of birth have the same figures in another order"));
    }
    if a.month_and_day() == (1, 1) || b.month_and_day() == (1, 1) {
        return (Weak, Some("same year of birth; 1 January is often given for an unknown date"));
    }
    (Different, None)
}

fn is_transposed(a: &[u8], b: &[u8]) -> bool {
    let differing: Vec<usize> = (0..a.len()).filter(|at| a[*at] != b[*at]).collect();
    matches!(differing.as_slice(), [i, j] if *j == i + 1 && a[*i] == b[*j] && a[*j] == b[*i])
}

fn sorted(figures: &[u8]) -> [u8; 4] {
    let mut sorted = [0; 4];
    sorted.copy_from_slice(figures);
    sorted.sort_unstable();
    sorted
}
