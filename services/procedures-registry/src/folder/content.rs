//! What is wrong with a document that could be read, at the lines where it stands.

use std::collections::BTreeMap;

use kernel::{
    Timestamp,
    edition::{self, ClockName},
};
use serde_json::{Map, Value};

use super::{Content, EDITION, Fault, Lines, PROCEDURES, json, procedure::IN_FRONT};
use crate::document::{self, Document, LINK, Procedure, ProcedureId};

/// Every fault of the content. What only follows from a file that could not be read is left out.
pub(super) fn faults(content: &Content) -> Vec<Fault> {
    let mut links = BTreeMap::new();
    let located = content.document.faults().into_iter().filter_map(|fault| match &fault {
        document::Fault::Parts(of_parts) => {
            let lines = content.edition.as_ref()?;
            let pointer = pointer(of_parts, &content.document.parts);
            Some(Fault { file: EDITION.to_owned(), line: json::line(lines, &pointer), what: fault.to_string() })
        }
        document::Fault::Given { part } => {
            let lines = content.edition.as_ref()?;
            Some(Fault { file: EDITION.to_owned(), line: json::line(lines, part), what: fault.to_string() })
        }
        document::Fault::UnknownField { index, .. } => {
            let lines = content.edition.as_ref()?;
            Some(Fault { file: EDITION.to_owned(), line: json::line(lines, &format!("/form/{index}")), what: fault.to_string() })
        }
        document::Fault::DeadLink { procedure, to } => {
            if to.parse().is_ok_and(|id: ProcedureId| content.present.contains(&id)) {
                return None;
            }
            let nth = links.entry((procedure.clone(), to.clone())).or_insert(0);
            *nth += 1;
            let line = link(content, procedure, to, *nth - 1);
            Some(at(procedure, line, &fault))
        }
        document::Fault::Empty { procedure, field } => Some(at(procedure, line(content, procedure, field), &fault)),
        document::Fault::MustWithoutBasis { procedure, step } => {
            Some(at(procedure, line(content, procedure, &format!("/steps/{}", step - 1)), &fault))
        }
        document::Fault::UnknownClock { procedure, step } => {
            Some(at(procedure, line(content, procedure, &format!("/steps/{}/clock", step - 1)), &fault))
        }
        // What only follows from a file that could not be read is left out.
        document::Fault::NoProcedures if !content.present.is_empty() => None,
        document::Fault::NoProcedures => Some(Fault { file: PROCEDURES.to_owned(), line: 1, what: fault.to_string() }),
        document::Fault::TooLarge { procedure, .. } => Some(at(procedure, 1, &fault)),
        document::Fault::ShortFormTooLong { procedure, .. } => Some(at(procedure, line(content, procedure, "/short"), &fault)),
    });
    located.collect()
}

/// The fields of the form whose review date is past, at their lines.
pub(super) fn overdue(document: &Document, lines: &Lines, now: Timestamp) -> Vec<Fault> {
    let at_fields = |fault: document::Fault| {
        let document::Fault::Parts(of_parts) = &fault else { return None };
        let line = json::line(lines, &pointer(of_parts, &document.parts));
        Some(Fault { file: EDITION.to_owned(), line, what: fault.to_string() })
    };
    document.overdue(now).into_iter().filter_map(at_fields).collect()
}

fn at(procedure: &ProcedureId, line: usize, fault: &document::Fault) -> Fault {
    Fault { file: format!("{PROCEDURES}/{procedure}.md"), line, what: fault.to_string() }
}

fn line(content: &Content, procedure: &ProcedureId, pointer: &str) -> usize {
    content.procedures.get(procedure).map_or(1, |lines| json::line(lines, pointer))
}

/// The line of a link: the so-manieth that leads there, from 0.
fn link(content: &Content, id: &ProcedureId, to: &str, nth: usize) -> usize {
    let Some(Procedure { short, full, .. }) = content.document.procedures.get(id) else { return 1 };
    let written = format!("{LINK}{to})");
    let lines_of = |text: &str, pointer: &str| {
        let first = line(content, id, pointer);
        // A text in the front matter is one line there.
        let in_body = content.procedures.get(id).is_some_and(|lines| !lines.contains_key(IN_FRONT));
        let count = |(index, text): (usize, &str)| vec![first + if in_body { index } else { 0 }; text.matches(&written).count()];
        text.split('\n').enumerate().flat_map(count).collect::<Vec<_>>()
    };
    let all = [lines_of(short, "/short"), lines_of(full, "/full")].concat();
    all.get(nth).copied().unwrap_or(1)
}

/// Where a fault of the parts is, as a JSON pointer.
fn pointer(fault: &edition::Fault, parts: &Map<String, Value>) -> String {
    use edition::Fault::{
        Calendar, ClockLength, ClockMissing, ClockTwice, ClockWithoutBasis, ClockWithoutStart, Empty, EmptyLevel, FieldWithoutDecision,
        InEdition, OutOfOrder, Shape, TooManyCompulsory, Twice, UnknownCalendar, Zero,
    };
    let find = |list: &str, fits: &dyn Fn(&Value) -> bool, nth: usize| {
        let items = parts.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let places: Vec<usize> = items.iter().enumerate().filter(|(_, item)| fits(item)).map(|(index, _)| index).collect();
        places.get(nth).or(places.last()).map_or(format!("/{list}"), |index| format!("/{list}/{index}"))
    };
    let blank = |item: &Value, key: &str| item[key].as_str().is_none_or(|text| text.trim().is_empty());
    match fault {
        Shape { part, .. } | Empty { part } | Zero { part } => part.clone(),
        Twice { part, name } => {
            let is_so = |item: &Value| {
                let keys = ["name", "code", "class", "level"];
                keys.iter().any(|key| item[*key] == name.as_str() || item[*key].as_u64().is_some_and(|number| number.to_string() == *name))
                    || item["outcomes"].as_array().is_some_and(|outcomes| outcomes.iter().any(|outcome| outcome == name.as_str()))
            };
            find(part.trim_start_matches('/'), &is_so, 1)
        }
        ClockMissing { clock, .. } => find("clocks", &|item| is_clock(item, *clock), 0),
        ClockTwice { clock, priority } => {
            let holds =
                |item: &Value| item["priorities"].as_array().is_none_or(|all| all.is_empty() || all.contains(&serde_json::json!(priority)));
            find("clocks", &|item| is_clock(item, *clock) && holds(item), 1)
        }
        ClockWithoutStart { clock } => find("clocks", &|item| is_clock(item, *clock) && blank(item, "starts_on"), 0),
        ClockWithoutBasis { clock } => find("clocks", &|item| is_clock(item, *clock) && blank(item, "basis"), 0),
        ClockLength { clock, .. } => find("clocks", &|item| is_clock(item, *clock), 0),
        UnknownCalendar { clock, calendar } => find("clocks", &|item| is_clock(item, *clock) && item["calendar"] == calendar.as_str(), 0),
        Calendar { calendar, .. } => find("calendars", &|item| item["name"] == calendar.as_str(), 0),
        EmptyLevel { level } => find("escalation_ladder", &|item| item["level"] == *level, 0),
        FieldWithoutDecision { field } => find("form", &|item| item["name"] == field.as_str(), 0),
        TooManyCompulsory { ceiling, .. } => find("form", &|item| item["compulsory"] == true, *ceiling),
        InEdition { fault, .. } => pointer(fault, parts),
        OutOfOrder { .. } => String::new(),
    }
}

fn is_clock(item: &Value, name: ClockName) -> bool {
    item["name"] == serde_json::json!(name)
}
