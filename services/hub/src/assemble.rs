//! Putting services together from a configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bus::{HttpSource, Source};
use event_store::pool;
use kernel::{
    Timestamp,
    edition::{Book, Editions, Fault},
};
use procedures_registry::NotBrought;
use service_kit::{
    Access, Clock, Config, Keys, Kit, Parts, Proofs, Service, Sources,
    access::BadPolicy,
    editions::{self, NotLoaded},
    keys::BadKeys,
    look,
    proofs::BadProofs,
};

use crate::{
    LOGS, POLICIES, SERVICES, database,
    keys::KeyError,
    pages::{self, PagesError},
    setup::{self, SetupError},
    token::Signer,
};

/// Connections of one service to its database.
const CONNECTIONS: u32 = 16;

/// The services that go by the editions that the registry tells, and that must know them before their first command.
const OBEY: [&str; 2] = ["intake", "transfers"];

/// The service that signs a log.
fn signer_of(log: &str) -> &str {
    if log == look::NAME { "audit" } else { log }
}

/// The services cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// There is no such service.
    #[error("there is no service {0}: the services are intake, transfers, procedures, audit and web, or all")]
    NoSuchService(String),
    /// A database is away or unsafe.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The keys of token issuers cannot be used.
    #[error(transparent)]
    Issuers(#[from] BadKeys),
    /// A policy cannot be gone by.
    #[error(transparent)]
    Policy(#[from] BadPolicy),
    /// The services' own key cannot be used.
    #[error(transparent)]
    Signer(#[from] KeyError),
    /// NATS cannot even be tried.
    #[error("the NATS address or key cannot be used: check HUB_NATS_URL")]
    Nats(#[source] async_nats::ConnectError),
    /// NATS answers and is set in a way that could lose what it acknowledged.
    #[error("unsafe settings, so the hub does not start:\n{}", .0.join("\n"))]
    UnsafeNats(Vec<String>),
    /// The editions file is not there.
    #[error("the editions file cannot be read: check HUB_EDITIONS_FILE")]
    EditionsFile(#[source] std::io::Error),
    /// The editions are wrong.
    #[error("the editions are wrong:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Editions(Vec<Fault>),
    /// The editions file holds what nobody approved.
    #[error(transparent)]
    NotBrought(#[from] NotBrought),
    /// What the service has learnt of editions cannot be gone by.
    #[error("{service} cannot go by the editions that it has learnt")]
    Learnt {
        /// The service.
        service: &'static str,
        /// Why not.
        #[source]
        source: NotLoaded,
    },
    /// The pages cannot be served.
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// The keys or the policy of the checkpoints cannot be used.
    #[error(transparent)]
    Proofs(#[from] BadProofs),
    /// A service would run without signing a log of its own, and the hub was told to sign.
    #[error("there is no key for the log of {0}: put {0}.key into HUB_LOG_KEYS")]
    NoLogKey(&'static str),
    /// Another service cannot be reached by its address.
    #[error("the address of service {0} cannot be used: check HUB_PEERS")]
    Peer(String),
}

/// What a run is made of.
#[derive(Clone)]
pub struct Plan {
    /// Settings.
    pub config: Config,
    /// The time; tests set their own.
    pub clock: Clock,
    /// Where this process answers, for services that run together.
    pub own_address: String,
    /// The kit that all services of the process share.
    pub kit: Kit,
    editions: Editions,
    pub(crate) signer: Signer,
}

impl Plan {
    /// Reads everything that the configuration points at.
    ///
    /// # Errors
    /// When something of it is missing or wrong.
    pub async fn new(config: Config, clock: Clock) -> Result<Self, AssembleError> {
        let editions = match &config.editions_file {
            None => Editions::first(),
            Some(path) => Editions::parse_many(&std::fs::read_to_string(path).map_err(AssembleError::EditionsFile)?)
                .map_err(AssembleError::Editions)?,
        };
        let keys = Keys::load(&config.jwks_file, config.issuers.clone()).await?;
        let signer = Signer::read(&config.service_key_file)?;
        let own_address = format!("http://127.0.0.1:{}", config.listen.port());
        let mut kit = Kit::new(clock.clone(), keys, Access::new(&POLICIES)?);
        if let Some((log_keys, policy)) = config.log_keys.as_ref().zip(config.proof_policy_file.as_ref()) {
            let peer = |log: &str| config.peers.get(signer_of(log)).unwrap_or(&own_address).clone();
            let peers: BTreeMap<String, String> = LOGS.iter().map(|&log| (log.to_owned(), peer(log))).collect();
            kit.proofs = Some(Arc::new(Proofs::load(log_keys, policy, peers)?));
        }
        Ok(Self { config, clock, own_address, kit, editions, signer })
    }

    /// The logs of the other services, asked over HTTP.
    fn sources(&self, asking: &'static str) -> Result<Sources, AssembleError> {
        let mut sources: Vec<(String, Arc<dyn Source>)> = Vec::new();
        for service in SERVICES {
            let base = self.config.peers.get(service).unwrap_or(&self.own_address);
            let (signer, clock) = (self.signer.clone(), self.clock.clone());
            let token = move || signer.service(asking, clock.now()).unwrap_or_default();
            let source = HttpSource::new(base, service, token).map_err(|_| AssembleError::Peer(service.to_owned()))?;
            sources.push((service.to_owned(), Arc::new(source)));
        }
        let nowhere = Arc::clone(&sources[0].1);
        Ok(Arc::new(move |name| {
            sources.iter().find(|(service, _)| service == name).map_or_else(|| Arc::clone(&nowhere), |(_, source)| Arc::clone(source))
        }))
    }

    /// Refuses a file of editions that the registry does not hold, also where the registry itself runs elsewhere.
    async fn check_file(&self, now: Timestamp) -> Result<(), AssembleError> {
        let address = self.config.database_url(&database(procedures_registry::SERVICE));
        let registry = pool::connect(address.expose(), 1).await.map_err(SetupError::from)?;
        Ok(procedures_registry::check_brought(&registry, &self.editions, now).await?)
    }

    async fn parts(&self, service: &'static str) -> Result<Parts, AssembleError> {
        let config = &self.config;
        let connect =
            async |name: &str| pool::connect(config.database_url(&database(name)).expose(), CONNECTIONS).await.map_err(SetupError::from);
        let pool = connect(service).await?;
        // The hub's own clock is compared with the database's, whatever time a test plays in.
        let now = || Clock::system().now();
        setup::refuse_unsafe(&pool, service, now).await?;
        let options = bus::Options {
            url: config.nats_url.expose().clone(),
            monitor_url: config.nats_monitor_url.clone(),
            name: format!("hub-{service}"),
            nkey: None,
            replicas: config.nats_replicas,
        };
        let bus = bus::connect(options).await.map_err(AssembleError::Nats)?;
        // A server that does not answer is not unsafe: it is asked again, and nothing is published before it has answered.
        if let Ok(reasons) = bus::check_settings(&config.nats_monitor_url).await
            && !reasons.is_empty()
        {
            return Err(AssembleError::UnsafeNats(reasons));
        }
        let looks = connect(look::NAME).await?;
        setup::refuse_unsafe(&looks, look::NAME, now).await?;
        let vault = setup::vault(connect("vault").await?, &config.master_key_file)?;
        let editions = if OBEY.contains(&service) {
            editions::load(&pool, &self.editions).await.map_err(|source| AssembleError::Learnt { service, source })?
        } else {
            self.editions.clone()
        };
        Ok(Parts { kit: self.kit.clone(), pool, editions: Book::new(editions), vault, looks, bus, sources: self.sources(service)? })
    }

    /// Puts the wanted services together; `all` stands for every one.
    ///
    /// # Errors
    /// When one of them must not start.
    pub async fn services(&self, wanted: &[String]) -> Result<Vec<Service>, AssembleError> {
        let known = |name: &str| name == "all" || name == web_front::SERVICE || SERVICES.contains(&name);
        if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
            return Err(AssembleError::NoSuchService(unknown.clone()));
        }
        let all = wanted.is_empty() || wanted.iter().any(|name| name == "all");
        let names: BTreeSet<&'static str> =
            SERVICES.into_iter().filter(|service| all || wanted.iter().any(|name| name == service)).collect();
        if self.config.editions_file.is_some() && !names.is_empty() {
            self.check_file(Clock::system().now()).await?;
        }
        let mut services = Vec::new();
        for name in names {
            if let Some(proofs) = &self.kit.proofs
                && let Some(log) = LOGS.into_iter().find(|log| signer_of(log) == name && !proofs.signs_for(log))
            {
                return Err(AssembleError::NoLogKey(log));
            }
            let parts = self.parts(name).await?;
            services.push(match name {
                "intake" => referral_intake::service(&parts),
                "transfers" => case_transfer::service(&parts),
                "procedures" => procedures_registry::service(&parts),
                _ => board_audit::service(&parts),
            });
        }
        if wanted.iter().any(|name| name == web_front::SERVICE) || (all && self.config.pages_dir.is_some()) {
            services.push(pages::service(self).await?);
        }
        Ok(services)
    }
}
