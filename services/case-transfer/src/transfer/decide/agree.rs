//! What was agreed by voice. It is on record, and moves nothing.

use crate::{
    rules::{Event, Refusal},
    transfer::{Agreement, TransferEvent, turn::Asking},
};

pub(super) fn record(asking: &Asking<'_>, agreement: Agreement) -> Result<Vec<Event>, Refusal> {
    let side = asking.side()?;
    if !asking.talk.stage.is_open() {
        return Err(asking.over());
    }
    asking.is_fresh()?;
    let Agreement { people, spoken_at, text } = agreement;
    let (confirm_by, by, at) = (asking.turn.clocks.agreement_by, asking.person(), asking.turn.at);
    Ok(vec![asking.event(TransferEvent::AgreementRecorded { side, people, spoken_at, text, confirm_by, by, at })])
}

pub(super) fn confirm(asking: &Asking<'_>) -> Result<Vec<Event>, Refusal> {
    let side = asking.side()?;
    if asking.talk.agreement_of.is_none_or(|author| author == side) {
        return Err(Refusal::NoAgreement);
    }
    asking.is_fresh()?;
    Ok(vec![asking.event(TransferEvent::AgreementConfirmed { by: asking.person(), at: asking.turn.at })])
}
