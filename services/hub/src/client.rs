//! A caller of the hub's HTTP API: what the seed, the demonstration and the tests speak through.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::people::Someone;

/// The hub did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers.
    #[error("the hub does not answer at this address: is it running?")]
    Away(#[from] reqwest::Error),
    /// It refused. The answer says what to do.
    #[error("{method} {path} was answered {status}: {detail}")]
    Refused {
        /// The method.
        method: Method,
        /// The path.
        path: String,
        /// The status.
        status: StatusCode,
        /// The detail of the problem.
        detail: String,
    },
    /// No token can be made.
    #[error("no token can be signed")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// The version of the resource, from its `ETag`.
    pub version: Option<i64>,
    /// `Hub-Position`.
    pub position: Option<String>,
    /// Whether it was given before.
    pub replayed: bool,
    /// The body; null where there is none.
    pub body: Value,
}

impl Reply {
    /// A text of the body, by JSON pointer; empty when it is not there.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// One person at one hub. It remembers the positions of its own commands, so that it reads what it wrote.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    /// The furthest position of each service.
    seen: Arc<Mutex<BTreeMap<String, i64>>>,
    /// Who is calling.
    pub who: Someone,
}

impl Client {
    /// A caller with a token.
    #[must_use]
    pub fn new(base: &str, who: Someone, token: String) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), token, seen: Arc::default(), who }
    }

    /// The same hub, read at least as fresh as the other caller has seen it.
    pub fn after(&self, other: &Self) {
        let positions = other.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        positions.into_iter().for_each(|(service, position)| self.saw(service, position));
    }

    fn saw(&self, service: String, position: i64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let furthest = seen.entry(service).or_insert(position);
        *furthest = position.max(*furthest);
    }

    /// A request with the token, for callers that need something unusual.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// Reads, at least as fresh as what this caller wrote last.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> Result<Reply, ClientError> {
        let seen = tokens(&self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let mut request = self.request(Method::GET, path);
        if !seen.is_empty() {
            request = request.header("Hub-After", seen);
        }
        self.send(request).await
    }

    /// A command that makes something new, under a key.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Reply, ClientError> {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// A command on something that exists, decided on a version.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn change(&self, path: &str, key: &str, version: i64, body: &Value) -> Result<Reply, ClientError> {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key).header("If-Match", format!("\"{version}\""));
        self.send(request.json(body)).await
    }

    /// Replaces something that exists, or makes it with version 0.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn put(&self, path: &str, key: &str, version: Option<i64>, body: &Value) -> Result<Reply, ClientError> {
        let mut request = self.request(Method::PUT, path).header("Idempotency-Key", key);
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        self.send(request.json(body)).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply, ClientError> {
        let response = request.send().await?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let version = header("etag").and_then(|tag| tag.trim_matches('"').parse().ok());
        let (position, replayed) = (header("hub-position"), header("idempotency-replayed").is_some());
        let status = response.status().as_u16();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
        if let Some((service, position)) = position.as_deref().and_then(|token| token.split_once(':')) {
            self.saw(service.to_owned(), position.parse().unwrap_or(0));
        }
        Ok(Reply { status, version, position, replayed, body })
    }

    /// The reply, or what the hub said against it.
    ///
    /// # Errors
    /// When the status is not a success.
    pub fn expect(method: Method, path: &str, reply: Reply) -> Result<Reply, ClientError> {
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_success() {
            return Ok(reply);
        }
        Err(ClientError::Refused { method, path: path.to_owned(), status, detail: reply.body.to_string() })
    }
}

/// Positions as `Hub-After` takes them.
fn tokens(seen: &BTreeMap<String, i64>) -> String {
    seen.iter().map(|(service, position)| format!("{service}:{position}")).collect::<Vec<_>>().join(",")
}
