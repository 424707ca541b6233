//! Break-glass: somebody of a borough that has nothing to do with a child opens that child's record all the same.
//!
//! With a reason, for the hours that the edition says, to read and nothing else. The child's borough is told at once, and somebody of another team reviews it (ADR 30).

mod decide;
mod event;

use std::collections::{BTreeSet, btree_map::Entry};

use jiff::SignedDuration;
use kernel::{Borough, ChildId, GlassId, Org, Sealed, Timestamp};

pub(crate) use decide::{Pane, decide_ask, decide_clock};
pub use event::{Finding, GlassEvent};

/// By when the child's borough must have read of it, before it is told again.
pub const READ_WITHIN: SignedDuration = SignedDuration::from_secs(30);

/// The fewest characters of a reason.
pub const SHORTEST_REASON: usize = 10;

/// How many records one person may have open by break-glass at once: it is for an emergency, and not for a search.
const MOST_OPEN: usize = 3;

/// How many people of each borough are told by name at first.
const NAMED: u8 = 2;

/// How many people of the boroughs that are told must say that they have read it.
pub const READERS: usize = 2;

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlassAsk {
    /// To see one child's record.
    Open(Opening),
    /// They have read that it was opened.
    Read,
    /// They need it no longer.
    End,
    /// What a review came to.
    Review {
        /// Whether it was right.
        finding: Finding,
        /// Why.
        text: Sealed,
    },
}

/// Whose record, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The child.
    pub child: ChildId,
    /// Why, in their own words.
    pub reason: Sealed,
    /// How many characters these are, without the blanks around them. The rules do not see the words.
    pub characters: usize,
    /// Whether they are the words of the person's last one.
    pub repeated: bool,
    /// Whose records the person has open by a break-glass now.
    pub open: BTreeSet<ChildId>,
}

/// A clock of a break-glass. It records and escalates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassClock {
    /// Too few people have said that they have read it.
    Unread,
    /// Nobody has reviewed it.
    Review,
}

/// A break-glass as the events have left it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glass {
    /// How many events its stream has.
    pub version: i64,
    /// Whose record.
    pub child: ChildId,
    /// Who opened it: the subject of their token.
    pub opener: String,
    /// For which organisation.
    pub org: Org,
    /// When.
    pub opened_at: Timestamp,
    /// Until when, at the latest.
    pub until: Timestamp,
    /// When who opened it ended it before.
    pub ended_at: Option<Timestamp>,
    /// The boroughs that are told.
    pub holders: Vec<Borough>,
    /// The highest level of their rotas that was told.
    pub level: u8,
    /// When they are told again.
    pub tell_again_at: Option<Timestamp>,
    /// Who has read it.
    pub read_by: BTreeSet<String>,
    /// By when it must have been reviewed.
    pub review_by: Timestamp,
    /// What the review came to.
    pub finding: Option<Finding>,
    /// Whether it was alerted that nobody has reviewed it.
    pub overdue: bool,
}

impl Glass {
    /// Whether the record is open to who opened it.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.ended_at.is_none() && at < self.until
    }

    /// Whether enough people have read it.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.read_by.len() >= READERS
    }

    /// Takes one event in.
    pub(crate) fn take(entry: Entry<'_, GlassId, Self>, event: &GlassEvent) {
        match event {
            GlassEvent::Opened { child, holders, level, tell_again_at, until, review_by, by, at, .. } => {
                entry.insert_entry(Self {
                    version: 1,
                    child: *child,
                    opener: by.actor().id.clone(),
                    org: by.actor().org.clone(),
                    opened_at: at.recorded_at,
                    until: *until,
                    ended_at: None,
                    holders: holders.clone(),
                    level: *level,
                    tell_again_at: Some(*tell_again_at),
                    read_by: BTreeSet::new(),
                    review_by: *review_by,
                    finding: None,
                    overdue: false,
                });
            }
            GlassEvent::ToldAgain { .. }
            | GlassEvent::Read { .. }
            | GlassEvent::Ended { .. }
            | GlassEvent::Reviewed { .. }
            | GlassEvent::ReviewOverdue { .. } => {
                entry.and_modify(|glass| glass.evolve(event));
            }
        }
    }

    fn evolve(&mut self, event: &GlassEvent) {
        self.version += 1;
        match event {
            GlassEvent::Opened { .. } => {}
            GlassEvent::ToldAgain { level, tell_again_at, .. } => (self.level, self.tell_again_at) = (*level, *tell_again_at),
            GlassEvent::Read { by, .. } => {
                self.read_by.insert(by.actor().id.clone());
            }
            GlassEvent::Ended { at, .. } => self.ended_at = Some(at.recorded_at),
            GlassEvent::Reviewed { finding, .. } => self.finding = Some(*finding),
            GlassEvent::ReviewOverdue { .. } => self.overdue = true,
        }
    }
}
