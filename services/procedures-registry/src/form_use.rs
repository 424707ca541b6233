//! How the form is used: what was filled, what was read before a decision, and how long it took. Never by whom.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Org, Timestamp};
use serde::{Deserialize, Serialize};

/// How many forms there are at least under a figure: fewer would show somebody's.
pub const LEAST: i64 = 5;

/// What intake tells of one referral's form. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseEvent {
    /// It came in with these fields filled.
    Filled { edition: u32, fields: BTreeSet<String>, received_at: Timestamp },
    /// It was decided after these fields had been shown to the decider.
    Decided { read: BTreeSet<String>, decided_at: Timestamp },
}

impl UseEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Filled { .. } => "form.filled",
            Self::Decided { .. } => "form.decided",
        }
    }
}

/// One sitting before the form, without who sat there. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SittingEvent {
    /// Somebody began a form.
    Begun { edition: u32, from: Place, at: Timestamp },
    /// It was sent, or given up.
    Sat { edition: u32, from: Place, seconds: u32, fields: BTreeMap<String, u32>, sent: bool, at: Timestamp },
}

impl SittingEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Begun { .. } => "form.begun",
            Self::Sat { .. } => "form.sat",
        }
    }
}

/// What is known of one sitting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sitting {
    /// Nothing.
    #[default]
    Untold,
    /// It was begun, and not ended that anybody knows.
    Begun,
    /// It is over.
    Over,
}

impl Sitting {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &SittingEvent) {
        *self = match event {
            SittingEvent::Begun { .. } => Self::Begun,
            SittingEvent::Sat { .. } => Self::Over,
        }
    }

    /// What there is to record when a page tells something. A sitting begins once and ends once; an end whose beginning was never told counts.
    #[must_use]
    pub fn told(self, event: SittingEvent) -> Option<SittingEvent> {
        match (self, &event) {
            (Self::Untold, _) | (Self::Begun, SittingEvent::Sat { .. }) => Some(event),
            (Self::Begun, SittingEvent::Begun { .. }) | (Self::Over, _) => None,
        }
    }
}

/// The kind of organisation that a form was filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A borough.
    Borough,
    /// A hospital.
    Hospital,
    /// The board.
    Board,
    /// Those who run the software.
    Hub,
}

impl Place {
    /// The kind of an organisation.
    #[must_use]
    pub fn of(org: &Org) -> Self {
        match org {
            Org::Borough(_) => Self::Borough,
            Org::Site(_) => Self::Hospital,
            Org::Board => Self::Board,
            Org::Hub => Self::Hub,
        }
    }
}

/// What is known of one referral's form.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Use {
    /// Nothing: it came in before intake told it.
    #[default]
    Untold,
    /// These fields were filled.
    Filled(BTreeSet<String>),
}

impl Use {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &UseEvent) {
        match event {
            UseEvent::Filled { fields, .. } => *self = Self::Filled(fields.clone()),
            UseEvent::Decided { .. } => {}
        }
    }

    /// What there is to record when intake tells something. A decision on a form of which nothing is known counts nowhere, and
    /// what was not filled cannot have been read.
    #[must_use]
    pub fn told(&self, event: UseEvent) -> Option<UseEvent> {
        match (self, event) {
            (Self::Untold, filled @ UseEvent::Filled { .. }) => Some(filled),
            (Self::Filled(_), UseEvent::Filled { .. }) | (Self::Untold, UseEvent::Decided { .. }) => None,
            (Self::Filled(filled), UseEvent::Decided { read, decided_at }) => {
                Some(UseEvent::Decided { read: read.intersection(filled).cloned().collect(), decided_at })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitting_begins_once_and_ends_once_and_an_end_without_a_beginning_counts() {
        let at = "2026-11-23T02:14:00Z".parse().unwrap();
        let begun = SittingEvent::Begun { edition: 1, from: Place::Hospital, at };
        let sat = SittingEvent::Sat { edition: 1, from: Place::Hospital, seconds: 9, fields: BTreeMap::new(), sent: true, at };
        let told = |said: &[&SittingEvent]| {
            let mut sitting = Sitting::default();
            said.iter()
                .filter_map(|event| sitting.told((*event).clone()).inspect(|event| sitting.evolve(event)))
                .map(|event| event.type_name())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&[&begun, &begun, &sat, &sat, &begun]), ["form.begun", "form.sat"]);
        assert_eq!(told(&[&sat, &begun, &sat]), ["form.sat"]);
    }
}
