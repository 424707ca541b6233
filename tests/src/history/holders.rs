//! Who held what at every position, by the log alone.

use std::collections::BTreeMap;

use super::{Fact, Fault, Stored};

/// The duty that opens with every referral.
const FIRST_DUTY: &str = "emergency_action";

/// A child and a duty.
type What = (String, String);

/// Holders over the whole log of transfers.
#[derive(Default)]
pub(super) struct Holders {
    /// By child and duty: from which position on, who. Nobody: the duty is over.
    steps: BTreeMap<What, Vec<(i64, Option<String>)>>,
    /// What the log itself gets wrong.
    pub(super) faults: Vec<Fault>,
}

impl Holders {
    pub(super) fn of(log: &[Stored]) -> Self {
        let mut holders = Self::default();
        for row in log {
            holders.take(row);
        }
        holders
    }

    fn take(&mut self, row: &Stored) {
        let position = row.position;
        match &row.fact {
            Fact::Opened { child, duty, holder } => {
                if self.now(child, duty).is_some() {
                    self.faults.push(Fault::TwoHolders { child: child.clone(), duty: duty.clone(), position });
                }
                self.step(child, duty, position, Some(holder.clone()));
            }
            Fact::Moved { child, duty, from, to } => {
                self.must_hold(child, duty, from, position);
                if row.org != *to {
                    self.faults.push(Fault::MovedByStranger { child: child.clone(), duty: duty.clone(), position });
                }
                self.step(child, duty, position, Some(to.clone()));
            }
            Fact::Ended { child, duty, holder } => {
                self.must_hold(child, duty, holder, position);
                self.step(child, duty, position, None);
            }
            Fact::Referred(_) | Fact::Other => {}
        }
    }

    fn must_hold(&mut self, child: &str, duty: &str, borough: &str, position: i64) {
        let (child, duty) = (child.to_owned(), duty.to_owned());
        match self.now(&child, &duty) {
            Some(holder) if holder == borough => {}
            Some(_) => self.faults.push(Fault::TwoHolders { child, duty, position }),
            None => self.faults.push(Fault::NoHolder { child, duty, position }),
        }
    }

    fn step(&mut self, child: &str, duty: &str, position: i64, holder: Option<String>) {
        self.steps.entry((child.to_owned(), duty.to_owned())).or_default().push((position, holder));
    }

    fn now(&self, child: &str, duty: &str) -> Option<&str> {
        self.steps.get(&(child.to_owned(), duty.to_owned()))?.last()?.1.as_deref()
    }

    /// Somebody must have come to act for each child that was referred.
    pub(super) fn of_the_referred<'a>(&self, children: impl Iterator<Item = &'a String>) -> Vec<Fault> {
        let nobody = |child: &&String| !self.steps.contains_key(&((*child).clone(), FIRST_DUTY.to_owned()));
        children.filter(nobody).map(|child| Fault::NoHolder { child: child.clone(), duty: FIRST_DUTY.to_owned(), position: 0 }).collect()
    }

    /// Whether the borough held the duty (or nobody did) at some position from `low` to `high`.
    pub(super) fn held_within(&self, child: &str, duty: &str, holder: Option<&str>, (low, high): (i64, i64)) -> bool {
        let none = Vec::new();
        let steps = self.steps.get(&(child.to_owned(), duty.to_owned())).unwrap_or(&none);
        let before = steps.iter().take_while(|(position, _)| *position <= low).last().and_then(|(_, holder)| holder.as_deref());
        let mut during = steps.iter().filter(|(position, _)| (low + 1..=high).contains(position)).map(|(_, holder)| holder.as_deref());
        before == holder || during.any(|one| one == holder)
    }
}
