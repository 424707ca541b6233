//! The connection to NATS, and whether it may be trusted with events.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions,
    connection::State,
    jetstream::{self, context::ContextBuilder},
};
use kernel::Private;
use tokio::{sync::Mutex, time::Instant};

use crate::stream::check_settings;

/// How long the answer to "is it safe" holds on one connection. Settings are promises, so they are looked at again.
const HOLDS: Duration = Duration::from_secs(300);

/// Longest wait between two tries to connect.
const RECONNECT: Duration = Duration::from_secs(1);

/// How to reach NATS.
#[derive(Clone, Debug)]
pub struct Options {
    /// `nats://` or `tls://` address.
    pub url: String,
    /// `http://` address of the monitor port, where the settings are read.
    pub monitor_url: String,
    /// The name by which the server's operators see this connection.
    pub name: String,
    /// The seed of the service's nkey, where the server asks for one.
    pub nkey: Option<Private<String>>,
    /// Copies that a cluster keeps of each stream; 1 without a cluster.
    pub replicas: usize,
}

/// The connection of one service. Clones share it.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    jetstream: jetstream::Context,
    monitor_url: String,
    replicas: usize,
    /// On which connection, and when, the settings were last found good.
    good: Mutex<Option<(u64, Instant)>>,
}

/// Nothing may be published now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSafe {
    /// NATS does not answer. Commands go on, and consumers fetch from the logs.
    #[error("NATS does not answer")]
    Away,
    /// NATS answers and its monitor port does not, so nobody knows whether it keeps what it acknowledges.
    #[error("the NATS monitor port does not answer: open it to the hub (http: in the server's settings)")]
    Unchecked,
    /// The server's settings could lose what it acknowledged.
    #[error("{}", .0.join("; "))]
    Unsafe(Vec<String>),
}

/// Connects. Never waits for NATS: the connection is made, and made again, in the background for as long as it takes.
///
/// # Errors
/// When the address or the key cannot be read.
pub async fn connect(options: Options) -> Result<Bus, async_nats::ConnectError> {
    let mut nats =
        ConnectOptions::new().name(options.name).retry_on_initial_connect().max_reconnects(None).reconnect_delay_callback(|tries| {
            RECONNECT.min(Duration::from_millis(50) * u32::try_from(tries).unwrap_or(u32::MAX).min(1_000))
        });
    if let Some(seed) = options.nkey {
        nats = nats.nkey(seed.into_exposed());
    }
    let client = nats.connect(&options.url).await?;
    let jetstream = ContextBuilder::new().timeout(Duration::from_secs(5)).build(client.clone());
    let inner = Inner { client, jetstream, monitor_url: options.monitor_url, replicas: options.replicas, good: Mutex::new(None) };
    Ok(Bus { inner: Arc::new(inner) })
}

impl Bus {
    /// Whether NATS answers now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.inner.client.connection_state() == State::Connected
    }

    /// Whether events may be published now. The settings are read once for each connection, and every five minutes.
    ///
    /// # Errors
    /// Why not.
    pub async fn safe(&self) -> Result<(), NotSafe> {
        if !self.is_connected() {
            return Err(NotSafe::Away);
        }
        let connects = self.inner.client.statistics().connects.load(Ordering::Relaxed);
        let mut good = self.inner.good.lock().await;
        if good.is_some_and(|(on, at)| on == connects && at.elapsed() < HOLDS) {
            return Ok(());
        }
        let reasons = check_settings(&self.inner.monitor_url).await.map_err(|_| NotSafe::Unchecked)?;
        // Only a good answer is kept: after a bad one the next try looks again.
        *good = reasons.is_empty().then(|| (connects, Instant::now()));
        if reasons.is_empty() { Ok(()) } else { Err(NotSafe::Unsafe(reasons)) }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.inner.jetstream
    }

    pub(crate) fn replicas(&self) -> usize {
        self.inner.replicas
    }
}
