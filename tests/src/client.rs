//! A caller that keeps a history: what it is about to ask, and what it was told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hub::{
    client::Reply,
    people::{self, Someone},
    token::Signer,
};
use kernel::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::history::{Book, Line};

/// How long an answer is waited for. Longer than the hub takes to give up on its database.
const PATIENCE: Duration = Duration::from_secs(8);

/// One command, as it is sent and sent again.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who sends it.
    pub who: Someone,
    /// Path, from `/api/`.
    pub path: String,
    /// Idempotency key.
    pub key: String,
    /// Trace id, 32 hexadecimal digits.
    pub trace: String,
    /// The version that it was decided on.
    pub version: Option<i64>,
    /// Body.
    pub body: Value,
}

impl Command {
    /// The service that it goes to.
    #[must_use]
    pub fn service(&self) -> &str {
        service_of(&self.path)
    }

    /// The kind of path: without its ids.
    fn what(&self) -> String {
        let kind = |part: &str| if part.contains('_') { "{id}".to_owned() } else { part.to_owned() };
        format!("POST {}", self.path.split('/').map(kind).collect::<Vec<_>>().join("/"))
    }
}

fn service_of(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

/// How a command ended.
#[derive(Clone, Debug)]
pub enum Told {
    /// Recorded.
    Done(Reply),
    /// Refused for good.
    Refused(Reply),
    /// Nobody knows: no answer, or one that leaves it open.
    Unknown,
}

/// Whoever speaks to a hub whose services may each have an address of their own.
pub struct Speaker {
    http: reqwest::Client,
    addresses: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
    book: Arc<Book>,
    number: u16,
}

impl Speaker {
    /// A caller with the tokens of everybody in the demonstration.
    ///
    /// # Panics
    /// When no token can be signed.
    #[must_use]
    pub fn new(addresses: BTreeMap<String, String>, signer: &Signer, now: Timestamp, (book, number): (Arc<Book>, u16)) -> Self {
        let sign = |someone: Someone| signer.person(&someone, now).map(|token| (someone.id, token));
        let tokens: Result<_, _> = people::everybody().into_iter().map(sign).collect();
        let http = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(Duration::from_secs(2)).build();
        let (Ok(tokens), Ok(http)) = (tokens, http) else { panic!("a caller of the hub cannot be made") };
        Self { http, addresses, tokens, book, number }
    }

    /// The history that this caller adds to.
    #[must_use]
    pub fn book(&self) -> &Arc<Book> {
        &self.book
    }

    /// A request as somebody.
    fn request(&self, who: &Someone, method: Method, path: &str) -> RequestBuilder {
        let address = self.addresses.get(service_of(path)).map(String::as_str).unwrap_or_default();
        let token = self.tokens.get(&who.id).map(String::as_str).unwrap_or_default();
        self.http.request(method, format!("{address}{path}")).bearer_auth(token)
    }

    /// Sends a command once, and writes down how it ended.
    pub async fn tell(&self, command: &Command) -> Told {
        let (client, key) = (self.number, command.key.clone());
        self.book.add(|at| Line::Invoke {
            at,
            client,
            service: command.service().to_owned(),
            key: key.clone(),
            trace: command.trace.clone(),
            principal: command.who.id.clone(),
            what: command.what(),
        });
        let mut request = self.request(&command.who, Method::POST, &command.path).json(&command.body);
        request = request.header("Idempotency-Key", &key).header("traceparent", format!("00-{}-00f067aa0ba902b7-01", command.trace));
        if let Some(version) = command.version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        let reply = reply(request).await;
        let position = |reply: &Reply| reply.position.as_deref()?.split_once(':')?.1.parse::<i64>().ok();
        match reply {
            Some(reply) if (200..300).contains(&reply.status) => {
                let adds = command.version.is_none_or(|before| reply.version.is_some_and(|after| after > before));
                let position = position(&reply).unwrap_or_default();
                self.book.add(|at| Line::Ok { at, client, key, position, adds });
                Told::Done(reply)
            }
            Some(reply) if leaves_it_open(reply.status) => {
                self.book.add(|at| Line::Unknown { at, client, key });
                Told::Unknown
            }
            Some(reply) => {
                self.book.add(|at| Line::Fail { at, client, key, status: reply.status });
                Told::Refused(reply)
            }
            None => {
                self.book.add(|at| Line::Unknown { at, client, key });
                Told::Unknown
            }
        }
    }

    /// Reads, at least as fresh as a position if one is given. Nothing: no answer.
    pub async fn get(&self, who: &Someone, path: &str, after: Option<&str>) -> Option<Reply> {
        let mut request = self.request(who, Method::GET, path);
        if let Some(after) = after {
            request = request.header("Hub-After", after);
        }
        reply(request).await
    }

    /// Asks who is responsible, and writes down what was shown.
    pub async fn look(&self, who: &Someone, child: &str, duty: &str, look: u64) {
        let client = self.number;
        let (child, duty) = (child.to_owned(), duty.to_owned());
        let path = format!("/api/transfers/children/{child}/responsibility");
        self.book.add(|at| Line::Look { at, client, look, child, duty: duty.clone() });
        let Some(reply) = self.get(who, &path, None).await else { return };
        if reply.status != 200 {
            return;
        }
        let held = reply.body["duties"].as_array().into_iter().flatten().find(|held| held["duty"] == duty.as_str());
        let holder = held.and_then(|held| held["holder"].as_str()).map(str::to_owned);
        // The ledger answers from its own log, so it is never excused: `stale_since` speaks of what other services have recorded.
        self.book.add(|at| Line::Saw { at, client, look, holder, stale: false });
    }
}

/// A status that does not say whether the command was recorded, or that asks to try again.
fn leaves_it_open(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 429)
}

async fn reply(request: RequestBuilder) -> Option<Reply> {
    let response = request.send().await.ok()?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let version = header("etag").and_then(|tag| tag.trim_matches('"').parse().ok());
    let (position, replayed) = (header("hub-position"), header("idempotency-replayed").is_some());
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?;
    Some(Reply { status, version, position, replayed, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}
