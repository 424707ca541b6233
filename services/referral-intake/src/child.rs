//! One child as one referral named it: which other records a person says are the same child, its birth, which boroughs hold a
//! duty towards it, and which legal powers run.
//!
//! Linking merges nothing and can be undone. Who holds a duty is case transfer's to say; it is kept here so that the new holder can
//! read and decide what it has taken over.

mod decide;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Actor, Borough, ChildId, Person, Sealed, Timestamp, TransferId};
use serde::{Deserialize, Serialize};

pub(crate) use decide::decide;

use crate::referral::EntryId;

/// The duties that go with a referral, as case transfer names them.
const ENQUIRY: &str = "enquiry";
const EMERGENCY_ACTION: &str = "emergency_action";

/// Something that happened to a child's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildEvent {
    /// A person says that another record is the same child.
    Linked {
        /// The other record.
        other: ChildId,
        /// Why.
        reason: Sealed,
    },
    /// A person says that it is not.
    Unlinked {
        /// The other record.
        other: ChildId,
        /// Why.
        reason: Sealed,
    },
    /// A child that was expected is born.
    Born {
        /// The entry.
        entry: EntryId,
        /// Date of birth and names.
        birth: Sealed,
    },
    /// A borough has accepted a duty towards the child from another.
    DutyTaken {
        /// The duty.
        duty: String,
        /// Who held it.
        from: Borough,
        /// Who holds it now.
        to: Borough,
        /// The transfer.
        transfer: TransferId,
    },
    /// A duty that had been transferred has ended.
    DutyEnded {
        /// The duty.
        duty: String,
        /// Who held it last.
        holder: Borough,
    },
    /// A legal power began to run for the child.
    PowerStarted {
        /// Which, as case transfer names it.
        power: String,
        /// From when.
        started_at: Timestamp,
        /// Until when by law or order.
        ends_at: Option<Timestamp>,
    },
    /// It ended before its time.
    PowerEnded {
        /// Which.
        power: String,
        /// When.
        ended_at: Timestamp,
    },
    /// The child's address must not be shown, or may be again.
    ShieldSet {
        /// Whether a contact desk stands for it now.
        shielded: bool,
    },
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildCommand {
    /// Say that two records are one child.
    Link {
        /// Who says so.
        by: Person,
        /// The other record.
        other: ChildId,
        /// Why.
        reason: Sealed,
    },
    /// Say that they are not.
    Unlink {
        /// Who says so.
        by: Person,
        /// The other record.
        other: ChildId,
        /// Why.
        reason: Sealed,
    },
    /// Record a birth.
    RecordBirth {
        /// Who.
        by: Person,
        /// The entry.
        entry: EntryId,
        /// Whether the referral named an unborn child.
        expected: bool,
        /// Date of birth and names.
        birth: Sealed,
    },
    /// Case transfer says that a duty moved.
    NoteDutyTaken {
        /// Who says so: the hub.
        by: Actor,
        /// The duty.
        duty: String,
        /// Who held it.
        from: Borough,
        /// Who holds it now.
        to: Borough,
        /// The transfer.
        transfer: TransferId,
    },
    /// Case transfer says that a duty ended.
    NoteDutyEnded {
        /// Who says so: the hub.
        by: Actor,
        /// The duty.
        duty: String,
        /// Who held it last.
        holder: Borough,
    },
    /// Case transfer says that a legal power began to run.
    NotePowerStarted {
        /// Who says so: the hub.
        by: Actor,
        /// Which.
        power: String,
        /// From when.
        started_at: Timestamp,
        /// Until when by law or order.
        ends_at: Option<Timestamp>,
    },
    /// Case transfer says that it ended before its time.
    NotePowerEnded {
        /// Who says so: the hub.
        by: Actor,
        /// Which.
        power: String,
        /// When.
        ended_at: Timestamp,
    },
    /// Case transfer says whether the child is shielded.
    NoteShield {
        /// Who says so: the hub.
        by: Actor,
        /// Whether a contact desk stands for the address now.
        shielded: bool,
    },
}

/// Why the rules say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChildRefusal {
    /// A record was linked to itself.
    #[error("a record cannot be linked to itself: name the other one")]
    SameRecord,
    /// The child was not expected.
    #[error("this child was not named as unborn: send a correction instead")]
    NotUnborn,
    /// The birth was recorded before.
    #[error("the birth is recorded already: send a correction if something in it is wrong")]
    AlreadyBorn,
}

impl kernel::Refusal for ChildRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::SameRecord => "same_record",
            Self::NotUnborn => "not_unborn",
            Self::AlreadyBorn => "already_born",
        }
    }
}

/// The situation of one child's record. Its parts do not depend on each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Child {
    /// The records that people say are the same child.
    pub links: BTreeSet<ChildId>,
    /// The records that people say are other children, whether or not they were linked before.
    pub apart: BTreeSet<ChildId>,
    /// The entry by which its birth was recorded.
    pub born: Option<EntryId>,
    /// The borough that holds each duty, where it was transferred.
    pub duties: BTreeMap<String, Borough>,
    /// The borough that took each transferred duty last, also when it has ended since.
    pub taken: BTreeMap<String, Borough>,
    /// Every borough that has held a transferred duty, or gave one away. They go on reading what they had.
    pub shared_with: BTreeSet<Borough>,
    /// The legal powers that were not ended before their time, and since when each runs.
    pub powers: BTreeMap<String, Timestamp>,
    /// Whether the address must not be shown.
    pub shielded: bool,
}

impl Child {
    /// The boroughs that hold a transferred duty now.
    pub fn holders(&self) -> impl Iterator<Item = &Borough> {
        self.duties.values()
    }

    /// The boroughs that decide about the child instead of the owner: whoever answers for it, and whoever holds a duty that goes with
    /// a referral. A plan is none: whoever takes it reads, and decides nothing that the other borough still has to decide.
    pub fn deciders(&self) -> impl Iterator<Item = &Borough> {
        self.answered_by().into_iter().chain([EMERGENCY_ACTION, ENQUIRY].into_iter().filter_map(|duty| self.duties.get(duty)))
    }

    /// The borough that answers for the child where the owner gave that away: whoever took the enquiry last, because the decision
    /// led to it, else whoever took emergency action last. It goes on doing so when the duty has ended: the duty did not go back.
    /// A plan is separate; whoever takes one over takes nothing else with it.
    #[must_use]
    pub fn answered_by(&self) -> Option<&Borough> {
        self.taken.get(ENQUIRY).or_else(|| self.taken.get(EMERGENCY_ACTION))
    }

    pub(crate) fn evolve(mut self, event: &ChildEvent) -> Self {
        match event {
            ChildEvent::Linked { other, .. } => {
                self.apart.remove(other);
                self.links.insert(*other);
            }
            ChildEvent::Unlinked { other, .. } => {
                self.links.remove(other);
                self.apart.insert(*other);
            }
            ChildEvent::Born { entry, .. } => self.born = Some(*entry),
            ChildEvent::DutyTaken { duty, from, to, .. } => {
                self.duties.insert(duty.clone(), to.clone());
                self.taken.insert(duty.clone(), to.clone());
                self.shared_with.extend([from.clone(), to.clone()]);
            }
            ChildEvent::DutyEnded { duty, .. } => {
                self.duties.remove(duty);
            }
            ChildEvent::PowerStarted { power, started_at, .. } => {
                self.powers.insert(power.clone(), *started_at);
            }
            ChildEvent::PowerEnded { power, .. } => {
                self.powers.remove(power);
            }
            ChildEvent::ShieldSet { shielded } => self.shielded = *shielded,
        }
        self
    }
}
