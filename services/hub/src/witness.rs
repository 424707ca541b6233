//! A witness: what a borough, or somebody outside, runs on a machine of their own.
//!
//! It cosigns a log's checkpoint when the log only grew since the last one, and keeps it on disk before it answers (tlog-witness).

mod store;
mod three;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use service_kit::{Clock, Tasks};
use tokio::{net::TcpListener, task::JoinHandle};
use transparency::{
    Policy, Signer,
    policy::BadPolicy,
    witness::{Refusal, Request},
};

use crate::keys::KeyError;
use store::Store;
pub use three::{Made, three};

/// The largest request: 63 lines of proof and a note of many signatures are far below.
const LARGEST: usize = 128 << 10;

/// A witness cannot run.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file of the logs that it knows is wrong.
    #[error(transparent)]
    Logs(#[from] BadPolicy),
    /// A file or an address cannot be used.
    #[error("the witness cannot use {0}")]
    Place(PathBuf, #[source] io::Error),
}

/// One witness.
pub struct Witness {
    signer: Signer,
    logs: Policy,
    store: Store,
    clock: Clock,
    /// Held from the look at the last checkpoint until the new one is on disk.
    turn: Mutex<()>,
}

impl Witness {
    /// A witness with its key, the logs that it knows (a policy file; witnesses in it count for nothing here), and its directory.
    ///
    /// # Errors
    /// When the directory cannot be used, or another witness works in it.
    pub fn new(signer: Signer, logs: Policy, directory: &Path, clock: Clock) -> Result<Self, WitnessError> {
        let store = Store::open(directory).map_err(|error| WitnessError::Place(directory.to_owned(), error))?;
        Ok(Self { signer, logs, store, clock, turn: Mutex::new(()) })
    }

    /// Answers one request of `add-checkpoint`: the status and the body.
    ///
    /// # Errors
    /// When the disk does not keep it. Then nothing is signed.
    pub fn answer(&self, body: &str) -> io::Result<(u16, String)> {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(refusal) => return Ok((refusal.status(), String::new())),
        };
        let origin = &request.checkpoint.origin;
        let log = self.logs.log(origin).map(|log| &log.key);
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = if log.is_some() { self.store.latest(origin)? } else { None };
        match request.weigh(log, latest.as_ref().map(|(checkpoint, _)| checkpoint)) {
            Ok(()) => {
                self.store.keep(origin, &request.note.to_string())?;
                let second = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
                tracing::info!(origin, size = request.checkpoint.size, "cosigned");
                Ok((200, format!("{}\n", self.signer.cosign(&request.note.text, second))))
            }
            Err(refusal) => {
                // Two records of one length under the log's own key: that is kept for everybody to see.
                if let Some((_, note)) = latest.filter(|(known, _)| refusal != Refusal::Unsigned && request.contradicts(known)) {
                    let size = request.checkpoint.size;
                    tracing::error!(origin, size, "the log signed two different records of this length: see the evidence file");
                    self.store.evidence(origin, size, &transparency::evidence::write(&note, &request.note.to_string()))?;
                }
                let body = if let Refusal::Conflict(size) = refusal { format!("{size}\n") } else { String::new() };
                Ok((refusal.status(), body))
            }
        }
    }
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: String) -> Response {
    // The disk is waited for on a thread of its own.
    let answered = tokio::task::spawn_blocking(move || witness.answer(&body)).await;
    match answered {
        Ok(Ok((status, body))) => {
            let kind = if status == 409 { "text/x.tlog.size" } else { "text/plain; charset=utf-8" };
            (StatusCode::from_u16(status).unwrap_or_default(), [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(error = %error, "the checkpoint could not be kept, so it is not cosigned");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A witness that listens.
#[derive(Debug)]
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    tasks: Tasks,
    server: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Stops it.
    pub async fn stop(mut self) {
        self.server.abort();
        drop((&mut self.server).await);
    }

    /// Waits until it ends.
    pub async fn ended(mut self) {
        drop((&mut self.server).await);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.ask_to_stop();
        self.server.abort();
    }
}

/// Starts a witness on an address; port 0 takes any that is free.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn start(witness: Witness, address: SocketAddr) -> Result<Running, WitnessError> {
    let taken = |error| WitnessError::Place(PathBuf::from(address.to_string()), error);
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let app =
        Router::new().route("/add-checkpoint", post(add_checkpoint)).layer(DefaultBodyLimit::max(LARGEST)).with_state(Arc::new(witness));
    let tasks = Tasks::new();
    let mut stop = tasks.stop();
    let server = tasks.spawn(async move { axum::serve(listener, app).with_graceful_shutdown(async move { stop.asked().await }).await });
    Ok(Running { address, tasks, server })
}
