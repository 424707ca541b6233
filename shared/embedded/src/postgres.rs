//! A private PostgreSQL on 127.0.0.1, with the settings that the record needs.

mod cluster;
mod sql;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    EmbeddedError,
    directory::{Account, Directory},
    find::PostgreSql,
    port,
    process::{self, Process, Signal, run_as},
};

/// The superuser of the private server.
pub const OWNER: &str = "hub_owner";

const PROGRAM: &str = "PostgreSQL";

/// What the record relies on, and what keeps personal data out of the server's log.
const SETTINGS: [&str; 17] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_compression=off",
    "shared_buffers=128MB",
    "max_connections=300",
    "max_wal_size=1GB",
    "timezone=UTC",
    "log_timezone=UTC",
    "password_encryption=scram-sha-256",
    "logging_collector=off",
    "log_line_prefix=%m [%p] ",
    // A failed statement is not repeated in the log and the row in its detail is left out: both may be about a child.
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length_on_error=0",
];

/// How to run the private server.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The port on 127.0.0.1; a free one when none is given.
    pub port: Option<u16>,
    /// More settings, `name=value`, which win over the usual ones. For tests that need a badly set server.
    pub settings: Vec<String>,
    /// How long it may take to start, recovery after a crash included.
    pub patience: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { port: None, settings: Vec::new(), patience: Duration::from_secs(60) }
    }
}

/// A private PostgreSQL. Dropping it stops the server; what was committed stays in its directory.
pub struct Postgres {
    programs: PostgreSql,
    directory: Directory,
    options: PostgresOptions,
    port: u16,
    password: String,
    process: Option<Process>,
}

impl Postgres {
    /// Starts a server whose data are in `directory`, made when it is not there.
    ///
    /// A server that an earlier program left running there is stopped first. As root, the server runs as the user
    /// `postgres` (or `nobody`), to whom the directory is given.
    ///
    /// # Errors
    /// When the programs are missing, the port is taken, the disk is full, or a live program uses the directory.
    pub async fn start(directory: &Path, options: PostgresOptions) -> Result<Self, EmbeddedError> {
        let directory = Directory::open(directory, Account::instead_of_root())?;
        let programs = cluster::programs_for(&directory)?;
        let password = directory.secret("password")?;
        process::stop_leftovers(&directory.join(cluster::DATA), "postgres", Signal::Interrupt).await?;
        cluster::create(&programs, &directory).await?;
        let port = port::choose(PROGRAM, options.port)?;
        let mut postgres = Self { programs, directory, options, port, password, process: None };
        postgres.run().await?;
        Ok(postgres)
    }

    /// The address of a database for a user: the owner, or one made by [`Postgres::create_role`].
    pub fn url(&self, database: &str, user: &str) -> String {
        format!("postgres://{user}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its data and its log are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Whether the server process is there.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Stops the server in good order: sessions are cut off, everything is written out.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.end(Signal::Interrupt, Duration::from_secs(30)).await;
        }
    }

    /// Kills the postmaster and all its children with SIGKILL, as a crash would.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Starts it again on the same port and data, after [`Postgres::stop`], [`Postgres::kill`] or a crash of its own.
    ///
    /// # Errors
    /// As for [`Postgres::start`].
    pub async fn restart(&mut self) -> Result<(), EmbeddedError> {
        self.stop().await;
        process::stop_leftovers(&self.data(), "postgres", Signal::Interrupt).await?;
        self.run().await
    }

    fn data(&self) -> PathBuf {
        self.directory.join(cluster::DATA)
    }

    /// Starts the process; when somebody takes a port that was only chosen, not asked for, another one is tried.
    async fn run(&mut self) -> Result<(), EmbeddedError> {
        let again = if self.options.port.is_none() { 5 } else { 0 };
        for _ in 0..again {
            match self.run_once().await {
                Err(EmbeddedError::PortInUse { .. }) => self.port = port::choose(PROGRAM, None)?,
                other => return other,
            }
        }
        self.run_once().await
    }

    async fn run_once(&mut self) -> Result<(), EmbeddedError> {
        let data = self.data();
        let log = self.directory.join("log");
        let written = fs::metadata(&log).map(|file| file.len()).unwrap_or(0);
        let mut command = Command::new(self.programs.bin.join("postgres"));
        command.arg("-D").arg(&data).arg("-c").arg(format!("port={}", self.port));
        for setting in SETTINGS.iter().copied().chain(self.options.settings.iter().map(String::as_str)) {
            command.arg("-c").arg(setting);
        }
        run_as(&mut command, self.directory.account());
        let process = self.process.insert(Process::start(&mut command, &data, &log, Signal::Interrupt)?);
        for _ in 0..process::steps(self.options.patience) {
            if process.ended().is_some() {
                break;
            }
            if cluster::is_ready(&data, process.id()) {
                return Ok(());
            }
            process::step().await;
        }
        self.kill().await;
        let said = fs::read(&log).unwrap_or_default().split_off(usize::try_from(written).unwrap_or(0));
        Err(EmbeddedError::from_log(PROGRAM, self.port, &String::from_utf8_lossy(&said), log))
    }
}

impl fmt::Debug for Postgres {
    /// Leaves the password out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("directory", &self.directory.path()).field("port", &self.port).finish_non_exhaustive()
    }
}
