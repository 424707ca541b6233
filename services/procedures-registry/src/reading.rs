//! Who has read and understood which version of a procedure, and what they asked about it.
//!
//! The version of a procedure is the hash of its own text, so an edition that leaves it as it was needs no new receipt.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Org, Person, QuestionId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::document::{ContentHash, Procedure, ProcedureId};

/// The version of a procedure: the hash of the canonical form (RFC 8785) of its own text.
///
/// # Errors
/// When it has no canonical form, which no valid procedure lacks.
pub fn version(procedure: &Procedure) -> Result<ContentHash, serde_json::Error> {
    Ok(ContentHash(hex::encode(Sha256::digest(serde_json_canonicalizer::to_vec(procedure)?))))
}

/// Something that one reader did, or was told. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReaderEvent {
    /// "I have read and understood it."
    Read { procedure: ProcedureId, edition: u32, hash: ContentHash, by: Person, at: Timestamp },
    /// "I have a question."
    Asked { question: QuestionId, procedure: ProcedureId, edition: u32, hash: ContentHash, text: String, by: Person, at: Timestamp },
    /// An author answered.
    Answered { question: QuestionId, text: String, by: Person, at: Timestamp },
}

impl ReaderEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "procedure.read",
            Self::Asked { .. } => "question.asked",
            Self::Answered { .. } => "question.answered",
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Say that one has read it, and what one does not understand.
    Read {
        /// The procedure.
        procedure: ProcedureId,
        /// The edition that it was read in.
        edition: u32,
        /// The version that this edition has of it.
        hash: ContentHash,
        /// A question, with its new id.
        question: Option<(QuestionId, String)>,
        /// Who.
        by: Person,
        /// When the hub was told.
        at: Timestamp,
    },
    /// Answer a question.
    Answer {
        /// Which.
        question: QuestionId,
        /// In words.
        text: String,
        /// Who.
        by: Person,
        /// When the hub was told.
        at: Timestamp,
    },
}

/// Why the answer is no. The codes are stable; the words may get better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Authors answer.
    #[error("Only a procedure author may answer a question. Ask one.")]
    AuthorNeeded,
    /// There is no such question.
    #[error("There is no such question. Look at the list.")]
    NoSuchQuestion,
    /// It has another answer.
    #[error("This question was answered already; the answer stays as it is.")]
    AnsweredAlready,
    /// Somebody else's organisation.
    #[error("The board says how many are expected to read anywhere, a borough's manager for that borough alone.")]
    NotYourTeam,
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::AuthorNeeded => "author_needed",
            Self::NoSuchQuestion => "no_such_question",
            Self::AnsweredAlready => "answered_already",
            Self::NotYourTeam => "not_your_team",
        }
    }
}

/// One reader.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reader {
    read: BTreeSet<(ProcedureId, ContentHash)>,
    questions: BTreeMap<QuestionId, Question>,
}

#[derive(Clone, Debug, PartialEq)]
struct Question {
    about: (ProcedureId, ContentHash),
    text: String,
    answer: Option<String>,
}

impl Reader {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &ReaderEvent) {
        match event {
            ReaderEvent::Read { procedure, hash, .. } => drop(self.read.insert((procedure.clone(), hash.clone()))),
            ReaderEvent::Asked { question, procedure, hash, text, .. } => {
                let asked = Question { about: (procedure.clone(), hash.clone()), text: text.clone(), answer: None };
                self.questions.insert(*question, asked);
            }
            ReaderEvent::Answered { question, text, .. } => {
                self.questions.entry(*question).and_modify(|asked| asked.answer = Some(text.clone()));
            }
        }
    }

    /// Decides one command.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(&self, command: Command) -> Result<Vec<ReaderEvent>, Refusal> {
        match command {
            Command::Read { procedure, edition, hash, question, by, at } => {
                let about = (procedure.clone(), hash.clone());
                let first = !self.read.contains(&about);
                let new = question.filter(|(_, text)| !self.questions.values().any(|had| had.about == about && had.text == *text));
                let asked = new.map(|(question, text)| ReaderEvent::Asked {
                    question,
                    procedure: procedure.clone(),
                    edition,
                    hash: hash.clone(),
                    text,
                    by: by.clone(),
                    at,
                });
                let read = first.then_some(ReaderEvent::Read { procedure, edition, hash, by, at });
                Ok(read.into_iter().chain(asked).collect())
            }
            Command::Answer { question, text, by, at } => {
                if by.actor().role != Role::ProcedureAuthor {
                    return Err(Refusal::AuthorNeeded);
                }
                match self.questions.get(&question).ok_or(Refusal::NoSuchQuestion)?.answer.as_ref() {
                    Some(before) if *before == text => Ok(vec![]),
                    Some(_) => Err(Refusal::AnsweredAlready),
                    None => Ok(vec![ReaderEvent::Answered { question, text, by, at }]),
                }
            }
        }
    }
}

/// How many people of a role an organisation has, as those who answer for it say. It is never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageEvent {
    /// So many are expected to read.
    ExpectedSet { role: Role, expected: u32, by: Person, at: Timestamp },
}

/// What those who answer for an organisation have said, by role.
pub type Expected = BTreeMap<Role, u32>;

/// Says how many people of a role are expected to read.
///
/// # Errors
/// When they do not answer for this organisation.
pub fn expect(
    known: &Expected,
    org: &Org,
    (role, expected): (Role, u32),
    (by, at): (Person, Timestamp),
) -> Result<Vec<CoverageEvent>, Refusal> {
    let actor = by.actor();
    let may = match actor.role {
        Role::BoardApprover | Role::BoardAuditor => true,
        Role::DutyManager | Role::HeadOfService | Role::Director => actor.org == *org,
        Role::Referrer | Role::DutyWorker | Role::ProcedureAuthor | Role::BoroughSystem | Role::HubOperator | Role::Hub => false,
    };
    if !may {
        return Err(Refusal::NotYourTeam);
    }
    let same = known.get(&role) == Some(&expected);
    Ok(if same { vec![] } else { vec![CoverageEvent::ExpectedSet { role, expected, by, at }] })
}
