//! One procedure as a file.

use serde::Serialize;

use super::{
    Found, Lines, body,
    front::{self, Reader, Table},
};
use crate::document::{AppliesTo, By, Procedure, ProcedureId, Step};

/// The line before and after the front matter.
const FENCE: &str = "+++";

/// Among the lines: the texts are strings of the front matter.
pub(super) const IN_FRONT: &str = "/in_front";

/// Reads a procedure and where in the file each of its values is.
///
/// # Errors
/// Everything because of which it is not a procedure.
pub(super) fn read(id: &ProcedureId, text: &str) -> Result<(Procedure, Lines), Vec<Found>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (front, body, body_at) = split(&text).map_err(|fault| vec![fault])?;
    let (mut reader, mut table) = Reader::new(front, 2);
    let procedure = fields(&mut reader, &mut table);
    let texts = texts(&mut reader, &mut table, body, body_at);
    reader.end(&table);
    if let Some(fields) = &procedure
        && fields.id != *id
    {
        let line = reader.lines.get("/id").copied().unwrap_or(1);
        reader.faults.push((line, "/id: is not the name of the file".to_owned()));
    }
    match (procedure, texts) {
        (Some(fields), Some((short, full))) if reader.faults.is_empty() => Ok((Procedure { short, full, ..fields }, reader.lines)),
        (Some(_) | None, Some(_) | None) => Err(reader.faults),
    }
}

/// The front matter, what follows it, and the line at which that begins.
fn split(text: &str) -> Result<(&str, &str, usize), Found> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if first.trim_end() != FENCE {
        return Err((1, format!("does not begin with the line {FENCE}")));
    }
    let mut length = 0;
    for (line, at) in rest.split_inclusive('\n').zip(2..) {
        if line.trim_end() == FENCE {
            return Ok((&rest[..length], &rest[length + line.len()..], at + 1));
        }
        length += line.len();
    }
    Err((1, format!("the front matter has no end: a second line {FENCE} is missing")))
}

/// The short form and the full text: below their headings, or both in the front matter.
fn texts<'a>(reader: &mut Reader<'a>, table: &mut Table<'a>, text: &str, at: usize) -> Option<(String, String)> {
    let (short, full) = (reader.maybe(table, "short"), reader.maybe(table, "full"));
    let in_front = reader.has(table, "short") || reader.has(table, "full");
    if let (Some(short), Some(full)) = (short, full) {
        if !body::is_blank(text) {
            reader.faults.push((at, "the texts are in the front matter, and there is more below it".to_owned()));
        }
        reader.lines.insert(IN_FRONT.to_owned(), at);
        return Some((short, full));
    }
    if in_front {
        reader.against(table, "has one of short and full: both are in the front matter, or neither");
        return None;
    }
    match body::read(text, at) {
        Ok(body) => {
            reader.lines.insert("/short".to_owned(), body.short_at);
            reader.lines.insert("/full".to_owned(), body.full_at);
            Some((body.short, body.full))
        }
        Err(faults) => {
            reader.faults.extend(faults);
            None
        }
    }
}

/// Takes the fields of the front matter; the two texts are left empty.
fn fields<'a>(reader: &mut Reader<'a>, table: &mut Table<'a>) -> Option<Procedure> {
    let id = reader.word(table, "id");
    let [title, summary, change] = ["title", "summary", "change"].map(|key| reader.text(table, key));
    let review_by = reader.word(table, "review_by");
    let [legal_basis, learning, search] = ["legal_basis", "learning", "search"].map(|key| reader.list(table, key));
    let contacts = reader.list(table, "contacts");
    let applies_to = reader.table(table, "applies_to").and_then(|table| applies_to(reader, table));
    let tables = reader.tables(table, "steps");
    let steps: Vec<Option<Step>> = tables.into_iter().map(|table| step(reader, table)).collect();
    Some(Procedure {
        id: id?,
        title: title?,
        summary: summary?,
        change: change?,
        review_by: review_by?,
        legal_basis: legal_basis?,
        learning: learning?,
        contacts: contacts?,
        search: search?,
        applies_to: applies_to?,
        steps: steps.into_iter().collect::<Option<_>>()?,
        short: String::new(),
        full: String::new(),
    })
}

fn applies_to<'a>(reader: &mut Reader<'a>, mut table: Table<'a>) -> Option<AppliesTo> {
    let (roles, organisations) = (reader.list(&mut table, "roles"), reader.list(&mut table, "organisations"));
    reader.end(&table);
    Some(AppliesTo { roles: roles?, organisations: organisations? })
}

fn step<'a>(reader: &mut Reader<'a>, mut table: Table<'a>) -> Option<Step> {
    let (who, what) = (reader.word(&mut table, "who"), reader.text(&mut table, "what"));
    let (words, clock) = (reader.maybe(&mut table, "by"), reader.maybe_word(&mut table, "clock"));
    let (force, basis) = (reader.word(&mut table, "force"), reader.maybe(&mut table, "basis").unwrap_or_default());
    let by = match (reader.has(&table, "by"), reader.has(&table, "clock")) {
        (true, false) => words.map(By::Words),
        (false, true) => clock.map(By::Clock),
        (true, true) | (false, false) => {
            reader.against(&table, "a step says either `by` or `clock`");
            None
        }
    };
    reader.end(&table);
    Some(Step { who: who?, what: what?, by: by?, force: force?, basis })
}

/// The file of a procedure.
pub(super) fn write(procedure: &Procedure) -> String {
    let body = body::write(&procedure.short, &procedure.full);
    let same = body::read(&body, 1).is_ok_and(|read| read.short == procedure.short && read.full == procedure.full);
    // A text that would not read back as it is (carriage returns, a heading of ours in it) is kept as a string.
    if same && !body.contains('\r') {
        return format!("{FENCE}\n{}{FENCE}\n{body}", front_matter(procedure, ""));
    }
    let texts = format!("short = {}\nfull = {}\n", front::quoted(&procedure.short), front::quoted(&procedure.full));
    format!("{FENCE}\n{}{FENCE}\n", front_matter(procedure, &texts))
}

fn front_matter(procedure: &Procedure, texts: &str) -> String {
    let text = |key: &str, value: &str| format!("{key} = {}\n", front::quoted(value));
    let list = |key: &str, values: &[String]| format!("{key} = {}\n", front::list(values));
    let mut out = [
        text("id", procedure.id.as_str()),
        text("title", &procedure.title),
        text("summary", &procedure.summary),
        text("change", &procedure.change),
        text("review_by", &procedure.review_by.to_string()),
        list("legal_basis", &procedure.legal_basis),
        list("learning", &procedure.learning),
        list("contacts", &words(&procedure.contacts)),
        list("search", &procedure.search),
        texts.to_owned(),
        if procedure.steps.is_empty() { "steps = []\n".to_owned() } else { String::new() },
        "\n[applies_to]\n".to_owned(),
        list("roles", &words(&procedure.applies_to.roles)),
        list("organisations", &words(&procedure.applies_to.organisations)),
    ]
    .concat();
    for step in &procedure.steps {
        let by = match &step.by {
            By::Words(words) => text("by", words),
            By::Clock(clock) => text("clock", &word(clock)),
        };
        let basis = if step.basis.is_empty() { String::new() } else { text("basis", &step.basis) };
        let lines = [text("who", &word(&step.who)), text("what", &step.what), by, text("force", &word(&step.force)), basis];
        out.push_str("\n[[steps]]\n");
        out.push_str(&lines.concat());
    }
    out
}

fn words<T: Serialize>(all: &[T]) -> Vec<String> {
    all.iter().map(word).collect()
}

/// A value of a type whose values are words.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // No type here has another form; reading would refuse it.
        Ok(_) | Err(_) => String::new(),
    }
}
