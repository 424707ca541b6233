//! `PUT`: the whole of something. The first one has no version to match; after that the version is needed.

use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::HeaderMap,
};
use event_store::Receipt;
use serde::de::DeserializeOwned;
use service_kit::{As, Authority, Body, IdempotencyKey, IfMatch, Kit, Problem, Trace};

/// A command that sets something as a whole.
pub(crate) struct Replace<R: Authority, T> {
    pub(crate) by: As<R>,
    /// The version that it was decided on, if one was sent.
    pub(crate) version: Option<i64>,
    /// The key, if one was sent: repeating a `PUT` changes nothing anyway.
    pub(crate) receipt: Option<Receipt>,
    pub(crate) trace: Trace,
    pub(crate) now: kernel::Timestamp,
    pub(crate) body: T,
}

fn has(headers: &HeaderMap, name: &str) -> bool {
    headers.contains_key(name)
}

impl<S, R, T> FromRequest<S> for Replace<R, T>
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
        let key =
            if has(&parts.headers, "idempotency-key") { Some(IdempotencyKey::from_request_parts(&mut parts, state).await?) } else { None };
        let version = if has(&parts.headers, "if-match") { Some(IfMatch::from_request_parts(&mut parts, state).await?.0) } else { None };
        let Ok(trace) = Trace::from_request_parts(&mut parts, state).await;
        let now = Kit::from_ref(state).clock.now();
        let Body { value, fingerprint } = Body::from_request(Request::from_parts(parts, body), state).await?;
        let receipt = key.map(|IdempotencyKey(key)| Receipt { principal: by.caller.id.clone(), key, fingerprint });
        Ok(Self { by, version, receipt, trace, now, body: value })
    }
}
