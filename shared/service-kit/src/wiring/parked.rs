//! `GET` and `POST /api/<service>/parked/<source>`: events of another service that could not be taken, for operators.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRef, State},
    routing::get,
};
use bus::{Handler, parked};
use event_store::StoreError;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{As, Kit, Parts, Problem, caller::Operators};

#[derive(Clone)]
struct Parked {
    kit: Kit,
    pool: PgPool,
    source: &'static str,
    handler: Arc<dyn Handler>,
}

impl FromRef<Parked> for Kit {
    fn from_ref(parked: &Parked) -> Self {
        parked.kit.clone()
    }
}

pub(super) fn routes(service: &str, source: &'static str, parts: &Parts, handler: Arc<dyn Handler>) -> Router {
    let state = Parked { kit: parts.kit.clone(), pool: parts.pool.clone(), source, handler };
    Router::new().route(&format!("/api/{service}/parked/{source}"), get(list).post(retry)).with_state(state)
}

/// What waits. The events themselves are thin; even so only ids, positions and causes are shown.
async fn list(State(parked): State<Parked>, _: As<Operators>) -> Result<Json<Value>, Problem> {
    let all = parked::list(&parked.pool).await.map_err(|error| failed(&error))?;
    let mine = all.iter().filter(|event| event.source == parked.source);
    let items: Vec<Value> = mine
        .map(|event| json!({ "source": event.source, "position": event.position, "subject": event.subject, "cause": event.cause, "parked_at": event.parked_at.to_string() }))
        .collect();
    Ok(Json(json!({ "items": items })))
}

/// Tries all of them again, in order. An event that was taken before has no effect, so this may be repeated.
async fn retry(State(parked): State<Parked>, _: As<Operators>) -> Result<Json<Value>, Problem> {
    let retried = parked::retry(&parked.pool, parked.source, parked.handler.as_ref()).await.map_err(|error| failed(&error))?;
    let kept: Vec<Value> = retried.kept.iter().map(|(position, cause)| json!({ "position": position, "cause": cause })).collect();
    Ok(Json(json!({ "taken": retried.taken, "kept": kept })))
}

fn failed(error: &StoreError) -> Problem {
    tracing::warn!(error = %error, "parked events could not be read or retried");
    Problem::unavailable("The parked events cannot be read now.", 2)
}
