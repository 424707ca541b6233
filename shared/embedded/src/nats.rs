//! A private nats-server with `JetStream` on 127.0.0.1, which writes to disk before it acknowledges.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    EmbeddedError,
    directory::Directory,
    find, http, port,
    process::{self, Process, Signal},
};

const PROGRAM: &str = "nats-server";

/// How to run the private server.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// The port for clients on 127.0.0.1; a free one when none is given.
    pub port: Option<u16>,
    /// The port for monitoring on 127.0.0.1; a free one when none is given.
    pub monitor_port: Option<u16>,
    /// The name it goes by, in letters, digits and dashes.
    pub server_name: String,
    /// Whether a message is on the disk before it is acknowledged. Off only in tests of the check for it.
    pub sync_always: bool,
    /// More lines for the configuration file, such as users and their rights.
    pub more: String,
    /// How long it may take to start.
    pub patience: Duration,
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            port: None,
            monitor_port: None,
            server_name: "hub-nats".to_owned(),
            sync_always: true,
            more: String::new(),
            patience: Duration::from_secs(30),
        }
    }
}

/// A private nats-server. Dropping it stops the server; its store stays in its directory.
#[derive(Debug)]
pub struct Nats {
    program: PathBuf,
    directory: Directory,
    options: NatsOptions,
    port: u16,
    monitor_port: u16,
    process: Option<Process>,
}

impl Nats {
    /// Starts a server whose store is in `directory`, made when it is not there.
    ///
    /// A server that an earlier program left running there is stopped first.
    ///
    /// # Errors
    /// When the program is missing, a port is taken, the disk is full, or a live program uses the directory.
    pub async fn start(directory: &Path, options: NatsOptions) -> Result<Self, EmbeddedError> {
        let program = find::nats_server()?.path;
        let directory = Directory::open(directory, None)?;
        process::stop_leftovers(directory.path(), PROGRAM, Signal::Interrupt).await?;
        let port = port::choose(PROGRAM, options.port)?;
        let monitor_port = port::choose(PROGRAM, options.monitor_port)?;
        let mut nats = Self { program, directory, options, port, monitor_port, process: None };
        nats.run().await?;
        Ok(nats)
    }

    /// The address for clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The address for monitoring (`/healthz`, `/jsz`, `/varz`).
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// Where its store and its log are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Whether the server process is there.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Stops the server in good order.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.end(Signal::Interrupt, Duration::from_secs(30)).await;
        }
    }

    /// Kills the server with SIGKILL, as a crash would.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Starts it again on the same ports and store, after [`Nats::stop`], [`Nats::kill`] or a crash of its own.
    ///
    /// # Errors
    /// As for [`Nats::start`].
    pub async fn restart(&mut self) -> Result<(), EmbeddedError> {
        self.stop().await;
        self.run_once().await
    }

    /// Stops the server and deletes its store: streams, consumers and messages are gone at the next start.
    ///
    /// # Errors
    /// When the store cannot be deleted.
    pub async fn wipe_store(&mut self) -> Result<(), EmbeddedError> {
        self.kill().await;
        let store = self.directory.join("store");
        if store.exists() {
            fs::remove_dir_all(&store).map_err(EmbeddedError::file("deleted", store))?;
        }
        Ok(())
    }

    /// Starts the process; when somebody takes a port that was only chosen, not asked for, others are tried.
    async fn run(&mut self) -> Result<(), EmbeddedError> {
        for _ in 0..5 {
            match self.run_once().await {
                Err(EmbeddedError::PortInUse { port, .. }) if [self.options.port, self.options.monitor_port].contains(&Some(port)) => {
                    return Err(EmbeddedError::PortInUse { program: PROGRAM, port });
                }
                Err(EmbeddedError::PortInUse { .. }) => {
                    self.port = port::choose(PROGRAM, self.options.port)?;
                    self.monitor_port = port::choose(PROGRAM, self.options.monitor_port)?;
                }
                other => return other,
            }
        }
        self.run_once().await
    }

    async fn run_once(&mut self) -> Result<(), EmbeddedError> {
        let configuration = self.directory.write("nats.conf", &self.configuration())?;
        let log = self.directory.join("log");
        let written = fs::metadata(&log).map(|file| file.len()).unwrap_or(0);
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(configuration);
        let process = self.process.insert(Process::start(&mut command, self.directory.path(), &log, Signal::Interrupt)?);
        for _ in 0..process::steps(self.options.patience) {
            if process.ended().is_some() {
                break;
            }
            // The monitor may belong to somebody else until ours has it: the process must still be there afterwards.
            if http::answers_ok(self.monitor_port, "/healthz").await && process.ended().is_none() {
                return Ok(());
            }
            process::step().await;
        }
        self.kill().await;
        let said = fs::read(&log).unwrap_or_default().split_off(usize::try_from(written).unwrap_or(0));
        let taken = if port::is_free(self.port) { self.monitor_port } else { self.port };
        Err(EmbeddedError::from_log(PROGRAM, taken, &String::from_utf8_lossy(&said), log))
    }

    fn configuration(&self) -> String {
        let Self { port, monitor_port, options, .. } = self;
        let store = self.directory.join("store").display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
        let sync = if options.sync_always { "\n  sync_interval: always" } else { "" };
        format!(
            "server_name: \"{}\"\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor_port}\"\nmax_payload: 1MB\n\
             jetstream {{\n  store_dir: \"{store}\"{sync}\n}}\n{}\n",
            options.server_name, options.more
        )
    }
}
