//! Who must act now. No wrong door: whatever is known or not, the answer is a borough.

use kernel::{Borough, directory::Directory};
use serde::{Deserialize, Serialize};

use super::{Found, OwnerBecause};

/// The borough whose duty it is to act now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The borough.
    pub borough: Borough,
    /// Why it.
    pub because: OwnerBecause,
}

/// Emergency action belongs to the borough where the child is found; where that is not known, to the one that received the
/// referral. A site that the directory does not know counts as not known.
#[must_use]
pub fn owner_of(found: &Found, received_in: &Borough, directory: &Directory) -> Owner {
    let at_site =
        found.site.as_ref().and_then(|site| directory.borough_of_site(site)).map(|entry| (entry.code.clone(), OwnerBecause::ChildIsAtSite));
    let in_borough = || found.borough.clone().map(|borough| (borough, OwnerBecause::ChildIsInBorough));
    let (borough, because) = at_site.or_else(in_borough).unwrap_or_else(|| (received_in.clone(), OwnerBecause::ReferralArrivedThere));
    Owner { borough, because }
}
