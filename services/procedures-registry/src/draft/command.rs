//! What may be asked of a draft. Everything is asked by a person: the registry decides nothing by itself.

use std::collections::BTreeSet;

use kernel::{
    Borough, Directory, Org, Person, Timestamp,
    edition::{Approval, Edition},
};
use serde_json::{Map, Value};

use super::Party;
use crate::document::{ContentHash, Document, Procedure, ProcedureId};

/// One command, with the facts that the shell looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// When the hub was told.
    pub at: Timestamp,
    /// Who asks.
    pub by: Person,
    /// What the edition in force says about the next one.
    pub terms: Terms,
    /// What is asked.
    pub ask: Ask,
}

/// What the edition in force says about how the next one comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The quorum.
    pub approval: Approval,
    /// The boroughs of the area.
    pub boroughs: BTreeSet<Borough>,
    /// How long ahead an edition is scheduled at the latest.
    pub notice_minutes: u16,
    /// How long ahead it can still be taken back.
    pub withdrawal_minutes: u16,
}

impl Terms {
    /// The terms of an edition.
    #[must_use]
    pub fn of(edition: &Edition) -> Self {
        let boroughs = Directory::get().boroughs_of_area(&edition.approval.area).map(|entry| entry.code.clone()).collect();
        Self {
            approval: edition.approval.clone(),
            boroughs,
            notice_minutes: edition.limits.edition_notice_minutes,
            withdrawal_minutes: edition.limits.edition_withdrawal_minutes,
        }
    }

    /// Whether an organisation belongs to the area: a borough of it, a hospital in one, or the board.
    #[must_use]
    pub fn includes(&self, org: &Org) -> bool {
        match org {
            Org::Board => true,
            Org::Borough(borough) => self.boroughs.contains(borough),
            Org::Site(site) => Directory::get().site(site).is_some_and(|site| self.boroughs.contains(&site.borough)),
            Org::Hub => false,
        }
    }
}

/// What is asked of a draft.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Begin it with the document of an edition.
    Draft {
        /// Its title.
        title: String,
        /// The edition.
        based_on: u32,
        /// That edition's document.
        content: Box<Document>,
    },
    /// Write a whole procedure.
    PutProcedure(Box<Procedure>),
    /// Take a procedure out.
    RemoveProcedure {
        /// Which.
        procedure: ProcedureId,
        /// Why.
        reason: String,
    },
    /// Write the parts that the services obey.
    PutParts(Map<String, Value>),
    /// Write everything, on the footing of an edition.
    PutDocument {
        /// Everything.
        content: Box<Document>,
        /// The edition that it builds on.
        based_on: u32,
    },
    /// Ask the boroughs what they think.
    Consult {
        /// Until when.
        until: Timestamp,
    },
    /// Say what one thinks.
    Comment {
        /// The procedure; the whole draft if none.
        on: Option<ProcedureId>,
        /// In words.
        text: String,
    },
    /// Answer a comment.
    Answer {
        /// Its number, from 1.
        number: u32,
        /// In words.
        text: String,
    },
    /// Freeze the content and ask for approval.
    Submit {
        /// Why the boroughs were not asked first, where they were not: it cannot wait.
        unconsulted: Option<String>,
    },
    /// Send it back.
    Object {
        /// For whom.
        party: Party,
        /// Why.
        reason: String,
    },
    /// Approve it.
    Approve {
        /// For whom.
        party: Party,
        /// The content that was read.
        hash: ContentHash,
    },
    /// Give it its number and its instant.
    Schedule {
        /// From when it is in force everywhere.
        in_force_from: Timestamp,
        /// The content.
        hash: ContentHash,
    },
    /// Take it back.
    Withdraw {
        /// Why.
        reason: String,
    },
}
