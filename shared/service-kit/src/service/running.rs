//! Starting and stopping.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use super::{Service, Worker, app};
use crate::{
    health::{Check, Component},
    tasks::{Stop, Tasks},
};

/// How long open requests may take after the stop is asked for.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long commands and workers may take after that.
const LAST_WORK: Duration = Duration::from_secs(20);

/// The process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something listens there already.
    #[error("{address} is already in use: stop what runs there, or set HUB_LISTEN to another address")]
    InUse {
        /// Where.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: set HUB_LISTEN to an address of this machine")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Services that are running.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
    tasks: Tasks,
    workers: Vec<(String, JoinHandle<()>)>,
}

/// Starts services on one address; port 0 takes any that is free.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn start(mut services: Vec<Service>, tasks: &Tasks, address: SocketAddr) -> Result<Running, StartError> {
    let listener = TcpListener::bind(address).await.map_err(|source| {
        let taken = source.kind() == io::ErrorKind::AddrInUse;
        if taken { StartError::InUse { address } } else { StartError::Listen { address, source } }
    })?;
    let address = listener.local_addr().unwrap_or(address);
    let mut workers = Vec::new();
    for service in &mut services {
        for worker in std::mem::take(&mut service.workers) {
            let name = format!("{}.{}", service.name, worker.name);
            let (component, handle) = employ(worker, &name, tasks);
            service.components.push(component);
            workers.push((name, handle));
        }
    }
    // Made once: a router that is served as it is makes all of its routes anew for every connection.
    let app = app(services).into_make_service();
    let mut asked = tasks.stop();
    let server = tasks.spawn(async move { axum::serve(listener, app).with_graceful_shutdown(async move { asked.asked().await }).await });
    Ok(Running { address, server, tasks: tasks.clone(), workers })
}

/// Runs services until `shutdown` comes to pass, then stops them.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(services: Vec<Service>, tasks: &Tasks, address: SocketAddr, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
    let running = start(services, tasks, address).await?;
    shutdown.await;
    running.stop().await;
    Ok(())
}

/// Starts a worker and watches it: one that ends before it is asked to is down for good, and loudly so.
fn employ(worker: Worker, name: &str, tasks: &Tasks) -> (Component, JoinHandle<()>) {
    let (working, work) = (watch::Sender::new(true), (worker.work)(tasks.stop()));
    let watched = working.subscribe();
    let (name, stop) = (name.to_owned(), tasks.stop());
    let handle = tasks.spawn(async move {
        let over = Over { name, working, stop };
        work.await;
        drop(over);
    });
    let component = Component::needed(worker.name, move || {
        let works = *watched.borrow();
        async move { if works { Check::up("works") } else { Check::down("has stopped; restart the service and look at its log") } }
    });
    (component, handle)
}

/// Reports the end of a worker, also when it panics.
struct Over {
    name: String,
    working: watch::Sender<bool>,
    stop: Stop,
}

impl Drop for Over {
    fn drop(&mut self) {
        if !self.stop.is_asked() {
            self.working.send_replace(false);
            metrics::counter!("hub_workers_lost_total", "worker" => self.name.clone()).increment(1);
            tracing::error!(worker = self.name, "a worker has stopped by itself");
        }
    }
}

impl Running {
    /// Where they listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: no new requests, then the open ones end, then commands and workers. Whatever takes too long is named in the
    /// log and cut off; what is in the log by then stays, and what is not was never acknowledged.
    pub async fn stop(self) {
        let Self { address: _, server, tasks, workers } = self;
        tasks.ask_to_stop();
        let cut = server.abort_handle();
        if timeout(LAST_REQUESTS, server).await.is_err() {
            tracing::warn!("requests that were open for more than 10 s after the stop were cut off");
            cut.abort();
        }
        if timeout(LAST_WORK, tasks.finished()).await.is_err() {
            for (name, worker) in workers.iter().filter(|(_, worker)| !worker.is_finished()) {
                tracing::warn!(worker = name, "a worker did not stop in time and was cut off");
                worker.abort();
            }
        }
    }
}
