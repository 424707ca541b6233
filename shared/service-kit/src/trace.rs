//! W3C trace context: which request a line, an event or an error belongs to.

use std::{convert::Infallible, fmt};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::ids::Ids;

tokio::task_local! {
    static CURRENT: Trace;
}

/// The trace that a request belongs to. Its id is the correlation of every event that follows from the request, and the
/// incident reference of an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    span: u64,
    sampled: bool,
}

impl Trace {
    /// A new trace.
    #[must_use]
    pub fn new(ids: &Ids) -> Self {
        Self { id: ids.uuid().as_u128(), span: span_id(ids.uuid()), sampled: true }
    }

    /// The caller's trace where the header is well formed, else a new one. This hub's part gets a span of its own.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, ids: &Ids) -> Self {
        let mut given = headers.get_all("traceparent").iter();
        match (given.next().and_then(|value| value.to_str().ok()).and_then(parse), given.next()) {
            (Some((id, sampled)), None) => Self { id, span: span_id(ids.uuid()), sampled },
            (Some(_) | None, _) => Self::new(ids),
        }
    }

    /// The trace of the request that is being answered in this task, if one is.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|trace| *trace).ok()
    }

    /// The trace id: 32 hexadecimal digits. The incident reference, and the correlation of events.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:032x}", self.id)
    }

    /// The header to send on.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.id, self.span, u8::from(self.sampled))
    }

    /// Runs a future as a part of this trace.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.traceparent())
    }
}

/// Half of a fresh UUID: the half that is random.
fn span_id(uuid: Uuid) -> u64 {
    let (_, random) = uuid.as_u64_pair();
    random
}

/// Trace id and sampled flag of a `traceparent`.
fn parse(header: &str) -> Option<(u128, bool)> {
    let lower_hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut parts = header.splitn(5, '-');
    let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lengths = (version.len(), id.len(), span.len(), flags.len()) == (2, 32, 16, 2);
    let more = parts.next().is_some();
    if !lengths || ![version, id, span, flags].into_iter().all(lower_hex) || version == "ff" || (version == "00" && more) {
        return None;
    }
    let id = u128::from_str_radix(id, 16).ok().filter(|id| *id != 0)?;
    u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some((id, flags & 1 == 1))
}

/// Gives every request a trace, before anything else looks at it.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let trace = Trace::from_headers(request.headers(), &Ids::new());
    request.extensions_mut().insert(trace);
    trace.scope(next.run(request)).await
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().or_else(Self::current).unwrap_or_else(|| Self::new(&Ids::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Trace {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", header.parse().unwrap());
        Trace::from_headers(&headers, &Ids::new())
    }

    #[test]
    fn a_well_formed_trace_is_carried_on_with_a_span_of_our_own() {
        let trace = of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(trace.traceparent().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && trace.traceparent().ends_with("-01"));
        assert!(!trace.traceparent().contains("00f067aa0ba902b7"));
    }

    #[test]
    fn a_malformed_trace_is_replaced_and_never_echoed() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47é6-00f067aa0ba902b7-01",
        ] {
            let trace = of(bad);
            assert_ne!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736", "{bad}");
            assert_ne!(trace.id, 0);
        }
    }
}
