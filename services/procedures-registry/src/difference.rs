//! What one document changes in another, side by side: for people who decide about a draft, as data for the API and the command line.

mod lines;
mod parts;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::document::{Document, Procedure, ProcedureId};

pub use lines::{Line, Side, sides};

/// Everything that differs. Two equal documents have an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// The parts that the services obey.
    pub parts: Vec<Change>,
    /// The procedures, in the order of their ids.
    pub procedures: Vec<OfProcedure>,
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// Where, as a JSON pointer, in which an entry of a list goes by its name: `/clocks/seen_by P1/length`, `/form/names/question`,
    /// `/steps/2/what`.
    pub at: String,
    /// As it was; none when it is new. A text that is no text in the document is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// As it is to be; none when it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The lines of both, side by side, when either has more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
}

/// What happens to a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is new.
    Added,
    /// It goes.
    Removed,
    /// It stays and says something else.
    Changed,
}

/// What differs in one procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfProcedure {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ProcedureId,
    /// Its title: the new one, or the old one of a procedure that goes.
    pub title: String,
    /// What happens to it.
    pub fate: Fate,
    /// Its values that differ; all of them where it is new or goes.
    pub changes: Vec<Change>,
}

impl Difference {
    /// What turns one document into the other.
    #[must_use]
    pub fn between(before: &Document, after: &Document) -> Self {
        let ids: BTreeSet<&ProcedureId> = before.procedures.keys().chain(after.procedures.keys()).collect();
        let of = |id: &ProcedureId| of_procedure(before.procedures.get(id), after.procedures.get(id));
        Self { parts: parts::changes(&before.parts, &after.parts), procedures: ids.into_iter().filter_map(of).collect() }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.procedures.is_empty()
    }
}

fn of_procedure(before: Option<&Procedure>, after: Option<&Procedure>) -> Option<OfProcedure> {
    let (fate, shown) = match (before, after) {
        (None, Some(new)) => (Fate::Added, new),
        (Some(old), None) => (Fate::Removed, old),
        (Some(old), Some(new)) if old != new => (Fate::Changed, new),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let changes = parts::of_procedures(before, after);
    Some(OfProcedure { id: shown.id.clone(), title: shown.title.clone(), fate, changes })
}
