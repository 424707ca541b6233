//! The front matter: TOML, of which every fault is found with its line.

use serde::de::{DeserializeOwned, IntoDeserializer as _, value::Error};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Found, Lines};

/// Takes the entries of a table one by one and notes what is wrong with each, and the line of each.
pub(super) struct Reader<'a> {
    text: &'a str,
    first_line: usize,
    pub(super) lines: Lines,
    pub(super) faults: Vec<Found>,
}

/// A table, where it is in the document, and the line that a fault of the whole of it is at.
pub(super) struct Table<'a> {
    entries: DeTable<'a>,
    pointer: String,
    line: usize,
}

impl<'a> Reader<'a> {
    /// Reads the front matter that begins at a line of its file.
    pub(super) fn new(text: &'a str, first_line: usize) -> (Self, Table<'a>) {
        let mut reader = Self { text, first_line, lines: Lines::new(), faults: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(first_line, |span| reader.line(span.start));
            reader.faults.push((line, format!("is not TOML: {}", error.message())));
        }
        (reader, Table { entries: table.into_inner(), pointer: String::new(), line: first_line })
    }

    fn line(&self, offset: usize) -> usize {
        self.first_line + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn fault(&mut self, line: usize, pointer: &str, what: impl std::fmt::Display) {
        self.faults.push((line, format!("{pointer}: {what}")));
    }

    /// A value that may be absent.
    fn find(&mut self, table: &mut Table<'a>, key: &str) -> Option<(String, usize, DeValue<'a>)> {
        let (name, value) = table.entries.remove_entry(key)?;
        let (pointer, line) = (format!("{}/{key}", table.pointer), self.line(name.span().start));
        self.lines.insert(pointer.clone(), line);
        Some((pointer, line, value.into_inner()))
    }

    fn need(&mut self, table: &mut Table<'a>, key: &str) -> Option<(String, usize, DeValue<'a>)> {
        let found = self.find(table, key);
        if found.is_none() {
            self.fault(table.line, &format!("{}/{key}", table.pointer), "is missing");
        }
        found
    }

    fn string(&mut self, (pointer, line, value): (String, usize, DeValue<'a>)) -> Option<String> {
        if let DeValue::String(text) = value {
            return Some(text.into_owned());
        }
        self.fault(line, &pointer, format_args!("is {} where a text is needed", value.type_str()));
        None
    }

    /// A text.
    pub(super) fn text(&mut self, table: &mut Table<'a>, key: &str) -> Option<String> {
        self.need(table, key).and_then(|found| self.string(found))
    }

    /// A text that may be absent.
    pub(super) fn maybe(&mut self, table: &mut Table<'a>, key: &str) -> Option<String> {
        self.find(table, key).and_then(|found| self.string(found))
    }

    /// Whether an entry that was taken was there.
    pub(super) fn has(&self, table: &Table<'a>, key: &str) -> bool {
        self.lines.contains_key(&format!("{}/{key}", table.pointer))
    }

    /// One of the words that a type has, or another thing that is written as a text.
    pub(super) fn word<T: DeserializeOwned>(&mut self, table: &mut Table<'a>, key: &str) -> Option<T> {
        let text = self.text(table, key)?;
        self.as_word(&format!("{}/{key}", table.pointer), text)
    }

    /// Like [`Reader::word`], for one that may be absent.
    pub(super) fn maybe_word<T: DeserializeOwned>(&mut self, table: &mut Table<'a>, key: &str) -> Option<T> {
        let text = self.maybe(table, key)?;
        self.as_word(&format!("{}/{key}", table.pointer), text)
    }

    fn as_word<T: DeserializeOwned>(&mut self, pointer: &str, text: String) -> Option<T> {
        let read: Result<T, Error> = T::deserialize(text.into_deserializer());
        let line = self.lines.get(pointer).copied().unwrap_or(self.first_line);
        read.map_err(|e| self.fault(line, pointer, e)).ok()
    }

    /// A list of texts or words.
    pub(super) fn list<T: DeserializeOwned>(&mut self, table: &mut Table<'a>, key: &str) -> Option<Vec<T>> {
        let (pointer, line, value) = self.need(table, key)?;
        let DeValue::Array(items) = value else {
            self.fault(line, &pointer, format_args!("is {} where a list is needed", value.type_str()));
            return None;
        };
        let mut read = Some(Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let line = self.line(item.span().start);
            self.lines.insert(pointer.clone(), line);
            let item = self.string((pointer.clone(), line, item.into_inner())).and_then(|text| self.as_word(&pointer, text));
            read = read.zip(item).map(|(mut read, item)| {
                read.push(item);
                read
            });
        }
        read
    }

    /// A table within a table.
    pub(super) fn table(&mut self, table: &mut Table<'a>, key: &str) -> Option<Table<'a>> {
        let (pointer, line, value) = self.need(table, key)?;
        self.as_table(pointer, line, value)
    }

    fn as_table(&mut self, pointer: String, line: usize, value: DeValue<'a>) -> Option<Table<'a>> {
        if let DeValue::Table(entries) = value {
            return Some(Table { entries, pointer, line });
        }
        self.fault(line, &pointer, format_args!("is {} where a table is needed", value.type_str()));
        None
    }

    /// A list of tables.
    pub(super) fn tables(&mut self, table: &mut Table<'a>, key: &str) -> Vec<Table<'a>> {
        let Some((pointer, line, value)) = self.need(table, key) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            self.fault(line, &pointer, format_args!("is {} where a list of tables is needed", value.type_str()));
            return Vec::new();
        };
        let items = items.into_iter().enumerate();
        let one = |(index, item): (usize, Spanned<DeValue<'a>>)| {
            let (pointer, line) = (format!("{pointer}/{index}"), self.line(item.span().start));
            self.lines.insert(pointer.clone(), line);
            self.as_table(pointer, line, item.into_inner())
        };
        items.filter_map(one).collect()
    }

    /// Whatever nobody took is not known.
    pub(super) fn end(&mut self, table: &Table<'a>) {
        for (key, _) in &table.entries {
            let line = self.line(key.span().start);
            self.fault(line, &format!("{}/{}", table.pointer, key.get_ref()), "is not known");
        }
    }

    /// A fault of a whole table.
    pub(super) fn against(&mut self, table: &Table<'a>, what: &str) {
        self.fault(table.line, &table.pointer, what);
    }
}

/// A TOML string in one line, in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Line ends of other scripts, and what cannot be seen, are written out: an editor may break or drop them.
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            other if other.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A list of strings in one line.
pub(super) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}
