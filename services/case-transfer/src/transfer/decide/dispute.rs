//! Disputes: the holder stays as it was, the child is kept safe meanwhile, and named managers of both boroughs settle it.

use kernel::Sealed;

use crate::{
    rules::{Event, Refusal},
    transfer::{Disagreement, Stage, TransferEvent, turn::Asking},
};

/// A manager of either side disputes a first decline.
pub(super) fn dispute(asking: &Asking<'_>, plan: Sealed) -> Result<Vec<Event>, Refusal> {
    let turn = asking.turn;
    asking.as_party()?;
    asking.is_manager()?;
    if asking.talk.is_disputed() {
        return Ok(vec![]);
    }
    if asking.talk.stage != Stage::Declined {
        return Err(Refusal::NotDeclined);
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::DisputeOpened {
        because: Disagreement::ByManager,
        interim_plan: Some(plan),
        settle_by: Some(turn.terms.settle_by),
        edition: turn.clocks.edition,
        by: asking.person(),
        at: turn.at,
    })])
}

/// The giver, which holds the duties, says how the child is kept safe meanwhile.
pub(super) fn record_interim_plan(asking: &Asking<'_>, plan: Sealed) -> Result<Vec<Event>, Refusal> {
    asking.as_giver()?;
    if !asking.talk.is_disputed() {
        return Err(Refusal::NotDisputed);
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::InterimPlanRecorded { plan, by: asking.person(), at: asking.turn.at })])
}

/// A manager of one side signs; with the second signature the dispute is settled. The holder is unchanged: whatever was agreed
/// is done by an offer and an acceptance.
pub(super) fn settle(asking: &Asking<'_>, text: Sealed) -> Result<Vec<Event>, Refusal> {
    let turn = asking.turn;
    let side = asking.side()?;
    asking.is_manager()?;
    let dispute = asking.talk.dispute.as_ref().ok_or(Refusal::NotDisputed)?;
    if dispute.signed.contains(&side) {
        return Ok(vec![]);
    }
    asking.has_interim_plan()?;
    asking.is_fresh()?;
    let edition = turn.clocks.edition;
    let mut events = vec![asking.event(TransferEvent::SettlementSigned { side, text, edition, by: asking.person(), at: turn.at })];
    if dispute.signed.contains(&side.other()) {
        events.push(asking.event(TransferEvent::DisputeSettled { edition, by: asking.person(), at: turn.at }));
    }
    Ok(events)
}
