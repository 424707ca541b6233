//! What the service has at hand for reading: tables made from its own log and nothing else.

pub(crate) mod cases;
pub(crate) mod desks;
mod folded;
pub(crate) mod followers;
pub(crate) mod glasses;
pub(crate) mod links;
pub(crate) mod nights;
pub(crate) mod timers;
pub(crate) mod transfers;

use std::sync::Arc;

use event_store::View;
use service_kit::editions::Learning;

use crate::kept::Kept;

/// Every view of the service, for a migration or a rebuild.
#[must_use]
pub fn views() -> Vec<Arc<dyn View<Kept>>> {
    vec![
        Arc::new(links::Links),
        Arc::new(followers::Followers),
        Arc::new(desks::Desks),
        Arc::new(nights::Nights),
        Arc::new(cases::Cases),
        Arc::new(transfers::Transfers),
        Arc::new(timers::Timers),
        Arc::new(glasses::Glasses),
        Arc::new(Learning::new()),
    ]
}
