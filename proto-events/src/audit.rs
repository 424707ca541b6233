//! What board audit tells others.

use serde::{Deserialize, Serialize};

use crate::Published;

/// A published event of board audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Audit {
    /// Somebody opened the chronology of a child.
    RecordRead {
        /// The child.
        child: String,
    },
    /// Somebody was told that a masked case of a dip sample is this child.
    RecordUnmasked {
        /// The child.
        child: String,
        /// The sample.
        sample: String,
        /// The number of the case in it.
        case: u32,
    },
}

impl Published for Audit {
    const SERVICE: &'static str = "audit";

    fn kind(&self) -> &'static str {
        match self {
            Self::RecordRead { .. } => "record_read",
            Self::RecordUnmasked { .. } => "record_unmasked",
        }
    }

    fn children(&self) -> Vec<String> {
        match self {
            Self::RecordRead { child } | Self::RecordUnmasked { child, .. } => vec![child.clone()],
        }
    }

    fn borough(&self) -> Option<&str> {
        None
    }
}
