//! A caller who keeps what the hub sends where no personal data may be: headers, problems, receipts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use hub::{people, token::Signer};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use service_kit::Clock;
use tokio::sync::Mutex;

/// What is kept.
#[derive(Default)]
struct Kept {
    headers: Vec<u8>,
    problems: Vec<u8>,
    receipts: Vec<u8>,
    positions: BTreeMap<String, i64>,
    succeeded: BTreeSet<String>,
}

pub(super) struct Wire {
    base: String,
    http: reqwest::Client,
    tokens: BTreeMap<String, String>,
    kept: Mutex<Kept>,
    keys: AtomicU32,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) version: Option<i64>,
    pub(super) body: Value,
}

impl Got {
    #[track_caller]
    pub(super) fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub(super) fn refused(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub(super) fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {}", self.body)).to_owned()
    }
}

impl Wire {
    pub(super) fn new(base: &str, signer: &Signer) -> Self {
        let now = Clock::system().now();
        let tokens = people::everybody().into_iter().map(|someone| (someone.id.clone(), signer.person(&someone, now).unwrap())).collect();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { base: base.to_owned(), http, tokens, kept: Mutex::default(), keys: AtomicU32::new(0) }
    }

    pub(super) fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// A request without anything.
    pub(super) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(super) fn signed(&self, who: &str, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&self.tokens[who])
    }

    /// Sends anything, and keeps what comes back.
    pub(super) async fn send(&self, request: RequestBuilder) -> Got {
        let request = request.build().unwrap();
        let is_command = request.method() == Method::POST || request.method() == Method::PUT;
        let name = format!("{} {}", request.method(), route(request.url().path()));
        let answer = self.http.execute(request).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.unwrap();
        let mut kept = self.kept.lock().await;
        kept.headers.extend(format!("{headers:?}\n").into_bytes());
        if status >= 400 {
            kept.problems.extend_from_slice(&bytes);
        } else if is_command {
            kept.receipts.extend_from_slice(&bytes);
            kept.succeeded.insert(name);
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some((service, position)) = header("hub-position").and_then(|token| token.split_once(':')) {
            let position: i64 = position.parse().unwrap();
            let furthest = kept.positions.entry(service.to_owned()).or_default();
            *furthest = position.max(*furthest);
        }
        let version = header("etag").and_then(|tag| tag.trim_matches('"').parse().ok());
        Got { status, version, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    /// Reads at least as fresh as the last command.
    pub(super) async fn get(&self, who: &str, path: &str) -> Got {
        let positions = self.kept.lock().await.positions.clone();
        let after = positions.iter().map(|(service, position)| format!("{service}:{position}")).collect::<Vec<_>>().join(",");
        let request = self.signed(who, Method::GET, path);
        self.send(if after.is_empty() { request } else { request.header("Hub-After", after) }).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, version: Option<i64>, body: &Value) -> Got {
        let request = self.signed(who, Method::POST, path).header("Idempotency-Key", self.key()).json(body);
        self.send(version.iter().fold(request, |request, version| request.header("If-Match", format!("\"{version}\"")))).await
    }

    /// A command on the present version of something.
    pub(super) async fn on(&self, who: &str, thing: &str, command: &str, body: &Value) -> Got {
        let version = self.get(who, thing).await.ok().version;
        let thing = thing.strip_suffix("/responsibility").unwrap_or(thing);
        self.post(who, &format!("{thing}/{command}"), version, body).await
    }

    /// The commands that were carried out, by route.
    pub(super) async fn succeeded(&self) -> BTreeSet<String> {
        self.kept.lock().await.succeeded.clone()
    }

    /// What was kept, by what it is.
    pub(super) async fn seen(&self) -> BTreeMap<String, Vec<u8>> {
        let kept = self.kept.lock().await;
        [("response headers", &kept.headers), ("problem bodies", &kept.problems), ("answers to commands", &kept.receipts)]
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes.clone()))
            .collect()
    }
}

/// A path without its ids.
fn route(path: &str) -> String {
    let part = |part: &str| if part.contains('_') && part.len() > 20 { "{id}".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
