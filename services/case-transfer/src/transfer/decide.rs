//! What follows from what is asked in a conversation, one file per family of commands.

mod accept;
mod agree;
mod answer;
mod dispute;
mod end;
mod escalate;
mod handover;
mod offer;
mod tell;

use kernel::Person;

pub(crate) use escalate::{Called, call_level};
pub(crate) use tell::decide_tell;

use super::{Ask, Post, Side, Turn, turn::Asking};
use crate::rules::{Event, Refusal};

/// Answers a person.
pub(crate) fn decide_ask(turn: &Turn<'_>, by: &Person, (on, side): (i64, Option<Side>), ask: Ask) -> Result<Vec<Event>, Refusal> {
    if let Ask::Offer { offer, replaces } = ask {
        return offer::offer(turn, by, on, (offer, replaces));
    }
    let talk = turn.talk()?;
    let asking = &Asking { turn, talk, by, on, side };
    let conflict = talk.conflicts.contains(&by.actor().id);
    match ask {
        Ask::DeclareConflict => end::declare_conflict(asking, conflict),
        _ if conflict => Err(Refusal::ConflictOfInterest),
        Ask::Offer { .. } => Err(Refusal::IdTaken),
        Ask::Open => answer::open(asking),
        Ask::AskInformation(text) => answer::ask_information(asking, text),
        Ask::GiveInformation(text) => answer::give_information(asking, text),
        Ask::AcceptOnConditions(text) => answer::accept_on_conditions(asking, text),
        Ask::AgreeConditions => answer::agree_conditions(asking),
        Ask::Decline { reason, text, suggest, only_candidate } => answer::decline(asking, (reason, text, suggest), only_candidate),
        Ask::Accept(items) => accept::accept(asking, &items),
        Ask::RecordAcceptanceElsewhere { to, items, person, role, spoken_at, evidence } => {
            let role = Post::Sealed(role);
            accept::record_elsewhere(asking, &to, &items, accept::Spoken { person, role, spoken_at, evidence })
        }
        Ask::Redirect { to, next } => offer::redirect(asking, to, next),
        Ask::HandBack(new) => offer::hand_back(asking, *new),
        Ask::Withdraw(reason) => end::withdraw(asking, reason),
        Ask::KeepRest(reason) => end::keep_rest(asking, reason),
        Ask::Close => end::close(asking),
        Ask::Correct { field, text, repoint } => end::correct(asking, (field, text), repoint),
        Ask::ConfirmHandover(handover) => handover::confirm(asking, handover),
        Ask::RecordAgreement(agreement) => agree::record(asking, agreement),
        Ask::ConfirmAgreement => agree::confirm(asking),
        Ask::Escalate => escalate::escalate(asking),
        Ask::Dispute(interim) => dispute::dispute(asking, interim.plan),
        Ask::RecordInterimPlan(plan) => dispute::record_interim_plan(asking, plan),
        Ask::Settle(text) => dispute::settle(asking, text),
    }
}
