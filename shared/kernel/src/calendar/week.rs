//! Weeks as reports count them.

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

/// The Monday, 00:00 in London, of the week that begins so many weeks after the one that an instant is in: 0 is its own, -1 the one before.
#[must_use]
pub fn monday(of: Timestamp, weeks: i64) -> Timestamp {
    let zone = || TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let day = zone().to_datetime(of).date();
    let back = i64::from(day.weekday().to_monday_zero_offset());
    let monday = day.saturating_sub(back.days()).saturating_add(weeks.weeks());
    monday.to_zoned_datetime(zone()).map_or(of, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(of: &str, weeks: i64) -> String {
        monday(of.parse().unwrap(), weeks).to_string()
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_london_in_summer_and_in_winter() {
        assert_eq!(said("2026-11-23T00:00:00Z", 0), "2026-11-23T00:00:00Z");
        assert_eq!(said("2026-11-29T23:59:59.999Z", 0), "2026-11-23T00:00:00Z");
        assert_eq!(said("2026-07-05T22:59:59Z", 0), "2026-06-28T23:00:00Z");
        assert_eq!(said("2026-07-05T23:00:00Z", 0), "2026-07-05T23:00:00Z");
    }

    #[test]
    fn weeks_are_counted_over_the_change_of_the_clocks() {
        assert_eq!(said("2026-10-26T09:00:00Z", -1), "2026-10-18T23:00:00Z");
        assert_eq!(said("2026-03-25T09:00:00Z", 1), "2026-03-29T23:00:00Z");
        assert_eq!(said("2026-03-25T09:00:00Z", 0), "2026-03-23T00:00:00Z");
    }
}
