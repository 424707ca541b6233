//! Errors as RFC 9457 problems: what happened, and what to do now. They never quote what was sent.

use std::borrow::Cow;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::trace::Trace;

pub mod types;

pub use types::{PROBLEMS, ProblemType};

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer into the body, where the fault is in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the header or query parameter, where the fault is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<&'static str>,
    /// What is expected there. It never holds the value that was sent.
    pub detail: String,
}

impl Fault {
    /// A fault in the body.
    #[must_use]
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    /// A fault in a header or a query parameter.
    #[must_use]
    pub fn in_parameter(name: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name), detail: detail.into() }
    }
}

/// Why an answer is not the one that was hoped for, as a code for the record of looks. It goes beside the answer and never out.
#[derive(Clone, Debug)]
pub(crate) struct Because(pub(crate) Cow<'static, str>);

/// An answer that is not the one that was hoped for.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    code: Cow<'static, str>,
    status: StatusCode,
    title: Cow<'static, str>,
    detail: Option<String>,
    because: Option<&'static str>,
    errors: Vec<Fault>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of a registered type.
    #[must_use]
    pub fn of(kind: &ProblemType) -> Self {
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(kind.code, status, kind.title).detail(kind.advice)
    }

    fn new(code: &'static str, status: StatusCode, title: &'static str) -> Self {
        Self(Box::new(Inner {
            code: code.into(),
            status,
            title: title.into(),
            detail: None,
            because: None,
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
        }))
    }

    /// A refusal of the rules (409): its stable code, and in words what to do.
    #[must_use]
    pub fn refusal(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(code, StatusCode::CONFLICT, "The rules do not allow this now").detail(detail)
    }

    /// Input that cannot be taken (422), with what is expected where.
    #[must_use]
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let mut problem = Self::of(&types::INVALID);
        problem.0.errors = errors;
        problem
    }

    /// One fault in the input (422).
    #[must_use]
    pub fn invalid_at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![Fault::at(pointer, detail)])
    }

    /// Nothing is here, or nothing that this caller may know of (404).
    #[must_use]
    pub fn not_found() -> Self {
        Self::of(&types::NOT_FOUND)
    }

    /// The caller is known and may not do this (403).
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::of(&types::FORBIDDEN).detail(detail)
    }

    /// A bug or a broken part (500). What happened goes to the log; the caller gets the incident reference.
    ///
    /// `error` is logged as it displays itself, without its sources, since a source may quote data.
    #[must_use]
    pub fn internal(part: &'static str, error: &dyn std::fmt::Display) -> Self {
        let trace = Trace::current().map(|trace| trace.id());
        tracing::error!(part, trace, error = %error, "a request could not be answered");
        Self::of(&types::INTERNAL)
    }

    /// The service cannot answer now; trying again helps (503).
    #[must_use]
    pub fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::of(&types::UNAVAILABLE).detail(detail).retry_after(retry_after_seconds)
    }

    /// Says what happened and what to do, in words. Must not quote what was sent.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Says why for the record of looks alone, as a code. The answer does not hold it: what is hidden stays hidden.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.0.because = Some(reason);
        self
    }

    /// Adds a member, for instance `state` or `holder`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds faults.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.0.errors.push(fault);
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says when to try again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code, the last part of the type.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    fn body(&self) -> Value {
        let mut body = self.0.members.clone();
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        put("type", format!("/problems/{}", self.0.code).into());
        put("title", self.0.title.as_ref().into());
        put("status", self.0.status.as_u16().into());
        put("code", self.0.code.as_ref().into());
        if let Some(detail) = &self.0.detail {
            put("detail", detail.as_str().into());
        }
        if let Some(trace) = Trace::current() {
            put("instance", format!("/incidents/{}", trace.id()).into());
        }
        if !self.0.errors.is_empty() {
            put("errors", serde_json::to_value(&self.0.errors).unwrap_or_default());
        }
        Value::Object(body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (self.0.status, [content_type], self.body().to_string()).into_response();
        for (name, value) in &self.0.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(Because(self.0.because.map_or(self.0.code, Cow::Borrowed)));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    async fn json(problem: Problem) -> Value {
        let body = axum::body::to_bytes(problem.into_response().into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn a_problem_shows_the_incident_reference_of_its_request() {
        let trace = Trace::new(&Ids::new());
        let body = trace.scope(json(Problem::not_found())).await;
        assert_eq!(body["instance"], format!("/incidents/{}", trace.id()));
        assert_eq!((&body["type"], &body["status"]), (&Value::from("/problems/not_found"), &Value::from(404)));
    }

    #[tokio::test]
    async fn a_member_cannot_replace_what_the_standard_defines() {
        let body = json(Problem::refusal("not_the_holder", "Ask the holder.").with("status", 200).with("state", "offered")).await;
        assert_eq!((&body["status"], &body["state"]), (&Value::from(409), &Value::from("offered")));
        assert_eq!(body["code"], "not_the_holder");
    }

    #[test]
    fn every_problem_type_has_one_code_an_error_status_and_advice() {
        let mut codes: Vec<_> = PROBLEMS.iter().map(|kind| kind.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), PROBLEMS.len());
        assert!(PROBLEMS.iter().all(|kind| (400..600).contains(&kind.status) && !kind.advice.is_empty()));
    }
}
