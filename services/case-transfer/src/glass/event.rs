//! What has happened to a break-glass.

use kernel::{Borough, ChildId, Person, Sealed, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{clocks::When, ledger::Named};

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The record had to be seen.
    Justified,
    /// It had not.
    NotJustified,
}

/// What has happened to a break-glass. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlassEvent {
    /// Somebody opened a child's record, and these are told.
    Opened {
        /// The child.
        child: ChildId,
        /// Why.
        reason: Sealed,
        /// The boroughs whose desks are told.
        holders: Vec<Borough>,
        /// The people who are told by name.
        people: Vec<Named>,
        /// The highest level of the rotas that was told.
        level: u8,
        /// When they are told again, if too few have read it.
        tell_again_at: Timestamp,
        /// Until when the record is open.
        until: Timestamp,
        /// By when it must have been reviewed.
        review_by: Timestamp,
        /// Who opened it.
        by: Person,
        /// When.
        at: When,
    },
    /// Too few had read it, and more are told.
    ToldAgain {
        /// The child.
        child: ChildId,
        /// The boroughs whose desks are told.
        holders: Vec<Borough>,
        /// The people who are told by name.
        people: Vec<Named>,
        /// The level that was told.
        level: u8,
        /// When the next ones are told; none after the top of the ladder.
        tell_again_at: Option<Timestamp>,
        /// When.
        at: When,
    },
    /// Somebody who was told has read it.
    Read {
        /// The child.
        child: ChildId,
        /// Who.
        by: Person,
        /// When.
        at: When,
    },
    /// Who opened it needs it no longer.
    Ended {
        /// The child.
        child: ChildId,
        /// Who.
        by: Person,
        /// When.
        at: When,
    },
    /// Somebody of another team has reviewed it.
    Reviewed {
        /// The child.
        child: ChildId,
        /// What it came to.
        finding: Finding,
        /// Why.
        text: Sealed,
        /// Who.
        by: Person,
        /// When.
        at: When,
    },
    /// Nobody has reviewed it in time.
    ReviewOverdue {
        /// The child.
        child: ChildId,
        /// The boroughs whose desks are told.
        holders: Vec<Borough>,
        /// When it was noticed.
        at: When,
    },
}

impl GlassEvent {
    /// The stable name of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "glass.opened",
            Self::ToldAgain { .. } => "glass.told_again",
            Self::Read { .. } => "glass.read",
            Self::Ended { .. } => "glass.ended",
            Self::Reviewed { .. } => "glass.reviewed",
            Self::ReviewOverdue { .. } => "glass.review_overdue",
        }
    }

    /// The person who decided it.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Person> {
        match self {
            Self::Opened { by, .. } | Self::Read { by, .. } | Self::Ended { by, .. } | Self::Reviewed { by, .. } => Some(by),
            Self::ToldAgain { .. } | Self::ReviewOverdue { .. } => None,
        }
    }

    /// The boroughs whose desks see it as it happens.
    #[must_use]
    pub fn told(&self) -> &[Borough] {
        match self {
            Self::Opened { holders, .. } | Self::ToldAgain { holders, .. } | Self::ReviewOverdue { holders, .. } => holders,
            Self::Read { .. } | Self::Ended { .. } | Self::Reviewed { .. } => &[],
        }
    }

    /// The child.
    #[must_use]
    pub fn child(&self) -> ChildId {
        match self {
            Self::Opened { child, .. }
            | Self::ToldAgain { child, .. }
            | Self::Read { child, .. }
            | Self::Ended { child, .. }
            | Self::Reviewed { child, .. }
            | Self::ReviewOverdue { child, .. } => *child,
        }
    }
}
