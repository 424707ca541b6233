//! The service, put together from its parts.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use event_store::Store;
use service_kit::{Parts, Service, Worker, editions, fresh, wiring::Reached};

use crate::{
    api,
    app::App,
    publish::publish,
    react::{FromIntake, SOURCE},
    timers::Timers,
    views::views,
};

/// The name of the service, of its log, and in its addresses.
pub const NAME: &str = "transfers";

/// Who may do what here.
pub const POLICY: service_kit::Policy =
    service_kit::Policy { service: NAME, rules: include_str!("../policy.cedar"), schema: include_str!("../policy.cedarschema") };

/// Case transfer, ready to run.
#[must_use]
pub fn service(parts: &Parts) -> Service {
    let (store, writer) = Store::open(parts.pool.clone(), NAME, views());
    let handler = Arc::new(FromIntake::new(store.clone(), parts.editions.clone()));
    let (service, intake) = Service::new(NAME, axum::Router::new()).with_log(parts, &store, writer, publish).taking(parts, SOURCE, handler);
    let service = service.obeying(parts, &store);
    let app = App {
        kit: parts.kit.clone(),
        store: store.clone(),
        editions: parts.editions.clone(),
        vault: Arc::clone(&parts.vault),
        intake,
        looks: parts.looks.clone(),
    };
    let reached: Arc<dyn fresh::Freshness> = Arc::new(Reached { own: store.log().clone(), sources: vec![SOURCE, editions::SOURCE] });
    let routes = api::router(app.clone()).layer(from_fn_with_state(reached, fresh::layer));
    let timers = Timers::new(app);
    let mut service = service.worker(Worker::new("timers", move |stop| timers.run(stop))).document(api::document());
    service.router = service.router.merge(routes);
    service
}
