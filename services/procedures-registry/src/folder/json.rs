//! `edition.json`: its one layout, and the line of each value in it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Found, Lines};

/// The order of keys. One that is not named here comes after these, in the order of the alphabet.
const ORDER: [&str; 53] = [
    "title",
    "note",
    "calendars",
    "clocks",
    "escalation_ladder",
    "decline_reasons",
    "form",
    "retention",
    "prompts",
    "limits",
    "approval",
    "level",
    "who",
    "of",
    "decides",
    "class",
    "outcomes",
    "code",
    "text",
    "words_needed",
    "name",
    "zone",
    "opens",
    "closes",
    "bank_holidays",
    "priorities",
    "starts_on",
    "length",
    "unit",
    "counts_from",
    "at",
    "calendar",
    "years",
    "authority",
    "basis",
    "question",
    "compulsory",
    "decision_served",
    "review_by",
    "repeat_contacts",
    "repeat_within_months",
    "history_months",
    "local_variation_months",
    "feed_ended_months",
    "rota_notice_hours",
    "emergency_protection_extensions",
    "declines_until_dispute",
    "edition_notice_minutes",
    "edition_withdrawal_minutes",
    "board",
    "boroughs",
    "area",
    "consultation_days",
];

/// The parts in their one layout: a line for each part, or for each entry of a list.
pub(super) fn write(parts: &Map<String, Value>) -> String {
    let lines: Vec<String> = in_order(parts)
        .map(|(key, value)| match value {
            Value::Array(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(|item| format!("    {}", inline(item))).collect();
                format!("  {}: [\n{}\n  ]", quoted(key), items.join(",\n"))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                format!("  {}: {}", quoted(key), inline(value))
            }
        })
        .collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn in_order(map: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| (ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()), *key));
    entries.into_iter()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> = in_order(map).map(|(key, value)| format!("{}: {}", quoted(key), inline(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// What `edition.json` says, and where.
pub(super) struct Read {
    pub(super) parts: Map<String, Value>,
    /// The line of each value by its JSON pointer.
    pub(super) lines: Lines,
    /// Each key that stands twice in one object.
    pub(super) twice: Vec<Found>,
}

/// Reads the parts.
///
/// # Errors
/// When the text is not a JSON object: the line, and what the parser said.
pub(super) fn read(text: &str) -> Result<Read, Found> {
    let parts = serde_json::from_str(text).map_err(|e| (e.line().max(1), format!("is not a JSON object: {e}")))?;
    let mut walk = Walk { text: text.as_bytes(), at: 0, line: 1, lines: Lines::new(), twice: Vec::new() };
    walk.value("");
    Ok(Read { parts, lines: walk.lines, twice: walk.twice })
}

/// The line of a value, or of the nearest that it would be in.
pub(super) fn line(lines: &Lines, pointer: &str) -> usize {
    let mut pointer = pointer;
    loop {
        if let Some(line) = lines.get(pointer) {
            return *line;
        }
        match pointer.rfind('/') {
            Some(end) => pointer = &pointer[..end],
            None => return 1,
        }
    }
}

/// Walks over a text that is known to be JSON.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    lines: Lines,
    twice: Vec<Found>,
}

impl Walk<'_> {
    fn here(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.here().is_ascii_whitespace() {
            self.line += usize::from(self.here() == b'\n');
            self.at += 1;
        }
    }

    fn value(&mut self, pointer: &str) {
        self.space();
        self.lines.insert(pointer.to_owned(), self.line);
        match self.here() {
            b'{' => self.object(pointer),
            b'[' => self.array(pointer),
            b'"' => drop(self.string()),
            _ => {
                while !matches!(self.here(), 0 | b',' | b']' | b'}') && !self.here().is_ascii_whitespace() {
                    self.at += 1;
                }
            }
        }
    }

    fn object(&mut self, pointer: &str) {
        let mut seen = BTreeSet::new();
        self.at += 1;
        while self.more(b'}') {
            let (key, line) = (self.string(), self.line);
            self.space();
            self.at += 1;
            let place = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            self.value(&place);
            if !seen.insert(key) {
                self.twice.push((line, format!("{place} is there twice")));
            }
        }
    }

    fn array(&mut self, pointer: &str) {
        let mut index = 0;
        self.at += 1;
        while self.more(b']') {
            self.value(&format!("{pointer}/{index}"));
            index += 1;
        }
    }

    /// Steps to the next entry; when there is none, past the end.
    fn more(&mut self, end: u8) -> bool {
        self.space();
        if self.here() == b',' {
            self.at += 1;
            self.space();
        }
        if self.here() == end || self.here() == 0 {
            self.at += 1;
            return false;
        }
        true
    }

    fn string(&mut self) -> String {
        let from = self.at;
        self.at += 1;
        while !matches!(self.here(), b'"' | 0) {
            self.at += if self.here() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        self.text.get(from..self.at).and_then(|quoted| serde_json::from_slice(quoted).ok()).unwrap_or_default()
    }
}
