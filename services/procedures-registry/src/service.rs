//! The service, put together from its parts.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use bus::Reactions;
use event_store::Store;
use proto_events::{Published as _, transfers::Transfers};
use service_kit::{Parts, Service, Worker, fresh, wiring::Reached};

use crate::{SERVICE, api, app::App, carry, publish::publish, react::react, rules::Event, views::views};

/// The service whose events it takes.
const SOURCE: &str = Transfers::SERVICE;

/// The procedures registry, ready to run.
#[must_use]
pub fn service(parts: &Parts) -> Service {
    let (store, writer) = Store::open(parts.pool.clone(), SERVICE, views());
    let handler: Reactions<Event> = Reactions::new(store.clone(), SOURCE, react);
    let (service, _) =
        Service::new(SERVICE, Router::new()).with_log(parts, &store, writer, publish).taking(parts, SOURCE, Arc::new(handler));
    let reached: Arc<dyn fresh::Freshness> = Arc::new(Reached { own: store.log().clone(), sources: vec![SOURCE] });
    let (kit, brought, log) = (parts.kit.clone(), parts.editions.editions(), store.clone());
    let app = App { kit: parts.kit.clone(), store };
    let routes = api::router(app).layer(from_fn_with_state(reached, fresh::layer));
    let mut service = service.worker(Worker::new("carry", move |stop| carry::run(log, kit, brought, stop))).document(api::document());
    service.router = service.router.merge(routes);
    service
}
