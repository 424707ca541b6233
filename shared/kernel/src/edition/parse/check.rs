//! What must hold in an edition beyond its shape.

use std::collections::BTreeSet;

use crate::{
    calendar::Calendar,
    directory::Directory,
    edition::{Approval, Boroughs, Clock, ClockName, DeclineReason, Fault, FormField, Priority, Prompts, Retention, parse::raw},
};

/// The form budget. It is here and not in the edition, because a ceiling that an edition could lift would not be one.
const COMPULSORY_AT_MOST: usize = 4;

pub(super) fn clocks(clocks: &[Clock], calendars: &[(String, Option<Calendar>)], faults: &mut Vec<Fault>) {
    for clock in clocks {
        if clock.starts_on.trim().is_empty() {
            faults.push(Fault::ClockWithoutStart { clock: clock.name });
        }
        if clock.basis.trim().is_empty() {
            faults.push(Fault::ClockWithoutBasis { clock: clock.name });
        }
        if !calendars.iter().any(|(name, _)| *name == clock.calendar) {
            faults.push(Fault::UnknownCalendar { clock: clock.name, calendar: clock.calendar.clone() });
        }
    }
    for name in ClockName::ALL {
        one_for_each_priority(*name, clocks, faults);
    }
}

fn one_for_each_priority(name: ClockName, clocks: &[Clock], faults: &mut Vec<Fault>) {
    let entries: Vec<&Clock> = clocks.iter().filter(|clock| clock.name == name).collect();
    if entries.is_empty() {
        faults.push(Fault::ClockMissing { clock: name, priority: None });
        return;
    }
    for priority in Priority::ALL {
        match entries.iter().filter(|clock| clock.applies_to(priority)).count() {
            0 => faults.push(Fault::ClockMissing { clock: name, priority: Some(priority) }),
            1 => {}
            2.. => faults.push(Fault::ClockTwice { clock: name, priority }),
        }
    }
}

/// Levels are written in order, 1, 2, 3 and so on, each with somebody.
pub(super) fn ladder(levels: &[raw::Level], faults: &mut Vec<Fault>) {
    let top = levels.iter().map(|it| it.level).max().unwrap_or(1).max(1);
    for level in 1..=top {
        match levels.iter().filter(|it| it.level == level && it.who.is_some()).count() {
            0 => faults.push(Fault::EmptyLevel { level }),
            1 => {}
            2.. => faults.push(Fault::Twice { part: "/escalation_ladder".to_owned(), name: level.to_string() }),
        }
    }
    if !levels.is_sorted_by_key(|it| it.level) || levels.iter().any(|it| it.level == 0) {
        faults.push(Fault::shape("/escalation_ladder", "levels are written in order, from 1"));
    }
}

pub(super) fn decline_reasons(reasons: &[DeclineReason], faults: &mut Vec<Fault>) {
    let part = "/decline_reasons";
    not_empty(part, reasons, faults);
    named_once(part, reasons.iter().map(|reason| reason.code.as_str()), faults);
    for (index, reason) in reasons.iter().enumerate() {
        filled(&format!("{part}/{index}/text"), &reason.text, faults);
    }
}

pub(super) fn form(fields: &[FormField], faults: &mut Vec<Fault>) {
    not_empty("/form", fields, faults);
    named_once("/form", fields.iter().map(|field| field.name.as_str()), faults);
    for (index, field) in fields.iter().enumerate() {
        filled(&format!("/form/{index}/question"), &field.question, faults);
        if field.decision_served.trim().is_empty() {
            faults.push(Fault::FieldWithoutDecision { field: field.name.clone() });
        }
    }
    let count = fields.iter().filter(|field| field.compulsory).count();
    if count > COMPULSORY_AT_MOST {
        faults.push(Fault::TooManyCompulsory { count, ceiling: COMPULSORY_AT_MOST });
    }
}

pub(super) fn retention(classes: &[Retention], faults: &mut Vec<Fault>) {
    let part = "/retention";
    not_empty(part, classes, faults);
    named_once(part, classes.iter().map(|class| class.class.as_str()), faults);
    named_once(part, classes.iter().flat_map(|class| &class.outcomes).map(String::as_str), faults);
    for (index, class) in classes.iter().enumerate() {
        not_empty(&format!("{part}/{index}/outcomes"), &class.outcomes, faults);
        filled(&format!("{part}/{index}/basis"), &class.basis, faults);
        if class.years == 0 {
            faults.push(Fault::Zero { part: format!("{part}/{index}/years") });
        }
    }
}

pub(super) fn prompts(prompts: &Prompts, faults: &mut Vec<Fault>) {
    let parts = [
        ("repeat_contacts", prompts.repeat_contacts),
        ("repeat_within_months", prompts.repeat_within_months),
        ("history_months", prompts.history_months),
    ];
    let zero = parts.iter().filter(|(_, value)| *value == 0);
    faults.extend(zero.map(|(name, _)| Fault::Zero { part: format!("/prompts/{name}") }));
}

/// A quorum that can be reached, and that nobody reaches alone.
pub(super) fn approval(approval: &Approval, faults: &mut Vec<Fault>) {
    if approval.board == 0 {
        faults.push(Fault::Zero { part: "/approval/board".to_owned() });
    }
    let there = Directory::get().boroughs_of_area(&approval.area).count();
    if there == 0 {
        faults.push(Fault::shape("/approval/area", "is not an area of the directory"));
    }
    match approval.boroughs {
        Boroughs::AtLeast(0) => faults.push(Fault::Zero { part: "/approval/boroughs".to_owned() }),
        Boroughs::AtLeast(count) if there > 0 && usize::from(count) > there => {
            faults.push(Fault::shape("/approval/boroughs", "the area has fewer boroughs"));
        }
        Boroughs::AtLeast(_) | Boroughs::Each => {}
    }
}

fn not_empty<T>(part: &str, list: &[T], faults: &mut Vec<Fault>) {
    if list.is_empty() {
        faults.push(Fault::Empty { part: part.to_owned() });
    }
}

fn filled(part: &str, text: &str, faults: &mut Vec<Fault>) {
    if text.trim().is_empty() {
        faults.push(Fault::Empty { part: part.to_owned() });
    }
}

fn named_once<'a>(part: &str, names: impl Iterator<Item = &'a str>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for name in names {
        filled(part, name, faults);
        if !seen.insert(name) {
            faults.push(Fault::Twice { part: part.to_owned(), name: name.to_owned() });
        }
    }
}
