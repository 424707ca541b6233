//! Who has read a handover sheet, or what desks wrote about a child. It stands on a stream of its own, so that looking never makes a decision stale.

use kernel::{Actor, ChildId};
use serde::{Deserialize, Serialize};

use crate::clocks::When;

/// A look at a transfer, or at what desks wrote about a child. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookEvent {
    /// The texts were released to somebody of one of the boroughs that they are for.
    Viewed {
        /// The children that they were about then.
        children: Vec<ChildId>,
        /// Who read it; a borough's system may.
        by: Actor,
        /// When.
        at: When,
    },
}
