//! Values of two documents, compared by where they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use similar::{Algorithm, capture_diff_slices};

use super::{Change, sides};
use crate::document::Procedure;

/// The keys by which an entry of a list is known, the first that it has.
const NAMES: [&str; 4] = ["name", "code", "class", "level"];

/// What differs between the parts of two editions.
pub(super) fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    objects("", before, after, &mut changes);
    changes
}

/// What differs between two procedures, of which one may not be there.
pub(super) fn of_procedures(before: Option<&Procedure>, after: Option<&Procedure>) -> Vec<Change> {
    let (before, after) = (as_map(before), as_map(after));
    changes(&before, &after)
}

fn as_map(procedure: Option<&Procedure>) -> Map<String, Value> {
    match serde_json::to_value(procedure) {
        Ok(Value::Object(map)) => map,
        // A procedure is an object; the one that is not there is null and has nothing.
        Ok(_) | Err(_) => Map::new(),
    }
}

fn objects(at: &str, before: &Map<String, Value>, after: &Map<String, Value>, changes: &mut Vec<Change>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        values(&format!("{at}/{}", escaped(key)), before.get(key), after.get(key), changes);
    }
}

fn values(at: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    match (before, after) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => objects(at, old, new, changes),
        (Some(Value::Array(old)), Some(Value::Array(new))) => match (by_name(old), by_name(new)) {
            (Some(old_names), Some(new_names)) => {
                let both = |names: &BTreeMap<String, &Value>, others: &BTreeMap<String, &Value>, list: &[Value]| {
                    let kept = list.iter().map(name).filter(|name| others.contains_key(name.as_str()));
                    kept.filter(|name| names.contains_key(name)).collect::<Vec<_>>()
                };
                let (old_order, new_order) = (both(&old_names, &new_names, old), both(&new_names, &old_names, new));
                if old_order != new_order {
                    changes.push(change(&format!("{at} (order)"), Some(old_order.join("\n")), Some(new_order.join("\n"))));
                }
                let names: BTreeSet<&String> = old_names.keys().chain(new_names.keys()).collect();
                for name in names {
                    let at = format!("{at}/{}", escaped(name));
                    values(&at, old_names.get(name).copied(), new_names.get(name).copied(), changes);
                }
            }
            (Some(_) | None, Some(_) | None) if texts(old) && texts(new) => changes.push(change(at, Some(joined(old)), Some(joined(new)))),
            (Some(_) | None, Some(_) | None) => aligned(at, old, new, changes),
        },
        (old, new) => changes.push(change(at, old.map(shown), new.map(shown))),
    }
}

/// Lists whose entries have no names: what is put in or goes does not make everything behind it differ. An entry that goes is
/// named by its old place, every other one by its new one.
fn aligned(at: &str, old: &[Value], new: &[Value], changes: &mut Vec<Change>) {
    let as_text = |list: &[Value]| list.iter().map(text).collect::<Vec<_>>();
    for step in capture_diff_slices(Algorithm::Myers, &as_text(old), &as_text(new)) {
        let (olds, news) = (step.old_range(), step.new_range());
        for place in 0..olds.len().max(news.len()) {
            let (before, after) = (olds.clone().nth(place), news.clone().nth(place));
            let shown = after.or(before).unwrap_or_default();
            let of = |list: &[Value], index: Option<usize>| index.and_then(|index| list.get(index).cloned());
            values(&format!("{at}/{shown}"), of(old, before).as_ref(), of(new, after).as_ref(), changes);
        }
    }
}

fn change(at: &str, before: Option<String>, after: Option<String>) -> Change {
    let several = [&before, &after].into_iter().flatten().any(|text| text.contains('\n'));
    let lines = match (&before, &after) {
        (Some(old), Some(new)) if several => sides(old, new),
        (Some(_) | None, Some(_) | None) => Vec::new(),
    };
    Change { at: at.to_owned(), before, after, lines }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| text(value), str::to_owned)
}

/// A value as one text, in whatever order its members were written.
fn text(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).unwrap_or_else(|_| value.to_string())
}

/// The entries of a list by their names, if every one has a name of its own and there is one.
fn by_name(list: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let named: BTreeMap<String, &Value> = list.iter().map(|item| (name(item), item)).collect();
    (named.len() == list.len() && !named.contains_key("")).then_some(named)
}

/// The name of an entry, with the priorities that it holds for; empty when it has none.
fn name(item: &Value) -> String {
    let name = NAMES.iter().find_map(|key| item.get(key)).map(shown).unwrap_or_default();
    let priorities = item["priorities"].as_array().map(|all| all.iter().map(shown).collect::<Vec<_>>().join("+"));
    priorities.map_or_else(|| name.clone(), |priorities| format!("{name} {priorities}"))
}

fn texts(list: &[Value]) -> bool {
    list.iter().all(Value::is_string)
}

/// A list of texts, one a line.
fn joined(list: &[Value]) -> String {
    list.iter().map(shown).collect::<Vec<_>>().join("\n")
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
