//! The judge.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fact, Fault, History, Line, Record, Stored, holders::Holders};

/// The service that keeps the ledger of responsibility.
const LEDGER: &str = "transfers";

/// One command over all its attempts.
struct Asked<'a> {
    service: &'a str,
    trace: &'a str,
    principal: &'a str,
    first_at: u64,
    acknowledged: Vec<(u64, i64, bool)>,
    refused: bool,
}

/// Compares what clients saw with what is stored. An empty answer means that every promise was kept.
#[must_use]
pub fn check(history: &History, record: &Record) -> Vec<Fault> {
    let commands = commands(history);
    let empty = Vec::new();
    let holders = Holders::of(record.logs.get(LEDGER).unwrap_or(&empty));
    let mut faults = holders.faults.clone();
    let index = Index::of(record);
    for (key, asked) in &commands {
        faults.extend(one_command(key, asked, &index));
    }
    faults.extend(order(&commands));
    faults.extend(continuity(record));
    faults.extend(looks(history, &commands, &holders));
    let referred = record.logs.values().flatten().filter_map(|row| match &row.fact {
        Fact::Referred(children) => Some(children),
        Fact::Opened { .. } | Fact::Moved { .. } | Fact::Ended { .. } | Fact::Other => None,
    });
    faults.extend(holders.of_the_referred(referred.flatten()));
    let differing = record.views.iter().filter(|view| view.live != view.rebuilt);
    faults.extend(differing.map(|view| Fault::ViewDiffers { view: view.name.clone(), first: view.first.clone() }));
    faults.sort();
    faults.dedup();
    faults
}

/// The record by what commands are looked for under.
#[derive(Default)]
struct Index<'a> {
    /// Rows by service, trace and actor.
    rows: BTreeMap<(&'a str, &'a str, &'a str), Vec<i64>>,
    /// Receipts by service, principal and key.
    receipts: BTreeMap<(&'a str, &'a str, &'a str), Vec<i64>>,
    /// The last position of each log.
    heads: BTreeMap<&'a str, i64>,
}

impl<'a> Index<'a> {
    fn of(record: &'a Record) -> Self {
        let mut index = Self::default();
        for (service, log) in &record.logs {
            for Stored { position, trace, actor, .. } in log {
                index.rows.entry((service, trace, actor)).or_default().push(*position);
            }
            index.heads.insert(service, log.last().map_or(0, |last| last.position));
        }
        for kept in &record.receipts {
            index.receipts.entry((&kept.service, &kept.principal, &kept.key)).or_default().push(kept.position);
        }
        index
    }

    /// The last positions of the unbroken runs of rows that one command has left. A command is recorded as one run.
    fn effects(&self, asked: &Asked<'_>) -> Vec<i64> {
        let mut runs: Vec<i64> = Vec::new();
        for position in self.rows.get(&(asked.service, asked.trace, asked.principal)).into_iter().flatten() {
            match runs.last_mut() {
                Some(last) if *last + 1 == *position => *last = *position,
                Some(_) | None => runs.push(*position),
            }
        }
        runs
    }
}

fn commands(history: &History) -> BTreeMap<&str, Asked<'_>> {
    let mut commands: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    for line in &history.0 {
        match line {
            Line::Invoke { at, service, key, trace, principal, .. } => {
                let asked = Asked { service, trace, principal, first_at: *at, acknowledged: Vec::new(), refused: false };
                commands.entry(key).or_insert(asked);
            }
            Line::Ok { at, key, position, adds, .. } => {
                if let Some(asked) = commands.get_mut(key.as_str()) {
                    asked.acknowledged.push((*at, *position, *adds));
                }
            }
            Line::Fail { key, .. } => {
                if let Some(asked) = commands.get_mut(key.as_str()) {
                    asked.refused = true;
                }
            }
            Line::Unknown { .. } | Line::Look { .. } | Line::Saw { .. } => {}
        }
    }
    commands
}

fn one_command(key: &str, asked: &Asked<'_>, index: &Index<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let receipts = index.receipts.get(&(asked.service, asked.principal, key)).cloned().unwrap_or_default();
    let head = index.heads.get(asked.service).copied().unwrap_or(0);
    let answers: BTreeSet<i64> = asked.acknowledged.iter().map(|(_, position, _)| *position).chain(receipts.iter().copied()).collect();
    let effects = index.effects(asked);
    if answers.len() > 1 || receipts.len() > 1 || effects.len() > 1 {
        let positions: BTreeSet<i64> = answers.iter().chain(&effects).copied().collect();
        faults.push(Fault::Duplicate { key: key.to_owned(), positions: positions.into_iter().collect() });
    }
    for (_, position, adds) in &asked.acknowledged {
        let kept = receipts.contains(position) && *position <= head;
        if !kept || *adds && !effects.contains(position) {
            faults.push(Fault::Lost { key: key.to_owned(), service: asked.service.to_owned(), position: *position });
        }
    }
    if asked.acknowledged.is_empty() {
        if !asked.refused {
            faults.push(Fault::Unresolved { key: key.to_owned() });
        } else if !receipts.is_empty() || !effects.is_empty() {
            faults.push(Fault::RefusedButRecorded { key: key.to_owned() });
        }
    }
    faults
}

/// Whatever begins after an acknowledgement stands behind it in the log.
fn order(commands: &BTreeMap<&str, Asked<'_>>) -> Vec<Fault> {
    let acknowledged =
        |asked: &Asked<'_>| asked.acknowledged.iter().filter(|(.., adds)| *adds).map(|(at, position, _)| (*at, *position)).min();
    let mut faults = Vec::new();
    for service in commands.values().map(|asked| asked.service).collect::<BTreeSet<_>>() {
        let of_service = || commands.iter().filter(|(_, asked)| asked.service == service);
        let mut ends: Vec<(u64, i64)> = of_service().filter_map(|(_, asked)| acknowledged(asked)).collect();
        ends.sort_unstable();
        let mut begins: Vec<(u64, i64, &str)> =
            of_service().filter_map(|(key, asked)| acknowledged(asked).map(|(_, position)| (asked.first_at, position, *key))).collect();
        begins.sort_unstable();
        let (mut ends, mut highest) = (ends.into_iter().peekable(), 0);
        for (at, position, key) in begins {
            while let Some((_, end)) = ends.next_if(|(end, _)| *end < at) {
                highest = highest.max(end);
            }
            if position <= highest {
                faults.push(Fault::OutOfOrder { key: key.to_owned(), service: service.to_owned(), after: highest });
            }
        }
    }
    faults
}

fn continuity(record: &Record) -> Vec<Fault> {
    let hole =
        |positions: &mut dyn Iterator<Item = i64>| positions.zip(1..).find(|(position, expected)| position != expected).map(|(_, e)| e);
    let mut faults = Vec::new();
    for (service, log) in &record.logs {
        if let Some(position) = hole(&mut log.iter().map(|row| row.position)) {
            faults.push(Fault::Skipped { service: service.clone(), position });
        }
    }
    for copy in &record.copies {
        let head = record.logs.get(&copy.service).and_then(|log| log.last()).map_or(0, |row| row.position);
        let end = i64::try_from(copy.positions.len()).unwrap_or(i64::MAX) + 1;
        let first = hole(&mut copy.positions.iter().copied()).or_else(|| (end != head + 1).then_some(end.min(head + 1)));
        if let Some(position) = first {
            faults.push(Fault::CopySkipped { by: copy.by.clone(), service: copy.service.clone(), position });
        }
    }
    faults
}

/// A reader is shown a state that was the present at some moment between question and answer.
fn looks(history: &History, commands: &BTreeMap<&str, Asked<'_>>, holders: &Holders) -> Vec<Fault> {
    let of_ledger = || commands.values().filter(|asked| asked.service == LEDGER);
    let mut asked_for: BTreeMap<u64, (u64, &str, &str)> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in &history.0 {
        match line {
            Line::Look { at, look, child, duty, .. } => {
                asked_for.insert(*look, (*at, child, duty));
            }
            Line::Saw { at, look, holder, stale: false, .. } => {
                let Some((asked, child, duty)) = asked_for.get(look).copied() else { continue };
                let acknowledged = of_ledger().flat_map(|one| &one.acknowledged).filter(|(end, ..)| *end < asked);
                let low = acknowledged.map(|(_, position, _)| *position).max().unwrap_or(0);
                let later = of_ledger().filter(|one| one.first_at > *at).flat_map(|one| &one.acknowledged).filter(|(.., adds)| *adds);
                let high = later.map(|(_, position, _)| *position - 1).min().unwrap_or(i64::MAX - 1);
                if !holders.held_within(child, duty, holder.as_deref(), (low, high)) {
                    let (child, duty) = (child.to_owned(), duty.to_owned());
                    faults.push(Fault::StaleShownAsFresh { look: *look, child, duty, holder: holder.clone() });
                }
            }
            Line::Saw { stale: true, .. } | Line::Invoke { .. } | Line::Ok { .. } | Line::Fail { .. } | Line::Unknown { .. } => {}
        }
    }
    faults
}
