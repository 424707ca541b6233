//! Codes and numbers in the words of people.

use jiff::{civil::Date, tz::TimeZone};
use kernel::{
    Role, Timestamp,
    edition::{At, Authority, Clock, CountsFrom, Length, Priority},
};
use serde::Serialize;

use crate::document::{Audience, Contact};

/// A clock as the page tells it.
#[derive(Serialize)]
pub(super) struct ClockInWords<'a> {
    name: String,
    priorities: String,
    starts_on: &'a str,
    length: String,
    authority: &'static str,
    basis: &'a str,
}

/// All that a reader must know of a clock.
pub(super) fn clock(clock: &Clock) -> ClockInWords<'_> {
    ClockInWords {
        name: name(clock),
        priorities: priorities(&clock.priorities),
        starts_on: &clock.starts_on,
        length: length(clock.length),
        authority: authority(clock.authority),
        basis: &clock.basis,
    }
}

/// By when a step is done that goes by a clock: "72 hours after power of police protection used (law)".
pub(super) fn deadline(clock: &Clock) -> String {
    let held = priorities(&clock.priorities);
    let before = if held.is_empty() { String::new() } else { format!("{held}: ") };
    format!("{before}{}, counted from: {} ({})", length(clock.length), clock.starts_on, authority(clock.authority))
}

fn name(clock: &Clock) -> String {
    let code = serde_json::to_value(clock.name).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
    code.replace('_', " ")
}

fn priorities(all: &[Priority]) -> String {
    let words = all.iter().map(|priority| match priority {
        Priority::P1 => "P1, in danger now",
        Priority::P2 => "P2, tonight",
        Priority::P3 => "P3, next working day",
        Priority::P4 => "P4, planned",
    });
    words.collect::<Vec<_>>().join("; ")
}

fn length(length: Length) -> String {
    match length {
        Length::Elapsed(time) => {
            let seconds = time.as_secs();
            match (seconds % 3_600, seconds % 60) {
                (0, _) => count(seconds / 3_600, "hour"),
                (_, 0) => count(seconds / 60, "minute"),
                (_, _) => count(seconds, "second"),
            }
        }
        Length::CalendarDays(days) => format!("{}, weekends and bank holidays included", count(days.into(), "day")),
        Length::WorkingDays { days, counts_from: CountsFrom::Instant } => count(days.into(), "working day"),
        Length::WorkingDays { days, counts_from: CountsFrom::NextWorkingDayStart } => {
            format!("{}, from the opening of the office", count(days.into(), "working day"))
        }
        Length::NextWorkingDay(At::Opening) => "when the office opens on the next working day".to_owned(),
        Length::NextWorkingDay(At::Close) => "when the office closes on the next working day".to_owned(),
        Length::NextWorkingDay(At::Time(time)) => format!("{} on the next working day", time.strftime("%H:%M")),
    }
}

fn count(number: i64, of: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{number} {of}{many}")
}

fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Law => "law",
        Authority::Guidance => "statutory guidance",
        Authority::Local => "local rule",
    }
}

/// A day, as people write it.
pub(super) fn day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// An instant in local time.
pub(super) fn instant(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    at.to_zoned_datetime(zone).strftime("%-d %B %Y, %H:%M %Z").to_string()
}

/// A role.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Referrer => "referrer",
        Role::DutyWorker => "duty worker",
        Role::DutyManager => "duty manager",
        Role::HeadOfService => "head of service",
        Role::Director => "director",
        Role::ProcedureAuthor => "author of procedures",
        Role::BoardApprover => "approver of the board",
        Role::BoardAuditor => "auditor of the board",
        Role::BoroughSystem => "the borough’s system",
        Role::HubOperator => "operator of the hub",
        Role::Hub => "the hub",
    }
}

/// A kind of organisation.
pub(super) fn audience(kind: Audience) -> &'static str {
    match kind {
        Audience::Hospital => "hospitals",
        Audience::Borough => "boroughs",
        Audience::Board => "the safeguarding board",
        Audience::School => "schools",
        Audience::Police => "the police",
        Audience::HealthVisitor => "health visitors",
        Audience::Public => "the public",
    }
}

/// Whom to ring.
pub(super) fn contact(contact: Contact) -> &'static str {
    match contact {
        Contact::DutyDesk => "Duty desk on shift",
        Contact::DutyManager => "Duty manager",
        Contact::HeadOfService => "Head of service on call",
        Contact::Director => "Director on call",
        Contact::Board => "Safeguarding board",
    }
}
