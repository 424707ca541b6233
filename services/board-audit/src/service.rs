//! Putting the service together.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::FromRef, middleware::from_fn_with_state};
use event_store::{Log, Store};
use kernel::Stream;
use service_kit::{
    Kit, Parts, Problem, Service, Worker,
    fresh::{self, Freshness},
    look::{self, Looks},
    wiring::Reached,
};
use sqlx::PgPool;
use vault::Vault;

use crate::{Event, SERVICE, SOURCES, api, publish::publish, record::Record, watch::Watch};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) pool: PgPool,
    pub(crate) store: Store<Event>,
    pub(crate) vault: Arc<Vault>,
    /// The database of the record of looks.
    pub(crate) looks: PgPool,
    /// The way into that record, for what is no look.
    pub(crate) revocations: Looks,
    /// Up to which position each service's log was seen to be here without a gap.
    whole: Arc<Mutex<BTreeMap<String, i64>>>,
}

impl App {
    pub(crate) fn whole_to(&self, service: &str) -> Option<i64> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner).get(service).copied()
    }

    /// What has happened in a stream of the audit's own.
    pub(crate) async fn events(&self, stream: &Stream) -> Result<Vec<Event>, Problem> {
        let rows = self.store.log().streams(std::slice::from_ref(stream)).await;
        let rows = rows.map_err(|error| {
            tracing::warn!(error = %error, "the audit's own log cannot be read");
            Problem::unavailable("The record cannot be read now.", 2)
        })?;
        let decoded = rows.into_iter().map(|row| row.decode::<Event>().map(|recorded| recorded.event)).collect::<Result<_, _>>();
        decoded.map_err(|error| Problem::internal("record", &error))
    }

    pub(crate) fn is_whole_to(&self, service: &str, position: i64) {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), position);
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// The audit, ready to run.
#[must_use]
pub fn service(parts: &Parts) -> Service {
    let (store, writer) = Store::open(parts.pool.clone(), SERVICE, Vec::new());
    let (revocations, revoking) = Looks::open(parts.looks.clone(), parts.kit.clone(), SERVICE);
    let app = App {
        revocations,
        kit: parts.kit.clone(),
        pool: parts.pool.clone(),
        store: store.clone(),
        vault: Arc::clone(&parts.vault),
        looks: parts.looks.clone(),
        whole: Arc::default(),
    };
    let reached: Arc<dyn Freshness> = Arc::new(Reached { own: store.log().clone(), sources: SOURCES.to_vec() });
    let (routes, document) = api::routes();
    let watch = Watch::new(app.clone());
    let router: Router = routes.with_state(app).layer(from_fn_with_state(reached, fresh::layer));
    let service = Service::new(SERVICE, router).document(document).with_log(parts, &store, writer, publish);
    let service = service.worker(Worker::new("watch", move |stop| watch.run(stop)));
    let service = service.worker(Worker::new("revocations", move |_| revoking));
    // The log of looks has many writers; the audit, which reads it, signs it.
    let looks = Log::new(parts.looks.clone(), look::NAME);
    let service = service.with_checkpoints(&parts.kit, &looks, "checkpoints of looks");
    SOURCES.into_iter().fold(service, |service, source| {
        let (service, _) = service.taking(parts, source, Arc::new(Record::new(parts.pool.clone(), source)));
        service
    })
}
