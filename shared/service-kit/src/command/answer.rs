//! From an outcome to an answer.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use event_store::{Answer, Outcome, Refused, Request, Store, StoreError};
use kernel::{Actor, StoredEvent, Timestamp};
use serde_json::{Value, json};

use crate::{
    problem::{Problem, types},
    tasks::Tasks,
};

/// `Hub-Position`: where the log of a service stood after a command.
const HUB_POSITION: HeaderName = HeaderName::from_static("hub-position");

/// `Idempotency-Replayed`: the answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A command that was carried out, now or before.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The service whose log holds it.
    pub service: String,
    /// The first answer.
    pub answer: Answer,
}

/// Carries a command out. It runs in a task of its own, so a client that hangs up cannot cancel it half-way.
///
/// # Errors
/// 409 when the rules say no, 412 when it was decided on an older version, 422 when the key was used for another command,
/// 503 when the record cannot be written now.
pub async fn run<E: StoredEvent>(tasks: &Tasks, store: &Store<E>, request: Request<E>) -> Result<Answered, Problem> {
    ask(tasks, store, request).await?.map_err(refusal)
}

/// Carries a command out as [`run`] does, and gives a refusal of the rules back as it is, for a service that looks again or
/// says more with it.
///
/// # Errors
/// As [`run`], without 409.
pub async fn ask<E: StoredEvent>(tasks: &Tasks, store: &Store<E>, request: Request<E>) -> Result<Result<Answered, Refused>, Problem> {
    let service = store.log().service().to_owned();
    let store = store.clone();
    let outcome = tasks.spawn(async move { store.execute(request).await }).await;
    let outcome = outcome.map_err(|_| Problem::internal("command", &"the task of a command broke off"))?;
    decided(service, outcome.map_err(|error| not_recorded(&error))?)
}

/// A refusal of the rules as an answer: 409 with its code and the state now.
#[must_use]
pub fn refusal(refused: Refused) -> Problem {
    let problem = Problem::refusal(refused.code, refused.detail);
    refused.state.into_iter().fold(problem, |problem, state| problem.with("state", state))
}

fn decided(service: String, outcome: Outcome) -> Result<Result<Answered, Refused>, Problem> {
    match outcome {
        Outcome::Done(answer) => Ok(Ok(Answered { service, answer })),
        Outcome::Refused(refused) => Ok(Err(refused)),
        Outcome::Stale { version, changed, state } => Err(stale(version, changed, state)),
        Outcome::KeyReused => Err(Problem::of(&types::KEY_REUSED)),
        Outcome::Skipped | Outcome::Gap { .. } => {
            Err(Problem::internal("command", &"a request was answered as an event of another service"))
        }
    }
}

fn stale(version: i64, changed: Option<(Actor, Timestamp)>, state: Option<Value>) -> Problem {
    let problem = Problem::of(&types::STALE).with("version", version).header(header::ETAG, etag(version));
    let problem = changed.into_iter().fold(problem, |problem, (by, at)| {
        let by = json!({ "id": by.id, "name": by.name, "org": by.org, "role": by.role });
        problem.with("changed_by", by).with("changed_at", at.to_string())
    });
    state.into_iter().fold(problem, |problem, state| problem.with("state", state))
}

fn not_recorded(error: &StoreError) -> Problem {
    match error {
        StoreError::Unknown => Problem::unavailable(
            "It is not known whether this was recorded. Send it again with the same Idempotency-Key; it is never carried out twice.",
            1,
        ),
        StoreError::Unavailable | StoreError::Database(_) => {
            tracing::warn!(error = %error, "a command was not recorded");
            Problem::unavailable("Nothing was recorded. Send it again with the same Idempotency-Key, or telephone the duty desk.", 2)
        }
        StoreError::Decode { .. } | StoreError::Bug { .. } | StoreError::Migrate(_) => Problem::internal("command", error),
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let Answer { status, body, position: at, version, replayed } = self.answer;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(version) = version {
            headers.insert(header::ETAG, etag(version));
        }
        if let Ok(value) = HeaderValue::try_from(position(&self.service, at)) {
            headers.insert(HUB_POSITION, value);
        }
        if replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The strong entity tag of a version.
#[must_use]
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// A position token, as `Hub-Position` and `Hub-After` carry it.
#[must_use]
pub fn position(service: &str, position: i64) -> String {
    format!("{service}:{position}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(replayed: bool) -> Outcome {
        Outcome::Done(Answer { status: 201, body: json!({"version": 3}), position: 41, version: Some(3), replayed })
    }

    #[test]
    fn an_answer_carries_its_version_and_position_and_says_when_it_was_given_before() {
        for replayed in [false, true] {
            let response = decided("transfers".to_owned(), done(replayed)).unwrap().unwrap().into_response();
            assert_eq!((response.status(), &response.headers()["etag"]), (StatusCode::CREATED, &HeaderValue::from_static("\"3\"")));
            assert_eq!(response.headers()["hub-position"], "transfers:41");
            assert_eq!(response.headers().get("idempotency-replayed").is_some_and(|value| value == "true"), replayed);
        }
    }

    #[test]
    fn every_other_outcome_is_a_problem_with_its_own_status() {
        let refused = Refused { code: "not_the_holder", detail: "Ask the holder.".to_owned(), state: Some(json!("offered")) };
        let stale = Outcome::Stale { version: 4, changed: Some((Actor::hub("timer"), Timestamp::UNIX_EPOCH)), state: Some(json!("seen")) };
        let gap = Outcome::Gap { next: 2 };
        let statuses = [(Outcome::Refused(refused), 409), (stale, 412), (Outcome::KeyReused, 422), (Outcome::Skipped, 500), (gap, 500)];
        for (outcome, status) in statuses {
            let problem = decided("transfers".to_owned(), outcome).and_then(|decided| decided.map_err(refusal)).unwrap_err();
            assert_eq!(problem.status().as_u16(), status);
        }
    }

    #[tokio::test]
    async fn a_stale_command_is_told_who_changed_it_when_and_what_it_is_now() {
        let changed = Some((Actor::hub("timer"), Timestamp::UNIX_EPOCH));
        let response = stale(4, changed, Some(json!({"state": "seen"}))).into_response();
        assert_eq!(response.headers()["etag"], "\"4\"");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["changed_by"]["id"], &body["changed_at"]), (&json!("hub:timer"), &json!("1970-01-01T00:00:00Z")));
        assert_eq!((&body["state"]["state"], &body["version"]), (&json!("seen"), &json!(4)));
    }

    #[test]
    fn a_record_that_cannot_be_written_asks_to_try_again_and_a_bug_does_not() {
        assert_eq!(not_recorded(&StoreError::Unknown).status().as_u16(), 503);
        assert_eq!(not_recorded(&StoreError::Unavailable).status().as_u16(), 503);
        assert_eq!(not_recorded(&StoreError::Bug { what: "x" }).status().as_u16(), 500);
    }
}
