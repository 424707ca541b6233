//! The calendar against one that others keep: the Python package `holidays`, with the time zones of Python's own `zoneinfo`.

#![expect(clippy::expect_used, reason = "tests may be blunt, and so may their helpers")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time, date, time},
    tz::TimeZone,
};
use kernel::{
    Priority,
    edition::{ClockName, Due, Edition, Editions},
};
use serde::Deserialize;
use serde_json::json;

/// The years that the list of bank holidays covers.
const YEARS: (i16, i16) = (2019, 2027);

/// Local times of a day at which a receipt is counted, in winter and in summer; 01:30 comes twice or not at all on two days a year.
const TIMES: [Time; 11] = [
    time(0, 0, 0, 0),
    time(0, 30, 0, 0),
    time(1, 30, 0, 0),
    time(8, 59, 59, 0),
    time(9, 0, 0, 0),
    time(9, 0, 1, 0),
    time(12, 0, 0, 0),
    time(16, 55, 0, 0),
    time(17, 0, 0, 0),
    time(23, 59, 0, 0),
    time(23, 59, 59, 0),
];

/// What the others say.
#[derive(Deserialize)]
struct Theirs {
    working: BTreeSet<Date>,
    due: BTreeMap<u16, Vec<i64>>,
    opening: BTreeMap<u16, Vec<i64>>,
    times: BTreeMap<Time, Vec<i64>>,
}

/// What is asked of them beside working days: lengths from the instant, lengths from when the office is open, and times of the
/// next working day.
#[derive(Default)]
struct Lengths<'a> {
    days: &'a [u16],
    opening: &'a [u16],
    times: &'a [Time],
}

fn theirs(starts: &[Timestamp], lengths: &Lengths<'_>) -> Theirs {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../../.tools/venv/bin/python");
    assert!(python.exists(), "{} is not there: run `cargo xtask setup`", python.display());
    let mut child = Command::new(python)
        .arg(root.join("tests/working_days.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let starts: Vec<i64> = starts.iter().map(|start| start.as_second()).collect();
    let (Lengths { days, opening, times }, hours) = (lengths, first().calendar("england-and-wales").expect("it has one").hours());
    let asked = json!({ "from": YEARS.0, "to": YEARS.1, "starts": starts, "days": days, "opening": opening, "times": times,
        "opens": hours.opens, "closes": hours.closes });
    let asked = asked.to_string();
    child.stdin.take().expect("it is a pipe").write_all(asked.as_bytes()).expect("Python reads");
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "the independent calendar failed: is it installed? run `cargo xtask setup`");
    serde_json::from_slice(&output.stdout).expect("it answers as agreed")
}

fn every_day() -> impl Iterator<Item = Date> {
    let last = date(YEARS.1, 12, 31);
    date(YEARS.0, 1, 1).series(1.day()).take_while(move |day| *day <= last)
}

fn first() -> Edition {
    Editions::first().in_force(Timestamp::UNIX_EPOCH).clone()
}

#[test]
fn every_day_of_nine_years_is_a_working_day_where_an_independent_calendar_says_so() {
    let (edition, theirs) = (first(), theirs(&[], &Lengths::default()));
    let calendar = edition.calendar("england-and-wales").expect("it has one");
    let ours: BTreeSet<Date> = every_day().filter(|day| calendar.is_working_day(*day)).collect();
    let differ: Vec<&Date> = ours.symmetric_difference(&theirs.working).collect();
    assert!(differ.is_empty(), "{differ:?}");
    // Both know the days that came once, and those that were moved.
    for free in [date(2022, 9, 19), date(2023, 5, 8), date(2020, 5, 8), date(2022, 6, 3), date(2024, 3, 29), date(2027, 12, 28)] {
        assert!(!theirs.working.contains(&free), "{free}");
    }
    assert!(theirs.working.contains(&date(2020, 5, 4)) && theirs.working.contains(&date(2022, 5, 30)));
}

/// Every day at the same times and at one of its own; the hour that comes twice in autumn, the second time too.
fn starts() -> Vec<Timestamp> {
    let own = |day: Date| (i64::from(day.day_of_year()) * 7_919 + i64::from(day.year()) * 104_729) % 86_400;
    let of = |day: Date| {
        let midnight = instant(day, Time::midnight());
        let others = [midnight + own(day).seconds(), midnight + 90.minutes(), midnight + 150.minutes()];
        TIMES.map(|time| instant(day, time)).into_iter().chain(others).collect::<Vec<_>>()
    };
    every_day().flat_map(of).collect()
}

fn instant(day: Date, time: Time) -> Timestamp {
    let london = TimeZone::get("Europe/London").expect("it is bundled");
    london.to_timestamp(day.to_datetime(time)).expect("it is an instant")
}

/// How many were compared. Beyond the list our calendar says that it does not know; nothing is compared there.
fn compare(what: &str, starts: &[Timestamp], theirs: &[i64], ours: impl Fn(Timestamp) -> Due) -> usize {
    assert_eq!(theirs.len(), starts.len());
    let mut compared = 0;
    for (start, expected) in starts.iter().zip(theirs) {
        let Due { at, covered } = ours(*start);
        if covered {
            assert_eq!(at.as_second(), *expected, "{what} from {start}: ours {at}");
            compared += 1;
        } else {
            assert!(*start > instant(date(YEARS.1, 10, 1), Time::midnight()), "{what} from {start} is not covered");
        }
    }
    compared
}

#[test]
fn every_referral_of_nine_years_is_due_when_an_independent_calendar_says_so() {
    let (edition, starts) = (first(), starts());
    let clocks = [(ClockName::DecideOnReferral, 1), (ClockName::InitialChildProtectionConference, 15), (ClockName::Assessment, 45)];
    let theirs = theirs(&starts, &Lengths { days: &clocks.map(|(_, days)| days), ..Lengths::default() });
    let one = |(name, days)| compare(&format!("{name:?}"), &starts, &theirs.due[&days], |start| edition.due(name, None, start));
    let compared: usize = clocks.into_iter().map(one).sum();
    assert!(compared > 3 * 14 * 3_200, "{compared} were compared");
}

#[test]
fn every_clock_that_counts_from_the_start_of_a_working_day_is_due_when_an_independent_calendar_says_so() {
    let (edition, starts) = (first(), starts());
    let opening = [(ClockName::SeenBy, 1), (ClockName::DecideBy, 5)];
    let times = [
        (ClockName::NightCaseTaken, None, time(9, 0, 0, 0)),
        (ClockName::NightCaseToManager, None, time(10, 0, 0, 0)),
        (ClockName::EdtRecordToDayService, None, time(9, 0, 0, 0)),
        (ClockName::SeenBy, Some(Priority::P3), time(9, 30, 0, 0)),
        (ClockName::DecideBy, Some(Priority::P3), time(17, 0, 0, 0)),
    ];
    let lengths = Lengths { opening: &opening.map(|(_, days)| days), times: &times.map(|(.., time)| time), days: &[] };
    let theirs = theirs(&starts, &lengths);
    let mut compared = 0;
    for (name, days) in opening {
        let ours = |start| edition.due(name, Some(Priority::P4), start);
        compared += compare(&format!("{name:?} of P4"), &starts, &theirs.opening[&days], ours);
    }
    for (name, priority, time) in times {
        let ours = |start| edition.due(name, priority, start);
        compared += compare(&format!("{name:?} at {time}"), &starts, &theirs.times[&time], ours);
    }
    assert!(compared > 7 * 14 * 3_200, "{compared} were compared");
}
