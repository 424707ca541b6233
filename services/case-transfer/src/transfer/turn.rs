//! One command in a conversation, with what is known around it, and the guards that many commands share.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Person, TransferId};

use super::{Asked, Side, Stage, Talk, Transfer, TransferEvent};
use crate::{
    clocks::{Clocks, Terms, When},
    desk,
    ledger::{Duty, Ledger, LedgerEvent, Unmoved},
    rules::{Event, Refusal, Scope, Situation},
};

/// One command about one transfer, with what was looked up for it.
pub(crate) struct Turn<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) transfer: TransferId,
    pub(crate) at: When,
    pub(crate) clocks: &'a Clocks,
    pub(crate) terms: &'a Terms,
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
        self.release_as(items, None)
    }

    /// The same, where the receiver did not take them.
    pub(crate) fn release_as<'b>(&self, items: impl IntoIterator<Item = &'b Asked>, unmoved: Option<Unmoved>) -> Vec<Event> {
        let over = |item: &Asked| {
            let duties = item.duties.iter().copied().collect();
            Event::Ledger(item.child, LedgerEvent::TransferOver { transfer: self.transfer, duties, unmoved, at: self.at })
        };
        items.into_iter().map(over).collect()
    }

    /// Whether the giver of a transfer holds a duty that is in no transfer now.
    pub(crate) fn waits(&self, talk: &Talk, child: ChildId, duty: Duty) -> bool {
        let holds = |ledger: &&Ledger| ledger.holder(duty) == Some(&talk.offer.from) && !ledger.in_transfer.contains_key(&duty);
        self.ledger(child).as_ref().is_some_and(holds)
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
    /// The side that they say they act for, where their team may act for both.
    pub(crate) side: Option<Side>,
}

impl Asking<'_> {
    /// Only a person who may act for the giver.
    pub(crate) fn as_giver(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        let giver = &self.talk.offer.from;
        if !self.turn.may_act(self.by, giver) {
            return Err(Refusal::NotTheGiver(giver.clone()));
        }
        self.is_not_also(Side::Taker)
    }

    /// Only a person who may act for the receiver, and never one of the giver's own: a team that covers the receiver out of hours
    /// does not answer what its own borough asks, since one side alone would then move a duty.
    pub(crate) fn as_receiver(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        let offer = &self.talk.offer;
        let givers_own = self.by.actor().org.borough() == Some(&offer.from);
        if givers_own || !self.turn.may_act(self.by, &offer.to) {
            return Err(Refusal::NotYoursToAnswer(offer.to.clone()));
        }
        self.is_not_also(Side::Giver)
    }

    /// Nobody is on both sides of a transfer, whichever boroughs their team covers: one person alone would then move a duty.
    fn is_not_also(&self, other: Side) -> Result<(), Refusal> {
        if self.talk.acted(&self.by.actor().id) == Some(other) { Err(Refusal::SamePerson) } else { Ok(()) }
    }

    /// Only a person of one of the two, or of a team that acts for one of them now.
    pub(crate) fn as_party(&self) -> Result<(), Refusal> {
        self.has_duty_role()?;
        let (giver, taker) = self.sides();
        if giver || taker { Ok(()) } else { Err(Refusal::NotAParty) }
    }

    /// The side that a person of one of the two acts for. Whose team may act for both says which, unless they have acted for one
    /// already or one of the two is their own borough.
    pub(crate) fn side(&self) -> Result<Side, Refusal> {
        self.as_party()?;
        let offer = &self.talk.offer;
        let own = self.by.actor().org.borough();
        let side = match (self.sides(), self.side) {
            ((false, _), Some(Side::Giver)) => return Err(Refusal::NotTheGiver(offer.from.clone())),
            ((_, false), Some(Side::Taker)) => return Err(Refusal::NotYoursToAnswer(offer.to.clone())),
            (_, Some(side)) => side,
            ((_, false), None) => Side::Giver,
            ((false, true), None) => Side::Taker,
            ((true, true), None) => {
                let at_home = if own == Some(&offer.to) { Some(Side::Taker) } else { None };
                self.talk.acted(&self.by.actor().id).or(at_home).ok_or(Refusal::SideNotNamed)?
            }
        };
        self.is_not_also(side.other())?;
        Ok(side)
    }

    /// Whether they may act for the giver, and for the receiver. The giver's own never act for the receiver.
    fn sides(&self) -> (bool, bool) {
        let offer = &self.talk.offer;
        let givers_own = self.by.actor().org.borough() == Some(&offer.from);
        (self.turn.may_act(self.by, &offer.from), !givers_own && self.turn.may_act(self.by, &offer.to))
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
        if owed { Err(Refusal::InterimPlanMissing(self.turn.transfer)) } else { Ok(()) }
    }

    /// Whoever declared a conflict of interest takes no further part.
    pub(crate) fn has_no_conflict(&self) -> Result<(), Refusal> {
        if self.talk.conflicts.contains(&self.by.actor().id) { Err(Refusal::ConflictOfInterest) } else { Ok(()) }
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
