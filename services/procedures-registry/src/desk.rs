//! Whom to ring in a borough, as case transfer tells it.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::{Borough, Timestamp};
use serde::{Deserialize, Serialize};

/// A borough's duty desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// The telephone of the day team.
    pub day_phone: String,
    /// The telephone out of hours.
    pub night_phone: String,
    /// The borough whose team acts out of hours, if another's.
    pub covered_by: Option<Borough>,
    /// Office hours.
    pub hours: Vec<Hours>,
    /// Days on which it is closed although the hours say open.
    pub closed_on: BTreeSet<Date>,
}

/// Office hours of one day of the week, in London time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// 1 is Monday.
    pub weekday: u8,
    /// When it opens.
    pub from: Time,
    /// When it closes.
    pub to: Time,
}

/// Something that happened to a desk. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskEvent {
    /// Case transfer told us what it is now.
    Learnt(Desk),
}

impl Desk {
    /// Whether the day team is there.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = TimeZone::get("Europe/London").map_or_else(|_| TimeZone::UTC.to_datetime(at), |zone| zone.to_datetime(at));
        let today = |hours: &&Hours| i8::try_from(hours.weekday).is_ok_and(|day| day == local.weekday().to_monday_one_offset());
        let open = self.hours.iter().filter(today).any(|hours| hours.from <= local.time() && local.time() < hours.to);
        open && !self.closed_on.contains(&local.date())
    }

    /// The number to ring now.
    #[must_use]
    pub fn phone_now(&self, at: Timestamp) -> &str {
        if self.is_open(at) { &self.day_phone } else { &self.night_phone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_to_ring_is_the_day_teams_in_office_hours_and_else_the_nights() {
        let desk = Desk {
            day_phone: "0161 496 0001".to_owned(),
            night_phone: "0161 496 0002".to_owned(),
            covered_by: None,
            hours: vec![Hours { weekday: 3, from: "09:00".parse().unwrap(), to: "17:00".parse().unwrap() }],
            closed_on: BTreeSet::from([jiff::civil::date(2026, 7, 8)]),
        };
        let at = |text: &str| desk.phone_now(text.parse().unwrap()).to_owned();
        assert_eq!(at("2026-07-01T08:00:00Z"), "0161 496 0001", "nine o'clock in summer");
        assert_eq!(at("2026-07-01T16:00:00Z"), "0161 496 0002");
        assert_eq!(at("2026-07-02T10:00:00Z"), "0161 496 0002");
        assert_eq!(at("2026-07-08T10:00:00Z"), "0161 496 0002", "closed on that day");
    }
}
