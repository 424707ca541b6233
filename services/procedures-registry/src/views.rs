//! What can be looked up. Every view is made from the log alone and can be thrown away.

pub mod desks;
pub mod drafts;
pub mod editions;
pub mod fields;
pub mod form_use;
pub mod readings;
pub mod texts;
pub mod variations;

use std::sync::Arc;

use event_store::View;

use crate::rules::Event;

/// All views of the service.
#[must_use]
pub fn views() -> Vec<Arc<dyn View<Event>>> {
    vec![
        Arc::new(editions::Editions),
        Arc::new(texts::Texts),
        Arc::new(drafts::Drafts),
        Arc::new(desks::Desks),
        Arc::new(variations::Variations),
        Arc::new(readings::Readings),
        Arc::new(fields::Fields),
        Arc::new(form_use::FormUse),
    ]
}
