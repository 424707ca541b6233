//! What can be wrong with the text of an edition.

use crate::edition::{ClockName, Priority};

/// One fault of an edition. All of them are listed at once, so that an author need not mend one to see the next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text is not JSON, or a part has the wrong shape.
    #[error("{part}: {why}")]
    Shape {
        /// The part, as a JSON pointer.
        part: String,
        /// What the parser said. An edition holds no personal data.
        why: String,
    },
    /// A text that may not be empty is.
    #[error("{part} is empty")]
    Empty {
        /// The part, as a JSON pointer.
        part: String,
    },
    /// Two entries share a name.
    #[error("{part} says \"{name}\" twice")]
    Twice {
        /// The list.
        part: String,
        /// The name.
        name: String,
    },
    /// A clock that the services need is missing, for this priority where it differs by priority.
    #[error("no clock {clock:?} for priority {priority:?}")]
    ClockMissing {
        /// The clock.
        clock: ClockName,
        /// The priority without an entry; none when the clock is not there at all.
        priority: Option<Priority>,
    },
    /// Two entries of a clock hold for the same priority.
    #[error("more than one clock {clock:?} for priority {priority:?}")]
    ClockTwice {
        /// The clock.
        clock: ClockName,
        /// The priority.
        priority: Priority,
    },
    /// A clock that nothing starts.
    #[error("clock {clock:?} does not say what starts it")]
    ClockWithoutStart {
        /// The clock.
        clock: ClockName,
    },
    /// A clock without its provision or reason.
    #[error("clock {clock:?} does not say what it rests on")]
    ClockWithoutBasis {
        /// The clock.
        clock: ClockName,
    },
    /// The length, unit, `at` and `counts_from` of a clock do not fit each other.
    #[error("clock {clock:?}: {why}")]
    ClockLength {
        /// The clock.
        clock: ClockName,
        /// What does not fit.
        why: &'static str,
    },
    /// A clock counts by a calendar that the edition does not have.
    #[error("clock {clock:?} counts by an unknown calendar, \"{calendar}\"")]
    UnknownCalendar {
        /// The clock.
        clock: ClockName,
        /// The calendar.
        calendar: String,
    },
    /// A calendar cannot be used.
    #[error("calendar \"{calendar}\": {why}")]
    Calendar {
        /// The calendar.
        calendar: String,
        /// Why.
        why: String,
    },
    /// A level of the ladder is missing or names nobody. Level 1 stands for an empty ladder.
    #[error("level {level} of the escalation ladder has nobody")]
    EmptyLevel {
        /// The level.
        level: u8,
    },
    /// A field of the form that no decision uses.
    #[error("the form asks \"{field}\", and no decision uses the answer")]
    FieldWithoutDecision {
        /// The field.
        field: String,
    },
    /// More compulsory fields than the form budget allows.
    #[error("the form has {count} compulsory fields; at most {ceiling} may be")]
    TooManyCompulsory {
        /// How many there are.
        count: usize,
        /// How many may be.
        ceiling: usize,
    },
    /// A number that must be at least one is not.
    #[error("{part} must be at least 1")]
    Zero {
        /// The part, as a JSON pointer.
        part: String,
    },
    /// A fault of one edition in a list.
    #[error("edition at /{index}: {fault}")]
    InEdition {
        /// Its place in the list, from 0.
        index: usize,
        /// The fault.
        fault: Box<Fault>,
    },
    /// Two editions have the same number, or a later one a lower number.
    #[error("edition {number} does not follow its predecessor in number and time")]
    OutOfOrder {
        /// The number of the edition.
        number: u32,
    },
}

impl Fault {
    pub(crate) fn shape(part: &str, why: impl std::fmt::Display) -> Self {
        Self::Shape { part: part.to_owned(), why: why.to_string() }
    }
}
