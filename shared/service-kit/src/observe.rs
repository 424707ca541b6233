//! What every answer is counted by, logged with and guarded by.

use std::any::Any;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{
    problem::{Problem, types},
    trace::Trace,
};

/// Logs and counts one request: method, route, status, time and trace. Never a header, a query, a body, or the path itself.
pub async fn layer(request: Request, next: Next) -> Response {
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let trace = Trace::current().map(|trace| trace.id()).unwrap_or_default();
    let span = tracing::info_span!("request", http.method = method, http.route = route, trace);
    let start = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    metrics::histogram!("hub_http_request_seconds", "method" => method, "route" => route, "status" => status.to_string()).record(took);
    let ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| {
        if status >= 500 {
            tracing::warn!(http.status = status, http.ms = ms, "request answered with an error of ours");
        } else {
            tracing::info!(http.status = status, http.ms = ms, "request answered");
        }
    });
    response
}

/// A method by name. What a client makes up is one name, so that nobody can fill the memory with counters.
fn method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

/// Headers that keep case data out of caches, frames and other sites. A page may set its own policy.
pub async fn guard(request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The answer to a panic. What it said is dropped: it may hold personal data; the log has the place.
pub fn panicked(said: Box<dyn Any + Send>) -> Response {
    drop(said);
    metrics::counter!("hub_panics_total").increment(1);
    Problem::of(&types::INTERNAL).into_response()
}

#[cfg(test)]
#[path = "observe/tests.rs"]
mod tests;
