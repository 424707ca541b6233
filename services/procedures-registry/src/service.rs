//! The service, put together from its parts.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use bus::Reactions;
use event_store::Store;
use proto_events::{Published as _, intake::Intake, transfers::Transfers};
use service_kit::{Parts, Service, Worker, fresh, wiring::Reached};

use crate::{
    SERVICE, api,
    app::App,
    carry,
    documents::Documents,
    publish::publish,
    react::{react, react_to_intake},
    rules::Event,
    timers,
    views::views,
};

/// The services whose events it takes.
const SOURCES: [&str; 2] = [Transfers::SERVICE, Intake::SERVICE];

/// The procedures registry, ready to run.
#[must_use]
pub fn service(parts: &Parts) -> Service {
    let (store, writer) = Store::open(parts.pool.clone(), SERVICE, views());
    let [transfers, intake] = SOURCES;
    let desks: Reactions<Event> = Reactions::new(store.clone(), transfers, react);
    let forms: Reactions<Event> = Reactions::new(store.clone(), intake, react_to_intake);
    let service = Service::new(SERVICE, Router::new()).with_log(parts, &store, writer, publish);
    let (service, _) = service.taking(parts, transfers, Arc::new(desks));
    let (service, _) = service.taking(parts, intake, Arc::new(forms));
    let reached: Arc<dyn fresh::Freshness> = Arc::new(Reached { own: store.log().clone(), sources: SOURCES.to_vec() });
    let (kit, brought, log) = (parts.kit.clone(), parts.editions.editions(), store.clone());
    let (timed, timed_kit) = (store.clone(), parts.kit.clone());
    let app = App { kit: parts.kit.clone(), store, documents: Documents::default() };
    let routes = api::router(app).layer(from_fn_with_state(reached, fresh::layer));
    let mut service = service
        .worker(Worker::new("carry", move |stop| carry::run(log, kit, brought, stop)))
        .worker(Worker::new("timers", move |stop| timers::run(timed, timed_kit, stop)))
        .document(api::document());
    service.router = service.router.merge(routes);
    service
}
