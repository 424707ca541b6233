//! A draft: a proposal of a whole edition, from its first word until it is scheduled or withdrawn.

pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use kernel::{Borough, Org, Person, Timestamp};
use serde::{Deserialize, Serialize};

pub use command::{Ask, Command, Terms};
pub use event::DraftEvent;
pub use refusal::Refusal;

use crate::document::{ContentHash, Document, ProcedureId};

/// Where a draft stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Draft {
    /// Nobody has begun it.
    #[default]
    NotDrafted,
    /// It is being written, and commented on.
    Open(Work),
    /// Its content is frozen, and people approve it.
    Submitted(Work, Submission),
    /// It has its number and its instant. In force and superseded follow from the time.
    Scheduled(Work, Scheduled),
    /// It was taken back.
    Withdrawn(Work, String),
}

/// What a draft holds, whatever its situation.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Its title, for lists.
    pub title: String,
    /// The edition whose document it began as.
    pub based_on: u32,
    /// The whole edition that it proposes.
    pub content: Document,
    /// Everybody who has written any of it, put it to the boroughs, answered for it or handed it in. They do not approve it.
    pub authors: BTreeSet<String>,
    /// The procedures that were taken out.
    pub removed: BTreeSet<ProcedureId>,
    /// The consultation, if one was opened.
    pub consultation: Option<Consultation>,
    /// Whether the content has changed since the boroughs were asked about it.
    pub changed_since: bool,
    /// What people have said, numbered from 1.
    pub comments: Vec<Comment>,
    /// Why it was sent back to its authors.
    pub objections: Vec<Objection>,
}

/// The time in which the boroughs say what they think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// What somebody has said about a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The procedure; the whole draft if none.
    pub on: Option<ProcedureId>,
    /// In words.
    pub text: String,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// The authors' answer.
    pub answer: Option<(String, Person)>,
}

/// Why an approver sent a draft back.
#[derive(Clone, Debug, PartialEq)]
pub struct Objection {
    /// For whom.
    pub party: Party,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// A draft before its approvers.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The content that is approved, and no other.
    pub hash: ContentHash,
    /// Why the boroughs were not asked first, where they were not.
    pub unconsulted: Option<String>,
    /// Who has approved it.
    pub approvals: Vec<Approved>,
}

/// One person's approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Approved {
    /// For whom.
    pub party: Party,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// The number and the instant of a draft that was approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    /// Its number as an edition.
    pub number: u32,
    /// From when it is in force.
    pub in_force_from: Timestamp,
    /// Its content.
    pub hash: ContentHash,
    /// Why the boroughs were not asked first, where they were not.
    pub unconsulted: Option<String>,
    /// Who has approved it.
    pub approvals: Vec<Approved>,
}

/// For whom somebody approves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The safeguarding board of the area.
    Board,
    /// A borough.
    Borough(Borough),
}

impl Party {
    /// The party that an organisation is; a hospital or the hub is none.
    #[must_use]
    pub fn of(org: &Org) -> Option<Self> {
        match org {
            Org::Board => Some(Self::Board),
            Org::Borough(borough) => Some(Self::Borough(borough.clone())),
            Org::Site(_) | Org::Hub => None,
        }
    }
}

impl Draft {
    /// What it holds, if it was begun.
    #[must_use]
    pub fn work(&self) -> Option<&Work> {
        match self {
            Self::NotDrafted => None,
            Self::Open(work) | Self::Submitted(work, _) | Self::Scheduled(work, _) | Self::Withdrawn(work, _) => Some(work),
        }
    }

    /// Who has approved what stands.
    #[must_use]
    pub fn approvals(&self) -> &[Approved] {
        match self {
            Self::Submitted(_, submission) => &submission.approvals,
            Self::Scheduled(_, scheduled) => &scheduled.approvals,
            Self::NotDrafted | Self::Open(_) | Self::Withdrawn(..) => &[],
        }
    }

    /// Why what was handed in was not put to the boroughs first, if it was not.
    #[must_use]
    pub fn unconsulted(&self) -> Option<&str> {
        match self {
            Self::Submitted(_, submission) => submission.unconsulted.as_deref(),
            Self::Scheduled(_, scheduled) => scheduled.unconsulted.as_deref(),
            Self::NotDrafted | Self::Open(_) | Self::Withdrawn(..) => None,
        }
    }

    /// The state as a code.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> &'static str {
        match self {
            Self::NotDrafted => "not_drafted",
            Self::Open(Work { consultation: Some(consultation), .. }) if at < consultation.until => "in_consultation",
            Self::Open(Work { consultation: Some(_), .. }) => "consulted",
            Self::Open(_) => "draft",
            Self::Submitted(..) => "submitted",
            Self::Scheduled(_, scheduled) if at < scheduled.in_force_from => "scheduled",
            Self::Scheduled(..) => "adopted",
            Self::Withdrawn(..) => "withdrawn",
        }
    }

    /// Takes one event in.
    #[must_use]
    pub fn evolve(self, event: &DraftEvent) -> Self {
        match (self, event) {
            (_, DraftEvent::Drafted { title, based_on, content, by, .. }) => Self::Open(Work::begun(title, *based_on, content, by)),
            (Self::Open(mut work), DraftEvent::Submitted { hash, unconsulted, by, .. }) => {
                work.stands_behind(by);
                Self::Submitted(work, Submission { hash: hash.clone(), unconsulted: unconsulted.clone(), approvals: Vec::new() })
            }
            (Self::Submitted(work, _), DraftEvent::Objected { party, reason, by, at }) => {
                let objection = Objection { party: party.clone(), reason: reason.clone(), by: by.clone(), at: *at };
                Self::Open(Work { objections: [work.objections, vec![objection]].concat(), ..work })
            }
            (Self::Submitted(work, mut submission), DraftEvent::Approved { party, by, at, .. }) => {
                submission.approvals.push(Approved { party: party.clone(), by: by.clone(), at: *at });
                Self::Submitted(work, submission)
            }
            (Self::Submitted(work, submission), DraftEvent::Scheduled { number, in_force_from, hash, .. }) => {
                let Submission { unconsulted, approvals, .. } = submission;
                Self::Scheduled(
                    work,
                    Scheduled { number: *number, in_force_from: *in_force_from, hash: hash.clone(), unconsulted, approvals },
                )
            }
            (Self::Open(work) | Self::Submitted(work, _) | Self::Scheduled(work, _), DraftEvent::Withdrawn { reason, .. }) => {
                Self::Withdrawn(work, reason.clone())
            }
            (Self::Open(mut work), event) => {
                work.take(event);
                Self::Open(work)
            }
            (other @ (Self::NotDrafted | Self::Submitted(..) | Self::Scheduled(..) | Self::Withdrawn(..)), _) => other,
        }
    }
}

impl Work {
    fn begun(title: &str, based_on: u32, content: &Document, by: &Person) -> Self {
        Self {
            title: title.to_owned(),
            based_on,
            content: content.clone(),
            authors: BTreeSet::from([by.actor().id.clone()]),
            removed: BTreeSet::new(),
            consultation: None,
            changed_since: false,
            comments: Vec::new(),
            objections: Vec::new(),
        }
    }

    /// Somebody who answers for the draft.
    fn stands_behind(&mut self, by: &Person) {
        self.authors.insert(by.actor().id.clone());
    }

    fn written_by(&mut self, by: &Person) {
        self.stands_behind(by);
        self.changed_since = self.consultation.is_some();
    }

    /// When the consultation about this content began, if one is opened now: a round about another content begins anew.
    #[must_use]
    pub fn asked_since(&self, now: Timestamp) -> Timestamp {
        self.consultation.filter(|_| !self.changed_since).map_or(now, |consultation| consultation.opened_at)
    }

    fn take(&mut self, event: &DraftEvent) {
        match event {
            DraftEvent::ProcedurePut { procedure, by, .. } => {
                self.removed.remove(&procedure.id);
                self.content.procedures.insert(procedure.id.clone(), (**procedure).clone());
                self.written_by(by);
            }
            DraftEvent::ProcedureRemoved { procedure, by, .. } => {
                self.content.procedures.remove(procedure);
                self.removed.insert(procedure.clone());
                self.written_by(by);
            }
            DraftEvent::PartsPut { parts, by, .. } => {
                self.content.parts = parts.clone();
                self.written_by(by);
            }
            DraftEvent::DocumentPut { content, based_on, by, .. } => {
                (self.content, self.based_on) = ((**content).clone(), *based_on);
                self.removed.clear();
                self.written_by(by);
            }
            DraftEvent::ConsultationOpened { until, by, at } => {
                self.consultation = Some(Consultation { opened_at: self.asked_since(*at), until: *until });
                self.changed_since = false;
                self.stands_behind(by);
            }
            DraftEvent::Commented { on, text, by, at } => {
                self.comments.push(Comment { on: on.clone(), text: text.clone(), by: by.clone(), at: *at, answer: None });
            }
            DraftEvent::CommentAnswered { number, text, by, .. } => {
                let comment = usize::try_from(*number).ok().and_then(|number| self.comments.get_mut(number.checked_sub(1)?));
                if let Some(comment) = comment {
                    comment.answer = Some((text.clone(), by.clone()));
                }
                self.stands_behind(by);
            }
            // These change where the draft stands, and are taken in by it.
            DraftEvent::Drafted { .. }
            | DraftEvent::Submitted { .. }
            | DraftEvent::Objected { .. }
            | DraftEvent::Approved { .. }
            | DraftEvent::Scheduled { .. }
            | DraftEvent::Withdrawn { .. } => {}
        }
    }

    /// The numbers of the comments that nobody has answered.
    #[must_use]
    pub fn unanswered(&self) -> Vec<u32> {
        (1..).zip(&self.comments).filter(|(_, comment)| comment.answer.is_none()).map(|(number, _)| number).collect()
    }
}
