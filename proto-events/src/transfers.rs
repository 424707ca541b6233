//! What case transfer tells others.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Published;

/// A child and the duties that a transfer asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The child.
    pub child: String,
    /// `emergency_action`, `enquiry`, `plan`.
    pub duties: Vec<String>,
}

/// When a desk is staffed on one day of the week, local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHours {
    /// 1 is Monday.
    pub weekday: u8,
    /// `09:00`.
    pub from: String,
    /// `17:00`.
    pub to: String,
}

/// A circumstance of a child that whoever sees the child next must know. Codes and times only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circumstance {
    /// A legal power began to run.
    PowerStarted {
        /// `police_protection`, `emergency_protection_order` or `care_order`.
        power: String,
        /// From when.
        started_at: Timestamp,
        /// Until when by law or order; none where it runs until it is ended.
        ends_at: Option<Timestamp>,
    },
    /// It ended before its time.
    PowerEnded {
        /// Which.
        power: String,
    },
    /// The child's address must not be shown; or may be again.
    Shielded {
        /// Whether a contact desk stands for it now.
        shielded: bool,
    },
}

/// A published event of case transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transfers {
    /// A borough now holds a duty towards a child.
    DutyOpened {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// The borough.
        holder: String,
    },
    /// The receiving borough has accepted: the duty is theirs.
    DutyMoved {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who held it.
        from: String,
        /// Who holds it now.
        to: String,
        /// The transfer.
        transfer: String,
    },
    /// A duty has ended.
    DutyEnded {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who held it.
        holder: String,
    },
    /// A transfer was offered.
    TransferOffered {
        /// The transfer.
        transfer: String,
        /// Who asks.
        from: String,
        /// Who is asked.
        to: String,
        /// `P1` to `P4`.
        priority: String,
        /// Children and duties.
        items: Vec<Item>,
        /// When it must have been opened.
        seen_by: Timestamp,
        /// When it must have been answered.
        decide_by: Timestamp,
        /// The edition that set the clocks.
        edition: u32,
    },
    /// A transfer went one step on.
    TransferChanged {
        /// The transfer.
        transfer: String,
        /// The children in it.
        children: Vec<String>,
        /// Who offered it.
        from: String,
        /// Who was asked.
        to: String,
        /// What happened, for instance `delivered`, `seen`, `accepted`, `declined`, `received`, `escalated`.
        step: String,
        /// Decline reason, ladder level or the like, as a code.
        code: Option<String>,
    },
    /// A borough has set its desk. Only what other organisations need in order to ring it.
    DeskSet {
        /// The borough.
        borough: String,
        /// The day desk's telephone.
        day_phone: String,
        /// The night desk's telephone.
        night_phone: String,
        /// The borough whose night team acts, if another's.
        covered_by: Option<String>,
        /// Office hours.
        hours: Vec<OfficeHours>,
        /// Days on which it is closed although the hours say open, as `2026-12-25`. None in events from before this was told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        closed_on: Vec<String>,
    },
    /// Something else that stays inside the service; the code says what.
    Noted {
        /// The stored type.
        what: String,
        /// The children it is about.
        children: Vec<String>,
        /// The borough concerned.
        borough: Option<String>,
        /// What other services must know of it. None in events from before this was told, and where there is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        circumstance: Option<Circumstance>,
    },
}

impl Published for Transfers {
    const SERVICE: &'static str = "transfers";

    fn kind(&self) -> &'static str {
        match self {
            Self::DutyOpened { .. } => "duty_opened",
            Self::DutyMoved { .. } => "duty_moved",
            Self::DutyEnded { .. } => "duty_ended",
            Self::TransferOffered { .. } => "transfer_offered",
            Self::TransferChanged { .. } => "transfer_changed",
            Self::DeskSet { .. } => "desk_set",
            Self::Noted { .. } => "noted",
        }
    }

    fn children(&self) -> Vec<String> {
        match self {
            Self::DutyOpened { child, .. } | Self::DutyMoved { child, .. } | Self::DutyEnded { child, .. } => vec![child.clone()],
            Self::TransferOffered { items, .. } => items.iter().map(|item| item.child.clone()).collect(),
            Self::TransferChanged { children, .. } | Self::Noted { children, .. } => children.clone(),
            Self::DeskSet { .. } => Vec::new(),
        }
    }

    fn borough(&self) -> Option<&str> {
        match self {
            Self::DutyOpened { holder, .. } | Self::DutyEnded { holder, .. } => Some(holder),
            Self::DutyMoved { to, .. } | Self::TransferOffered { to, .. } | Self::TransferChanged { to, .. } => Some(to),
            Self::DeskSet { borough, .. } => Some(borough),
            Self::Noted { borough, .. } => borough.as_deref(),
        }
    }
}
