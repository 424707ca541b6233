//! The service, put together from its parts.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use bus::Reactions;
use event_store::Store;
use proto_events::{Published, intake::Intake, transfers::Transfers};
use service_kit::{Parts, Service, Worker, editions, fresh, wiring::Reached};

use crate::{api, app::App, event::Event, publish::publish, react::react, timers::Timers, views::views};

/// The name of the service, of its log, and in its addresses.
pub const NAME: &str = Intake::SERVICE;

/// Who may do what here.
pub const POLICY: service_kit::Policy =
    service_kit::Policy { service: NAME, rules: include_str!("../policy.cedar"), schema: include_str!("../policy.cedarschema") };

/// The service whose events it takes.
const SOURCE: &str = Transfers::SERVICE;

/// Referral intake, ready to run.
#[must_use]
pub fn service(parts: &Parts) -> Service {
    let (store, writer) = Store::open(parts.pool.clone(), NAME, views(Arc::clone(&parts.vault)));
    let handler: Reactions<Event> = Reactions::new(store.clone(), SOURCE, react);
    let (service, _) = Service::new(NAME, Router::new()).with_log(parts, &store, writer, publish).taking(parts, SOURCE, Arc::new(handler));
    let service = service.obeying(parts, &store);
    let reached: Arc<dyn fresh::Freshness> = Arc::new(Reached { own: store.log().clone(), sources: vec![SOURCE, editions::SOURCE] });
    let app = App { parts: parts.clone(), store };
    let routes = api::router(app.clone()).layer(from_fn_with_state(reached, fresh::layer));
    let mut service = service.worker(Worker::new("timers", move |stop| Timers::new(app).run(stop))).document(api::document());
    service.router = service.router.merge(routes);
    service
}
