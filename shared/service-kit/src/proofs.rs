//! Checkpoints of a service's log: signed by the service, cosigned by witnesses outside, shown to anybody.

mod checkpointer;
mod status;
mod tree;
mod witnesses;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use event_store::Log;
use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep_until},
};
use transparency::{Policy, Signer, key::Kind};

use crate::{Check, Component, Kit, Problem, Service, Worker};
use checkpointer::Checkpointer;
pub use status::Status;

/// How often a log that has grown is signed again.
const EVERY: Duration = Duration::from_secs(1);

/// How long a log that must not be signed is left alone before it is read again.
const REFUSED: Duration = Duration::from_secs(15);

/// What health says of a hub without keys for its logs.
const UNSIGNED: &str = "no checkpoints are signed: set HUB_LOG_KEYS and HUB_PROOF_POLICY_FILE";

/// The keys or the policy of the proofs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadProofs {
    /// A file is not there.
    #[error("{0} cannot be read: check HUB_LOG_KEYS and HUB_PROOF_POLICY_FILE")]
    File(String, #[source] std::io::Error),
    /// The policy file is wrong.
    #[error(transparent)]
    Policy(#[from] transparency::policy::BadPolicy),
    /// A key file holds no key of a log.
    #[error("{0} holds no key of a log: make one with `hub proof-key log`")]
    Key(String),
    /// The policy does not pin a log's own key.
    #[error("the policy file does not name the log {0} with the key that this hub signs with: add `log {1}` to it")]
    NotPinned(String, String),
    /// The HTTP client cannot be set up.
    #[error("witnesses cannot be asked")]
    Client(#[source] reqwest::Error),
}

/// What checkpoints are made with. The keys print as nothing.
#[derive(Debug)]
pub struct Proofs {
    signers: BTreeMap<String, Arc<Signer>>,
    policy: Arc<Policy>,
    client: reqwest::Client,
    /// Where each log's service answers.
    peers: BTreeMap<String, String>,
}

impl Proofs {
    /// Reads the key of each log (`<log>.key`) from a directory, and the policy file. `peers` says where each log's service answers.
    ///
    /// # Errors
    /// When a file is missing or wrong, or the policy does not pin a key.
    pub fn load(keys: &Path, policy: &Path, peers: BTreeMap<String, String>) -> Result<Self, BadProofs> {
        let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| BadProofs::File(path.display().to_string(), error));
        let policy = Policy::parse(&read(policy)?)?;
        let mut signers = BTreeMap::new();
        for service in peers.keys() {
            let path = keys.join(format!("{service}.key"));
            if !path.exists() {
                continue; // a process holds the keys of its own services alone
            }
            let key = Signer::parse(&read(&path)?).ok().filter(|key| key.verifier().kind() == Kind::Log);
            let key = key.ok_or_else(|| BadProofs::Key(path.display().to_string()))?;
            let verifier = key.verifier();
            if policy.log(verifier.name()).is_none_or(|known| known.key != verifier) {
                return Err(BadProofs::NotPinned(verifier.name().to_owned(), verifier.to_string()));
            }
            signers.insert(service.clone(), Arc::new(key));
        }
        let client = reqwest::Client::builder().timeout(witnesses::PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self { signers, policy: Arc::new(policy), client: client.map_err(BadProofs::Client)?, peers })
    }

    /// Whether this process can sign a log.
    #[must_use]
    pub fn signs_for(&self, service: &str) -> bool {
        self.signers.contains_key(service)
    }

    /// What a log's service says of its checkpoints; nothing when it does not answer.
    pub async fn status_of(&self, service: &str) -> Option<Status> {
        let base = self.peers.get(service)?.trim_end_matches('/');
        let answer = self.client.get(format!("{base}/api/{service}/checkpoint/status")).send().await.ok()?;
        let body = answer.error_for_status().ok()?.bytes().await.ok()?;
        serde_json::from_slice(&body).ok()
    }
}

/// What the routes show: made by the worker, so that a question from outside costs nothing.
#[derive(Clone, Debug, Default)]
struct Shown {
    note: Option<String>,
    status: Option<Status>,
}

impl Service {
    /// Adds the worker that signs checkpoints of a log, and their two addresses. Without keys nothing is signed, and health says so.
    /// `part` is what health calls it. One process alone signs a log.
    #[must_use]
    pub fn with_checkpoints(mut self, kit: &Kit, log: &Log, part: &'static str) -> Self {
        let name = log.service();
        let made = kit.proofs.as_ref().and_then(|proofs| Some((Arc::clone(proofs), proofs.signers.get(name).cloned()?)));
        let (shows, shown) = watch::channel(Shown::default());
        self.router = self.router.merge(routes(name, shown.clone()));
        let Some((proofs, signer)) = made else {
            return self.component(Component::helpful(part, async || Check::degraded(UNSIGNED)));
        };
        let checkpointer = Checkpointer::new(log.clone(), signer, &proofs, kit.clock.clone(), shows);
        self.worker(Worker::new(part, move |mut stop| async move {
            select! {
                () = run(checkpointer) => {}
                () = stop.asked() => {}
            }
        }))
        .component(Component::helpful(part, move || {
            let status = shown.borrow().status.clone();
            async move {
                match status {
                    Some(status) if status.is_well() => Check::up(status.sentence),
                    Some(status) => Check::degraded(status.sentence),
                    None => Check::degraded("no checkpoint yet"),
                }
            }
        }))
    }
}

async fn run(mut checkpointer: Checkpointer) {
    loop {
        let began = Instant::now();
        let pause = if checkpointer.turn().await { EVERY } else { REFUSED };
        sleep_until(began + pause).await;
    }
}

/// `GET /api/<service>/checkpoint` and `…/checkpoint/status`. For anybody: sizes, hashes, times and the names of witnesses.
fn routes(service: &str, shown: watch::Receiver<Shown>) -> Router {
    let status = shown.clone();
    Router::new().route(&format!("/api/{service}/checkpoint"), get(async move || note(&shown.borrow()))).route(
        &format!("/api/{service}/checkpoint/status"),
        get(async move || status.borrow().status.clone().map(Json).ok_or_else(Problem::not_found)),
    )
}

fn note(shown: &Shown) -> Response {
    match &shown.note {
        Some(note) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note.clone()).into_response(),
        None => Problem::not_found().into_response(),
    }
}
