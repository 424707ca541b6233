//! New ids, from one place.

use kernel::{ChildId, DraftId, EventId, QuestionId, ReferralId, TransferId, VariationId};
use uuid::Uuid;

/// Makes ids: UUIDs of version 7, so that they sort by the time they were made. Deciders get them with the command.
#[derive(Clone, Debug, Default)]
pub struct Ids(());

impl Ids {
    /// The maker of ids.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }

    /// A new UUID.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// The id of a child as a referral names them.
    #[must_use]
    pub fn child(&self) -> ChildId {
        ChildId::from_uuid(self.uuid())
    }

    /// The id of a referral.
    #[must_use]
    pub fn referral(&self) -> ReferralId {
        ReferralId::from_uuid(self.uuid())
    }

    /// The id of a transfer.
    #[must_use]
    pub fn transfer(&self) -> TransferId {
        TransferId::from_uuid(self.uuid())
    }

    /// The id of a draft of an edition.
    #[must_use]
    pub fn draft(&self) -> DraftId {
        DraftId::from_uuid(self.uuid())
    }

    /// The id of a local variation.
    #[must_use]
    pub fn variation(&self) -> VariationId {
        VariationId::from_uuid(self.uuid())
    }

    /// The id of a question about a procedure.
    #[must_use]
    pub fn question(&self) -> QuestionId {
        QuestionId::from_uuid(self.uuid())
    }

    /// The id of an event.
    #[must_use]
    pub fn event(&self) -> EventId {
        EventId::from_uuid(self.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let ids = Ids::new();
        let made: Vec<_> = (0..100).map(|_| ids.uuid()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
    }
}
