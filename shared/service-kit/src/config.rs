//! Settings, from the environment and from nowhere else. What is wrong is said at once, all of it, by name.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use kernel::Private;

/// Where the hub listens when nobody says.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);

/// Settings that are wrong or missing, each in a sentence that names it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{}", .0.join("\n"))]
pub struct BadConfig(pub Vec<String>);

/// The settings of a process. Secrets print as `[private]`.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HUB_LISTEN`: where to listen; 127.0.0.1:8480 if not set.
    pub listen: SocketAddr,
    /// `HUB_DATABASE_URL` (or `HUB_DATABASE_URL_FILE`): PostgreSQL, without a database name or with a prefix of one.
    database_url: Private<String>,
    /// `HUB_NATS_URL` (or `HUB_NATS_URL_FILE`).
    pub nats_url: Private<String>,
    /// `HUB_NATS_MONITOR_URL`: the monitor port, where NATS says how it is set.
    pub nats_monitor_url: String,
    /// `HUB_NATS_REPLICAS`: copies that a NATS cluster keeps of each stream; 1 if not set.
    pub nats_replicas: usize,
    /// `HUB_JWKS_FILE`: the keys whose tokens are believed.
    pub jwks_file: PathBuf,
    /// `HUB_ISSUERS`: the accepted `iss`, apart by commas; subjects of the first stand as they are.
    pub issuers: Vec<String>,
    /// `HUB_MASTER_KEY_FILE`: the key that wraps the children's data keys.
    pub master_key_file: PathBuf,
    /// `HUB_SERVICE_KEY_FILE`: the Ed25519 key (PKCS#8) with which services sign the tokens that they show each other.
    pub service_key_file: PathBuf,
    /// `HUB_PEERS`: where the other services answer, `name=address` apart by commas; those not named run in this process.
    pub peers: BTreeMap<String, String>,
    /// `HUB_EDITIONS_FILE`: the procedure editions; those that come with the program if not set.
    pub editions_file: Option<PathBuf>,
    /// `HUB_PAGES_DIR`: what `cargo xtask setup` makes for the pages (`.tools/pages`). Where it is not set no pages are served.
    pub pages_dir: Option<PathBuf>,
    /// `HUB_PAGES_KEY_FILE`: the key that seals sessions and unfinished forms; needed with the pages.
    pub pages_key_file: Option<PathBuf>,
    /// `HUB_SIGN_IN_FILE`: the identity providers that people sign in at; none if not set.
    pub sign_in_file: Option<PathBuf>,
    /// `HUB_PAGES_IDLE_WARD`: minutes that a shared machine on a ward may be left alone until one must sign in again; 30 if not set.
    pub pages_idle_ward: u16,
    /// `HUB_PAGES_IDLE_DESK`: the same at a desk; 480 if not set.
    pub pages_idle_desk: u16,
    /// `HUB_PUBLIC_URL`: the address that people type; the address of this process if not set. With `https` cookies are for TLS alone.
    pub public_url: Option<String>,
    /// `HUB_LOG_KEYS`: the directory with the key of each log (`<service>.key`); nothing is signed if not set.
    pub log_keys: Option<PathBuf>,
    /// `HUB_PROOF_POLICY_FILE`: the logs, the witnesses with their addresses, and how many are enough.
    pub proof_policy_file: Option<PathBuf>,
    /// `HUB_LOG`: which lines are logged; `info` if not set.
    pub log: String,
    /// `HUB_DEMO`: made-up people may sign in; `true` or `false`, false if not set.
    pub demo: bool,
}

impl Config {
    /// `HUB_OWNER_URL` (or `HUB_OWNER_URL_FILE`): PostgreSQL as the owner of the tables, for `hub migrate` and `hub rebuild` alone.
    ///
    /// # Errors
    /// When it is missing or wrong.
    pub fn owner_from(settings: &BTreeMap<String, String>) -> Result<Private<String>, BadConfig> {
        let mut read = Reader { settings, wrong: Vec::new() };
        let url = read.secret_url("HUB_OWNER_URL", &["postgres://", "postgresql://"]);
        if read.wrong.is_empty() { Ok(url) } else { Err(BadConfig(read.wrong)) }
    }

    /// The variables of this process.
    #[must_use]
    pub fn environment() -> BTreeMap<String, String> {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
    }

    /// Reads settings from a map, as tests do.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub fn from(settings: &BTreeMap<String, String>) -> Result<Self, BadConfig> {
        let mut read = Reader { settings, wrong: Vec::new() };
        let config = Self {
            listen: read.parsed("HUB_LISTEN", LISTEN, "an address and a port, for instance 127.0.0.1:8480"),
            database_url: read.secret_url("HUB_DATABASE_URL", &["postgres://", "postgresql://"]),
            nats_url: read.secret_url("HUB_NATS_URL", &["nats://", "tls://"]),
            nats_monitor_url: read.url("HUB_NATS_MONITOR_URL", &["http://", "https://"]),
            nats_replicas: read.parsed("HUB_NATS_REPLICAS", 1, "1, or 3 with a cluster"),
            jwks_file: read.needed("HUB_JWKS_FILE", "the path of the JWKS with the keys of the token issuers").into(),
            issuers: read.list("HUB_ISSUERS", "the accepted issuers, apart by commas"),
            master_key_file: read.needed("HUB_MASTER_KEY_FILE", "the path of the file with the master key").into(),
            service_key_file: read.needed("HUB_SERVICE_KEY_FILE", "the path of the key that signs the services' own tokens").into(),
            peers: read.pairs("HUB_PEERS", "name=address, apart by commas, for instance intake=http://intake:8480"),
            editions_file: read.get("HUB_EDITIONS_FILE").map(PathBuf::from),
            pages_dir: read.get("HUB_PAGES_DIR").map(PathBuf::from),
            pages_key_file: read.get("HUB_PAGES_KEY_FILE").map(PathBuf::from),
            sign_in_file: read.get("HUB_SIGN_IN_FILE").map(PathBuf::from),
            pages_idle_ward: read.minutes("HUB_PAGES_IDLE_WARD", 30),
            pages_idle_desk: read.minutes("HUB_PAGES_IDLE_DESK", 480),
            public_url: read.optional_url("HUB_PUBLIC_URL", &["http://", "https://"]),
            log_keys: read.get("HUB_LOG_KEYS").map(PathBuf::from),
            proof_policy_file: read.get("HUB_PROOF_POLICY_FILE").map(PathBuf::from),
            log: read.get("HUB_LOG").unwrap_or_else(|| "info".to_owned()),
            demo: read.parsed("HUB_DEMO", false, "true or false"),
        };
        if config.log_keys.is_some() != config.proof_policy_file.is_some() {
            read.wrong.push("HUB_LOG_KEYS and HUB_PROOF_POLICY_FILE belong together: set both or neither".to_owned());
        }
        if read.wrong.is_empty() { Ok(config) } else { Err(BadConfig(read.wrong)) }
    }

    /// The address of a service's database: the name is appended to the path, before any options.
    #[must_use]
    pub fn database_url(&self, name: &str) -> Private<String> {
        with_database(&self.database_url, name)
    }

    /// The password of the services' own database role, as it stands in the address.
    #[must_use]
    pub fn database_password(&self) -> Option<Private<String>> {
        let (_, rest) = self.database_url.expose().split_once("://")?;
        let (user, _) = rest.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| Private::new(password.to_owned()))
    }
}

/// An address with the name of a database appended to its path, before any options.
#[must_use]
pub fn with_database(url: &Private<String>, name: &str) -> Private<String> {
    let url = url.expose();
    let (address, options) = url.split_once('?').map_or((url.as_str(), None), |(address, options)| (address, Some(options)));
    let has_path = address.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let separator = if has_path { "" } else { "/" };
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    Private::new(format!("{address}{separator}{name}{options}"))
}

struct Reader<'a> {
    settings: &'a BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    /// A setting; one that is set to nothing counts as not set.
    fn get(&self, name: &str) -> Option<String> {
        self.settings.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn needed(&mut self, name: &str, what: &str) -> String {
        self.get(name).unwrap_or_else(|| {
            self.wrong.push(format!("{name} is not set: {what}"));
            String::new()
        })
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, otherwise: T, what: &str) -> T {
        let given = self.get(name).map(|text| text.parse());
        match given {
            None => otherwise,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.wrong.push(format!("{name} is wrong: {what}"));
                otherwise
            }
        }
    }

    /// A time of somebody's absence. Below five minutes a warning of two would come while one reads; no session is longer than a shift.
    fn minutes(&mut self, name: &str, otherwise: u16) -> u16 {
        let what = "minutes from 5 to 720";
        let minutes = self.parsed(name, otherwise, what);
        if !(5..=720).contains(&minutes) {
            self.wrong.push(format!("{name} is wrong: {what}"));
        }
        minutes
    }

    fn list(&mut self, name: &str, what: &str) -> Vec<String> {
        let text = self.needed(name, what);
        let list: Vec<_> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
        if list.is_empty() && !text.is_empty() {
            self.wrong.push(format!("{name} is wrong: {what}"));
        }
        list
    }

    fn pairs(&mut self, name: &str, what: &str) -> BTreeMap<String, String> {
        let text = self.get(name).unwrap_or_default();
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| pair.split_once('=').filter(|(_, address)| address.starts_with("http")));
        let read: Option<BTreeMap<_, _>> = read.map(|pair| pair.map(|(name, address)| (name.to_owned(), address.to_owned()))).collect();
        read.unwrap_or_else(|| {
            self.wrong.push(format!("{name} is wrong: {what}"));
            BTreeMap::new()
        })
    }

    fn url(&mut self, name: &str, starts: &[&str]) -> String {
        let what = format!("an address that begins with {}", starts.join(" or "));
        let url = self.needed(name, &what);
        self.check(name, url, starts, &what)
    }

    fn optional_url(&mut self, name: &str, starts: &[&str]) -> Option<String> {
        let what = format!("an address that begins with {}", starts.join(" or "));
        self.get(name).map(|url| self.check(name, url, starts, &what))
    }

    /// A secret: in the variable itself, or better in a file that the variable with `_FILE` names.
    fn secret_url(&mut self, name: &str, starts: &[&str]) -> Private<String> {
        let what = format!("an address that begins with {}", starts.join(" or "));
        let file = format!("{name}_FILE");
        let url = match (self.get(name), self.get(&file)) {
            (Some(_), Some(_)) => {
                self.wrong.push(format!("{name} and {file} are both set: set one"));
                String::new()
            }
            (None, Some(path)) => std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_else(|_| {
                self.wrong.push(format!("{file} is wrong: the file cannot be read"));
                String::new()
            }),
            (_, None) => self.needed(name, &format!("{what}; or set {file}")),
        };
        Private::new(self.check(name, url, starts, &what))
    }

    /// An empty address has been complained about already.
    fn check(&mut self, name: &str, url: String, starts: &[&str], what: &str) -> String {
        if !url.is_empty() && !starts.iter().any(|start| url.starts_with(start)) {
            self.wrong.push(format!("{name} is wrong: {what}"));
        }
        url
    }
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
