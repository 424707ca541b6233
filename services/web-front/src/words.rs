//! Codes, instants and numbers in the words of the pages.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use kernel::{Borough, Org, directory::Directory};
use minijinja::{Environment, Value};

/// The words of codes that do not read well as they are.
const SAID: &[(&str, &str)] = &[
    ("section_47_enquiry", "Section 47 enquiry"),
    ("child_in_need_assessment", "Child in need assessment (section 17)"),
    ("early_help", "Early help"),
    ("no_further_action", "Advice given, no further action"),
    ("immediate_protection", "Immediate protection"),
    ("emergency_action", "Emergency action: act now"),
    ("enquiry", "Enquiry or assessment"),
    ("plan", "Plan"),
    ("not_safe_to_ask", "It is not safe to ask"),
    ("not_known", "Not known"),
    ("not_sure", "Not sure"),
    ("not_our_area", "Not our area"),
    ("no_such_child_here", "No such child here"),
    ("already_with_another", "Already with another borough"),
    ("below_threshold", "Below the threshold"),
    ("unsafe_to_move_now", "Unsafe to move now"),
    ("seen", "Opened"),
    ("query", "A question is open"),
    ("accepted", "Accepted, awaiting receipt"),
    ("handed_over", "Handed over"),
    ("handed_back", "Handed back"),
    ("link_down", "Not delivered: ring them"),
    ("child_protection_plan", "Child protection plan"),
    ("child_in_need_plan", "Child in need plan"),
    ("looked_after_plan", "Care of a looked-after child"),
    ("P1", "P1: in danger now"),
    ("P2", "P2: tonight"),
    ("P3", "P3: next working day"),
    ("P4", "P4: planned"),
    ("duty_worker", "Duty worker"),
    ("draft.drafted", "Begun"),
    ("draft.procedure_put", "A text was written"),
    ("draft.procedure_removed", "A procedure was taken out"),
    ("draft.parts_put", "What the services obey was written"),
    ("draft.document_put", "All of it was written"),
    ("draft.consultation_opened", "The boroughs were asked"),
    ("draft.commented", "A comment"),
    ("draft.comment_answered", "A comment was answered"),
    ("draft.submitted", "Submitted"),
    ("draft.objected", "Sent back"),
    ("draft.approved", "Approved"),
    ("draft.scheduled", "Scheduled"),
    ("draft.withdrawn", "Taken back"),
    ("in_force", "In force"),
    ("in_consultation", "In consultation"),
    ("consulted", "Consultation is over"),
    ("submitted", "Before its approvers"),
    ("superseded", "No longer in force"),
    ("adopted", "Adopted: it is or was in force"),
    ("near_miss", "It nearly went wrong"),
    ("went_right", "It went right"),
    ("referral.decided", "Decided"),
    ("referral.joined", "Joined to another referral about the same"),
    ("referral.information_added", "Information added"),
    ("referral.feedback_given", "The referrer was told"),
    ("referral.withdrawn", "Withdrawn by the referrer"),
    ("referral.withheld", "Something was withheld"),
    ("referral.checks_made", "Checks with other agencies"),
    ("referral.cpis_checked", "Child Protection Information Sharing was checked"),
    ("referral.corrected", "Correction"),
    ("referral.not_seen", "Nobody had opened it in time"),
    ("referral.decision_overdue", "The decision was overdue"),
    ("referral.feedback_overdue", "Feedback to the referrer was overdue"),
    ("GET /api/intake/referrals/{id}", "The referral"),
    ("GET /api/intake/referrals/{id}/history", "What happened before"),
    ("GET /api/transfers/{id}", "The transfer"),
    ("GET /api/transfers/children/{child_id}/responsibility", "Who holds the child"),
    ("GET /api/transfers/children/{child_id}/notices", "Notices, and why duties ended"),
    ("GET /api/audit/chronologies/{child_id}", "Everything that happened, in order"),
];

/// A code in words.
pub(crate) fn said(code: &str) -> String {
    if let Some((_, words)) = SAID.iter().find(|(known, _)| *known == code) {
        return (*words).to_owned();
    }
    plainly(code)
}

/// A figure of a report in words: what it counts, which is not where something stands.
pub(crate) fn figure(name: &str) -> String {
    match name {
        "median_seconds" => "Half of them within".to_owned(),
        "p90_seconds" => "90 of 100 within".to_owned(),
        name => plainly(name),
    }
}

fn plainly(code: &str) -> String {
    let words = code.replace(['_', '.'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The name of a borough, a hospital or another organisation by its code.
pub(crate) fn org(code: &str) -> String {
    let directory = Directory::get();
    match code.parse::<Org>() {
        Ok(Org::Borough(borough)) => directory.borough(&borough).map_or(code, |entry| entry.name.as_str()).to_owned(),
        Ok(Org::Site(site)) => directory.site(&site).map_or(code, |entry| entry.name.as_str()).to_owned(),
        Ok(Org::Board) => "Safeguarding board".to_owned(),
        Ok(Org::Hub) => "The hub".to_owned(),
        Err(_) => code.to_owned(),
    }
}

/// The boroughs to choose from: those of the same area, by name.
pub(crate) fn boroughs_near(borough: Option<&Borough>) -> Vec<(String, String)> {
    let directory = Directory::get();
    let area = borough.and_then(|code| directory.borough(code)).map(|entry| entry.area.clone());
    let mut all: Vec<_> = directory
        .boroughs()
        .filter(|entry| area.as_ref().is_none_or(|area| &entry.area == area))
        .map(|entry| (entry.code.to_string(), entry.name.clone()))
        .collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// `23 November 2026 at 2:14am`, in London.
pub(crate) fn when(at: Timestamp) -> String {
    let local = at.to_zoned_datetime(TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));
    let (hour, half) = match local.hour() {
        0 => (12, "am"),
        hour @ 1..=11 => (hour, "am"),
        12 => (12, "pm"),
        hour => (hour - 12, "pm"),
    };
    let month = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    let month = usize::try_from(local.month() - 1).ok().and_then(|at| month.get(at)).copied().unwrap_or_default();
    format!("{} {month} {} at {hour}:{:02}{half}", local.day(), local.year(), local.minute())
}

/// How far away, in words: `12 minutes`, `2 hours`, `3 days`.
pub(crate) fn span(length: SignedDuration) -> String {
    let minutes = length.abs().as_mins();
    let (count, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// How long a clock of the edition runs: `72 hours`, `1 working day`.
pub(crate) fn length(clock: &serde_json::Value) -> Option<String> {
    let count = clock["length"].as_i64()?;
    let unit = clock["unit"].as_str()?.trim_start_matches("elapsed_").trim_start_matches("calendar_").replace('_', " ");
    Some(format!("{count} {}", if count == 1 { unit.trim_end_matches('s') } else { &unit }))
}

/// What a service says, with the names of boroughs for their codes, and instants as people say them.
pub(crate) fn plain(text: &str) -> String {
    let plain = |word: &str| {
        let bare = word.trim_end_matches(['.', ',', ';', ')']);
        let known = bare.parse::<Borough>().ok().and_then(|code| Directory::get().borough(&code).map(|entry| entry.name.clone()));
        let said = known.or_else(|| bare.parse().ok().map(when))?;
        Some(format!("{said}{}", &word[bare.len()..]))
    };
    text.split(' ').map(|word| plain(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}

/// A deadline in words: `in 12 minutes` or `overdue by 2 hours`.
pub(crate) fn due(at: Timestamp, now: Timestamp) -> String {
    let left = at.duration_since(now);
    if left.is_negative() { format!("overdue by {}", span(left)) } else { format!("in {}", span(left)) }
}

/// An NHS number as it is read aloud.
fn nhs(number: &str) -> String {
    let plain = number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit());
    if plain { format!("{} {} {}", &number[..3], &number[3..6], &number[6..]) } else { number.to_owned() }
}

/// `2019-05-14` as `14 May 2019`.
pub(crate) fn day(date: &str) -> String {
    let midday = format!("{date}T12:00:00Z").parse().map(when).ok();
    midday.and_then(|words: String| words.split_once(" at ").map(|(day, _)| day.to_owned())).unwrap_or_else(|| date.to_owned())
}

/// A day as people write it: `23/11/2026`, `23 11 2026`, `2026-11-23`.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    let text = text.trim().replace(['.', ' '], "/");
    let parts: Vec<i16> = text.split(['/', '-']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [one, month, other] = parts.as_slice() else { return None };
    let (year, day) = if *one > 31 { (*one, *other) } else { (*other, *one) };
    Date::new(year, i8::try_from(*month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Makes the words known to the templates.
pub(crate) fn add_to(environment: &mut Environment<'_>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    environment.add_filter("said", move |value: &Value| text(value).map(|code| said(&code)));
    environment.add_filter("figure", move |value: &Value| text(value).map(|name| figure(&name)));
    environment.add_filter("org", move |value: &Value| text(value).map(|code| org(&code)));
    environment.add_filter("nhs", move |value: &Value| text(value).map(|number| nhs(&number)));
    environment.add_filter("day", move |value: &Value| text(value).map(|date| day(&date)));
    environment.add_filter("lasted", |value: &Value| value.as_i64().map(|seconds| span(SignedDuration::from_secs(seconds))));
    environment.add_filter("when", |value: &Value| instant(value).map(when));
    environment.add_filter("due", |value: &Value, now: &Value| instant(value).zip(instant(now)).map(|(at, now)| due(at, now)));
    environment.add_filter("is_past", |value: &Value, now: &Value| instant(value).zip(instant(now)).is_some_and(|(at, now)| at < now));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn instants_are_said_in_london_time_and_midnight_is_twelve() {
        assert_eq!(when(at("2026-11-23T02:14:00Z")), "23 November 2026 at 2:14am");
        assert_eq!(when(at("2026-07-01T23:05:00Z")), "2 July 2026 at 12:05am");
        assert_eq!(when(at("2026-07-01T11:05:00Z")), "1 July 2026 at 12:05pm");
        assert_eq!(when(at("2026-12-01T13:00:00Z")), "1 December 2026 at 1:00pm");
    }

    #[test]
    fn a_deadline_is_said_in_words_on_both_sides_of_now() {
        let now = at("2026-11-23T02:00:00Z");
        assert_eq!(due(at("2026-11-23T02:00:30Z"), now), "in less than a minute");
        assert_eq!(due(at("2026-11-23T02:01:00Z"), now), "in 1 minute");
        assert_eq!(due(at("2026-11-23T04:30:00Z"), now), "in 2 hours");
        assert_eq!(due(at("2026-11-20T02:00:00Z"), now), "overdue by 3 days");
    }

    #[test]
    fn what_a_service_says_names_boroughs_and_instants_and_a_clock_is_said_in_words() {
        let said = "Only the borough that holds the plan may do this. E08000006 holds it now.";
        assert_eq!(plain(said), "Only the borough that holds the plan may do this. Salford holds it now.");
        let said = "By law it ends at 2026-11-26T08:00:00Z at the latest.";
        assert_eq!(plain(said), "By law it ends at 26 November 2026 at 8:00am at the latest.");
        let found = [(72, "elapsed_hours"), (8, "calendar_days"), (1, "working_days")];
        let found = found.map(|(count, unit)| length(&serde_json::json!({ "length": count, "unit": unit })));
        assert_eq!(found.map(Option::unwrap_or_default), ["72 hours", "8 days", "1 working day"]);
    }

    #[test]
    fn codes_and_numbers_read_well() {
        assert_eq!(
            (said("awaiting_receipt"), org("E08000006"), org("RW602") == "RW602"),
            ("Awaiting receipt".into(), "Salford".into(), false)
        );
        assert_eq!((nhs("9990000018"), nhs("none"), day("2019-05-14")), ("999 000 0018".into(), "none".into(), "14 May 2019".into()));
    }
}
