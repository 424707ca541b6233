//! Who has read a handover sheet. It stands on a stream of its own, so that looking never makes a decision stale.

use kernel::{Actor, ChildId};
use serde::{Deserialize, Serialize};

use crate::clocks::When;

/// A look at a transfer. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookEvent {
    /// The sheet and the texts were released to somebody of one of the two boroughs.
    Viewed {
        /// The children of the transfer then.
        children: Vec<ChildId>,
        /// Who read it; a borough's system may.
        by: Actor,
        /// When.
        at: When,
    },
}
