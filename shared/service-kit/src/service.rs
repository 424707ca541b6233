//! A service, and a process that runs one or all of them on one address.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use axum::{
    Json, Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::{
    health::{self, Component},
    look::{self, Looks},
    observe, pages,
    problem::{Problem, types},
    tasks::Stop,
    trace,
};

mod running;

pub use running::{Running, StartError, run, start};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Work that goes on beside the requests: a relay, an inbox, a timer, the writer of the log.
pub struct Worker {
    name: &'static str,
    work: Box<dyn FnOnce(Stop) -> Work + Send>,
}

impl Worker {
    /// A worker. It ends soon after it is told to stop, and not before: one that ends by itself is reported as down.
    pub fn new<F>(name: &'static str, work: impl FnOnce(Stop) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, work: Box::new(move |stop| Box::pin(work(stop))) }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Worker").field(&self.name).finish()
    }
}

/// One service, ready to run.
pub struct Service {
    /// Its name, as in `/api/<name>/` and `<name>:<position>`.
    pub name: &'static str,
    /// What it answers, under its full paths.
    pub router: Router,
    /// What it does beside that.
    pub workers: Vec<Worker>,
    /// The parts that it can be asked about.
    pub components: Vec<Component>,
    /// Its document, served at `/api/<name>/openapi.json`.
    pub document: Option<OpenApi>,
    /// The record of looks, where it shows anything of a child.
    pub looks: Option<Looks>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("name", &self.name).field("workers", &self.workers).finish_non_exhaustive()
    }
}

impl Service {
    /// A service that only answers.
    #[must_use]
    pub fn new(name: &'static str, router: Router) -> Self {
        Self { name, router, workers: Vec::new(), components: Vec::new(), document: None, looks: None }
    }

    /// Adds work beside the requests.
    #[must_use]
    pub fn worker(mut self, worker: Worker) -> Self {
        self.workers.push(worker);
        self
    }

    /// Adds a part to ask about.
    #[must_use]
    pub fn component(mut self, component: Component) -> Self {
        self.components.push(component);
        self
    }

    /// Adds the document.
    #[must_use]
    pub fn document(mut self, document: OpenApi) -> Self {
        self.document = Some(document);
        self
    }
}

/// Everything that the services answer, on one origin: their routes and documents, health and numbers, and problems for
/// whatever else is asked. Tests send requests to it without a network.
pub fn app(services: Vec<Service>) -> Router {
    let names: Vec<_> = services.iter().map(|service| service.name).collect();
    let mut app = Router::new();
    let (mut components, mut documents) = (Vec::new(), Vec::new());
    for service in services {
        app = app.merge(match service.looks {
            Some(looks) => service.router.layer(from_fn_with_state(looks, look::layer)),
            None => service.router,
        });
        components.extend(service.components.into_iter().map(|component| component.of(service.name)));
        if let Some(document) = service.document {
            let shared = Arc::new(document.clone());
            documents.push((service.name, document));
            app = app.route(&format!("/api/{}/openapi.json", service.name), get(async move || Json(OpenApi::clone(&shared))));
        }
    }
    crate::metrics::install();
    app.merge(health::routes(&names, components))
        .merge(pages::routes(&documents))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::of(&types::METHOD_NOT_ALLOWED))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn(observe::guard))
        .layer(from_fn(observe::layer))
        .layer(from_fn(trace::layer))
}

#[cfg(test)]
#[path = "service/tests.rs"]
mod tests;
