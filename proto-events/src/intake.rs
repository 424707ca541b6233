//! What referral intake tells others.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Published;

/// A published event of referral intake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intake {
    /// A referral has come in and has an owner.
    ReferralReceived {
        /// Its id.
        referral: String,
        /// The children it is about.
        children: Vec<String>,
        /// The borough whose duty it is to act now.
        owner: String,
        /// The borough where the children live, if known.
        home: Option<String>,
        /// When the hub received it.
        received_at: Timestamp,
        /// When a decision is due.
        decide_by: Timestamp,
        /// Whether the owner's night team holds the desk.
        out_of_hours: bool,
        /// The edition of the procedures that set the clock.
        edition: u32,
        /// The names of the fields of the form that were filled; none where an older hub did not tell.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        filled: Vec<String>,
    },
    /// A person has decided what happens next.
    ReferralDecided {
        /// The referral.
        referral: String,
        /// The children it is about.
        children: Vec<String>,
        /// The deciding borough.
        borough: String,
        /// `immediate_protection`, `section_47_enquiry`, `child_in_need_assessment`, `early_help` or `no_further_action`.
        outcome: String,
        /// The edition it was decided under.
        edition: u32,
        /// The names of the filled fields that had been shown to the decider before: all of them if the decider had opened the
        /// referral, else none. That they were shown is known; that they were read is not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        read: Vec<String>,
    },
    /// A person has said that it tells the same as another referral, in which it is decided.
    ReferralJoined {
        /// The referral.
        referral: String,
        /// The children it is about, as it named them.
        children: Vec<String>,
        /// The referral in which it is decided.
        with: String,
        /// The borough whose person said so.
        borough: String,
    },
    /// The referrer has withdrawn it.
    ReferralWithdrawn {
        /// The referral.
        referral: String,
        /// The children it is about.
        children: Vec<String>,
        /// The borough that owns it.
        borough: String,
    },
    /// No decision in time: escalated to a level of the ladder.
    DecisionOverdue {
        /// The referral.
        referral: String,
        /// The children it is about.
        children: Vec<String>,
        /// The borough that owes it.
        borough: String,
        /// The level of the ladder.
        level: u8,
    },
    /// A person says that two records are one child.
    ChildrenLinked {
        /// One record.
        child: String,
        /// The other.
        other: String,
    },
    /// A person says that they are not.
    ChildrenUnlinked {
        /// One record.
        child: String,
        /// The other.
        other: String,
    },
    /// Something else about children that stays inside the service; the code says what.
    Noted {
        /// The stored type, for instance `referral.history_opened`.
        what: String,
        /// The children it is about.
        children: Vec<String>,
        /// The borough concerned.
        borough: Option<String>,
    },
}

impl Published for Intake {
    const SERVICE: &'static str = "intake";

    fn kind(&self) -> &'static str {
        match self {
            Self::ReferralReceived { .. } => "referral_received",
            Self::ReferralDecided { .. } => "referral_decided",
            Self::ReferralJoined { .. } => "referral_joined",
            Self::ReferralWithdrawn { .. } => "referral_withdrawn",
            Self::DecisionOverdue { .. } => "decision_overdue",
            Self::ChildrenLinked { .. } => "children_linked",
            Self::ChildrenUnlinked { .. } => "children_unlinked",
            Self::Noted { .. } => "noted",
        }
    }

    fn children(&self) -> Vec<String> {
        match self {
            Self::ReferralReceived { children, .. }
            | Self::ReferralDecided { children, .. }
            | Self::ReferralJoined { children, .. }
            | Self::ReferralWithdrawn { children, .. }
            | Self::DecisionOverdue { children, .. }
            | Self::Noted { children, .. } => children.clone(),
            Self::ChildrenLinked { child, other } | Self::ChildrenUnlinked { child, other } => vec![child.clone(), other.clone()],
        }
    }

    fn borough(&self) -> Option<&str> {
        match self {
            Self::ReferralReceived { owner: borough, .. }
            | Self::ReferralDecided { borough, .. }
            | Self::ReferralJoined { borough, .. }
            | Self::ReferralWithdrawn { borough, .. }
            | Self::DecisionOverdue { borough, .. } => Some(borough),
            Self::Noted { borough, .. } => borough.as_deref(),
            Self::ChildrenLinked { .. } | Self::ChildrenUnlinked { .. } => None,
        }
    }
}
