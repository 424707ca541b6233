//! What a service keeps of the editions that the registry tells it about, so that it goes on when the registry is away.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::edition::{Edition, Editions, Fault};

/// Something that a service was told about an edition. The names are the storage format of every service that obeys editions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditionEvent {
    /// It is, or will be, in force.
    Learnt(Learnt),
    /// It was taken back before it began.
    Withdrawn {
        /// Its number.
        number: u32,
    },
}

/// An edition as a service keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learnt {
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// From when it is in force.
    pub in_force_from: Timestamp,
    /// The hash of the whole document in the registry.
    pub hash: String,
    /// The parts that the services obey, as they were written.
    pub parts: Map<String, Value>,
}

/// What a service knows about the edition of one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    #[default]
    NotLearnt,
    /// As it was told.
    Learnt(Learnt),
    /// It was taken back.
    Withdrawn,
}

impl EditionEvent {
    /// The number of the edition.
    #[must_use]
    pub fn number(&self) -> u32 {
        match self {
            Self::Learnt(learnt) => learnt.number,
            Self::Withdrawn { number } => *number,
        }
    }

    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Learnt(_) => "edition.learnt",
            Self::Withdrawn { .. } => "edition.withdrawn",
        }
    }
}

impl Learnt {
    /// The edition in it.
    ///
    /// # Errors
    /// Every fault of its parts.
    pub fn edition(&self) -> Result<Edition, Vec<Fault>> {
        let edition = Edition::numbered(self.parts.clone(), self.number, self.in_force_from)?;
        Ok(Edition { id: self.id.clone(), ..edition })
    }
}

impl Known {
    /// Takes one event in.
    #[must_use]
    pub fn evolve(self, event: &EditionEvent) -> Self {
        match event {
            EditionEvent::Learnt(learnt) => Self::Learnt(learnt.clone()),
            EditionEvent::Withdrawn { .. } => Self::Withdrawn,
        }
    }

    /// What is new in what was told. An edition that was taken back stays so, in whichever order the two are told.
    #[must_use]
    pub fn learn(&self, told: EditionEvent) -> Option<EditionEvent> {
        match (self, &told) {
            (Self::Withdrawn, _) => None,
            (Self::Learnt(known), EditionEvent::Learnt(learnt)) if known == learnt => None,
            (Self::NotLearnt | Self::Learnt(_), EditionEvent::Learnt(_) | EditionEvent::Withdrawn { .. }) => Some(told),
        }
    }
}

impl Editions {
    /// These editions with what was learnt since. One of the same number takes the place of the one that was there.
    ///
    /// # Errors
    /// When one of them has faults or they do not follow each other; then nothing of it is taken.
    pub fn having_learnt<'a>(&self, events: impl IntoIterator<Item = &'a EditionEvent>) -> Result<Self, Vec<Fault>> {
        let mut all: Vec<Edition> = self.iter().cloned().collect();
        for event in events {
            all.retain(|edition| edition.number != event.number());
            if let EditionEvent::Learnt(learnt) = event {
                all.push(learnt.edition()?);
            }
        }
        Self::new(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(number: u32, from: &str) -> EditionEvent {
        let parts = Editions::first().iter().next().unwrap().written().clone();
        EditionEvent::Learnt(Learnt {
            number,
            id: format!("edition-{number}"),
            in_force_from: from.parse().unwrap(),
            hash: "00".to_owned(),
            parts,
        })
    }

    fn known(events: &[EditionEvent]) -> Known {
        events.iter().fold(Known::default(), Known::evolve)
    }

    #[test]
    fn an_edition_is_learnt_once_and_taken_back_once() {
        let (second, back) = (learnt(2, "2026-06-01T00:00:00Z"), EditionEvent::Withdrawn { number: 2 });
        assert_eq!(known(&[]).learn(second.clone()), Some(second.clone()));
        assert_eq!(known(std::slice::from_ref(&second)).learn(second.clone()), None);
        assert_eq!(known(std::slice::from_ref(&second)).learn(back.clone()), Some(back.clone()));
        assert_eq!(known(&[second.clone(), back.clone()]).learn(back.clone()), None);
        assert_eq!(known(std::slice::from_ref(&back)).learn(second), None, "told late, it stays taken back");
    }

    #[test]
    fn what_was_learnt_is_in_force_from_its_instant_and_what_was_taken_back_never_was() {
        let at = |editions: &Editions, text: &str| editions.in_force(text.parse().unwrap()).number;
        let events = [learnt(2, "2026-06-01T00:00:00Z"), learnt(3, "2026-07-01T00:00:00Z"), EditionEvent::Withdrawn { number: 3 }];
        let editions = Editions::first().having_learnt(&events).unwrap();
        assert_eq!((at(&editions, "2026-05-31T23:59:59Z"), at(&editions, "2026-06-01T00:00:00Z")), (1, 2));
        assert_eq!(at(&editions, "2027-01-01T00:00:00Z"), 2);
    }

    #[test]
    fn an_edition_that_cannot_be_read_or_does_not_follow_is_not_half_taken() {
        let EditionEvent::Learnt(mut broken) = learnt(2, "2026-06-01T00:00:00Z") else { panic!("learnt") };
        broken.parts.remove("clocks");
        assert!(Editions::first().having_learnt(&[EditionEvent::Learnt(broken)]).is_err());
        let before = learnt(2, "2025-06-01T00:00:00Z");
        assert_eq!(Editions::first().having_learnt(&[before]), Err(vec![Fault::OutOfOrder { number: 1 }]));
    }
}
