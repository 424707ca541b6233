//! Bodies: bounded, JSON only, and refused in words that never quote what was sent.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, Method, header},
};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::problem::{Problem, types};

mod explain;

pub use explain::expected;

/// A larger body is refused, where a route does not say otherwise.
pub const MOST_BYTES: usize = 256 * 1024;

/// The most bytes of a body, where a route takes more than is usual: `Extension(Most(..))`.
#[derive(Clone, Copy, Debug)]
pub struct Most(pub usize);

/// Objects and lists nested deeper than this are refused.
const DEEPEST: usize = 32;

/// A body has to arrive within this time; a bad telephone line in a hospital cellar manages.
const PATIENCE: Duration = Duration::from_secs(60);

/// A JSON body, read into a type that refuses unknown fields. An empty body is read as `{}`.
#[derive(Clone, Debug)]
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// SHA-256 over method, path and the bytes of the body: the same command gives the same print.
    pub fingerprint: [u8; 32],
}

impl<S, T> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let method = request.method().clone();
        let path = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().path(), |uri| uri.path()).to_owned();
        let headers = request.headers().clone();
        let most = request.extensions().get::<Most>().map_or(MOST_BYTES, |most| most.0);
        let bytes = tokio::time::timeout(PATIENCE, read(request, most)).await.map_err(|_| Problem::of(&types::TIMEOUT))??;
        let fingerprint = fingerprint(&method, &path, &bytes);
        if bytes.is_empty() {
            return Ok(Self { value: parse(b"{}")?, fingerprint });
        }
        check_type(&headers)?;
        let value = parse(&bytes);
        // A list would be read as the fields in their order.
        if value.is_ok() && bytes.trim_ascii_start().starts_with(b"[") {
            return Err(Problem::invalid_at("", "expected an object"));
        }
        Ok(Self { value: value?, fingerprint })
    }
}

async fn read(request: Request, most: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::of(&types::TOO_LARGE).detail(format!("Send at most {} KiB.", most >> 10));
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut stream = request.into_body().into_data_stream();
    let mut bytes = Vec::with_capacity(said.unwrap_or(0));
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::of(&types::MALFORMED).detail("The body broke off. Send it again."))?;
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let of = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = of(header::CONTENT_ENCODING).is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
    let mut parts = of(header::CONTENT_TYPE).unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|parameter| matches!(parameter.to_ascii_lowercase().as_str(), "charset=utf-8" | "charset=\"utf-8\""));
    if plain && json && utf8 { Ok(()) } else { Err(Problem::of(&types::UNSUPPORTED_MEDIA_TYPE)) }
}

/// Reads JSON. `T` refuses unknown fields by its own `deny_unknown_fields`.
///
/// # Errors
/// 400 when it is not JSON, 422 with pointers when it is not the JSON that is expected.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::of(&types::MALFORMED).detail("The body is not UTF-8."));
    }
    scan(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| explain::problem(&error, bytes))?;
    json.end().map_err(|error| explain::malformed(&error))?;
    Ok(value)
}

/// Refuses what is nested too deeply, and the character U+0000, which PostgreSQL cannot keep.
fn scan(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut in_string, mut at) = (0_usize, false, 0);
    while let Some(byte) = bytes.get(at) {
        match (in_string, byte) {
            (true, b'\\') => {
                if bytes.get(at + 1..at + 6).is_some_and(|escape| escape == b"u0000") {
                    return Err(Problem::invalid_at("", "The character U+0000 cannot be kept. Leave it out."));
                }
                at += 1;
            }
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (_, _) => {}
        }
        if depth > DEEPEST {
            return Err(Problem::of(&types::MALFORMED).detail("The body is nested too deeply."));
        }
        at += 1;
    }
    Ok(())
}

fn fingerprint(method: &Method, path: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [method.as_str().as_bytes(), path.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
#[path = "json/tests.rs"]
mod tests;
