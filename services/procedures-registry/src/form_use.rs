//! How the form is used: what was filled, what was read before a decision, and how long it took. Never by whom.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan as _, tz::TimeZone};
use kernel::{Org, Timestamp};
use serde::{Deserialize, Serialize};

/// How many forms there are at least under a figure: fewer would show somebody's.
pub const LEAST: i64 = 5;

/// The week in London that an instant is in: its Monday at 00:00, and the next.
#[must_use]
pub fn week(of: Timestamp) -> (Timestamp, Timestamp) {
    let zone = || TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let day = zone().to_datetime(of).date();
    let monday = day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
    let begins = |day: jiff::civil::Date| day.to_zoned_datetime(zone()).map_or(of, |midnight| midnight.timestamp());
    (begins(monday), begins(monday.saturating_add(7.days())))
}

/// What intake tells of one referral's form. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseEvent {
    /// It came in with these fields filled.
    Filled { edition: u32, fields: BTreeSet<String>, received_at: Timestamp },
    /// It was decided after these fields had been shown to the decider.
    Decided { read: BTreeSet<String>, decided_at: Timestamp },
}

impl UseEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Filled { .. } => "form.filled",
            Self::Decided { .. } => "form.decided",
        }
    }
}

/// One sitting before the form, without who sat there. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SittingEvent {
    /// It was sent, or given up.
    Sat { edition: u32, from: Place, seconds: u32, fields: BTreeMap<String, u32>, sent: bool, at: Timestamp },
}

/// The kind of organisation that a form was filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A borough.
    Borough,
    /// A hospital.
    Hospital,
    /// The board.
    Board,
    /// Those who run the software.
    Hub,
}

impl Place {
    /// The kind of an organisation.
    #[must_use]
    pub fn of(org: &Org) -> Self {
        match org {
            Org::Borough(_) => Self::Borough,
            Org::Site(_) => Self::Hospital,
            Org::Board => Self::Board,
            Org::Hub => Self::Hub,
        }
    }
}

/// What is known of one referral's form.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Use {
    /// Nothing: it came in before intake told it.
    #[default]
    Untold,
    /// These fields were filled.
    Filled(BTreeSet<String>),
}

impl Use {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &UseEvent) {
        match event {
            UseEvent::Filled { fields, .. } => *self = Self::Filled(fields.clone()),
            UseEvent::Decided { .. } => {}
        }
    }

    /// What there is to record when intake tells something. A decision on a form of which nothing is known counts nowhere, and
    /// what was not filled cannot have been read.
    #[must_use]
    pub fn told(&self, event: UseEvent) -> Option<UseEvent> {
        match (self, event) {
            (Self::Untold, filled @ UseEvent::Filled { .. }) => Some(filled),
            (Self::Filled(_), UseEvent::Filled { .. }) | (Self::Untold, UseEvent::Decided { .. }) => None,
            (Self::Filled(filled), UseEvent::Decided { read, decided_at }) => {
                Some(UseEvent::Decided { read: read.intersection(filled).cloned().collect(), decided_at })
            }
        }
    }
}
