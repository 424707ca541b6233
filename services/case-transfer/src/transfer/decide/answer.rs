//! Opening, asking, answering, declining.

use kernel::{Borough, Sealed};

use crate::{
    ledger::Unmoved,
    rules::{Event, Refusal},
    transfer::{DeclineReason, Disagreement, Stage, TransferEvent, turn::Asking},
};

pub(super) fn open(asking: &Asking<'_>) -> Result<Vec<Event>, Refusal> {
    asking.as_receiver()?;
    match asking.talk.stage {
        Stage::Offered | Stage::Delivered => {}
        Stage::Seen | Stage::Query | Stage::Accepted | Stage::Received | Stage::HandedOver | Stage::Closed => return Ok(vec![]),
        Stage::Declined | Stage::Redirected | Stage::Withdrawn | Stage::Superseded | Stage::HandedBack => return Err(asking.over()),
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::Seen { by: asking.person(), at: asking.turn.at })])
}

pub(super) fn ask_information(asking: &Asking<'_>, text: Sealed) -> Result<Vec<Event>, Refusal> {
    asking.as_receiver()?;
    asking.is_undecided()?;
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::InformationRequested { text, by: asking.person(), at: asking.turn.at })])
}

/// The giver may add information at any time before the answer; the clock to decide keeps running.
pub(super) fn give_information(asking: &Asking<'_>, text: Sealed) -> Result<Vec<Event>, Refusal> {
    asking.as_giver()?;
    asking.is_undecided()?;
    asking.is_fresh()?;
    let event = TransferEvent::InformationGiven { text, by: asking.person(), at: asking.turn.at };
    Ok(vec![asking.event(event)])
}

/// "Yes, if": a query until the giver agrees, and then the receiver accepts plainly.
pub(super) fn accept_on_conditions(asking: &Asking<'_>, text: Sealed) -> Result<Vec<Event>, Refusal> {
    asking.as_receiver()?;
    asking.is_undecided()?;
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::ConditionsProposed { text, by: asking.person(), at: asking.turn.at })])
}

pub(super) fn agree_conditions(asking: &Asking<'_>) -> Result<Vec<Event>, Refusal> {
    asking.as_giver()?;
    asking.is_undecided()?;
    if !asking.talk.conditions_open {
        return Err(Refusal::NoConditions);
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::ConditionsAgreed { edition: asking.turn.clocks.edition, by: asking.person(), at: asking.turn.at })])
}

/// A decline leaves the holder as it was. As many in a chain as the edition says, or that of the only borough that could be asked, opens a
/// dispute.
pub(super) fn decline(
    asking: &Asking<'_>,
    (reason, text, suggest): (DeclineReason, Option<Sealed>, Option<Borough>),
    only_candidate: bool,
) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    asking.as_receiver()?;
    if talk.stage == Stage::Declined {
        return Ok(vec![]);
    }
    asking.is_undecided()?;
    asking.is_fresh()?;
    let (clocks, by, at) = (*turn.clocks, asking.person(), turn.at);
    let mut events = vec![asking.event(TransferEvent::Declined { reason, text, suggest, clocks, by, at })];
    events.extend(turn.release_as(&talk.asked, Some(Unmoved::Declined)));
    let because = if talk.chain.declines.saturating_add(1) >= turn.terms.declines_until_dispute {
        Some(Disagreement::SecondDecline)
    } else {
        only_candidate.then_some(Disagreement::OnlyCandidateDeclined)
    };
    if let Some(because) = because {
        let interim_plan = talk.offer.sheet.interim_plan.clone();
        let (by, edition) = (asking.person(), clocks.edition);
        let settle_by = Some(turn.terms.settle_by);
        events.push(asking.event(TransferEvent::DisputeOpened { because, interim_plan, settle_by, edition, by, at }));
    }
    Ok(events)
}
