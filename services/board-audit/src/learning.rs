//! The learning log: near misses and what went right. Nothing that is kept shows who told of one, except to themselves.

use std::collections::BTreeMap;

use kernel::{Decider, Person, Sealed, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What sort of thing was learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It nearly went wrong.
    NearMiss,
    /// It went right, and should again.
    WentRight,
}

/// What was told, sealed. Who told it opens under a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What sort.
    pub kind: Kind,
    /// What happened.
    pub what: Sealed,
    /// What in the system made it likely.
    pub system: Sealed,
    /// The procedures that it is about, by their ids.
    pub procedures: Vec<String>,
    /// The subject of the reporter's token.
    pub reporter: Sealed,
    /// When the hub was told.
    pub at: Timestamp,
}

/// What has happened in the learning log. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearningEvent {
    /// Somebody told of something. No actor stands beside it.
    Reported {
        /// The new item's id.
        id: String,
        /// What was told.
        item: Item,
    },
    /// A person of the board says which procedure it is about.
    Linked {
        /// The item.
        id: String,
        /// The procedure.
        procedure: String,
        /// Who said so.
        by: Person,
        /// When.
        at: Timestamp,
    },
}

/// The learning log as the events have left it, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log(pub(crate) BTreeMap<String, Item>);

/// What may be asked of the learning log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A person tells of something. That it is a person is looked at; who it is, is kept nowhere but in the sealed field.
    Report {
        /// Who tells.
        by: Person,
        /// A new id.
        id: String,
        /// What is told, sealed.
        item: Item,
    },
    /// A person of the board links a procedure.
    Link {
        /// Who.
        by: Person,
        /// The item.
        id: String,
        /// The procedure.
        procedure: String,
        /// When.
        at: Timestamp,
    },
}

/// Why the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such item.
    #[error("There is no such item in the learning log. Read the list again.")]
    NoSuchItem,
    /// The id was used.
    #[error("This id belongs to another item. Send it again with a new Idempotency-Key.")]
    Known,
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchItem => "no_such_learning_item",
            Self::Known => "learning_item_known",
        }
    }
}

/// The rules of the learning log.
#[derive(Clone, Copy, Debug)]
pub struct Learning;

impl Decider for Learning {
    type State = Log;
    type Command = Command;
    type Event = LearningEvent;
    type Refusal = Refusal;

    fn decide(state: &Log, command: Command) -> Result<Vec<LearningEvent>, Refusal> {
        match command {
            Command::Report { by: _, id, item } if !state.0.contains_key(&id) => Ok(vec![LearningEvent::Reported { id, item }]),
            Command::Report { .. } => Err(Refusal::Known),
            Command::Link { by, id, procedure, at } => match state.0.get(&id) {
                None => Err(Refusal::NoSuchItem),
                Some(item) if item.procedures.contains(&procedure) => Ok(vec![]),
                Some(_) => Ok(vec![LearningEvent::Linked { id, procedure, by, at }]),
            },
        }
    }

    fn evolve(mut state: Log, event: &LearningEvent) -> Log {
        match event {
            LearningEvent::Reported { id, item } => {
                state.0.insert(id.clone(), item.clone());
            }
            LearningEvent::Linked { id, procedure, .. } => {
                if let Some(item) = state.0.get_mut(id) {
                    item.procedures.push(procedure.clone());
                }
            }
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::{person, sealed};
    use kernel::{Role, scenario::given};

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn item() -> Item {
        Item { kind: Kind::NearMiss, what: sealed(), system: sealed(), procedures: vec!["handover".to_owned()], reporter: sealed(), at: AT }
    }

    fn reported() -> LearningEvent {
        LearningEvent::Reported { id: "lrn_1".to_owned(), item: item() }
    }

    fn report(by: Person) -> Command {
        Command::Report { by, id: "lrn_1".to_owned(), item: item() }
    }

    fn link(id: &str, procedure: &str) -> Command {
        Command::Link { by: person("auditor", Role::BoardAuditor), id: id.to_owned(), procedure: procedure.to_owned(), at: AT }
    }

    #[test]
    fn whoever_reports_the_event_is_the_same_and_names_nobody() {
        for name in ["marigold", "tancred"] {
            let by = person(name, Role::DutyWorker);
            given::<Learning>([]).when(report(by)).then([reported()]);
        }
        assert!(!serde_json::to_string(&reported()).unwrap().contains("marigold"));
    }

    #[test]
    fn an_id_that_was_used_is_refused() {
        given::<Learning>([reported()]).when(report(person("marigold", Role::DutyWorker))).refused("learning_item_known");
    }

    #[test]
    fn a_procedure_is_linked_once_and_only_to_an_item_that_is_there() {
        given::<Learning>([reported()]).when(link("lrn_1", "handover")).then_nothing();
        let (by, id, procedure) = (person("auditor", Role::BoardAuditor), "lrn_1".to_owned(), "night".to_owned());
        given::<Learning>([reported()]).when(link("lrn_1", "night")).then([LearningEvent::Linked { id, procedure, by, at: AT }]);
        given::<Learning>([]).when(link("lrn_2", "night")).refused("no_such_learning_item");
    }
}
