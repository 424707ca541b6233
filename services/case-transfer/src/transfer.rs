//! A transfer: the conversation that asks for named duties to move from one borough to another.
//!
//! `offered → delivered → seen → (query ⇄ seen) → accepted → received → handed_over → closed`, with the side exits `declined`,
//! `redirected`, `withdrawn`, `superseded` and `handed_back`. Only the acceptance moves a duty.

mod command;
mod decide;
mod event;
mod evolve;
mod reason;
mod sheet;
mod turn;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{ChildId, Priority, Timestamp, TransferId};
use serde::{Deserialize, Serialize};

pub use command::{Agreement, Ask, Handover, Interim, NewOffer, Tell};
pub(crate) use decide::{Called, call_level, decide_ask, decide_tell};
pub use event::{Cause, Disagreement, Post, Repoint, Spoken, TransferEvent};
pub use reason::ReasonCode;
pub use sheet::{Item, Offer, Sheet, Whereabouts};
pub(crate) use turn::Turn;

use crate::{
    clocks::{Clock, Clocks},
    ledger::Duty,
};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Made, and on its way.
    Offered,
    /// A route of the receiver has it.
    Delivered,
    /// A person of the receiver has opened it.
    Seen,
    /// The receiver asked something, or named conditions.
    Query,
    /// The duties have moved.
    Accepted,
    /// The receiving desk knows it.
    Received,
    /// Giver and taker have spoken.
    HandedOver,
    /// Done.
    Closed,
    /// The receiver said no.
    Declined,
    /// Another borough was asked instead.
    Redirected,
    /// The giver took it back.
    Withdrawn,
    /// A newer offer stands for it.
    Superseded,
    /// The receiver has offered it back.
    HandedBack,
}

impl Stage {
    /// The name in the API and in refusals.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::Query => "query",
            Self::Accepted => "accepted",
            Self::Received => "received",
            Self::HandedOver => "handed_over",
            Self::Closed => "closed",
            Self::Declined => "declined",
            Self::Redirected => "redirected",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
            Self::HandedBack => "handed_back",
        }
    }

    /// Whether the receiver still has to answer.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        match self {
            Self::Offered | Self::Delivered | Self::Seen | Self::Query => true,
            Self::Accepted
            | Self::Received
            | Self::HandedOver
            | Self::Closed
            | Self::Declined
            | Self::Redirected
            | Self::Withdrawn
            | Self::Superseded
            | Self::HandedBack => false,
        }
    }

    /// Whether somebody still has to do something, so that it can be escalated.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Offered | Self::Delivered | Self::Seen | Self::Query | Self::Accepted | Self::Received | Self::Declined => true,
            Self::HandedOver | Self::Closed | Self::Redirected | Self::Withdrawn | Self::Superseded | Self::HandedBack => false,
        }
    }
}

/// Duties of one child.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Asked {
    /// Which child.
    pub child: ChildId,
    /// Which duties.
    pub duties: BTreeSet<Duty>,
}

/// Why the receiver said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The address is not in this borough.
    NotOurArea,
    /// Nobody by that name is there.
    NoSuchChildHere,
    /// Another borough has it.
    AlreadyWithAnother,
    /// The receiver's threshold is not met.
    BelowThreshold,
    /// Moving would put the child at risk.
    UnsafeToMoveNow,
    /// In words.
    Other,
    /// One that an edition has added, by its code.
    #[serde(untagged)]
    Named(ReasonCode),
}

/// What came before an offer, so that its whole age stays visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chain {
    /// When the first offer of the chain was made.
    pub first_offered_at: Timestamp,
    /// How often the chain was declined before.
    pub declines: u8,
    /// The offer before this one.
    pub previous: Option<TransferId>,
}

/// An open or settled dispute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dispute {
    /// An interim safety plan is on record; it is mandatory.
    pub has_interim_plan: bool,
    /// The sides whose manager has signed the settlement.
    pub signed: BTreeSet<Side>,
    /// Both have.
    pub settled: bool,
}

/// The two ends of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The borough that offers.
    Giver,
    /// The borough that is asked.
    Taker,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Giver => Self::Taker,
            Self::Taker => Self::Giver,
        }
    }
}

/// A transfer as its events have left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// Never offered.
    #[default]
    NotOffered,
    /// Offered, and all that followed.
    Offered(Box<Talk>),
}

/// The conversation about one offer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Talk {
    /// How many events the transfer's stream has.
    pub version: i64,
    /// Where it stands.
    pub stage: Stage,
    /// What was offered.
    pub offer: Arc<Offer>,
    /// What the receiver is asked to take.
    pub asked: Vec<Asked>,
    /// What the receiver held already when the offer was made. Noted; nothing of it moves.
    pub already_held: Vec<Asked>,
    /// What the receiver took.
    pub taken: Vec<Asked>,
    /// What it did not take beside that, until the giver offers it again or keeps it.
    pub left: Vec<Asked>,
    /// A person of a borough that is not connected accepted it by voice, and the giver recorded that.
    pub elsewhere: bool,
    /// What came before.
    pub chain: Chain,
    /// Whether the receiver was connected to the hub when it was asked.
    pub connected: bool,
    /// The edition under which it was offered.
    pub edition: u32,
    /// The clocks that run now.
    pub due: BTreeMap<Clock, Timestamp>,
    /// No route of the receiver has confirmed: ring instead.
    pub link_down: bool,
    /// The level that was called last; 0 when none was.
    pub escalated: u8,
    /// The receiver named conditions to which the giver has not agreed.
    pub conditions_open: bool,
    /// The side that recorded a spoken agreement which the other has not confirmed.
    pub agreement_of: Option<Side>,
    /// A spoken agreement is on record and no acceptance is: it moves nothing.
    pub provisional: bool,
    /// The dispute, if one was opened.
    pub dispute: Option<Dispute>,
    /// Who has confirmed the spoken handover.
    pub confirmed: BTreeSet<Side>,
    /// People who declared a conflict of interest, by the opaque subject of their token.
    pub conflicts: BTreeSet<String>,
    /// The side for which each person has acted, by the same subject.
    acted: BTreeMap<String, Side>,
    /// The offer that stands for this one now.
    pub next: Option<TransferId>,
}

impl Talk {
    /// The children of the offer.
    pub fn children(&self) -> impl Iterator<Item = ChildId> {
        self.asked.iter().chain(&self.already_held).map(|asked| asked.child)
    }

    /// Whether a dispute is open.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.dispute.as_ref().is_some_and(|dispute| !dispute.settled)
    }

    /// "Do not discharge before answer": shown to the hospital until the receiving desk has received it.
    #[must_use]
    pub fn do_not_discharge(&self) -> bool {
        let answered = match self.stage {
            Stage::Received | Stage::HandedOver | Stage::Closed | Stage::HandedBack => true,
            Stage::Offered
            | Stage::Delivered
            | Stage::Seen
            | Stage::Query
            | Stage::Accepted
            | Stage::Declined
            | Stage::Redirected
            | Stage::Withdrawn
            | Stage::Superseded => false,
        };
        self.offer.discharge_pending && !answered
    }

    /// The side for which a person has acted here first.
    #[must_use]
    pub fn acted(&self, person: &str) -> Option<Side> {
        self.acted.get(person).copied()
    }

    /// What waits with the giver after a decline, or after an acceptance of something else.
    #[must_use]
    pub fn waiting(&self) -> &[Asked] {
        if self.stage == Stage::Declined { &self.asked } else { &self.left }
    }

    /// The priority of the offer.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.offer.priority
    }

    fn start(&mut self, clocks: &[(Clock, Timestamp)]) {
        self.due.extend(clocks.iter().copied());
    }

    fn stop(&mut self, clocks: &[Clock]) {
        self.due.retain(|clock, _| !clocks.contains(clock));
    }

    fn offered(offer: &Offer, asked: &[Asked], already_held: &[Asked], chain: Chain, clocks: &Clocks) -> Self {
        Self {
            version: 1,
            stage: Stage::Offered,
            offer: Arc::new(offer.clone()),
            asked: asked.to_vec(),
            already_held: already_held.to_vec(),
            taken: vec![],
            left: vec![],
            elsewhere: false,
            chain,
            connected: true,
            edition: clocks.edition,
            due: BTreeMap::new(),
            link_down: false,
            escalated: 0,
            conditions_open: false,
            agreement_of: None,
            provisional: false,
            dispute: None,
            confirmed: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            acted: BTreeMap::new(),
            next: None,
        }
    }
}
