//! Dip samples: children drawn at random by a seed that is on the record, shown without their identities.

use std::collections::BTreeMap;

use kernel::{ChildId, Decider, Person, Sealed, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A sample as it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// What decided who is in it.
    pub seed: String,
    /// Whether a person chose the seed, so that the draw can be made again; else the hub made it.
    pub seed_given: bool,
    /// Children of referrals received from this instant on.
    pub from: Timestamp,
    /// And before this one.
    pub to: Timestamp,
    /// The last position of intake that was known.
    pub through: i64,
    /// Out of how many children.
    pub population: i64,
    /// The children, in the order in which they were drawn; case 1 is the first.
    pub cases: Vec<ChildId>,
    /// Who had it drawn.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// Somebody was told who a case is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmasking {
    /// The case, from 1.
    pub case: u32,
    /// The child.
    pub child: ChildId,
    /// Why it was needed.
    pub reason: Sealed,
    /// Who asked.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// What has happened to samples. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleEvent {
    /// One was drawn.
    Drawn {
        /// Its id.
        id: String,
        /// The sample.
        sample: Sample,
    },
    /// A case was unmasked.
    Unmasked {
        /// Of which sample.
        id: String,
        /// Which, by whom and why.
        unmasking: Unmasking,
    },
}

/// All samples, with who was unmasked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples(pub(crate) BTreeMap<String, (Sample, Vec<Unmasking>)>);

/// What may be asked of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A sample is drawn; who is in it was looked up by [`draw`].
    Draw {
        /// A new id.
        id: String,
        /// The sample.
        sample: Sample,
    },
    /// An auditor asks who a case is.
    Unmask {
        /// Of which sample.
        id: String,
        /// Which case, from 1.
        case: u32,
        /// Why.
        reason: Sealed,
        /// Who asks.
        by: Person,
        /// When.
        at: Timestamp,
    },
}

/// Why the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such case.
    #[error("There is no such case. Read the sample again: its cases are numbered from 1.")]
    NoSuchCase,
    /// Nobody to draw from.
    #[error("No referral was received in this period, so nobody can be drawn. Choose another one.")]
    Nobody,
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchCase => "no_such_case",
            Self::Nobody => "nobody_to_draw",
        }
    }
}

/// The rules of dip samples.
#[derive(Clone, Copy, Debug)]
pub struct Sampling;

impl Decider for Sampling {
    type State = Samples;
    type Command = Command;
    type Event = SampleEvent;
    type Refusal = Refusal;

    fn decide(state: &Samples, command: Command) -> Result<Vec<SampleEvent>, Refusal> {
        match command {
            Command::Draw { id, .. } if state.0.contains_key(&id) => Ok(vec![]),
            Command::Draw { sample, .. } if sample.cases.is_empty() => Err(Refusal::Nobody),
            Command::Draw { id, sample } => Ok(vec![SampleEvent::Drawn { id, sample }]),
            // Asked a second time, there is a second reason, and it is on the record too.
            Command::Unmask { id, case, reason, by, at } => {
                let (sample, _) = state.0.get(&id).ok_or(Refusal::NoSuchCase)?;
                let place = usize::try_from(case).ok().and_then(|case| case.checked_sub(1)).ok_or(Refusal::NoSuchCase)?;
                let child = *sample.cases.get(place).ok_or(Refusal::NoSuchCase)?;
                Ok(vec![SampleEvent::Unmasked { id, unmasking: Unmasking { case, child, reason, by, at } }])
            }
        }
    }

    fn evolve(mut state: Samples, event: &SampleEvent) -> Samples {
        match event {
            SampleEvent::Drawn { id, sample } => {
                state.0.insert(id.clone(), (sample.clone(), Vec::new()));
            }
            SampleEvent::Unmasked { id, unmasking } => {
                if let Some((_, unmasked)) = state.0.get_mut(id) {
                    unmasked.push(unmasking.clone());
                }
            }
        }
        state
    }
}

/// So many of a population: those whose SHA-256 over the seed, a line feed and the child's id is least. The order in which the
/// population is given makes no difference.
#[must_use]
pub fn draw(seed: &str, population: &[ChildId], size: usize) -> Vec<ChildId> {
    let lot = |child: &ChildId| <[u8; 32]>::from(Sha256::digest(format!("{seed}\n{child}")));
    let mut lots: Vec<([u8; 32], ChildId)> = population.iter().map(|child| (lot(child), *child)).collect();
    lots.sort_unstable();
    lots.dedup();
    lots.into_iter().take(size).map(|(_, child)| child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::{person, sealed};
    use kernel::{Role, scenario::given};
    use uuid::Uuid;

    fn children(many: u128) -> Vec<ChildId> {
        (1..=many).map(|number| ChildId::from_uuid(Uuid::from_u128(number))).collect()
    }

    fn drawn(cases: Vec<ChildId>) -> Sample {
        let (seed, by, at) = ("seed".to_owned(), person("auditor", Role::BoardAuditor), Timestamp::UNIX_EPOCH);
        Sample { seed, seed_given: false, from: at, to: at, through: 7, population: 40, cases, by, at }
    }

    fn unmask(case: u32) -> Command {
        let (by, at) = (person("auditor", Role::BoardAuditor), Timestamp::UNIX_EPOCH);
        Command::Unmask { id: "smp_1".to_owned(), case, reason: sealed(), by, at }
    }

    #[test]
    fn the_same_seed_and_population_draw_the_same_children_in_whatever_order_they_are_given() {
        let (all, mut turned) = (children(500), children(500));
        turned.reverse();
        let first = draw("2f6c", &all, 20);
        assert_eq!((first.len(), draw("2f6c", &turned, 20)), (20, first.clone()));
        assert_ne!(draw("2f6d", &all, 20), first, "another seed, another sample");
        assert_eq!(draw("2f6c", &all, 30)[..20], first[..], "a larger sample begins with the smaller one");
        // As anybody draws it who has the published definition: `printf '2f6c\nchd_…' | sha256sum`, sorted.
        let known = Sha256::digest(format!("2f6c\n{}", first[0]));
        assert!(all.iter().all(|child| Sha256::digest(format!("2f6c\n{child}")) >= known));
    }

    #[test]
    fn every_child_is_drawn_about_as_often_as_any_other() {
        let all = children(20);
        let mut times = BTreeMap::<ChildId, u32>::new();
        for seed in 0..2_000 {
            draw(&format!("seed {seed}"), &all, 5).into_iter().for_each(|child| *times.entry(child).or_default() += 1);
        }
        assert!(times.len() == 20 && times.values().all(|times| (400..600).contains(times)), "{times:?}");
    }

    #[test]
    fn a_case_is_unmasked_with_a_reason_and_each_time_is_an_event() {
        let sample = drawn(children(2));
        let was = || SampleEvent::Drawn { id: "smp_1".to_owned(), sample: sample.clone() };
        let (by, at) = (person("auditor", Role::BoardAuditor), Timestamp::UNIX_EPOCH);
        let unmasking = Unmasking { case: 2, child: children(2)[1], reason: sealed(), by, at };
        let unmasked = || SampleEvent::Unmasked { id: "smp_1".to_owned(), unmasking: unmasking.clone() };
        given::<Sampling>([was()]).when(unmask(2)).then([unmasked()]);
        given::<Sampling>([was(), unmasked()]).when(unmask(2)).then([unmasked()]);
        for case in [0, 3] {
            given::<Sampling>([was()]).when(unmask(case)).refused("no_such_case");
        }
        given::<Sampling>([]).when(unmask(1)).refused("no_such_case");
    }

    #[test]
    fn of_nobody_no_sample_is_drawn() {
        let (id, sample) = ("smp_1".to_owned(), drawn(vec![]));
        given::<Sampling>([]).when(Command::Draw { id, sample }).refused("nobody_to_draw");
    }
}
