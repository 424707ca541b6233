//! What can be wrong with a document. All of it is listed at once.

use jiff::tz::TimeZone;
use kernel::{
    Timestamp,
    edition::{self, FieldName},
};

use super::{By, Document, Force, Procedure, ProcedureId};

/// One fault of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Of the parts that the services obey.
    #[error("{0}")]
    Parts(edition::Fault),
    /// Number, id or time, which are given when an edition is scheduled.
    #[error("{part} is not written down: it is given when the edition is scheduled")]
    Given {
        /// The part, as a JSON pointer.
        part: String,
    },
    /// A field for which a referral has no place, so that nobody could answer it.
    #[error("the form asks \"{field}\", for which a referral has no place: {}", names())]
    UnknownField {
        /// Its place in the form, from 0.
        index: usize,
        /// The field.
        field: String,
    },
    /// There is nothing in it that anybody could go by.
    #[error("holds no procedure")]
    NoProcedures,
    /// A text that may not be empty is.
    #[error("{procedure}: {field} is empty")]
    Empty {
        /// The procedure.
        procedure: ProcedureId,
        /// The field, as a JSON pointer within the procedure.
        field: String,
    },
    /// A "must" without what it rests on.
    #[error("{procedure}: step {step} says \"must\" and not what it rests on")]
    MustWithoutBasis {
        /// The procedure.
        procedure: ProcedureId,
        /// The step, from 1.
        step: usize,
    },
    /// A step by a clock that the edition does not have.
    #[error("{procedure}: step {step} goes by a clock that this edition does not have")]
    UnknownClock {
        /// The procedure.
        procedure: ProcedureId,
        /// The step, from 1.
        step: usize,
    },
    /// A link to a procedure that the edition does not have.
    #[error("{procedure}: links to \"{to}\", which this edition does not have")]
    DeadLink {
        /// The procedure.
        procedure: ProcedureId,
        /// Where the link leads.
        to: String,
    },
    /// A procedure that nobody can read, keep in a folder or search.
    #[error("{procedure}: takes {bytes} bytes; at most {most} are taken")]
    TooLarge {
        /// The procedure.
        procedure: ProcedureId,
        /// How many it takes.
        bytes: usize,
        /// How many it may take.
        most: usize,
    },
    /// The short form does not fit on one screen.
    #[error("{procedure}: the short form has {lines} lines; at most {most} fit on one screen")]
    ShortFormTooLong {
        /// The procedure.
        procedure: ProcedureId,
        /// How many lines it has.
        lines: usize,
        /// How many it may have.
        most: usize,
    },
}

/// How many lines a short form has at most.
const SCREEN: usize = 14;

/// How many bytes a procedure takes at most: a folder and the search take more.
const LARGEST: usize = 128 * 1024;

/// How a text links to another procedure.
pub(crate) const LINK: &str = "](procedure:";

/// The parts that only a schedule gives.
const GIVEN: [&str; 3] = ["number", "id", "in_force_from"];

impl Document {
    /// Everything that is wrong with it. Nothing is wrong with a document that may come into force.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        // Number and time come later and cannot be wrong yet.
        let edition = self.edition(1, kernel::Timestamp::UNIX_EPOCH);
        let mut faults: Vec<Fault> = edition.as_ref().err().into_iter().flatten().cloned().map(Fault::Parts).collect();
        faults.extend(edition::unfit(&self.parts).into_iter().map(Fault::Parts));
        let given = GIVEN.iter().filter(|key| self.parts.contains_key(**key));
        faults.extend(given.map(|key| Fault::Given { part: format!("/{key}") }));
        faults.extend(self.unknown_fields());
        if self.procedures.is_empty() {
            faults.push(Fault::NoProcedures);
        }
        for procedure in self.procedures.values() {
            empty_texts(procedure, &mut faults);
            let bytes = serde_json::to_vec(procedure).map_or(0, |written| written.len());
            if bytes > LARGEST {
                faults.push(Fault::TooLarge { procedure: procedure.id.clone(), bytes, most: LARGEST });
            }
            let clocks = edition.as_ref().ok().map(|edition| edition.all_clocks());
            for (step, number) in procedure.steps.iter().zip(1..) {
                if step.force == Force::Must && step.basis.trim().is_empty() {
                    faults.push(Fault::MustWithoutBasis { procedure: procedure.id.clone(), step: number });
                }
                if let (By::Clock(name), Some(clocks)) = (&step.by, clocks)
                    && !clocks.iter().any(|clock| clock.name == *name)
                {
                    faults.push(Fault::UnknownClock { procedure: procedure.id.clone(), step: number });
                }
            }
            let lines = procedure.short.lines().filter(|line| !line.trim().is_empty()).count();
            if lines > SCREEN {
                faults.push(Fault::ShortFormTooLong { procedure: procedure.id.clone(), lines, most: SCREEN });
            }
            faults.extend(self.dead_links(procedure));
        }
        faults
    }

    /// The fields of its form whose review date is past when it is handed in.
    #[must_use]
    pub fn overdue(&self, at: Timestamp) -> Vec<Fault> {
        let today = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC).to_datetime(at).date();
        edition::overdue(&self.parts, today).into_iter().map(Fault::Parts).collect()
    }

    fn unknown_fields(&self) -> impl Iterator<Item = Fault> {
        let form = self.parts.get("form").and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names = form.iter().enumerate().filter_map(|(index, field)| Some((index, field["name"].as_str()?)));
        let unknown = names.filter(|(_, name)| !name.trim().is_empty() && FieldName::of(name).is_none());
        unknown.map(|(index, name)| Fault::UnknownField { index, field: name.to_owned() })
    }

    fn dead_links(&self, procedure: &Procedure) -> impl Iterator<Item = Fault> {
        let texts = [procedure.short.as_str(), procedure.full.as_str()];
        let links = texts.into_iter().flat_map(|text| text.split(LINK).skip(1)).filter_map(|rest| rest.split_once(')'));
        links
            .filter(|(to, _)| {
                to.parse().is_ok_and(|id: ProcedureId| !self.procedures.contains_key(&id)) || to.parse::<ProcedureId>().is_err()
            })
            .map(|(to, _)| Fault::DeadLink { procedure: procedure.id.clone(), to: to.to_owned() })
    }
}

/// What a form can ask, for whoever asked something else.
fn names() -> String {
    format!("it can ask {}", FieldName::ALL.map(FieldName::code).join(", "))
}

fn empty_texts(procedure: &Procedure, faults: &mut Vec<Fault>) {
    let mut need = |field: String, empty: bool| {
        if empty {
            faults.push(Fault::Empty { procedure: procedure.id.clone(), field });
        }
    };
    let texts = [
        ("title", &procedure.title),
        ("summary", &procedure.summary),
        ("change", &procedure.change),
        ("short", &procedure.short),
        ("full", &procedure.full),
    ];
    for (name, text) in texts {
        need(format!("/{name}"), text.trim().is_empty());
    }
    need("/legal_basis".to_owned(), procedure.legal_basis.iter().all(|basis| basis.trim().is_empty()));
    need("/applies_to/roles".to_owned(), procedure.applies_to.roles.is_empty());
    need("/applies_to/organisations".to_owned(), procedure.applies_to.organisations.is_empty());
    need("/steps".to_owned(), procedure.steps.is_empty());
    for (index, step) in procedure.steps.iter().enumerate() {
        need(format!("/steps/{index}/what"), step.what.trim().is_empty());
        need(format!("/steps/{index}/by"), matches!(&step.by, By::Words(words) if words.trim().is_empty()));
    }
}
