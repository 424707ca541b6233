//! One command in a conversation, with what is known around it, and the guards that many commands share.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Person, TransferId};

use super::{Asked, Side, Stage, Talk, Transfer, TransferEvent};
use crate::{
    clocks::{Clocks, When},
    desk,
    ledger::{Duty, Ledger, LedgerEvent},
    rules::{Event, Refusal, Scope, Situation},
};

/// One command about one transfer, with what was looked up for it.
pub(crate) struct Turn<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) transfer: TransferId,
    pub(crate) at: When,
    pub(crate) clocks: &'a Clocks,
    pub(crate) scope: &'a Scope,
}

impl<'a> Turn<'a> {
    /// The conversation, once everything around it was loaded.
    pub(crate) fn talk(&self) -> Result<&'a Talk, Refusal> {
        let Some(Transfer::Offered(talk)) = self.situation.transfers.get(&self.transfer) else { return Err(Refusal::NotOffered) };
        let desks = self.scope.boroughs.contains(&talk.offer.from) && self.scope.boroughs.contains(&talk.offer.to);
        let ledgers = talk.asked.iter().all(|asked| self.situation.ledgers.contains_key(&asked.child));
        if desks && ledgers { Ok(talk) } else { Err(Refusal::ScopeChanged) }
    }

    pub(crate) fn ledger(&self, child: ChildId) -> Option<&'a Ledger> {
        self.situation.ledgers.get(&child)
    }

    pub(crate) fn event(&self, event: TransferEvent) -> Event {
        Event::Transfer(self.transfer, event)
    }

    /// The duties of this transfer are in it no longer.
    pub(crate) fn release<'b>(&self, items: impl IntoIterator<Item = &'b Asked>) -> Vec<Event> {
        let over = |item: &Asked| {
            let duties = item.duties.iter().copied().collect();
            Event::Ledger(item.child, LedgerEvent::TransferOver { transfer: self.transfer, duties, at: self.at })
        };
        items.into_iter().map(over).collect()
    }

    pub(crate) fn may_act(&self, by: &Person, borough: &Borough) -> bool {
        desk::may_act_for(by, borough, self.situation.desk(borough), self.at.recorded_at)
    }
}

/// A person who asks something in a conversation that has begun.
pub(crate) struct Asking<'a> {
    pub(crate) turn: &'a Turn<'a>,
    pub(crate) talk: &'a Talk,
    pub(crate) by: &'a Person,
    pub(crate) on: i64,
}

impl Asking<'_> {
    /// Only a person who may act for the giver.
    pub(crate) fn as_giver(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        let giver = &self.talk.offer.from;
        if self.turn.may_act(self.by, giver) { Ok(()) } else { Err(Refusal::NotTheGiver(giver.clone())) }
    }

    /// Only a person who may act for the receiver, and never one of the giver's own: a team that covers the receiver out of hours
    /// does not answer what its own borough asks, since one side alone would then move a duty.
    pub(crate) fn as_receiver(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        let offer = &self.talk.offer;
        let givers_own = self.by.actor().org.borough() == Some(&offer.from);
        if !givers_own && self.turn.may_act(self.by, &offer.to) { Ok(()) } else { Err(Refusal::NotYoursToAnswer(offer.to.clone())) }
    }

    /// Only a person of one of the two, and on which side they stand. A team that covers both stands where its own borough does.
    pub(crate) fn as_party(&self) -> Result<Side, Refusal> {
        self.has_duty_role()?;
        let offer = &self.talk.offer;
        let own = self.by.actor().org.borough();
        if own == Some(&offer.from) {
            Ok(Side::Giver)
        } else if own == Some(&offer.to) || self.turn.may_act(self.by, &offer.to) {
            Ok(Side::Taker)
        } else if self.turn.may_act(self.by, &offer.from) {
            Ok(Side::Giver)
        } else {
            Err(Refusal::NotAParty)
        }
    }

    pub(crate) fn has_duty_role(&self) -> Result<(), Refusal> {
        if desk::has_duty_role(self.by) { Ok(()) } else { Err(Refusal::RoleMayNot) }
    }

    pub(crate) fn is_manager(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        if desk::is_manager(self.by) { Ok(()) } else { Err(Refusal::ManagerNeeded) }
    }

    /// The decision was made on the current version.
    pub(crate) fn is_fresh(&self) -> Result<(), Refusal> {
        if self.on == self.talk.version { Ok(()) } else { Err(Refusal::Stale(self.talk.version)) }
    }

    /// The receiver still has to answer.
    pub(crate) fn is_undecided(&self) -> Result<(), Refusal> {
        match self.talk.stage {
            Stage::Offered | Stage::Delivered | Stage::Seen | Stage::Query => Ok(()),
            Stage::Accepted | Stage::Received | Stage::HandedOver => Err(Refusal::AlreadyAccepted(self.holder())),
            Stage::Closed | Stage::Declined | Stage::Redirected | Stage::Withdrawn | Stage::Superseded | Stage::HandedBack => {
                Err(self.over())
            }
        }
    }

    /// The receiver still has to answer, or has declined.
    pub(crate) fn is_not_accepted(&self) -> Result<(), Refusal> {
        if self.talk.stage == Stage::Declined { Ok(()) } else { self.is_undecided() }
    }

    pub(crate) fn over(&self) -> Refusal {
        Refusal::Over { stage: self.talk.stage, holder: self.holder() }
    }

    /// Who holds what this conversation is about, by the ledger.
    pub(crate) fn holder(&self) -> Borough {
        let first = self.talk.taken.first().or(self.talk.asked.first());
        let held = first.and_then(|item| self.held(item.child, item.duties.first().copied()?));
        held.unwrap_or(&self.talk.offer.from).clone()
    }

    fn held(&self, child: ChildId, duty: Duty) -> Option<&Borough> {
        self.turn.ledger(child).and_then(|ledger| ledger.holder(duty))
    }

    /// An open dispute needs its interim safety plan before anything else is done about it.
    pub(crate) fn has_interim_plan(&self) -> Result<(), Refusal> {
        let owed = self.talk.dispute.as_ref().is_some_and(|dispute| !dispute.settled && !dispute.has_interim_plan);
        if owed { Err(Refusal::InterimPlanMissing) } else { Ok(()) }
    }

    pub(crate) fn event(&self, event: TransferEvent) -> Event {
        self.turn.event(event)
    }

    pub(crate) fn person(&self) -> Person {
        self.by.clone()
    }
}

/// Only what is named, with no child named twice and no child without a duty.
pub(crate) fn tidy(items: &[Asked]) -> Result<Vec<Asked>, Refusal> {
    let children: BTreeSet<_> = items.iter().map(|item| item.child).collect();
    let whole = children.len() == items.len() && items.iter().all(|item| !item.duties.is_empty());
    if items.is_empty() || !whole {
        return Err(Refusal::NothingAsked);
    }
    let mut items = items.to_vec();
    items.sort();
    Ok(items)
}
