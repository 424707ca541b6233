//! One procedure: what people do, in a short form for the night and in full.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::civil::Date;
use kernel::{Role, edition::ClockName};
use serde::{Deserialize, Serialize};

/// The stable name of a procedure, for instance `police-protection`: lower-case letters, digits and single hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProcedureId(String);

/// A text that is no name of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a procedure's id is lower-case letters, digits and single hyphens, at most 60, begins with a letter, and is no word of the paths")]
pub struct BadProcedureId;

/// Words that stand at the same place in the paths.
const TAKEN: [&str; 14] = [
    "editions",
    "drafts",
    "variations",
    "fields",
    "forms",
    "receipts",
    "questions",
    "search",
    "contacts",
    "print",
    "log",
    "parked",
    "openapi",
    "checkpoint",
];

/// The longest id, in bytes.
const LONGEST: usize = 60;

impl ProcedureId {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProcedureId {
    type Err = BadProcedureId;

    fn from_str(text: &str) -> Result<Self, BadProcedureId> {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let good = text.len() <= LONGEST
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.split('-').all(is_word)
            && !TAKEN.contains(&text);
        if good { Ok(Self(text.to_owned())) } else { Err(BadProcedureId) }
    }
}

impl TryFrom<String> for ProcedureId {
    type Error = BadProcedureId;

    fn try_from(text: String) -> Result<Self, BadProcedureId> {
        text.parse()
    }
}

impl From<ProcedureId> for String {
    fn from(id: ProcedureId) -> String {
        id.0
    }
}

impl fmt::Display for ProcedureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProcedureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A procedure as one edition has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its stable name.
    pub id: ProcedureId,
    /// Its title.
    pub title: String,
    /// One sentence for lists.
    pub summary: String,
    /// What this version changes, in words.
    pub change: String,
    /// By when the board looks at it again.
    pub review_by: Date,
    /// The provisions that it rests on.
    pub legal_basis: Vec<String>,
    /// The learning items that it answers, by their ids.
    pub learning: Vec<String>,
    /// Whom it says to ring; the numbers are each borough's own and are looked up when it is shown.
    pub contacts: Vec<Contact>,
    /// Words by which people look for it.
    pub search: Vec<String>,
    /// For whom it is.
    pub applies_to: AppliesTo,
    /// What is done, by whom, and by when.
    pub steps: Vec<Step>,
    /// The short form: one screen, "at 3 a.m.", as Markdown.
    pub short: String,
    /// The full text, as Markdown.
    pub full: String,
}

/// For whom a procedure is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliesTo {
    /// In which roles.
    pub roles: Vec<Role>,
    /// In which kinds of organisation.
    pub organisations: Vec<Audience>,
}

/// A kind of organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// A hospital.
    Hospital,
    /// A borough's children's services.
    Borough,
    /// The safeguarding board.
    Board,
    /// A school.
    School,
    /// The police.
    Police,
    /// Health visitors.
    HealthVisitor,
    /// Members of the public.
    Public,
}

/// Whom to ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// The duty desk that is on shift.
    DutyDesk,
    /// The duty manager.
    DutyManager,
    /// The head of service on call.
    HeadOfService,
    /// The director on call.
    Director,
    /// The safeguarding board.
    Board,
}

/// One thing that somebody does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Step {
    /// Who does it.
    pub who: Role,
    /// What, as an instruction.
    pub what: String,
    /// By when.
    pub by: By,
    /// Whether it must or should be done.
    pub force: Force,
    /// What a "must" rests on; a "should" may say it too.
    pub basis: String,
}

/// A step as it is written down: `by` in words, or `clock`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    who: Role,
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<ClockName>,
    force: Force,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    basis: String,
}

impl TryFrom<Written> for Step {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let by = match (written.by, written.clock) {
            (Some(words), None) => By::Words(words),
            (None, Some(clock)) => By::Clock(clock),
            (None, None) | (Some(_), Some(_)) => return Err("a step says either `by` or `clock`"),
        };
        Ok(Self { who: written.who, what: written.what, by, force: written.force, basis: written.basis })
    }
}

impl From<Step> for Written {
    fn from(step: Step) -> Self {
        let (by, clock) = match step.by {
            By::Words(words) => (Some(words), None),
            By::Clock(clock) => (None, Some(clock)),
        };
        Self { who: step.who, what: step.what, by, clock, force: step.force, basis: step.basis }
    }
}

/// By when a step is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// In words.
    Words(String),
    /// By a clock of the same edition.
    Clock(ClockName),
}

/// Whether a step is law, guidance or rule, or good practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// It is done always.
    Must,
    /// It is done unless there is a reason not to.
    Should,
}

/// Procedures as a list, in the order of their ids.
pub(super) mod list {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{BTreeMap, Deserialize as _, Procedure, ProcedureId};

    pub(in crate::document) fn serialize<S: Serializer>(all: &BTreeMap<ProcedureId, Procedure>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.values())
    }

    pub(in crate::document) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<ProcedureId, Procedure>, D::Error> {
        let mut all = BTreeMap::new();
        for procedure in Vec::<Procedure>::deserialize(from)? {
            let id = procedure.id.clone();
            if all.insert(id.clone(), procedure).is_some() {
                return Err(D::Error::custom(format!("procedure {id} is there twice")));
            }
        }
        Ok(all)
    }
}
