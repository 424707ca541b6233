//! The rules of a draft: who may, then what is already so, then what is wrong, then what happens.

mod approve;
mod write;

pub(crate) use approve::missing;

use kernel::{DraftId, Role};

use super::{Ask, Command, Draft, DraftEvent, Refusal, Submission, Work};
use crate::rules::{Event, Situation};

/// A command on a draft and everything that the rules look at.
pub(crate) struct Turn<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) id: DraftId,
    pub(crate) command: &'a Command,
}

/// Decides one command.
///
/// # Errors
/// The refusal.
pub(crate) fn decide(situation: &Situation, id: DraftId, command: &Command) -> Result<Vec<Event>, Refusal> {
    let turn = Turn { situation, id, command };
    if !command.terms.includes(&command.by.actor().org) {
        return Err(Refusal::NotInTheArea);
    }
    match &command.ask {
        Ask::Draft { title, based_on, content } => turn.draft(title, *based_on, content),
        Ask::PutProcedure(procedure) => turn.put_procedure(procedure),
        Ask::RemoveProcedure { procedure, reason } => turn.remove_procedure(procedure, reason),
        Ask::PutParts(parts) => turn.put_parts(parts),
        Ask::PutDocument { content, based_on } => turn.put_document(content, *based_on),
        Ask::Consult { until } => turn.consult(*until),
        Ask::Comment { on, text } => turn.comment(on.as_ref(), text),
        Ask::Answer { number, text } => turn.answer(*number, text),
        Ask::Submit { unconsulted } => turn.submit(unconsulted.as_deref()),
        Ask::Object { party, reason } => turn.object(party, reason),
        Ask::Approve { party, hash } => turn.approve(party, hash),
        Ask::Schedule { in_force_from, hash } => turn.schedule(*in_force_from, hash),
        Ask::Withdraw { reason } => turn.withdraw(reason),
    }
}

impl<'a> Turn<'a> {
    fn state(&self) -> &'a Draft {
        self.situation.draft(self.id)
    }

    fn role(&self) -> Role {
        self.command.by.actor().role
    }

    fn happened(&self, event: DraftEvent) -> Vec<Event> {
        vec![Event::Draft(self.id, event)]
    }

    fn as_author(&self) -> Result<(), Refusal> {
        if self.role() == Role::ProcedureAuthor { Ok(()) } else { Err(Refusal::AuthorNeeded) }
    }

    /// The draft while it can be written.
    fn open(&self) -> Result<&'a Work, Refusal> {
        match self.state() {
            Draft::NotDrafted => Err(Refusal::NotDrafted),
            Draft::Open(work) => Ok(work),
            Draft::Submitted(..) => Err(Refusal::ContentFrozen),
            Draft::Scheduled(_, scheduled) => Err(Refusal::AlreadyScheduled(scheduled.number)),
            Draft::Withdrawn(..) => Err(Refusal::DraftWithdrawn),
        }
    }

    /// The draft while it is before its approvers.
    fn submitted(&self) -> Result<(&'a Work, &'a Submission), Refusal> {
        match self.state() {
            Draft::NotDrafted => Err(Refusal::NotDrafted),
            Draft::Open(_) => Err(Refusal::NotSubmitted),
            Draft::Submitted(work, submission) => Ok((work, submission)),
            Draft::Scheduled(_, scheduled) => Err(Refusal::AlreadyScheduled(scheduled.number)),
            Draft::Withdrawn(..) => Err(Refusal::DraftWithdrawn),
        }
    }

    /// A draft builds on the last edition, or what came in between would be lost.
    fn on_the_last(&self, based_on: u32) -> Result<(), Refusal> {
        match self.situation.register.last() {
            Some((last, _)) if last != based_on => Err(Refusal::BasedOnOlder { based_on, last }),
            Some(_) | None => Ok(()),
        }
    }
}
