//! What an edition must not say when it is handed in, although one that is recorded can be read with it.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::edition::{Clock, ClockName, Edition, Fault, Length, Priority};

/// Each number of the parts, with the least and the most that makes sense. A zero of the prompts and of the retention is a fault of
/// any edition, and is said there.
const NUMBERS: [(&str, &str, u64, u64); 13] = [
    ("limits", "local_variation_months", 1, 6),
    ("limits", "feed_ended_months", 1, 60),
    ("limits", "rota_notice_hours", 1, 14 * 24),
    ("limits", "emergency_protection_extensions", 0, 1),
    ("limits", "declines_until_dispute", 1, 10),
    ("limits", "edition_notice_minutes", 1, 30 * 24 * 60),
    ("limits", "edition_withdrawal_minutes", 1, 30 * 24 * 60),
    ("limits", "variation_notice_days", 1, 90),
    ("prompts", "repeat_contacts", 2, 20),
    ("prompts", "repeat_within_months", 0, 60),
    ("prompts", "history_months", 0, 240),
    ("approval", "consultation_days", 0, 365),
    // More than the board has people could never be got together, not even for the edition that corrects it.
    ("approval", "board", 0, 5),
];

/// The most bytes that the parts take: an event that carries them stays far below what a message may be.
const LARGEST: usize = 256 * 1024;

/// What every referral has to say: without it intake takes none, whatever a form asks. So it stands in the form and in its budget.
const ALWAYS_ASKED: [&str; 2] = ["concern", "referrer"];

/// The calendar that desks and shifts go by.
const CALENDAR: &str = "england-and-wales";

/// What a record can come to. Each of it needs a time for which it is kept.
const OUTCOMES: [&str; 8] = [
    "looked_after",
    "immediate_protection",
    "section_47_enquiry",
    "child_protection_plan",
    "child_in_need_assessment",
    "child_in_need_plan",
    "early_help",
    "no_further_action",
];

/// The most years that a record is kept.
const YEARS: u64 = 100;

/// Who is called, from the nearest to the case to the farthest.
const RANKS: [&str; 4] = ["duty_manager", "head_of_service", "director", "board_chair"];

/// A clock that runs out no later than another, and what is wrong if it does not.
const IN_ORDER: [(ClockName, ClockName, &str); 4] = [
    (ClockName::SeenBy, ClockName::DecideBy, "an offer is to be opened after it is to be answered"),
    (ClockName::ReceivedAlarm, ClockName::ReceivedManager, "the alarm comes after the manager is called"),
    (ClockName::NightCaseTaken, ClockName::NightCaseToManager, "a case of the night goes to the manager before it is to be taken"),
    (ClockName::EscalationOverallAtRisk, ClockName::EscalationOverall, "a disagreement with a risk of harm has longer than another"),
];

/// Clocks that the law bounds: days at most, and what is wrong if there are more.
const BY_LAW: [(ClockName, u16, &str); 3] = [
    (ClockName::PoliceProtection, 3, "police protection is at most 72 hours: Children Act 1989, section 46(6)"),
    (ClockName::EmergencyProtectionOrder, 8, "the order is at most eight days: Children Act 1989, section 45(1)"),
    (ClockName::EmergencyProtectionOrderExtension, 7, "the extension is at most seven days: Children Act 1989, section 45(5)"),
];

/// Instants at which clocks are compared: a Monday night, a Friday evening, and a bank holiday.
const COMPARED: [Timestamp; 3] =
    [Timestamp::constant(1_795_400_040, 0), Timestamp::constant(1_795_800_600, 0), Timestamp::constant(1_798_196_400, 0)];

/// Everything in the parts of an edition that makes no sense, as far as they can be read.
#[must_use]
pub fn unfit(parts: &Map<String, Value>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (part, name, least, most) in NUMBERS {
        if let Some(number) = number(parts, part, name).filter(|number| !(least..=most).contains(number)) {
            faults.push(Fault::shape(&format!("/{part}/{name}"), format!("{number} makes no sense: from {least} to {most}")));
        }
    }
    let size = Value::from(parts.clone()).to_string().len();
    if size > LARGEST {
        faults.push(Fault::shape("", format!("takes {size} bytes: at most {LARGEST}")));
    }
    retention(parts, &mut faults);
    relied_on(parts, &mut faults);
    beside_each_other(parts, &mut faults);
    ladder(parts, &mut faults);
    starts(parts, &mut faults);
    if let Ok(edition) = Edition::numbered(parts.clone(), 1, Timestamp::UNIX_EPOCH) {
        clocks(&edition, &mut faults);
    }
    faults
}

/// Every field of the form whose review date is past on a day.
#[must_use]
pub fn overdue(parts: &Map<String, Value>, on: Date) -> Vec<Fault> {
    let form = list(parts, "form").iter().enumerate();
    let past = form.filter_map(|(index, field)| {
        let by: Date = field["review_by"].as_str()?.parse().ok()?;
        (by < on).then(|| Fault::shape(&format!("/form/{index}/review_by"), format!("{by} is past: review it, then set a new date")))
    });
    past.collect()
}

fn number(parts: &Map<String, Value>, part: &str, name: &str) -> Option<u64> {
    parts.get(part)?.get(name)?.as_u64()
}

fn list<'a>(parts: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    parts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn retention(parts: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let classes = list(parts, "retention");
    for (index, class) in classes.iter().enumerate() {
        if class["years"].as_u64().is_some_and(|years| years > YEARS) {
            faults.push(Fault::shape(&format!("/retention/{index}/years"), format!("is more than {YEARS}")));
        }
    }
    let kept: Vec<&str> = classes.iter().flat_map(|class| class["outcomes"].as_array()).flatten().filter_map(Value::as_str).collect();
    let missing: Vec<&str> = OUTCOMES.into_iter().filter(|outcome| !kept.contains(outcome)).collect();
    if !missing.is_empty() {
        faults.push(Fault::shape("/retention", format!("says of {} not how long they are kept", missing.join(", "))));
    }
}

/// What the services go by, whatever else an edition says.
fn relied_on(parts: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let form = list(parts, "form");
    for name in ALWAYS_ASKED {
        if !form.iter().any(|field| field["name"] == name && field["compulsory"] == true) {
            faults.push(Fault::shape("/form", format!("must ask \"{name}\" and make it compulsory: no referral is taken without it")));
        }
    }
    if !list(parts, "calendars").iter().any(|calendar| calendar["name"] == CALENDAR) {
        faults.push(Fault::shape("/calendars", format!("lacks \"{CALENDAR}\", which desks and shifts go by")));
    }
}

/// Numbers that are right by themselves and wrong together.
fn beside_each_other(parts: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let limit = |name: &str| number(parts, "limits", name);
    let (notice, withdrawal) = (limit("edition_notice_minutes").unwrap_or(60), limit("edition_withdrawal_minutes").unwrap_or(10));
    if withdrawal > notice {
        let why = format!("an edition of {notice} minutes' notice could never be taken back: at most {notice}");
        faults.push(Fault::shape("/limits/edition_withdrawal_minutes", why));
    }
    if let (Some(days), Some(months)) = (limit("variation_notice_days"), limit("local_variation_months"))
        && months > 0
        && days >= months * 28
    {
        faults.push(Fault::shape("/limits/variation_notice_days", "is longer than a variation may last"));
    }
    let prompt = |name: &str| number(parts, "prompts", name);
    if let (Some(read), Some(counted)) = (prompt("history_months"), prompt("repeat_within_months"))
        && 0 < read
        && read < counted
    {
        faults.push(Fault::shape("/prompts/history_months", "is shorter than the time in which contacts are counted"));
    }
}

/// Each level calls somebody who is there, farther up than the level before, and somebody decides.
fn ladder(parts: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let levels = list(parts, "escalation_ladder");
    let rank = |level: &Value| RANKS.iter().position(|rank| level["who"] == **rank);
    for (index, level) in levels.iter().enumerate() {
        let part = format!("/escalation_ladder/{index}");
        let Some(here) = rank(level) else { continue };
        if (level["who"] == "board_chair") != (level["of"] == "board") {
            faults.push(Fault::shape(&part, "names nobody: a chair is the board's, and all others are the boroughs'"));
        }
        if index.checked_sub(1).and_then(|before| rank(&levels[before])).is_some_and(|before| here <= before) {
            faults.push(Fault::shape(&part, "calls nobody farther up than the level before it"));
        }
    }
    if !levels.is_empty() && !levels.iter().any(|level| level["decides"] == true) {
        faults.push(Fault::shape("/escalation_ladder", "has no level that decides"));
    }
}

/// An edition that names another start than the hub goes by would have people count from it. A blank one is a fault of any edition.
fn starts(parts: &Map<String, Value>, faults: &mut Vec<Fault>) {
    for (index, clock) in list(parts, "clocks").iter().enumerate() {
        let Ok(name) = ClockName::deserialize(&clock["name"]) else { continue };
        if clock["starts_on"].as_str().is_some_and(|said| !said.trim().is_empty() && said != name.starts_on()) {
            let why = format!("this clock is counted from \"{}\", and from nothing else", name.starts_on());
            faults.push(Fault::shape(&format!("/clocks/{index}/starts_on"), why));
        }
    }
}

fn clocks(edition: &Edition, faults: &mut Vec<Fault>) {
    for (sooner, later, why) in IN_ORDER {
        let late = |priority| COMPARED.iter().any(|&from| edition.due(later, priority, from).at < edition.due(sooner, priority, from).at);
        if Priority::ALL.into_iter().any(|priority| late(Some(priority))) {
            faults.push(Fault::ClockLength { clock: sooner, why });
        }
    }
    for (name, days, why) in BY_LAW {
        if edition.clocks(name).any(|clock| longer(clock, days)) {
            faults.push(Fault::ClockLength { clock: name, why });
        }
    }
}

fn longer(clock: &Clock, days: u16) -> bool {
    match clock.length {
        Length::Elapsed(time) => time > SignedDuration::from_hours(i64::from(days) * 24),
        Length::CalendarDays(count) => count > days,
        // How long these are depends on the calendar, and the law counts every day.
        Length::WorkingDays { .. } | Length::NextWorkingDay(_) => true,
    }
}
