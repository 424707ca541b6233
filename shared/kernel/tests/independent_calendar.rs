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
use kernel::edition::{ClockName, Due, Edition, Editions};
use serde::Deserialize;
use serde_json::json;

/// The years that the list of bank holidays covers.
const YEARS: (i16, i16) = (2019, 2027);

/// Local times of a day at which a receipt is counted, in winter and in summer; 01:30 comes twice or not at all on two days a year.
const TIMES: [Time; 9] = [
    time(0, 0, 0, 0),
    time(0, 30, 0, 0),
    time(1, 30, 0, 0),
    time(8, 59, 59, 0),
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
}

fn theirs(starts: &[i64], days: &[u16]) -> Theirs {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../../.tools/venv/bin/python");
    assert!(python.exists(), "{} is not there: run `cargo xtask setup`", python.display());
    let mut child = Command::new(python)
        .arg(root.join("tests/working_days.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let asked = json!({ "from": YEARS.0, "to": YEARS.1, "starts": starts, "days": days }).to_string();
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
    let (edition, theirs) = (first(), theirs(&[], &[]));
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

#[test]
fn every_referral_of_nine_years_is_due_when_an_independent_calendar_says_so() {
    let edition = first();
    let clocks = [(ClockName::DecideOnReferral, 1), (ClockName::InitialChildProtectionConference, 15), (ClockName::Assessment, 45)];
    let london = TimeZone::get("Europe/London").expect("it is bundled");
    let instant = |day: Date, time: Time| london.to_timestamp(day.to_datetime(time)).expect("it is an instant");
    // Every day at the same times and at one of its own; the hour that comes twice in autumn, the second time too.
    let own = |day: Date| (i64::from(day.day_of_year()) * 7_919 + i64::from(day.year()) * 104_729) % 86_400;
    let starts: Vec<Timestamp> = every_day()
        .flat_map(|day| {
            let midnight = instant(day, Time::midnight());
            let others = [midnight + own(day).seconds(), midnight + 90.minutes(), midnight + 150.minutes()];
            TIMES.map(|time| instant(day, time)).into_iter().chain(others).collect::<Vec<_>>()
        })
        .collect();
    let seconds: Vec<i64> = starts.iter().map(|start| start.as_second()).collect();
    let theirs = theirs(&seconds, &clocks.map(|(_, days)| days));
    let mut compared = 0;
    for (name, days) in clocks {
        assert_eq!(theirs.due[&days].len(), starts.len());
        for (start, expected) in starts.iter().zip(&theirs.due[&days]) {
            let Due { at, covered } = edition.due(name, None, *start);
            // Beyond the list our calendar says that it does not know; nothing is compared there.
            if covered {
                assert_eq!(at.as_second(), *expected, "{name:?} from {start}: ours {at}");
                compared += 1;
            } else {
                assert!(*start > instant(date(YEARS.1, 10, 1), Time::midnight()), "{name:?} from {start} is not covered");
            }
        }
    }
    assert!(compared > 3 * 12 * 3_200, "{compared} were compared");
}
