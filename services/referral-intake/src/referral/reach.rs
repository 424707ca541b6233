//! How near an organisation stands to a referral, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Borough, ChildId, Org};
use serde::Serialize;

use super::Case;
use crate::child::Child;

/// How near an organisation stands to a referral; the nearest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It must act now: the child was found there, and no other borough has taken that over.
    Owner,
    /// It has accepted emergency action or the enquiry towards a child from another borough, and no other has taken it from there.
    Holder,
    /// The child lives there.
    Home,
    /// It holds the plan of a child, has held a duty towards one before, or owned the referral and gave its duties away.
    Shared,
    /// It raised the concern: it sees what it wrote, and how far things are.
    Referrer,
}

impl Reach {
    /// Whether it decides.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(self, Self::Owner | Self::Holder)
    }

    /// Whether it sees the borough's notes: reasons, what was withheld, what other agencies were asked.
    #[must_use]
    pub fn sees_notes(self) -> bool {
        !matches!(self, Self::Referrer)
    }

    /// How near these people stand, and for which borough. `acting_for` holds the boroughs they act for now.
    #[must_use]
    pub fn of(
        case: &Case,
        children: &BTreeMap<ChildId, Child>,
        org: &Org,
        acting_for: &BTreeSet<Borough>,
    ) -> Option<(Self, Option<Borough>)> {
        let own = |borough: &Borough| acting_for.contains(borough).then(|| borough.clone());
        let named = || case.children().filter_map(|child| children.get(&child));
        let first = &case.received.owner.borough;
        let kept = case.answering(children).contains(first);
        let holders = || named().flat_map(Child::deciders);
        let owner = own(first).filter(|_| kept).map(|borough| (Self::Owner, Some(borough)));
        owner
            .or_else(|| holders().find_map(own).map(|borough| (Self::Holder, Some(borough))))
            .or_else(|| case.received.home_boroughs().find_map(own).map(|borough| (Self::Home, Some(borough))))
            .or_else(|| named().flat_map(|child| &child.shared_with).find_map(own).map(|borough| (Self::Shared, Some(borough))))
            .or_else(|| case.is_referrer(org).then_some((Self::Referrer, None)))
    }
}
