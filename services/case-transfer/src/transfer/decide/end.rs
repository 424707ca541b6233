//! Withdrawing, correcting, closing, stepping aside.

use kernel::Sealed;

use super::offer::may_show;
use crate::{
    ledger::{Duty, LedgerEvent},
    rules::{Event, Refusal},
    transfer::{Asked, Item, Repoint, Stage, TransferEvent, turn::Asking},
};

/// The giver takes the offer back; after a decline it keeps the duties with this.
pub(super) fn withdraw(asking: &Asking<'_>, reason: Sealed) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    asking.as_giver()?;
    if talk.stage == Stage::Withdrawn {
        return Ok(vec![]);
    }
    asking.is_not_accepted()?;
    asking.has_interim_plan()?;
    asking.is_fresh()?;
    let withdrawn = TransferEvent::Withdrawn { reason, edition: turn.clocks.edition, by: asking.person(), at: turn.at };
    let mut events = vec![asking.event(withdrawn)];
    if talk.stage.is_undecided() {
        events.extend(turn.release(&talk.asked));
    }
    Ok(events)
}

/// The giver keeps what the receiver did not take beside the rest.
pub(super) fn keep_rest(asking: &Asking<'_>, reason: Sealed) -> Result<Vec<Event>, Refusal> {
    asking.as_giver()?;
    if asking.talk.left.is_empty() {
        return Err(Refusal::NothingLeft);
    }
    asking.is_fresh()?;
    let (edition, by, at) = (asking.turn.clocks.edition, asking.person(), asking.turn.at);
    Ok(vec![asking.event(TransferEvent::RestSettled { next: None, reason: Some(reason), edition, by, at })])
}

/// A person of the holder closes what was handed over, withdrawn or superseded; where the holder is not connected, the giver does.
pub(super) fn close(asking: &Asking<'_>) -> Result<Vec<Event>, Refusal> {
    let (turn, offer) = (asking.turn, &asking.talk.offer);
    asking.has_duty_role()?;
    let holder = match asking.talk.stage {
        Stage::HandedOver | Stage::Closed => &offer.to,
        Stage::Withdrawn | Stage::Superseded => &offer.from,
        Stage::Offered
        | Stage::Delivered
        | Stage::Seen
        | Stage::Query
        | Stage::Accepted
        | Stage::Received
        | Stage::Declined
        | Stage::Redirected
        | Stage::HandedBack => return Err(Refusal::NotFinished),
    };
    if asking.talk.stage == Stage::Closed {
        asking.as_party()?;
        return Ok(vec![]);
    }
    let for_them = asking.talk.elsewhere && turn.may_act(asking.by, &offer.from);
    if !for_them && !turn.may_act(asking.by, holder) {
        return Err(Refusal::NotYourBorough(holder.clone()));
    }
    if asking.talk.is_disputed() {
        return Err(Refusal::Disputed);
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::Closed { edition: turn.clocks.edition, by: asking.person(), at: turn.at })])
}

/// A correction stands beside what was wrong. If it says that the child is another one, the offer points there from now on.
pub(super) fn correct(asking: &Asking<'_>, (field, text): (String, Sealed), repoint: Option<Repoint>) -> Result<Vec<Event>, Refusal> {
    let turn = asking.turn;
    asking.as_party()?;
    let pointed = match repoint {
        None => vec![],
        Some(repoint) => point(asking, repoint)?,
    };
    asking.is_fresh()?;
    let corrected = TransferEvent::FactCorrected { field, text, repoint, by: asking.person(), at: turn.at };
    Ok([asking.event(corrected)].into_iter().chain(pointed).collect())
}

fn point(asking: &Asking<'_>, Repoint { from, to }: Repoint) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    asking.as_giver()?;
    asking.is_undecided()?;
    let asked = talk.asked.iter().find(|asked| asked.child == from).ok_or(Refusal::NotInTheOffer)?;
    if talk.children().any(|child| child == to) {
        return Err(Refusal::NotInTheOffer);
    }
    let ledger = turn.ledger(to);
    for duty in &asked.duties {
        let holder = ledger.and_then(|ledger| ledger.holder(*duty));
        if holder != Some(&talk.offer.from) {
            return Err(Refusal::NotTheHolder { duty: *duty, holder: holder.cloned() });
        }
        if let Some(open) = ledger.and_then(|ledger| ledger.in_transfer.get(duty)) {
            return Err(Refusal::DutyInTransfer(open.transfer));
        }
        if let Some(power) = ledger.and_then(|ledger| ledger.plan_kept_by(turn.at.recorded_at)).filter(|_| *duty == Duty::Plan) {
            return Err(Refusal::PlanStays(power));
        }
    }
    if ledger.is_some_and(|ledger| ledger.shielded) {
        return Err(Refusal::ShieldedAddress);
    }
    if let Some(item) = talk.offer.items.iter().find(|item| item.child == from) {
        may_show(turn, &Item { child: to, ..item.clone() })?;
    }
    let duties = asked.duties.iter().copied().collect();
    let opened =
        Event::Ledger(to, LedgerEvent::TransferOpened { transfer: turn.transfer, duties, to: Some(talk.offer.to.clone()), at: turn.at });
    let released = Asked { child: from, duties: asked.duties.clone() };
    Ok(turn.release([&released]).into_iter().chain([opened]).collect())
}

/// Whoever has a conflict of interest takes no further part; colleagues go on.
pub(super) fn declare_conflict(asking: &Asking<'_>, known: bool) -> Result<Vec<Event>, Refusal> {
    asking.as_party()?;
    if known {
        return Ok(vec![]);
    }
    Ok(vec![asking.event(TransferEvent::ConflictDeclared { by: asking.person(), at: asking.turn.at })])
}
