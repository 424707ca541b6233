//! An edition of the procedures: the parts of it that a machine obeys. It is the same text in every borough at the same instant.
//!
//! Nothing in the program says how long a clock runs or who is called next; it asks the edition that is in force.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::calendar::Calendar;
pub use crate::calendar::{CountsFrom, Due};

mod book;
mod clock;
mod editions;
mod fault;
mod field;
mod fit;
mod learnt;
mod parse;
mod parts;
#[cfg(test)]
mod tests;

pub use book::Book;
pub use clock::{At, Authority, Clock, ClockName, Length};
pub use editions::Editions;
pub use fault::Fault;
pub use field::FieldName;
pub use fit::{overdue, unfit};
pub use learnt::{EditionEvent, Known, Learnt};
pub use parts::{Approval, Boroughs, DeclineReason, FormField, KeptFrom, Level, Limits, Of, Prompts, Retention, Who};

/// How soon a transfer must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// In danger now.
    P1,
    /// Tonight.
    P2,
    /// Next working day.
    P3,
    /// A planned transfer of a plan.
    P4,
}

impl Priority {
    /// All of them, most urgent first.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];
}

/// The machine-readable parts of the whole procedure set as it stands from one instant on. It can only be had by
/// [`Edition::parse`], so every clock that the services need is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Its number; later editions have higher ones.
    pub number: u32,
    /// Its id, which decisions cite.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is and what it is not, in words for people.
    pub note: String,
    /// From when it holds, everywhere.
    pub in_force_from: Timestamp,
    /// The reasons for which a transfer may be declined.
    pub decline_reasons: Vec<DeclineReason>,
    /// What a referral asks.
    pub form: Vec<FormField>,
    /// How long records are kept.
    pub retention: Vec<Retention>,
    /// When a decider is asked to look again.
    pub prompts: Prompts,
    /// Ceilings.
    pub limits: Limits,
    /// Who approves the next edition.
    pub approval: Approval,
    written: Map<String, Value>,
    calendars: Vec<Arc<Calendar>>,
    clocks: Vec<Clock>,
    ladder: Vec<Level>,
}

impl Edition {
    /// The parts as they were written down, without number, id and time.
    #[must_use]
    pub fn written(&self) -> &Map<String, Value> {
        &self.written
    }

    /// When a clock that starts now runs out.
    ///
    /// Where a clock differs by priority and none is given, the earliest answer holds: too early is safe, too late is not.
    #[must_use]
    pub fn due(&self, name: ClockName, priority: Option<Priority>, from: Timestamp) -> Due {
        let dues = self.clocks(name).filter(|clock| priority.is_none_or(|p| clock.applies_to(p))).map(|clock| self.due_of(clock, from));
        dues.min().unwrap_or(Due { at: from, covered: false })
    }

    /// The entries of one clock: one, or one for each group of priorities.
    pub fn clocks(&self, name: ClockName) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().filter(move |clock| clock.name == name)
    }

    /// Every entry of every clock, in the order of the edition.
    #[must_use]
    pub fn all_clocks(&self) -> &[Clock] {
        &self.clocks
    }

    /// Who is called at a level of the escalation, the first being 1.
    #[must_use]
    pub fn ladder(&self, level: u8) -> Option<&Level> {
        self.ladder.iter().find(|step| step.level == level)
    }

    /// All levels of the escalation, the first first.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.ladder
    }

    /// The last level of the escalation.
    #[must_use]
    pub fn top_level(&self) -> u8 {
        self.ladder.last().map_or(0, |step| step.level)
    }

    /// A reason for declining, by its code.
    #[must_use]
    pub fn decline_reason(&self, code: &str) -> Option<&DeclineReason> {
        self.decline_reasons.iter().find(|reason| reason.code == code)
    }

    /// How long to keep a record with this outcome.
    #[must_use]
    pub fn retention(&self, outcome: &str) -> Option<&Retention> {
        self.retention.iter().find(|class| class.outcomes.iter().any(|it| it == outcome))
    }

    /// How long to keep a record with several outcomes: by the class that keeps longest. Of two with as many years that is the one
    /// which counts from the closure, since nothing is closed before the birth.
    #[must_use]
    pub fn longest_retention(&self, outcomes: &[String]) -> Option<&Retention> {
        let holds = |class: &&Retention| class.outcomes.iter().any(|it| outcomes.contains(it));
        self.retention.iter().filter(holds).max_by_key(|class| (class.years, class.starts_on == KeptFrom::Closure))
    }

    /// A calendar by its name.
    #[must_use]
    pub fn calendar(&self, name: &str) -> Option<&Arc<Calendar>> {
        self.calendars.iter().find(|calendar| calendar.name() == name)
    }

    fn due_of(&self, clock: &Clock, from: Timestamp) -> Due {
        let calendar = self.calendars.iter().find(|calendar| calendar.name() == clock.calendar);
        calendar.map_or(Due { at: from, covered: false }, |calendar| clock.length.due(calendar, from))
    }
}
