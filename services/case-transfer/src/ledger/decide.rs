//! What follows from what is asked of a ledger, or told to it.

mod ask;
mod fact;
mod reminder;

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Person, ReferralId};

pub(crate) use ask::decide_ask;
pub(crate) use fact::decide_fact;
pub(crate) use reminder::decide_reminder;

use super::{Ledger, LedgerEvent};
use crate::{
    clocks::When,
    desk,
    rules::{Event, Refusal, Situation},
};

/// One child's page in the ledger, with what is known around it.
pub(crate) struct Page<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) child: ChildId,
    pub(crate) at: When,
    pub(crate) edition: u32,
}

impl<'a> Page<'a> {
    fn ledger(&self) -> Option<&'a Ledger> {
        self.situation.ledgers.get(&self.child)
    }

    fn event(&self, event: LedgerEvent) -> Event {
        Event::Ledger(self.child, event)
    }

    fn may_act(&self, by: &Person, borough: &Borough) -> bool {
        desk::may_act_for(by, borough, self.situation.desk(borough), self.at.recorded_at)
    }

    /// A contact about the child, under any id that is linked to it over however many others, on which somebody still has to
    /// decide.
    ///
    /// # Errors
    /// When a linked ledger was not loaded, since the answer would be a guess.
    fn undecided(&self, but: Option<ReferralId>) -> Result<Option<ReferralId>, Refusal> {
        let Some(own) = self.ledger() else { return Ok(None) };
        let mut undecided = own.undecided(but);
        let mut reached = BTreeSet::from([self.child]);
        let mut ahead: Vec<ChildId> = own.linked.iter().copied().collect();
        while let Some(child) = ahead.pop() {
            if reached.insert(child) {
                let ledger = self.situation.ledgers.get(&child).ok_or(Refusal::ScopeChanged)?;
                undecided = undecided.or_else(|| ledger.undecided(but));
                ahead.extend(&ledger.linked);
            }
        }
        Ok(undecided)
    }
}
