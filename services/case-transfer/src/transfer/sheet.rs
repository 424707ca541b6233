//! The offer and its handover sheet (SAFER). Free text is sealed before it comes here.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Org, Priority, Sealed};
use serde::{Deserialize, Serialize};

use crate::ledger::Duty;

/// What a borough offers to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Offer {
    /// The borough that offers, and holds every duty that is asked.
    pub from: Borough,
    /// The borough that is asked.
    pub to: Borough,
    /// How soon it must answer.
    pub priority: Priority,
    /// The children and duties.
    pub items: Vec<Item>,
    /// The handover sheet.
    pub sheet: Sheet,
    /// A hospital waits with the discharge for the answer.
    pub discharge_pending: bool,
    /// Organisations that may follow and escalate it: the hospital or other referrer.
    pub followers: BTreeSet<Org>,
}

/// One child of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    /// Which child.
    pub child: ChildId,
    /// The duties that are to move.
    pub duties: BTreeSet<Duty>,
    /// Where the child is now.
    pub whereabouts: Whereabouts,
    /// The address must not be shown.
    pub shielded: bool,
    /// Expected, and not yet born.
    pub unborn: bool,
}

/// Where a child is now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// At an address.
    Address(Sealed),
    /// Ask this desk; the only answer for a shielded child.
    ContactDesk(Borough),
    /// Not known, which is an answer.
    NotKnown,
    /// Nobody said. Both desks are shown that it was left out.
    NotSaid,
}

/// The handover sheet: situation, assessment, family, expected response, recording; the child's own words first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sheet {
    /// What the child said or showed.
    pub child_says: Option<Sealed>,
    /// What is happening, and who is in danger.
    pub situation: Sealed,
    /// What was seen and done, by whom and when, and what could not be done.
    pub assessment: Option<Sealed>,
    /// Carers, siblings and where each is, who must not have contact.
    pub family: Option<Sealed>,
    /// What is expected by when, and the next fixed time.
    pub expected: Option<Sealed>,
    /// How the child is kept safe until the answer.
    pub interim_plan: Option<Sealed>,
    /// Giver, taker and telephone numbers.
    pub recording: Option<Sealed>,
    /// What is not known.
    pub not_known: Vec<Sealed>,
}
