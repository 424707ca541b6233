//! Accepting: the only act that moves a duty.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Sealed, Timestamp};

use super::call_level;
use crate::{
    ledger::{Acceptance, Duty, LedgerEvent, Unmoved},
    rules::{Event, Refusal},
    transfer::{
        Asked, Post, Stage, TransferEvent,
        turn::{Asking, tidy},
    },
};

/// Who accepted by voice, and how that is known.
pub(super) struct Spoken {
    pub(super) person: Sealed,
    pub(super) role: Post,
    pub(super) spoken_at: Timestamp,
    pub(super) evidence: Sealed,
}

/// An authorised person of the receiver takes what they name; the rest stays with the giver.
pub(super) fn accept(asking: &Asking<'_>, items: &[Asked]) -> Result<Vec<Event>, Refusal> {
    asking.as_receiver()?;
    let taken = tidy(items)?;
    if repeats(asking, &taken) {
        return Ok(vec![]);
    }
    asking.is_undecided()?;
    may_take(asking, &taken)?;
    asking.is_fresh()?;
    let left = left_of(asking, &taken);
    let clocks = *asking.turn.clocks;
    let accepted = TransferEvent::Accepted { taken: taken.clone(), left: left.clone(), clocks, by: asking.person(), at: asking.turn.at };
    Ok(moves(asking, accepted, (&taken, &left), Acceptance::InTheHub))
}

/// A borough that is not connected cannot answer in the hub. The giver stays the holder until one of its managers records who
/// there has accepted, when they said so, and the evidence.
pub(super) fn record_elsewhere(asking: &Asking<'_>, to: &Borough, items: &[Asked], spoken: Spoken) -> Result<Vec<Event>, Refusal> {
    asking.as_giver()?;
    asking.is_manager()?;
    if *to != asking.talk.offer.to {
        return Err(Refusal::NotInTheOffer);
    }
    if asking.turn.situation.desk(to).is_some() {
        return Err(Refusal::ReceiverConnected(to.clone()));
    }
    let taken = tidy(items)?;
    if repeats(asking, &taken) {
        return Ok(vec![]);
    }
    asking.is_undecided()?;
    may_take(asking, &taken)?;
    asking.is_fresh()?;
    let left = left_of(asking, &taken);
    let Spoken { person, role, spoken_at, evidence } = spoken;
    let (clocks, by, at) = (*asking.turn.clocks, asking.person(), asking.turn.at);
    let (t, l) = (taken.clone(), left.clone());
    let accepted = TransferEvent::AcceptedElsewhere { taken: t, left: l, person, role, spoken_at, evidence, clocks, by, at };
    let mut events = moves(asking, accepted, (&taken, &left), Acceptance::RecordedElsewhere);
    events.extend(asking.turn.release(&taken));
    Ok(events)
}

/// The same acceptance again.
fn repeats(asking: &Asking<'_>, taken: &[Asked]) -> bool {
    match asking.talk.stage {
        Stage::Accepted | Stage::Received | Stage::HandedOver => asking.talk.taken == taken,
        Stage::Offered
        | Stage::Delivered
        | Stage::Seen
        | Stage::Query
        | Stage::Closed
        | Stage::Declined
        | Stage::Redirected
        | Stage::Withdrawn
        | Stage::Superseded
        | Stage::HandedBack => false,
    }
}

fn may_take(asking: &Asking<'_>, taken: &[Asked]) -> Result<(), Refusal> {
    for item in taken {
        let asked = asking.talk.asked.iter().find(|asked| asked.child == item.child);
        if !asked.is_some_and(|asked| item.duties.is_subset(&asked.duties)) {
            return Err(Refusal::NotInTheOffer);
        }
        let Some(ledger) = asking.turn.ledger(item.child) else { return Err(Refusal::ScopeChanged) };
        if ledger.missing {
            return Err(Refusal::ChildMissing);
        }
        if let Some(power) = ledger.plan_kept_by(asking.turn.at.recorded_at).filter(|_| item.duties.contains(&Duty::Plan)) {
            return Err(Refusal::PlanStays(power));
        }
        let from = &asking.talk.offer.from;
        if let Some(duty) = item.duties.iter().find(|duty| ledger.holder(**duty) != Some(from)) {
            return Err(Refusal::NotTheHolder { duty: *duty, holder: ledger.holder(*duty).cloned() });
        }
    }
    Ok(())
}

/// What was asked and not taken.
fn left_of(asking: &Asking<'_>, taken: &[Asked]) -> Vec<Asked> {
    let rest = |asked: &Asked| {
        let took = taken.iter().find(|item| item.child == asked.child).map(|item| &item.duties);
        let duties: BTreeSet<_> = asked.duties.iter().filter(|duty| !took.is_some_and(|took| took.contains(duty))).copied().collect();
        Asked { child: asked.child, duties }
    };
    asking.talk.asked.iter().map(rest).filter(|item| !item.duties.is_empty()).collect()
}

/// The acceptance and every move of a duty, for one commit.
fn moves(asking: &Asking<'_>, accepted: TransferEvent, (taken, left): (&[Asked], &[Asked]), how: Acceptance) -> Vec<Event> {
    let (turn, offer) = (asking.turn, &asking.talk.offer);
    let mut events = vec![asking.event(accepted)];
    for item in taken {
        let moved = item.duties.iter().map(|duty| LedgerEvent::DutyMoved {
            duty: *duty,
            from: offer.from.clone(),
            to: offer.to.clone(),
            transfer: turn.transfer,
            how,
            by: asking.person(),
            edition: turn.clocks.edition,
            at: turn.at,
        });
        events.extend(moved.map(|event| Event::Ledger(item.child, event)));
    }
    events.extend(turn.release_as(left, Some(Unmoved::Left)));
    events.extend(split(asking, taken, left));
    events
}

/// Of brothers and sisters some duties went and some did not: the managers of both boroughs are told.
fn split(asking: &Asking<'_>, taken: &[Asked], left: &[Asked]) -> Vec<Event> {
    let of = |items: &[Asked]| items.iter().map(|item| item.child).collect::<Vec<ChildId>>();
    if left.is_empty() || asking.talk.asked.len() < 2 {
        return vec![];
    }
    let (turn, offer) = (asking.turn, &asking.talk.offer);
    let called = call_level(turn.situation, &[&offer.from, &offer.to], 1, turn.clocks.rota_levels, turn.at);
    let told = TransferEvent::SiblingsSplit { taken: of(taken), left: of(left), managers: called.people, at: turn.at };
    [asking.event(told)].into_iter().chain(called.gaps).collect()
}
