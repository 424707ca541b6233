use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

fn calendar() -> Calendar {
    let hours = OfficeHours { opens: time(9, 0, 0, 0), closes: time(17, 0, 0, 0) };
    Calendar::new("test", "Europe/London", hours, BankHolidays::of_division("england-and-wales").unwrap()).unwrap()
}

/// London local time, as it stands on the wall.
fn london(wall: &str) -> Timestamp {
    TimeZone::get("Europe/London").unwrap().to_timestamp(wall.parse().unwrap()).unwrap()
}

fn on_the_wall(at: Timestamp) -> String {
    calendar().local(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[track_caller]
fn ends(from: &str, days: u16, counts_from: CountsFrom, expected: &str) {
    let due = calendar().add_working_days(london(from), days, counts_from);
    assert_eq!((on_the_wall(due.at).as_str(), due.covered), (expected, true), "{from} and {days} working days");
}

#[test]
fn a_period_of_working_days_ends_at_the_same_local_time() {
    ends("2025-11-24T10:15:30", 1, CountsFrom::Instant, "2025-11-25T10:15:30");
    ends("2025-11-24T10:15:30", 1, CountsFrom::NextWorkingDayStart, "2025-11-25T10:15:30");
    ends("2025-11-28T23:59:00", 1, CountsFrom::Instant, "2025-12-01T23:59:00");
    ends("2025-11-24T00:00:00", 5, CountsFrom::Instant, "2025-12-01T00:00:00");
}

#[test]
fn a_weekend_receipt_has_the_whole_of_the_next_working_day_or_counts_from_its_opening() {
    for receipt in ["2025-11-29T00:00:00", "2025-11-29T11:00:00", "2025-11-30T23:59:59"] {
        ends(receipt, 1, CountsFrom::Instant, "2025-12-01T23:59:59");
        ends(receipt, 1, CountsFrom::NextWorkingDayStart, "2025-12-02T09:00:00");
    }
}

#[test]
fn a_receipt_before_opening_or_after_close_counts_from_the_next_opening_where_the_clock_says_so() {
    ends("2025-11-24T08:59:59", 1, CountsFrom::NextWorkingDayStart, "2025-11-25T09:00:00");
    ends("2025-11-24T09:00:00", 1, CountsFrom::NextWorkingDayStart, "2025-11-25T09:00:00");
    ends("2025-11-24T16:59:59", 1, CountsFrom::NextWorkingDayStart, "2025-11-25T16:59:59");
    ends("2025-11-24T17:00:00", 1, CountsFrom::NextWorkingDayStart, "2025-11-26T09:00:00");
    ends("2025-11-28T23:59:00", 1, CountsFrom::NextWorkingDayStart, "2025-12-02T09:00:00");
}

#[test]
fn good_friday_and_easter_monday_2024_are_left_out() {
    ends("2024-03-28T16:00:00", 1, CountsFrom::Instant, "2024-04-02T16:00:00");
    ends("2024-03-29T12:00:00", 1, CountsFrom::Instant, "2024-04-02T23:59:59");
    ends("2024-04-01T09:00:00", 1, CountsFrom::NextWorkingDayStart, "2024-04-03T09:00:00");
    ends("2024-03-28T16:00:00", 15, CountsFrom::Instant, "2024-04-22T16:00:00");
}

#[test]
fn christmas_boxing_day_and_new_year_are_left_out_and_a_substitute_day_too() {
    ends("2025-12-24T23:59:00", 1, CountsFrom::Instant, "2025-12-29T23:59:00");
    ends("2025-12-25T03:00:00", 1, CountsFrom::Instant, "2025-12-29T23:59:59");
    ends("2025-12-23T10:00:00", 5, CountsFrom::Instant, "2026-01-02T10:00:00");
    ends("2026-12-24T10:00:00", 1, CountsFrom::Instant, "2026-12-29T10:00:00");
}

#[test]
fn both_clock_changes_leave_the_local_time_alone() {
    ends("2026-03-27T10:00:00", 1, CountsFrom::Instant, "2026-03-30T10:00:00");
    ends("2026-10-23T10:00:00", 1, CountsFrom::Instant, "2026-10-26T10:00:00");
    let hours = |from: &str| calendar().add_working_days(london(from), 1, CountsFrom::Instant).at.duration_since(london(from)).as_hours();
    assert_eq!((hours("2026-03-27T10:00:00"), hours("2026-10-23T10:00:00")), (71, 73));
    ends("2026-03-29T00:30:00", 1, CountsFrom::NextWorkingDayStart, "2026-03-31T09:00:00");
    ends("2026-10-25T01:30:00", 1, CountsFrom::Instant, "2026-10-26T23:59:59");
}

#[test]
fn a_time_of_the_next_working_day_is_this_day_while_it_is_still_to_come() {
    let next = |from: &str| on_the_wall(calendar().next_working_day_at(london(from), time(9, 0, 0, 0)).at);
    assert_eq!(next("2025-11-24T02:00:00"), "2025-11-24T09:00:00");
    assert_eq!(next("2025-11-24T09:00:00"), "2025-11-25T09:00:00");
    assert_eq!(next("2026-04-02T18:00:00"), "2026-04-07T09:00:00");
    let end = |from: &str| on_the_wall(calendar().end_of_working_day(london(from)).at);
    assert_eq!(end("2025-11-24T16:55:00"), "2025-11-24T17:00:00");
    assert_eq!(end("2025-11-28T17:00:00"), "2025-12-01T17:00:00");
}

#[test]
fn the_next_working_day_of_a_night_team_is_the_morning_that_follows() {
    let next = |from: &str| on_the_wall(calendar().at_on_next_working_day(london(from), time(9, 30, 0, 0)).at);
    assert_eq!(next("2025-11-24T02:00:00"), "2025-11-24T09:30:00");
    assert_eq!(next("2025-11-24T09:00:00"), "2025-11-24T09:30:00");
    assert_eq!(next("2025-11-24T09:20:00"), "2025-11-25T09:30:00");
    assert_eq!(next("2025-11-29T03:00:00"), "2025-12-01T09:30:00");
    assert_eq!(next("2026-03-29T00:30:00"), "2026-03-30T09:30:00");
}

#[test]
fn beyond_the_list_of_bank_holidays_the_answer_says_that_it_is_not_covered() {
    let calendar = calendar();
    assert_eq!(*calendar.covers(), date(2019, 1, 1)..=date(2027, 12, 31));
    let inside = calendar.add_working_days(london("2027-12-30T10:00:00"), 1, CountsFrom::Instant);
    let across = calendar.add_working_days(london("2027-12-31T10:00:00"), 1, CountsFrom::Instant);
    let before = calendar.add_working_days(london("2018-12-31T10:00:00"), 2, CountsFrom::Instant);
    assert_eq!((inside.covered, across.covered, before.covered), (true, false, false));
    assert_eq!(on_the_wall(across.at), "2028-01-03T10:00:00", "weekends are still left out");
}

#[test]
fn a_calendar_with_faults_is_refused() {
    assert!(matches!(BankHolidays::of_division("wales"), Err(BadCalendar::Division { .. })));
    assert!(matches!(BankHolidays::parse(r#"{"x": {"events": []}}"#, "x"), Err(BadCalendar::Empty)));
    assert!(matches!(BankHolidays::parse(r#"{"x": {"events": [{"date": "2026-02-30"}]}}"#, "x"), Err(BadCalendar::Shape { .. })));
    let days = || BankHolidays::of_division("england-and-wales").unwrap();
    let nine = OfficeHours { opens: time(9, 0, 0, 0), closes: time(9, 0, 0, 0) };
    assert!(matches!(Calendar::new("x", "Europe/London", nine, days()), Err(BadCalendar::Hours)));
    let hours = OfficeHours { closes: time(17, 0, 0, 0), ..nine };
    assert!(matches!(Calendar::new("x", "Europe/Salford", hours, days()), Err(BadCalendar::Zone { .. })));
}

fn instants() -> impl Strategy<Value = Timestamp> {
    let (from, to) = (london("2019-06-01T00:00:00"), london("2027-06-01T00:00:00"));
    (from.as_millisecond()..to.as_millisecond()).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn ways() -> impl Strategy<Value = CountsFrom> {
    prop_oneof![Just(CountsFrom::Instant), Just(CountsFrom::NextWorkingDayStart)]
}

proptest! {
    #[test]
    fn a_period_ends_on_a_working_day_after_its_start(from in instants(), days in 1_u16..60, way in ways()) {
        let calendar = calendar();
        let due = calendar.add_working_days(from, days, way);
        prop_assert!(due.covered && due.at > from);
        prop_assert!(calendar.is_working_day(calendar.local(due.at).date()));
    }

    #[test]
    fn exactly_as_many_working_days_lie_between_as_were_asked(from in instants(), days in 1_u16..60) {
        let calendar = calendar();
        let due = calendar.add_working_days(from, days, CountsFrom::Instant);
        let (start, end) = (calendar.local(from).date(), calendar.local(due.at).date());
        let between = start.series(1.day()).skip(1).take_while(|day| *day <= end).filter(|day| calendar.is_working_day(*day)).count();
        prop_assert_eq!(between, usize::from(days));
    }

    #[test]
    fn a_later_receipt_is_never_due_earlier(a in instants(), gap in 0_i64..400_000_000, days in 1_u16..60, way in ways()) {
        let later = Timestamp::from_millisecond(a.as_millisecond() + gap).unwrap();
        let calendar = calendar();
        prop_assert!(calendar.add_working_days(a, days, way).at <= calendar.add_working_days(later, days, way).at);
    }

    #[test]
    fn two_periods_one_after_the_other_are_one_long_period(from in instants(), a in 1_u16..30, b in 1_u16..30, way in ways()) {
        let calendar = calendar();
        let stepwise = calendar.add_working_days(calendar.add_working_days(from, a, way).at, b, way);
        prop_assert_eq!(stepwise.at, calendar.add_working_days(from, a + b, way).at);
    }

    #[test]
    fn counting_from_the_instant_is_never_laxer(from in instants(), days in 1_u16..60) {
        let calendar = calendar();
        let strict = calendar.add_working_days(from, days, CountsFrom::Instant);
        let local = calendar.add_working_days(from, days, CountsFrom::NextWorkingDayStart);
        prop_assert!(strict.at <= local.at, "{} after {}", strict.at, local.at);
    }
}
