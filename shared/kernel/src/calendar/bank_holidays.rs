//! Bank holidays as GOV.UK publishes them.

use std::{collections::BTreeSet, ops::RangeInclusive};

use jiff::civil::Date;
use serde::Deserialize;

const GOV_UK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/bank-holidays.json"));

/// Why a calendar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCalendar {
    /// The list of bank holidays is not in the shape of GOV.UK's file.
    #[error("the bank holidays are not in the shape of gov.uk/bank-holidays.json")]
    Shape {
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// The file has no such division.
    #[error("there are no bank holidays for the division \"{division}\"")]
    Division {
        /// The division that was asked for.
        division: String,
    },
    /// A division has no events, so nothing says which years it covers.
    #[error("the list of bank holidays is empty")]
    Empty,
    /// The time zone is not in the IANA database.
    #[error("unknown time zone")]
    Zone {
        /// What the database said.
        #[source]
        source: jiff::Error,
    },
    /// The office closes before it opens.
    #[error("the office must close after it opens")]
    Hours,
}

/// The bank holidays of one division, and the days that the list speaks about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Division")]
pub struct BankHolidays {
    /// The holidays.
    pub holidays: BTreeSet<Date>,
    /// Whole years, from the first holiday's to the last one's: GOV.UK publishes a year at a time.
    pub covers: RangeInclusive<Date>,
}

/// One division of GOV.UK's file. Fields that no deadline needs are passed over.
#[derive(Deserialize)]
struct Division {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    date: Date,
}

impl BankHolidays {
    /// Reads one division (`england-and-wales`) of a file in the shape of GOV.UK's.
    ///
    /// # Errors
    /// When the text is not of that shape, has no such division, or the division is empty.
    pub fn parse(json: &str, division: &str) -> Result<Self, BadCalendar> {
        let shape = |source| BadCalendar::Shape { source };
        let mut file: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).map_err(shape)?;
        let found = file.remove(division).ok_or_else(|| BadCalendar::Division { division: division.to_owned() })?;
        serde_json::from_value::<Division>(found).map_err(shape)?.try_into()
    }

    /// One division of the list that the program carries.
    ///
    /// # Errors
    /// When there is no such division.
    pub fn of_division(division: &str) -> Result<Self, BadCalendar> {
        Self::parse(GOV_UK, division)
    }
}

impl TryFrom<Division> for BankHolidays {
    type Error = BadCalendar;

    fn try_from(division: Division) -> Result<Self, BadCalendar> {
        let holidays: BTreeSet<Date> = division.events.into_iter().map(|event| event.date).collect();
        let (Some(first), Some(last)) = (holidays.first(), holidays.last()) else { return Err(BadCalendar::Empty) };
        let covers = first.first_of_year()..=last.last_of_year();
        Ok(Self { holidays, covers })
    }
}
