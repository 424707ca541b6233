//! The hub of a storm: private servers, and each service a process of its own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use hub::{
    SERVICES, seed,
    stand::{Ground, StandOptions},
};
use service_kit::Clock;

use super::{
    chance::Chance,
    process::{Service, port},
};

/// Servers and services.
pub struct Town {
    /// Keys and servers.
    pub ground: Ground,
    /// The services, by the order of [`SERVICES`].
    pub services: Vec<Service>,
    /// Where logs and the history are kept.
    pub directory: PathBuf,
}

impl Town {
    /// Starts everything under a directory and sets the desks.
    ///
    /// # Panics
    /// When something does not start; the message says what to do.
    pub async fn start(directory: &Path, chance: &mut Chance) -> Self {
        Self::with(directory, chance, &StandOptions::default()).await
    }

    /// The same with options of one's own.
    ///
    /// # Panics
    /// When something does not start; the message says what to do.
    pub async fn with(directory: &Path, chance: &mut Chance, options: &StandOptions) -> Self {
        let ready = Ground::ready(directory, options).await;
        let ground = ready.unwrap_or_else(|error| panic!("the servers of the storm do not start: {error}"));
        let addresses: Vec<(&str, u16)> = SERVICES.iter().map(|service| (*service, port(chance))).collect();
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let peers = addresses.iter().map(|(service, port)| format!("{service}={}", url(*port))).collect::<Vec<_>>().join(",");
        let mut services = Vec::new();
        for (service, port) in addresses {
            let mut settings = ground.settings.clone();
            settings.insert("HUB_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
            settings.insert("HUB_PEERS".to_owned(), peers.clone());
            settings.insert("HUB_LOG".to_owned(), "info".to_owned());
            services.push(Service::new(service, url(port), settings, directory));
        }
        let mut town = Self { ground, services, directory: directory.to_owned() };
        for service in &mut town.services {
            service.start().await;
        }
        let transfers = town.addresses().remove("transfers").unwrap_or_default();
        let set = seed::desks(&transfers, &town.ground.signer, Clock::system().now(), |_| ()).await;
        set.unwrap_or_else(|error| panic!("the desks cannot be set: {error}"));
        town
    }

    /// Where each service answers.
    #[must_use]
    pub fn addresses(&self) -> BTreeMap<String, String> {
        self.services.iter().map(|service| (service.name.to_owned(), service.url.clone())).collect()
    }

    /// How often a service has ended without being killed.
    #[must_use]
    pub fn fell(&self) -> u32 {
        self.services.iter().map(|service| service.fell).sum()
    }

    /// Kills the services, and stops the servers in good order.
    pub async fn stop(mut self) {
        for service in &mut self.services {
            service.kill().await;
        }
        self.ground.stack.stop().await;
    }
}
