//! Writing a draft, asking the boroughs, and handing it in.

use jiff::ToSpan as _;
use kernel::Timestamp;
use serde_json::{Map, Value};

use super::Turn;
use crate::{
    document::{Document, Procedure, ProcedureId},
    draft::{Consultation, Draft, DraftEvent, Refusal, Work},
    field,
    rules::Event,
};

/// How many comments of one person wait for an answer at most: each of them holds a draft up.
const COMMENTS: usize = 20;

impl Turn<'_> {
    pub(super) fn draft(&self, title: &str, based_on: u32, content: &Document) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        match self.state() {
            Draft::NotDrafted => {
                let (title, content) = (title.to_owned(), Box::new(content.clone()));
                let (by, at) = (self.command.by.clone(), self.command.at);
                Ok(self.happened(DraftEvent::Drafted { title, based_on, content, by, at }))
            }
            Draft::Open(work) if work.title == title && work.based_on == based_on => Ok(vec![]),
            Draft::Open(_) | Draft::Submitted(..) | Draft::Scheduled(..) | Draft::Withdrawn(..) => Err(Refusal::IdTaken),
        }
    }

    pub(super) fn put_procedure(&self, procedure: &Procedure) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        if self.open()?.content.procedures.get(&procedure.id) == Some(procedure) {
            return Ok(vec![]);
        }
        let (by, at) = (self.command.by.clone(), self.command.at);
        Ok(self.happened(DraftEvent::ProcedurePut { procedure: Box::new(procedure.clone()), by, at }))
    }

    pub(super) fn remove_procedure(&self, procedure: &ProcedureId, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        let work = self.open()?;
        if !work.content.procedures.contains_key(procedure) {
            return if work.removed.contains(procedure) { Ok(vec![]) } else { Err(Refusal::NoSuchProcedure(procedure.clone())) };
        }
        let (by, at) = (self.command.by.clone(), self.command.at);
        Ok(self.happened(DraftEvent::ProcedureRemoved { procedure: procedure.clone(), reason: reason.to_owned(), by, at }))
    }

    pub(super) fn put_parts(&self, parts: &Map<String, Value>) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        if self.open()?.content.parts == *parts {
            return Ok(vec![]);
        }
        let (by, at) = (self.command.by.clone(), self.command.at);
        Ok(self.happened(DraftEvent::PartsPut { parts: parts.clone(), by, at }))
    }

    pub(super) fn put_document(&self, content: &Document, based_on: u32) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        let work = self.open()?;
        if work.content == *content && work.based_on == based_on {
            return Ok(vec![]);
        }
        if !self.situation.register.stands(based_on) {
            return Err(Refusal::NoSuchEdition(based_on));
        }
        let (by, at) = (self.command.by.clone(), self.command.at);
        Ok(self.happened(DraftEvent::DocumentPut { content: Box::new(content.clone()), based_on, by, at }))
    }

    pub(super) fn consult(&self, until: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        let work = self.open()?;
        if !work.changed_since && work.consultation.is_some_and(|consultation| consultation.until == until) {
            return Ok(vec![]);
        }
        let (at, days) = (self.command.at, self.command.terms.approval.consultation_days);
        if until <= at || until < after_days(work.asked_since(at), days) {
            return Err(Refusal::ConsultationTooShort { days });
        }
        Ok(self.happened(DraftEvent::ConsultationOpened { until, by: self.command.by.clone(), at }))
    }

    pub(super) fn comment(&self, on: Option<&ProcedureId>, text: &str) -> Result<Vec<Event>, Refusal> {
        let work = self.open()?;
        let (by, at) = (self.command.by.clone(), self.command.at);
        let said =
            |comment: &crate::draft::Comment| comment.on.as_ref() == on && comment.text == text && comment.by.actor().id == by.actor().id;
        if work.comments.iter().any(said) {
            return Ok(vec![]);
        }
        if work.consultation.is_none_or(|consultation| consultation.until <= at) {
            return Err(Refusal::NotInConsultation);
        }
        if let Some(procedure) = on.filter(|id| !work.content.procedures.contains_key(*id) && !work.removed.contains(*id)) {
            return Err(Refusal::NoSuchProcedure(procedure.clone()));
        }
        let waiting = work.comments.iter().filter(|comment| comment.answer.is_none() && comment.by.actor().id == by.actor().id);
        if waiting.count() >= COMMENTS {
            return Err(Refusal::CommentsWait(COMMENTS));
        }
        Ok(self.happened(DraftEvent::Commented { on: on.cloned(), text: text.to_owned(), by, at }))
    }

    pub(super) fn answer(&self, number: u32, text: &str) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        let comments = &self.open()?.comments;
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let comment = place.and_then(|place| comments.get(place)).ok_or(Refusal::NoSuchComment(number))?;
        match &comment.answer {
            Some((answer, _)) if answer == text => Ok(vec![]),
            Some(_) => Err(Refusal::AnsweredAlready(number)),
            None => {
                let (by, at) = (self.command.by.clone(), self.command.at);
                Ok(self.happened(DraftEvent::CommentAnswered { number, text: text.to_owned(), by, at }))
            }
        }
    }

    pub(super) fn submit(&self, unconsulted: Option<&str>) -> Result<Vec<Event>, Refusal> {
        self.as_author()?;
        if matches!(self.state(), Draft::Submitted(..)) {
            return Ok(vec![]);
        }
        let work = self.open()?;
        let unconsulted = self.consulted(work, unconsulted)?;
        let unanswered = work.unanswered();
        if !unanswered.is_empty() {
            return Err(Refusal::CommentsUnanswered(unanswered));
        }
        self.on_the_last(work.based_on)?;
        let overdue = work.content.overdue(self.command.at).len();
        let faults = work.content.faults().len() + overdue + self.broken_promises(work);
        let hash = work.content.hash().map_err(|_| Refusal::Faulty(faults.max(1)))?;
        if faults > 0 {
            return Err(Refusal::Faulty(faults));
        }
        Ok(self.happened(DraftEvent::Submitted { hash, unconsulted, by: self.command.by.clone(), at: self.command.at }))
    }

    /// How many fields it still asks that the board has promised to take out by then.
    pub(super) fn broken_promises(&self, work: &Work) -> usize {
        field::broken(&self.situation.bin, &work.content, self.situation.register.next_number()).len()
    }

    /// The boroughs are asked before they are to approve. What cannot wait says why; everybody who approves reads that.
    fn consulted(&self, work: &Work, unconsulted: Option<&str>) -> Result<Option<String>, Refusal> {
        let days = self.command.terms.approval.consultation_days;
        let long_enough = |asked: &Consultation| asked.until >= after_days(asked.opened_at, days);
        match work.consultation {
            Some(asked) if self.command.at < asked.until => Err(Refusal::ConsultationRunning(asked.until)),
            Some(asked) if long_enough(&asked) && !work.changed_since => Ok(None),
            Some(asked) if long_enough(&asked) => unconsulted.map(|why| Some(why.to_owned())).ok_or(Refusal::ChangedSinceConsultation),
            Some(_) | None => unconsulted.map(|why| Some(why.to_owned())).ok_or(Refusal::NotConsulted { days }),
        }
    }
}

fn after_days(from: Timestamp, days: u16) -> Timestamp {
    from.saturating_add((i64::from(days) * 24).hours()).unwrap_or(Timestamp::MAX)
}
