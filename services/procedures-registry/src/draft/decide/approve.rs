//! Approving a draft, giving it its instant, and taking it back.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use kernel::{Borough, Role, Timestamp, edition::Boroughs};

use super::Turn;
use crate::{
    document::ContentHash,
    draft::{Approved, Draft, DraftEvent, Party, Refusal, Scheduled, Submission, Terms, Work},
    register::{Entry, RegisterEvent, edition_id},
    rules::Event,
};

impl Turn<'_> {
    /// Whether they may speak for this party: each organisation by its own named people.
    fn as_approver(&self, party: &Party) -> Result<(), Refusal> {
        let own = Party::of(&self.command.by.actor().org);
        let fits = match self.role() {
            Role::BoardApprover => own == Some(Party::Board),
            Role::HeadOfService | Role::Director => matches!(own, Some(Party::Borough(_))),
            Role::Referrer
            | Role::DutyWorker
            | Role::DutyManager
            | Role::ProcedureAuthor
            | Role::BoardAuditor
            | Role::BoroughSystem
            | Role::HubOperator
            | Role::Hub => false,
        };
        match (fits, own.as_ref() == Some(party)) {
            (false, _) => Err(Refusal::ApproverNeeded),
            (true, false) => Err(Refusal::NotYourParty),
            (true, true) => Ok(()),
        }
    }

    fn as_board(&self) -> Result<(), Refusal> {
        if self.role() == Role::BoardApprover { Ok(()) } else { Err(Refusal::BoardNeeded) }
    }

    pub(super) fn object(&self, party: &Party, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.as_approver(party)?;
        if let Draft::Open(work) = self.state()
            && work.objections.last().is_some_and(|last| last.party == *party && last.reason == reason)
        {
            return Ok(vec![]);
        }
        self.submitted()?;
        let (by, at) = (self.command.by.clone(), self.command.at);
        Ok(self.happened(DraftEvent::Objected { party: party.clone(), reason: reason.to_owned(), by, at }))
    }

    pub(super) fn approve(&self, party: &Party, hash: &ContentHash) -> Result<Vec<Event>, Refusal> {
        self.as_approver(party)?;
        let (work, submission) = self.submitted()?;
        let person = &self.command.by.actor().id;
        if work.authors.contains(person) {
            return Err(Refusal::AuthorsDoNotApprove);
        }
        if submission.hash != *hash {
            return Err(Refusal::OtherContent);
        }
        match submission.approvals.iter().find(|approved| approved.by.actor().id == *person) {
            Some(approved) if approved.party == *party => Ok(vec![]),
            Some(_) => Err(Refusal::ApprovedForAnother),
            None => {
                let (by, at) = (self.command.by.clone(), self.command.at);
                Ok(self.happened(DraftEvent::Approved { party: party.clone(), hash: hash.clone(), by, at }))
            }
        }
    }

    pub(super) fn schedule(&self, in_force_from: Timestamp, hash: &ContentHash) -> Result<Vec<Event>, Refusal> {
        self.as_board()?;
        if let Draft::Scheduled(_, Scheduled { in_force_from: from, hash: content, .. }) = self.state()
            && (from, content) == (&in_force_from, hash)
        {
            return Ok(vec![]);
        }
        let (work, submission) = self.submitted()?;
        if submission.hash != *hash {
            return Err(Refusal::OtherContent);
        }
        self.on_the_last(work.based_on)?;
        // An edition in between may have put this one behind what the board has promised.
        match self.broken_promises(work) {
            0 => {}
            faults => return Err(Refusal::Faulty(faults)),
        }
        self.quorum(submission)?;
        let (at, notice) = (self.command.at, self.command.terms.notice_minutes);
        if in_force_from < after_minutes(at, notice) {
            return Err(Refusal::TooSoon(notice));
        }
        if let Some((number, Entry { in_force_from: from, .. })) = self.situation.register.last()
            && in_force_from <= *from
        {
            return Err(Refusal::NotAfterTheLast { number, from: *from });
        }
        Ok(self.scheduled(work, in_force_from, hash))
    }

    fn scheduled(&self, work: &Work, in_force_from: Timestamp, hash: &ContentHash) -> Vec<Event> {
        let (number, by, at) = (self.situation.register.next_number(), self.command.by.clone(), self.command.at);
        vec![
            Event::Draft(self.id, DraftEvent::Scheduled { number, in_force_from, hash: hash.clone(), by: by.clone(), at }),
            Event::Register(RegisterEvent::Scheduled {
                number,
                id: edition_id(number),
                in_force_from,
                hash: hash.clone(),
                draft: self.id,
                document: Box::new(work.content.clone()),
                by,
                at,
            }),
        ]
    }

    fn quorum(&self, submission: &Submission) -> Result<(), Refusal> {
        let missing = missing(&self.command.terms, &submission.approvals);
        if missing.board == 0 && missing.more == 0 {
            return Ok(());
        }
        Err(Refusal::QuorumMissing { board: missing.board, boroughs: missing.boroughs, more: missing.more })
    }

    pub(super) fn withdraw(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        let (by, at) = (self.command.by.clone(), self.command.at);
        let withdrawn = DraftEvent::Withdrawn { reason: reason.to_owned(), by: by.clone(), at };
        match self.state() {
            Draft::NotDrafted => Err(Refusal::NotDrafted),
            Draft::Withdrawn(..) => {
                self.as_author().or_else(|_| self.as_board())?;
                Ok(vec![])
            }
            Draft::Open(_) | Draft::Submitted(..) => {
                self.as_author().or_else(|_| self.as_board())?;
                Ok(self.happened(withdrawn))
            }
            // It was approved for everybody, so no single author takes it back.
            Draft::Scheduled(_, Scheduled { number, in_force_from, .. }) => {
                self.as_board()?;
                let (number, minutes) = (*number, self.command.terms.withdrawal_minutes);
                if *in_force_from <= after_minutes(at, minutes) {
                    return Err(Refusal::TooLateToWithdraw { number, minutes });
                }
                if let Some((later, _)) = self.situation.register.last().filter(|(last, _)| *last != number) {
                    return Err(Refusal::LaterEditionScheduled(later));
                }
                let taken_back = RegisterEvent::Withdrawn { number, id: edition_id(number), reason: reason.to_owned(), by, at };
                Ok(vec![Event::Draft(self.id, withdrawn), Event::Register(taken_back)])
            }
        }
    }
}

/// What a quorum lacks.
pub(crate) struct Missing {
    /// How many people of the board.
    pub(crate) board: u8,
    /// The boroughs that have not approved.
    pub(crate) boroughs: Vec<Borough>,
    /// How many of these are needed.
    pub(crate) more: usize,
}

/// What approvals lack by the terms: people of the board are counted by person, boroughs by borough.
pub(crate) fn missing(terms: &Terms, approvals: &[Approved]) -> Missing {
    let board: BTreeSet<&str> =
        approvals.iter().filter(|approved| approved.party == Party::Board).map(|approved| approved.by.actor().id.as_str()).collect();
    let given: BTreeSet<&Borough> = approvals
        .iter()
        .filter_map(|approved| match &approved.party {
            Party::Borough(borough) => Some(borough),
            Party::Board => None,
        })
        .filter(|borough| terms.boroughs.contains(*borough))
        .collect();
    let needed = match terms.approval.boroughs {
        Boroughs::Each => terms.boroughs.len(),
        Boroughs::AtLeast(count) => usize::from(count),
    };
    Missing {
        board: terms.approval.board.saturating_sub(u8::try_from(board.len()).unwrap_or(u8::MAX)),
        boroughs: terms.boroughs.iter().filter(|borough| !given.contains(borough)).cloned().collect(),
        more: needed.saturating_sub(given.len()),
    }
}

fn after_minutes(at: Timestamp, minutes: u16) -> Timestamp {
    at.saturating_add(i64::from(minutes).minutes()).unwrap_or(Timestamp::MAX)
}
