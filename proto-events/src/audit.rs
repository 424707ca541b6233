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
}

impl Published for Audit {
    const SERVICE: &'static str = "audit";

    fn kind(&self) -> &'static str {
        match self {
            Self::RecordRead { .. } => "record_read",
        }
    }

    fn children(&self) -> Vec<String> {
        match self {
            Self::RecordRead { child } => vec![child.clone()],
        }
    }

    fn borough(&self) -> Option<&str> {
        None
    }
}
