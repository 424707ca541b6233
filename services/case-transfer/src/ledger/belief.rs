//! What a borough's screen says about a duty. There is never a moment in which every screen says "not yours".

use kernel::Borough;
use serde::{Deserialize, Serialize};

use super::{Duty, Ledger};

/// The words for a holder whose offer was refused, withdrawn or not answered.
pub const STILL_RESPONSIBLE: &str = "You are still responsible.";

/// What a borough is told about a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Belief {
    /// "Yours."
    Yours,
    /// "Still yours, awaiting receipt": accepted, but the receiving desk has not confirmed that it knows.
    StillYoursAwaitingReceipt,
    /// Not yours.
    NotYours,
}

impl Belief {
    /// Whether the borough acts as the responsible one.
    #[must_use]
    pub fn is_responsible(self) -> bool {
        match self {
            Self::Yours | Self::StillYoursAwaitingReceipt => true,
            Self::NotYours => false,
        }
    }
}

impl Ledger {
    /// What the borough is told about the duty.
    #[must_use]
    pub fn belief(&self, borough: &Borough, duty: Duty) -> Belief {
        if self.holder(duty) == Some(borough) {
            return Belief::Yours;
        }
        let giver = self.in_transfer.get(&duty).and_then(|open| open.awaiting_receipt.as_ref());
        if giver == Some(borough) { Belief::StillYoursAwaitingReceipt } else { Belief::NotYours }
    }
}
