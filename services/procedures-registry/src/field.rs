//! The bin: anybody may say that a field of the form is not needed, and the board answers.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::{Person, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{document::Document, register::Register};

/// The board's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It stays.
    Keep {
        /// Why it is needed.
        why: String,
    },
    /// It goes.
    Remove {
        /// The number of the first edition that does not ask it.
        from_edition: u32,
        /// Why.
        why: String,
    },
}

/// Something that happened to a field of the form. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldEvent {
    /// Somebody put it in the bin. Nominations are numbered from 1.
    Nominated { number: u32, reason: String, by: Person, at: Timestamp },
    /// The board answered.
    Answered { number: u32, answer: Answer, by: Person, at: Timestamp },
}

/// What the answers come to for later editions, in one stream, so that no submission can miss one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinEvent {
    /// A field goes from this edition on; it stays, if none is named.
    Promised { field: String, from_edition: Option<u32> },
}

impl FieldEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nominated { .. } => "field.nominated",
            Self::Answered { .. } => "field.answered",
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Put it in the bin.
    Nominate {
        /// Why.
        reason: String,
        /// Who.
        by: Person,
        /// When the hub was told.
        at: Timestamp,
    },
    /// Answer a nomination.
    Answer {
        /// Which.
        number: u32,
        /// How.
        answer: Answer,
        /// The number of the edition in force.
        in_force: u32,
        /// Who.
        by: Person,
        /// When the hub was told.
        at: Timestamp,
    },
}

/// Why the answer is no. The codes are stable; the words may get better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One at a time.
    #[error("Your nomination {0} of this field waits for the board's answer. It says all that it needs to.")]
    NominatedAlready(u32),
    /// The board answers.
    #[error("Only a person who approves for the board may answer this. Ask one.")]
    BoardNeeded,
    /// There is no such nomination.
    #[error("There is no nomination {0} of this field. Look at their numbers.")]
    NoSuchNomination(u32),
    /// It has another answer.
    #[error("Nomination {0} was answered already; the answer stays as it is. Nominate the field again to ask again.")]
    AnsweredAlready(u32),
    /// What is in force does not change.
    #[error("A field goes with an edition later than the one in force, which is {0}. Name a later number.")]
    NotLater(u32),
    /// An edition that is scheduled asks it.
    #[error(
        "Edition {0} is scheduled and asks this field, so it cannot be promised. Name a number after it, or take that edition back first."
    )]
    AskedThere(u32),
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NominatedAlready(_) => "nominated_already",
            Self::BoardNeeded => "board_needed",
            Self::NoSuchNomination(_) => "no_such_nomination",
            Self::AnsweredAlready(_) => "answered_already",
            Self::NotLater(_) => "not_later",
            Self::AskedThere(_) => "asked_there",
        }
    }
}

/// A field, as the bin knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    nominations: Vec<Nomination>,
}

#[derive(Clone, Debug, PartialEq)]
struct Nomination {
    by: String,
    reason: String,
    answer: Option<Answer>,
}

/// From which edition on each field goes.
pub type Bin = BTreeMap<String, u32>;

impl Field {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &FieldEvent) {
        match event {
            FieldEvent::Nominated { reason, by, .. } => {
                self.nominations.push(Nomination { by: by.actor().id.clone(), reason: reason.clone(), answer: None });
            }
            FieldEvent::Answered { number, answer, .. } => {
                if let Some(nomination) = place(*number).and_then(|place| self.nominations.get_mut(place)) {
                    nomination.answer = Some(answer.clone());
                }
            }
        }
    }

    /// Decides one command about the field of a name, beside the list of editions. The second value is what the answer promises for
    /// later ones.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(&self, (field, register): (&str, &Register), command: Command) -> Result<(Vec<FieldEvent>, Vec<BinEvent>), Refusal> {
        match command {
            Command::Nominate { reason, by, at } => {
                let open = (1..).zip(&self.nominations).find(|(_, had)| had.by == by.actor().id && had.answer.is_none());
                match open {
                    Some((_, had)) if had.reason == reason => Ok((vec![], vec![])),
                    Some((number, _)) => Err(Refusal::NominatedAlready(number)),
                    None => {
                        let number = u32::try_from(self.nominations.len()).unwrap_or(u32::MAX).saturating_add(1);
                        Ok((vec![FieldEvent::Nominated { number, reason, by, at }], vec![]))
                    }
                }
            }
            Command::Answer { number, answer, in_force, by, at } => {
                if by.actor().role != Role::BoardApprover {
                    return Err(Refusal::BoardNeeded);
                }
                let nomination = place(number).and_then(|place| self.nominations.get(place));
                match nomination.ok_or(Refusal::NoSuchNomination(number))?.answer.as_ref() {
                    Some(before) if *before == answer => return Ok((vec![], vec![])),
                    Some(_) => return Err(Refusal::AnsweredAlready(number)),
                    None => {}
                }
                let from_edition = match answer {
                    Answer::Remove { from_edition, .. } if from_edition <= in_force => return Err(Refusal::NotLater(in_force)),
                    Answer::Remove { from_edition, .. } => match register.asked_from(from_edition, field) {
                        Some(number) => return Err(Refusal::AskedThere(number)),
                        None => Some(from_edition),
                    },
                    Answer::Keep { .. } => None,
                };
                let promised = BinEvent::Promised { field: field.to_owned(), from_edition };
                Ok((vec![FieldEvent::Answered { number, answer, by, at }], vec![promised]))
            }
        }
    }
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

/// Takes a promise in.
pub fn promise(bin: &mut Bin, event: &BinEvent) {
    match event {
        BinEvent::Promised { field, from_edition: Some(number) } => drop(bin.insert(field.clone(), *number)),
        BinEvent::Promised { field, from_edition: None } => drop(bin.remove(field)),
    }
}

/// A field that an edition still asks although the board has promised that it goes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "field_was_to_go: the board has answered that \"{field}\" goes with edition {from_edition}. Take it out, or nominate it again for another answer."
)]
pub struct WasToGo {
    /// Its name.
    pub field: String,
    /// Its place in the form.
    pub index: usize,
    /// The edition that it was to go with.
    pub from_edition: u32,
}

/// The promises that a document would break as the edition of this number.
#[must_use]
pub fn broken(bin: &Bin, document: &Document, number: u32) -> Vec<WasToGo> {
    let form = document.parts.get("form").and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let asked = form.iter().enumerate().filter_map(|(index, field)| Some((index, field.get("name")?.as_str()?)));
    asked
        .filter_map(|(index, field)| {
            let from_edition = *bin.get(field)?;
            (from_edition <= number).then(|| WasToGo { field: field.to_owned(), index, from_edition })
        })
        .collect()
}
