//! What machines report: deliveries, receipts and clocks. They record and escalate, and decide nothing.

use kernel::{Actor, Org, Role};

use super::escalate::climb;
use crate::{
    clocks::Clock,
    rules::{Event, Refusal},
    transfer::{Asked, Cause, Side, Stage, Talk, Tell, TransferEvent, Turn},
};

/// Takes a report.
pub(crate) fn decide_tell(turn: &Turn<'_>, by: &Actor, tell: Tell) -> Result<Vec<Event>, Refusal> {
    let talk = turn.talk()?;
    match tell {
        Tell::Delivered { route } => delivered(turn, talk, by, route),
        Tell::Received => received(turn, talk, by),
        Tell::ClockRanOut(clock) => ran_out(turn, talk, clock),
    }
}

/// The hub's own route, or a system or screen of the receiver. A late confirmation takes the warning away.
fn delivered(turn: &Turn<'_>, talk: &Talk, by: &Actor, route: String) -> Result<Vec<Event>, Refusal> {
    let hub = by.org == Org::Hub && by.role == Role::Hub;
    if !hub && !is_desk_of_receiver(turn, talk, by) {
        return Err(Refusal::NotYoursToConfirm(talk.offer.to.clone()));
    }
    if talk.stage == Stage::Offered || (talk.link_down && talk.stage.is_undecided()) {
        return Ok(vec![turn.event(TransferEvent::Delivered { route, by: by.clone(), at: turn.at })]);
    }
    Ok(vec![])
}

/// Only the receiver's own desk or system: the hub cannot know for it. With this the giver's screen lets go.
fn received(turn: &Turn<'_>, talk: &Talk, by: &Actor) -> Result<Vec<Event>, Refusal> {
    if !is_desk_of_receiver(turn, talk, by) {
        return Err(Refusal::NotYoursToConfirm(talk.offer.to.clone()));
    }
    if talk.acted(&by.id) == Some(Side::Giver) {
        return Err(Refusal::SamePerson);
    }
    match talk.stage {
        Stage::Accepted => {
            let received = TransferEvent::Received { by: by.clone(), at: turn.at };
            Ok([turn.event(received)].into_iter().chain(turn.release(&talk.taken)).collect())
        }
        Stage::Received | Stage::HandedOver | Stage::Closed | Stage::HandedBack => Ok(vec![]),
        Stage::Offered
        | Stage::Delivered
        | Stage::Seen
        | Stage::Query
        | Stage::Declined
        | Stage::Redirected
        | Stage::Withdrawn
        | Stage::Superseded => Err(Refusal::NotAccepted(talk.offer.from.clone())),
    }
}

/// The receiver's own, or the team that covers it now; never the giver's own, whomever they cover.
fn is_desk_of_receiver(turn: &Turn<'_>, talk: &Talk, by: &Actor) -> bool {
    let receiver = &talk.offer.to;
    if by.org.borough() == Some(&talk.offer.from) {
        return false;
    }
    match by.role {
        Role::BoroughSystem => by.org.borough() == Some(receiver),
        Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director => {
            let own = by.org.borough();
            let covering = turn.situation.desk(receiver).and_then(|desk| desk.covering(turn.at.recorded_at));
            own.is_some() && (own == Some(receiver) || own == covering)
        }
        Role::Referrer | Role::ProcedureAuthor | Role::BoardApprover | Role::BoardAuditor | Role::HubOperator | Role::Hub => false,
    }
}

/// A clock that was stopped meanwhile is quiet; one that runs is recorded once.
fn ran_out(turn: &Turn<'_>, talk: &Talk, clock: Clock) -> Result<Vec<Event>, Refusal> {
    let at = turn.at;
    let Some(due) = talk.due.get(&clock).copied() else { return Ok(vec![]) };
    if at.recorded_at < due {
        return Err(Refusal::NotDue);
    }
    if waits_for_the_child(turn, talk, clock) {
        return Err(Refusal::ChildMissing);
    }
    let ran_out = turn.event(TransferEvent::ClockRanOut { clock, due, at });
    Ok(match clock {
        Clock::LinkDown => {
            let phone = turn.situation.desk(&talk.offer.to).map(|desk| desk.phone_now(at.recorded_at).to_owned());
            vec![turn.event(TransferEvent::LinkDown { phone, at })]
        }
        Clock::ReceivedAlarm => vec![ran_out],
        // The duty went another way meanwhile: nobody has to offer it again.
        Clock::ReofferBy if !giver_waits(turn, talk) => vec![ran_out],
        Clock::NextEscalation if !talk.stage.is_open() && !talk.is_disputed() && !giver_waits(turn, talk) => vec![ran_out],
        Clock::SeenBy
        | Clock::DecideBy
        | Clock::ReceivedManager
        | Clock::HandoverBy
        | Clock::ReofferBy
        | Clock::AgreementBy
        | Clock::SettleBy
        | Clock::NextEscalation => [ran_out].into_iter().chain(climb(turn, talk, Cause::Clock(clock))).collect(),
    })
}

/// While a child is missing the receiver is not let accept, so its clocks to answer call nobody. They stand, and fire when the
/// child was found.
fn waits_for_the_child(turn: &Turn<'_>, talk: &Talk, clock: Clock) -> bool {
    let to_answer = match clock {
        Clock::SeenBy | Clock::DecideBy | Clock::NextEscalation => talk.stage.is_undecided(),
        Clock::LinkDown
        | Clock::ReceivedAlarm
        | Clock::ReceivedManager
        | Clock::HandoverBy
        | Clock::ReofferBy
        | Clock::AgreementBy
        | Clock::SettleBy => false,
    };
    to_answer && turn.situation.is_paused(turn.transfer)
}

/// Whether a duty that the other did not take is still with the giver, and in no other transfer.
fn giver_waits(turn: &Turn<'_>, talk: &Talk) -> bool {
    let waits = |asked: &Asked| asked.duties.iter().any(|duty| turn.waits(talk, asked.child, *duty));
    talk.waiting().iter().any(waits)
}
