//! Who acts.

use serde::{Deserialize, Serialize};

use crate::Org;

/// What a person or machine may do, always with exactly one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Raises a concern and may follow and escalate it.
    Referrer,
    /// Works a borough's duty desk.
    DutyWorker,
    /// Answers for a borough's duty desk.
    DutyManager,
    /// On call above the duty manager.
    HeadOfService,
    /// On call above the head of service.
    Director,
    /// Writes procedures.
    ProcedureAuthor,
    /// Approves procedures for the board.
    BoardApprover,
    /// Audits for the board.
    BoardAuditor,
    /// A machine of a borough.
    BoroughSystem,
    /// Runs the software and sees no case data.
    HubOperator,
    /// The hub's own timers and relays. No token carries it.
    Hub,
}

impl Role {
    /// Whether a human being stands behind it.
    #[must_use]
    pub fn is_person(self) -> bool {
        !matches!(self, Self::BoroughSystem | Self::Hub)
    }
}

/// Who did something: kept with every event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The subject of the token; opaque.
    pub id: String,
    /// The name to show. It stays in the log's database and never goes to NATS or to a log line.
    pub name: String,
    /// The organisation acted for.
    pub org: Org,
    /// The role acted in.
    pub role: Role,
}

impl Actor {
    /// The hub's own machinery: it records and escalates, and never decides.
    #[must_use]
    pub fn hub(part: &str) -> Self {
        Self { id: format!("hub:{part}"), name: "The hub".to_owned(), org: Org::Hub, role: Role::Hub }
    }
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?} of {})", self.id, self.role, self.org)
    }
}

/// A machine tried to do what only a person may do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("only a person may do this")]
pub struct NotAPerson;

/// Proof that a human being acts. Every command that decides something takes one, so that no timer, relay or machine can
/// decide even by mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Actor", into = "Actor")]
pub struct Person(Actor);

impl Person {
    /// The person as an actor.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}

impl TryFrom<Actor> for Person {
    type Error = NotAPerson;

    fn try_from(actor: Actor) -> Result<Self, NotAPerson> {
        if actor.role.is_person() { Ok(Self(actor)) } else { Err(NotAPerson) }
    }
}

impl From<Person> for Actor {
    fn from(person: Person) -> Actor {
        person.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_not_a_person() {
        assert_eq!(Person::try_from(Actor::hub("timer")), Err(NotAPerson));
        let system = Actor { role: Role::BoroughSystem, ..Actor::hub("x") };
        assert_eq!(Person::try_from(system), Err(NotAPerson));
    }
}
