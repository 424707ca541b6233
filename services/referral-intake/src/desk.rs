//! A borough's duty desk as case transfer tells it: whom to ring, now.

mod rota;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{Borough, Timestamp};
use serde::{Deserialize, Serialize};

pub use rota::{Shift, shift_at};

/// A desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// The telephone of the day desk (MASH).
    pub day_phone: String,
    /// The telephone of the night desk (EDT).
    pub night_phone: String,
    /// The borough whose night team acts, if another's. The duty stays with the covered borough.
    pub covered_by: Option<Borough>,
    /// Office hours.
    pub hours: Vec<Hours>,
    /// The days on which it is closed although the hours say open. A desk that tells them is believed; one that tells none keeps the
    /// bank holidays.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed_on: BTreeSet<Date>,
}

/// Office hours of one day of the week, local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// 1 is Monday.
    pub weekday: u8,
    /// `09:00`.
    pub from: String,
    /// `17:00`.
    pub to: String,
}

/// Something that happened to a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskEvent {
    /// Case transfer told us what it is now.
    Learnt(Desk),
}

/// What is known about a desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// The borough has not set one.
    #[default]
    NotSet,
    /// As it is now.
    Set(Desk),
}

impl Known {
    pub(crate) fn evolve(self, event: &DeskEvent) -> Self {
        match event {
            DeskEvent::Learnt(desk) => Self::Set(desk.clone()),
        }
    }

    /// Learns a desk; what is known already adds nothing.
    pub(crate) fn learn(&self, desk: Desk) -> Option<DeskEvent> {
        match self {
            Self::Set(known) if *known == desk => None,
            Self::Set(_) | Self::NotSet => Some(DeskEvent::Learnt(desk)),
        }
    }
}

impl Desk {
    /// The telephone to ring now.
    #[must_use]
    pub fn phone_now(&self, shift: Shift) -> &str {
        match shift {
            Shift::Day => &self.day_phone,
            Shift::Night => &self.night_phone,
        }
    }

    /// The borough whose people act for this one on a shift, if another's.
    #[must_use]
    pub fn covered_on(&self, shift: Shift) -> Option<&Borough> {
        match shift {
            Shift::Day => None,
            Shift::Night => self.covered_by.as_ref(),
        }
    }

    /// The desk's shift at an instant.
    #[must_use]
    pub fn shift(&self, at: Timestamp, calendar: Option<&kernel::calendar::Calendar>) -> Shift {
        shift_at(&self.hours, &self.closed_on, at, calendar)
    }
}
