//! A whole hub on this machine: private servers, keys, databases and every service. The demonstration and the tests use the
//! same set-up.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use embedded::{EmbeddedError, OWNER, Stack};
use kernel::Private;
use service_kit::{Clock, Config, Running, config::BadConfig, service::StartError};

use crate::{
    assemble::{AssembleError, Plan},
    keys::{KeyError, KeyFiles},
    setup::{self, SetupError},
    token::{ISSUER, Signer},
    witness::{self, WitnessError},
};

/// The hub cannot be set up on this machine.
#[derive(Debug, thiserror::Error)]
pub enum StandError {
    /// A server does not start.
    #[error(transparent)]
    Servers(#[from] EmbeddedError),
    /// The pages are wanted and what set-up makes for them is not there.
    #[error("the assets of the pages are not set up: run `cargo xtask setup`")]
    Pages,
    /// A key cannot be made or read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] BadConfig),
    /// The databases cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The services cannot be put together.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// The address is taken.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A witness does not start.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The settings cannot be written down for the other commands.
    #[error("{0} cannot be written: check that the directory is yours and the disk is not full")]
    Write(PathBuf, #[source] std::io::Error),
}

/// How to set a hub up.
#[derive(Clone, Debug)]
pub struct StandOptions {
    /// Where the services listen on 127.0.0.1; 0 for any free port.
    pub port: u16,
    /// The time that the services go by.
    pub clock: Clock,
    /// Procedure editions other than the first.
    pub editions_file: Option<PathBuf>,
    /// Whether the pages are served as well.
    pub pages: bool,
    /// Who cosigns: three witnesses, two of which are enough. A hub without them signs nothing.
    pub witnesses: bool,
}

impl Default for StandOptions {
    fn default() -> Self {
        Self { port: 0, clock: Clock::system(), editions_file: None, pages: false, witnesses: true }
    }
}

/// Servers, keys and databases; the services run on top of it.
pub struct Ground {
    /// PostgreSQL and NATS.
    pub stack: Stack,
    /// The address of the owner, without a database.
    pub owner: Private<String>,
    /// Every setting, as a separate process needs it.
    pub settings: BTreeMap<String, String>,
    /// Signs tokens for made-up people.
    pub signer: Signer,
    /// Two boroughs and an outsider, for as long as this stands.
    pub witnesses: Vec<witness::Running>,
}

impl Ground {
    /// Starts the servers under a directory and brings the databases to the present shape.
    ///
    /// # Errors
    /// When something is missing, taken or full; the message says what to do.
    pub async fn ready(directory: &Path, options: &StandOptions) -> Result<Self, StandError> {
        let stack = Stack::start(directory).await?;
        let keys = KeyFiles::ready(&directory.join("keys"))?;
        let without_database = |user: &str| {
            let url = stack.postgres.url("", user);
            url.trim_end_matches('/').to_owned()
        };
        let mut settings: BTreeMap<String, String> = [
            ("HUB_LISTEN", SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)).to_string()),
            ("HUB_DATABASE_URL", without_database("hub_app")),
            ("HUB_OWNER_URL", without_database(OWNER)),
            ("HUB_NATS_URL", stack.nats.url()),
            ("HUB_NATS_MONITOR_URL", stack.nats.monitor_url()),
            ("HUB_JWKS_FILE", keys.jwks.display().to_string()),
            ("HUB_ISSUERS", ISSUER.to_owned()),
            ("HUB_MASTER_KEY_FILE", keys.master.display().to_string()),
            ("HUB_SERVICE_KEY_FILE", keys.signing.display().to_string()),
            ("HUB_PAGES_KEY_FILE", keys.pages.display().to_string()),
            ("HUB_DEMO", "true".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if let Some(path) = &options.editions_file {
            settings.insert("HUB_EDITIONS_FILE".to_owned(), path.display().to_string());
        }
        if options.pages {
            let pages = embedded::pages().ok_or(StandError::Pages)?;
            settings.insert("HUB_PAGES_DIR".to_owned(), pages.display().to_string());
        }
        let mut witnesses = Vec::new();
        if options.witnesses {
            let made = witness::three(directory, &options.clock).await?;
            settings.extend(made.settings);
            witnesses = made.running;
        }
        let signer = Signer::read(&keys.signing)?;
        let ground = Self { owner: Config::owner_from(&settings)?, stack, settings, signer, witnesses };
        ground.migrate().await?;
        Ok(ground)
    }

    /// The settings as a service reads them.
    ///
    /// # Errors
    /// When one is wrong.
    pub fn config(&self) -> Result<Config, BadConfig> {
        Config::from(&self.settings)
    }

    async fn migrate(&self) -> Result<(), StandError> {
        let config = self.config()?;
        let password = config.database_password().unwrap_or_default();
        // The keys' database may not be there yet: the pool behind this vault connects when it is first needed.
        let lazy = sqlx::postgres::PgPoolOptions::new()
            .connect_lazy(config.database_url(&crate::database("vault")).expose())
            .map_err(SetupError::from)?;
        let vault = setup::vault(lazy, &config.master_key_file)?;
        Ok(setup::migrate(&self.owner, &password, &Arc::clone(&vault)).await?)
    }

    /// Writes the settings down where the other commands of the program find them. The file is its owner's alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_settings(&self, path: &Path) -> Result<(), StandError> {
        use std::os::unix::fs::OpenOptionsExt;
        let text: String = self.settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let failed = |error| StandError::Write(path.to_owned(), error);
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)
    }
}

/// A whole hub, running in this process.
pub struct Stand {
    /// Servers, keys and databases.
    pub ground: Ground,
    /// What the services were made of.
    pub plan: Plan,
    running: Option<Running>,
}

impl Stand {
    /// Sets everything up under a directory and starts every service.
    ///
    /// # Errors
    /// When something is missing, taken, full or unsafe; the message says what to do.
    pub async fn start(directory: &Path, options: StandOptions) -> Result<Self, StandError> {
        let mut ground = Ground::ready(directory, &options).await?;
        if options.port == 0 {
            let port = free_port().map_err(|error| StandError::Write(directory.to_owned(), error))?;
            ground.settings.insert("HUB_LISTEN".to_owned(), SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string());
        }
        let plan = Plan::new(ground.config()?, options.clock).await?;
        let running = run_all(&plan).await?;
        Ok(Self { ground, plan, running: Some(running) })
    }

    /// Where the services answer.
    #[must_use]
    pub fn url(&self) -> String {
        self.plan.own_address.clone()
    }

    /// Stops the services, and starts them again on the same servers and address.
    ///
    /// # Errors
    /// As for [`Stand::start`].
    pub async fn restart_services(&mut self) -> Result<(), StandError> {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.plan = Plan::new(self.ground.config()?, self.plan.clock.clone()).await?;
        self.running = Some(run_all(&self.plan).await?);
        Ok(())
    }

    /// Stops the services, then the servers.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        for witness in self.ground.witnesses {
            witness.stop().await;
        }
        self.ground.stack.stop().await;
    }
}

async fn run_all(plan: &Plan) -> Result<Running, StandError> {
    let services = plan.services(&[]).await?;
    Ok(service_kit::service::start(services, &plan.kit.tasks, plan.config.listen).await?)
}

/// A port that nobody has now. The services must know it before they listen, since they ask each other.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
