//! A borough's duty desk: when it is open, how to reach it, who is on call, and who acts for it out of hours.

mod authority;
mod decide;
mod hours;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

use jiff::civil::Date;
use kernel::{Borough, Person, Timestamp};
use serde::{Deserialize, Serialize};

pub use authority::{has_duty_role, is_manager, may_act_for};
pub(crate) use decide::{decide_check, decide_set};
pub use hours::{Open, Shift, Week, local, shift_at};

use crate::clocks::When;

/// One borough's desk as its people keep it. It is always set as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Desk {
    /// Opening hours, in London time.
    pub week: Week,
    /// Days on which the desk is closed although the week says open: bank holidays, from the edition's calendar.
    pub closed_on: BTreeSet<Date>,
    /// The telephone of the day team.
    pub phone_day: String,
    /// The telephone out of hours.
    pub phone_night: String,
    /// The borough whose emergency duty team acts out of hours, if it is another one. The duty stays with the covered borough.
    pub covered_by: Option<Borough>,
    /// Who is on call, by level.
    pub rota: Vec<OnCall>,
}

/// One turn of one person in the rota.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OnCall {
    /// The level of the escalation ladder that this person answers for.
    pub level: u8,
    /// The name to ask for.
    pub name: String,
    /// The telephone to ring.
    pub phone: String,
    /// When the turn begins.
    pub from: Timestamp,
    /// When the turn is over.
    pub to: Timestamp,
}

impl fmt::Debug for OnCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[on call at level {} from {} to {}]", self.level, self.from, self.to)
    }
}

/// A stretch of time in which nobody is on call at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The level that is empty.
    pub level: u8,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// What has happened to a desk. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskEvent {
    /// A person of the borough set the desk.
    Set {
        /// The whole desk.
        desk: Box<Desk>,
        /// Who set it.
        by: Person,
        /// When.
        at: When,
    },
    /// A level of the rota was, or is going to be, empty: an alert.
    RotaGap {
        /// Where and when.
        gap: Gap,
        /// When it was noticed.
        at: When,
    },
}

/// A desk as the events have left it. A borough without one is not connected to the hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeskState {
    /// How many events the desk's stream has.
    pub version: i64,
    /// The desk, once it is set.
    pub desk: Option<std::sync::Arc<Desk>>,
    /// The gaps that were already alerted.
    pub gaps: BTreeSet<Gap>,
}

impl DeskState {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &DeskEvent) {
        self.version += 1;
        match event {
            DeskEvent::Set { desk, .. } => self.desk = Some(std::sync::Arc::new((**desk).clone())),
            DeskEvent::RotaGap { gap, .. } => {
                self.gaps.insert(*gap);
            }
        }
    }
}

impl Desk {
    /// Whether the day team or the emergency duty team is on shift.
    #[must_use]
    pub fn on_shift(&self, at: Timestamp) -> Shift {
        shift_at(&self.week, &self.closed_on, at)
    }

    /// The team that a contact belongs to: the one that was on shift when it arrived. A call at 16:55 stays with the day team.
    #[must_use]
    pub fn team_for(&self, received_at: Timestamp) -> Shift {
        self.on_shift(received_at)
    }

    /// The number to ring now.
    #[must_use]
    pub fn phone_now(&self, at: Timestamp) -> &str {
        match self.on_shift(at) {
            Shift::Day => &self.phone_day,
            Shift::Night => &self.phone_night,
        }
    }

    /// The borough whose team acts for this one now, if it is another.
    #[must_use]
    pub fn covering(&self, at: Timestamp) -> Option<&Borough> {
        match self.on_shift(at) {
            Shift::Day => None,
            Shift::Night => self.covered_by.as_ref(),
        }
    }

    /// Who is on call at a level. Of two, the one whose turn began later.
    #[must_use]
    pub fn on_call(&self, level: u8, at: Timestamp) -> Option<&OnCall> {
        self.rota.iter().filter(|turn| turn.level == level && turn.from <= at && at < turn.to).max_by_key(|turn| turn.from)
    }

    /// Every stretch between two instants in which one of the levels up to `levels` has nobody.
    #[must_use]
    pub fn gaps(&self, levels: u8, from: Timestamp, to: Timestamp) -> Vec<Gap> {
        (1..=levels).flat_map(|level| self.gaps_of(level, from, to)).collect()
    }

    fn gaps_of(&self, level: u8, from: Timestamp, to: Timestamp) -> Vec<Gap> {
        let mut turns: Vec<_> = self.rota.iter().filter(|turn| turn.level == level).map(|turn| (turn.from, turn.to)).collect();
        turns.sort_unstable();
        let mut gaps = Vec::new();
        let mut covered = from;
        for (starts, ends) in turns {
            if starts >= to {
                break;
            }
            if starts > covered {
                gaps.push(Gap { level, from: covered, to: starts });
            }
            covered = covered.max(ends);
        }
        if covered < to {
            gaps.push(Gap { level, from: covered, to });
        }
        gaps
    }
}
