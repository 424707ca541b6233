//! The spoken handover: giver and taker each confirm it, in either order; it is complete when both have. Where the taker is not
//! connected the giver says what they read back, beside the evidence of the acceptance, and that completes it.

use crate::{
    rules::{Event, Refusal},
    transfer::{Handover, Side, Stage, TransferEvent, turn::Asking},
};

pub(super) fn confirm(asking: &Asking<'_>, handover: Handover) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    let side = asking.side()?;
    match talk.stage {
        Stage::Accepted | Stage::Received => {}
        Stage::HandedOver => return Ok(vec![]),
        Stage::Offered | Stage::Delivered | Stage::Seen | Stage::Query => return Err(Refusal::NotAccepted(asking.holder())),
        Stage::Closed | Stage::Declined | Stage::Redirected | Stage::Withdrawn | Stage::Superseded | Stage::HandedBack => {
            return Err(asking.over());
        }
    }
    if talk.confirmed.contains(&side) {
        return Ok(vec![]);
    }
    let alone = talk.elsewhere && side == Side::Giver;
    if (side == Side::Taker || alone) && handover.read_back.is_none() {
        return Err(Refusal::ReadBackMissing);
    }
    asking.is_fresh()?;
    let Handover { giver, taker, spoken, read_back } = handover;
    let (by, at) = (asking.person(), turn.at);
    let mut events = vec![asking.event(TransferEvent::HandoverConfirmed { side, giver, taker, spoken, read_back, by, at })];
    if side == Side::Taker && talk.stage == Stage::Accepted {
        events.extend(knows(asking));
    }
    if alone || !talk.confirmed.is_empty() {
        events.push(asking.event(TransferEvent::HandedOver { edition: turn.clocks.edition, by: asking.person(), at }));
    }
    Ok(events)
}

/// A taker who reads it back in the hub knows that it is theirs: that is the receipt.
fn knows(asking: &Asking<'_>) -> Vec<Event> {
    let received = TransferEvent::Received { by: asking.by.actor().clone(), at: asking.turn.at };
    [asking.event(received)].into_iter().chain(asking.turn.release(&asking.talk.taken)).collect()
}
