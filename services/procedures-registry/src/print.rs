//! An edition on paper: one self-contained HTML page without scripts and without anything from elsewhere.
//!
//! Either the whole set, or the 3 a.m. form of one procedure.

#[cfg(test)]
mod tests;
mod words;

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::{Timestamp, edition::Edition};
use markdown::{Place, to_html};
use minijinja::{AutoEscape, Environment, Value, context, value::Serde};
use serde::Serialize;

use crate::document::{By, Contact, ContentHash, Document, Force, Procedure, ProcedureId, Step};

/// The whole set.
const WHOLE: &str = include_str!("print/whole.html");

/// The 3 a.m. form of one procedure.
const NIGHT: &str = include_str!("print/night.html");

/// What both have: the head with the style, and the list of telephones.
const PARTS: &str = include_str!("print/parts.html");

/// Where the texts stand: links lead within the page, and headings below the procedure's own.
const PAPER: Place<'static> = Place { procedures: "#", top: 4 };

/// The edition that is printed.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    /// Its content.
    pub document: &'a Document,
    /// Number and instant; none for a draft.
    pub scheduled: Option<(u32, Timestamp)>,
}

/// Whom to ring, and on which number, in the borough that the page is printed for. A contact that is not there is a line to fill in.
pub type Numbers = BTreeMap<Contact, String>;

/// A page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The parts have faults, so that there are no clocks to tell.
    #[error("this document has faults: mend them before it is printed")]
    Faults,
    /// The edition has no such procedure.
    #[error("there is no procedure {0} in this edition")]
    NoProcedure(ProcedureId),
    /// A template of ours is wrong.
    #[error("the page cannot be made")]
    Template(#[from] minijinja::Error),
    /// The document has no canonical form.
    #[error("the document has no hash")]
    Hash(#[from] serde_json::Error),
}

static PAGES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    pages.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, text) in [("whole", WHOLE), ("night", NIGHT), ("parts", PARTS)] {
        pages.add_template(name, text)?;
    }
    Ok(pages)
});

/// A procedure as the templates read it. What is Markdown is HTML here, and safe.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    title: &'a str,
    summary: &'a str,
    change: &'a str,
    review_by: String,
    legal_basis: &'a [String],
    learning: &'a [String],
    roles: String,
    organisations: String,
    steps: Vec<ShownStep<'a>>,
    contacts: Vec<ShownContact<'a>>,
    short: Value,
    full: Value,
}

#[derive(Serialize)]
struct ShownStep<'a> {
    who: &'static str,
    what: &'a str,
    by: Vec<String>,
    must: bool,
    basis: &'a str,
}

#[derive(Serialize)]
struct ShownContact<'a> {
    label: &'static str,
    number: Option<&'a str>,
}

/// The whole set as a page.
///
/// # Errors
/// When the document has faults that leave nothing to print.
pub fn whole(printed: Printed<'_>, numbers: &Numbers) -> Result<String, PrintError> {
    let edition = edition(printed)?;
    let procedures: Vec<Shown<'_>> = printed.document.procedures.values().map(|one| shown(one, &edition, numbers)).collect();
    let clocks: Vec<words::ClockInWords<'_>> = edition.all_clocks().iter().map(words::clock).collect();
    let own = context! { procedures => Value::from(Serde(procedures)), clocks => Value::from(Serde(clocks)) };
    page("whole", printed, &edition, own)
}

/// The 3 a.m. form of one procedure as a page.
///
/// # Errors
/// When the edition does not have it, or has faults that leave nothing to print.
pub fn night(printed: Printed<'_>, id: &ProcedureId, numbers: &Numbers) -> Result<String, PrintError> {
    let edition = edition(printed)?;
    let procedure = printed.document.procedures.get(id).ok_or_else(|| PrintError::NoProcedure(id.clone()))?;
    page("night", printed, &edition, context! { procedure => Value::from(Serde(shown(procedure, &edition, numbers))) })
}

fn edition(printed: Printed<'_>) -> Result<Edition, PrintError> {
    // A draft has no number and no instant, and the page does not show these then.
    let (number, from) = printed.scheduled.unwrap_or((1, Timestamp::UNIX_EPOCH));
    printed.document.edition(number, from).map_err(|_| PrintError::Faults)
}

fn page(name: &str, printed: Printed<'_>, edition: &Edition, own: Value) -> Result<String, PrintError> {
    let ContentHash(hash) = printed.document.hash()?;
    let (number, from) = printed.scheduled.map(|(number, from)| (number, words::instant(from))).unzip();
    let about = context! { title => edition.title.as_str(), note => edition.note.as_str(), number, from, hash };
    let pages = PAGES.as_ref().map_err(|broken| minijinja::Error::new(broken.kind(), broken.to_string()))?;
    Ok(pages.get_template(name)?.render(context! { edition => about, ..own })?)
}

fn shown<'a>(procedure: &'a Procedure, edition: &Edition, numbers: &'a Numbers) -> Shown<'a> {
    let joined = |words: Vec<&'static str>| words.join(", ");
    Shown {
        id: procedure.id.as_str(),
        title: &procedure.title,
        summary: &procedure.summary,
        change: &procedure.change,
        review_by: words::day(procedure.review_by),
        legal_basis: &procedure.legal_basis,
        learning: &procedure.learning,
        roles: joined(procedure.applies_to.roles.iter().map(|role| words::role(*role)).collect()),
        organisations: joined(procedure.applies_to.organisations.iter().map(|kind| words::audience(*kind)).collect()),
        steps: procedure.steps.iter().map(|step| shown_step(step, edition)).collect(),
        contacts: procedure.contacts.iter().map(|contact| shown_contact(*contact, numbers)).collect(),
        short: Value::from_safe_string(to_html(&procedure.short, PAPER)),
        full: Value::from_safe_string(to_html(&procedure.full, PAPER)),
    }
}

fn shown_step<'a>(step: &'a Step, edition: &Edition) -> ShownStep<'a> {
    let by = match &step.by {
        By::Words(words) => vec![words.clone()],
        By::Clock(name) => edition.clocks(*name).map(words::deadline).collect(),
    };
    ShownStep { who: words::role(step.who), what: &step.what, by, must: step.force == Force::Must, basis: &step.basis }
}

fn shown_contact(contact: Contact, numbers: &Numbers) -> ShownContact<'_> {
    ShownContact { label: words::contact(contact), number: numbers.get(&contact).map(String::as_str) }
}
