//! Commands over HTTP: who, under which key, on which version; and what an outcome looks like as an answer.

use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, request::Parts},
};
use event_store::{Context, Receipt};
use kernel::{Actor, Timestamp};
use serde::de::DeserializeOwned;

use crate::{
    caller::{As, Authority},
    json::Body,
    kit::Kit,
    problem::{Fault, Problem, types},
    trace::Trace,
};

mod answer;

pub use answer::{Answered, ask, etag, position, refusal, run};

/// The key under which a command is carried out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        const EXPECTED: &str = "needed on every POST: 1 to 255 visible ASCII characters, for instance a UUID";
        let bad = || Problem::of(&types::BAD_HEADER).fault(Fault::in_parameter("Idempotency-Key", EXPECTED));
        let key = single(&parts.headers, "idempotency-key").map_err(|()| bad())?.ok_or_else(bad)?;
        let good = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if good { Ok(Self(key.to_owned())) } else { Err(bad()) }
    }
}

/// The version that the caller decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let bad = || Problem::of(&types::BAD_HEADER).fault(Fault::in_parameter("If-Match", "the ETag as it was read, for instance \"3\""));
        let value = single(&parts.headers, "if-match").map_err(|()| bad())?;
        let value = value.ok_or_else(|| Problem::of(&types::VERSION_REQUIRED))?;
        let digits = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(bad)?;
        let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| plain).map(Self).ok_or_else(bad)
    }
}

/// A header that may stand once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        (Some(Ok(_) | Err(_)), _) => Err(()),
    }
}

/// A command that makes something new: somebody who may, a key, and a body.
///
/// Checked in this order, so that a stranger learns nothing about the rest: the token, the role, the headers, the body.
#[derive(Debug)]
pub struct Create<R: Authority, T> {
    /// Who acts.
    pub by: As<R>,
    /// The key and the print of the command.
    pub receipt: Receipt,
    /// The trace it belongs to.
    pub trace: Trace,
    /// When the hub was told.
    pub now: Timestamp,
    /// What was sent.
    pub body: T,
}

impl<R: Authority, T> Create<R, T> {
    /// Who, when and in which story, as the log keeps it.
    pub fn context(&self, occurred_at: Option<Timestamp>) -> Context {
        let actor: Actor = self.by.who.clone().into();
        Context { actor, occurred_at, recorded_at: self.now, correlation: self.trace.id(), causation: None }
    }
}

/// A command on something that exists: it also says which version it was decided on.
#[derive(Debug)]
pub struct Change<R: Authority, T> {
    /// The version that it was decided on.
    pub version: i64,
    /// Everything else.
    pub command: Create<R, T>,
}

impl<R: Authority, T> std::ops::Deref for Change<R, T> {
    type Target = Create<R, T>;

    fn deref(&self) -> &Create<R, T> {
        &self.command
    }
}

impl<S, R, T> FromRequest<S> for Create<R, T>
where
    R: Authority,
    T: DeserializeOwned,
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let by = As::<R>::from_request_parts(&mut parts, state).await?;
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(&mut parts, state).await?;
        let Ok(trace) = Trace::from_request_parts(&mut parts, state).await;
        let now = Kit::from_ref(state).clock.now();
        let Body { value, fingerprint } = Body::from_request(Request::from_parts(parts, body), state).await?;
        let receipt = Receipt { principal: by.caller.id.clone(), key, fingerprint };
        Ok(Self { by, receipt, trace, now, body: value })
    }
}

impl<S, R, T> FromRequest<S> for Change<R, T>
where
    R: Authority,
    T: DeserializeOwned,
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        As::<R>::from_request_parts(&mut parts, state).await?;
        IdempotencyKey::from_request_parts(&mut parts, state).await?;
        let IfMatch(version) = IfMatch::from_request_parts(&mut parts, state).await?;
        let command = Create::from_request(Request::from_parts(parts, body), state).await?;
        Ok(Self { version, command })
    }
}

#[cfg(test)]
#[path = "command/tests.rs"]
mod tests;
