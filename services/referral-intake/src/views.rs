//! What can be looked up. Every view is made from the log alone and can be thrown away.

pub mod circumstances;
pub mod contacts;
pub mod desks;
pub mod identities;
pub mod links;
pub mod queue;
pub mod readers;
pub mod retention;
pub mod timers;

use std::sync::Arc;

use event_store::View;
use service_kit::editions::Learning;
use vault::Vault;

use crate::event::Event;

/// All views of the service. The index of identities opens sealed names, so it needs the vault.
#[must_use]
pub fn views(vault: Arc<Vault>) -> Vec<Arc<dyn View<Event>>> {
    vec![
        Arc::new(queue::Queue),
        Arc::new(contacts::Contacts),
        Arc::new(links::Links),
        Arc::new(circumstances::Circumstances),
        Arc::new(desks::Desks),
        Arc::new(readers::Readers),
        Arc::new(timers::Timers),
        Arc::new(identities::Identities::new(vault)),
        Arc::new(Learning::new()),
    ]
}
