//! How a service is: alive, ready, and part by part.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Map, json};
use sqlx::PgPool;
use tokio::time::timeout;

/// A part that takes longer to say how it is, is down.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It works.
    Up,
    /// It works, late or in part.
    Degraded,
    /// It does not work.
    Down,
}

/// How a part is, in words. The words hold no personal data: anybody may read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How it is.
    pub status: State,
    /// More about it.
    pub detail: String,
}

impl Check {
    /// It works.
    #[must_use]
    pub fn up(detail: impl Into<String>) -> Self {
        Self { status: State::Up, detail: detail.into() }
    }

    /// It works, late or in part.
    #[must_use]
    pub fn degraded(detail: impl Into<String>) -> Self {
        Self { status: State::Degraded, detail: detail.into() }
    }

    /// It does not work.
    #[must_use]
    pub fn down(detail: impl Into<String>) -> Self {
        Self { status: State::Down, detail: detail.into() }
    }
}

type Look = dyn Fn() -> Pin<Box<dyn Future<Output = Check> + Send>> + Send + Sync;

/// A part of a service that can be asked how it is.
#[derive(Clone)]
pub struct Component {
    name: String,
    needed: bool,
    look: Arc<Look>,
}

impl Component {
    /// A part without which the service cannot answer: it is not ready while this is down.
    pub fn needed<F>(name: impl Into<String>, look: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Check> + Send + 'static,
    {
        Self { name: name.into(), needed: true, look: Arc::new(move || Box::pin(look())) }
    }

    /// A part that the service can do without for a while.
    pub fn helpful<F>(name: impl Into<String>, look: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Check> + Send + 'static,
    {
        Self { needed: false, ..Self::needed(name, look) }
    }

    /// The database behind a pool.
    #[must_use]
    pub fn database(pool: PgPool) -> Self {
        Self::needed("database", move || {
            let pool = pool.clone();
            async move {
                match sqlx::query("select 1").execute(&pool).await {
                    Ok(_) => Check::up("answers"),
                    Err(_) => Check::down("does not answer"),
                }
            }
        })
    }

    /// The same part under the name of its service.
    #[must_use]
    pub fn of(self, service: &str) -> Self {
        Self { name: format!("{service}.{}", self.name), ..self }
    }

    async fn check(&self) -> Check {
        timeout(PATIENCE, (self.look)()).await.unwrap_or_else(|_| Check::down("does not answer within 2 s"))
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("name", &self.name).field("needed", &self.needed).finish_non_exhaustive()
    }
}

/// `/livez`, `/readyz`, `/health`, `/info` and `/metrics`. They need no token and show nothing of any case.
pub fn routes(services: &[&str], components: Vec<Component>) -> Router {
    let components: Arc<[Component]> = components.into();
    let (ready, all) = (Arc::clone(&components), components);
    let info = json!({ "name": "safeguarding-hub", "version": env!("CARGO_PKG_VERSION"), "services": services });
    Router::new()
        .route("/livez", get(async || "alive"))
        .route("/readyz", get(async move || readiness(&ready).await))
        .route("/health", get(async move || report(&all).await))
        .route("/info", get(async move || Json(info)))
        .route("/metrics", get(async || ([("content-type", "text/plain; version=0.0.4")], crate::metrics::render())))
}

async fn readiness(components: &[Component]) -> Response {
    let needed: Vec<_> = components.iter().filter(|component| component.needed).collect();
    let checks = join_all(needed.iter().map(|component| component.check())).await;
    let down: Vec<_> =
        needed.iter().zip(&checks).filter(|(_, check)| check.status == State::Down).map(|(component, _)| component.name.as_str()).collect();
    if down.is_empty() {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}", down.join(", "))).into_response()
    }
}

async fn report(components: &[Component]) -> Response {
    let checks = join_all(components.iter().map(Component::check)).await;
    let status = checks.iter().map(|check| check.status).max().unwrap_or(State::Up);
    let parts: Map<_, _> = components.iter().zip(checks).map(|(component, check)| (component.name.clone(), json!(check))).collect();
    let code = if status == State::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(json!({ "status": status, "components": parts }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use serde_json::Value;
    use tower::ServiceExt as _;

    async fn ask(components: Vec<Component>, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes(&["transfers"], components).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_service_is_ready_without_a_helpful_part_and_not_without_a_needed_one() {
        let nats = Component::helpful("nats", async || Check::down("away"));
        let database = Component::needed("database", async || Check::down("away")).of("transfers");
        assert_eq!(ask(vec![nats.clone()], "/readyz").await.0, 200);
        assert_eq!(ask(vec![nats.clone(), database.clone()], "/readyz").await, (503, "not ready: transfers.database".to_owned()));
        assert_eq!(ask(vec![nats, database], "/livez").await.0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_does_not_answer_is_down_and_does_not_hold_up_the_report() {
        let stuck = Component::helpful("nats", std::future::pending);
        let late = Component::helpful("relay", async || Check::degraded("12 s behind"));
        let (status, body) = ask(vec![stuck, late], "/health").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["status"]), (503, &json!("down")));
        assert_eq!(body["components"]["nats"]["status"], "down");
        assert_eq!(body["components"]["relay"], json!({"status": "degraded", "detail": "12 s behind"}));
    }
}
