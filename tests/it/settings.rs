//! T8: a hub whose servers, rights or keys could lose or show the record does not start, and says why in words.
//!
//! The real program is started against each wrong configuration; it must end with a failure and name the reason.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use axum::{Json, Router, routing::get};
use embedded::{Nats, NatsOptions, OWNER, Postgres, PostgresOptions};
use hub::stand::{Ground, StandOptions};
use hub_tests::storm::process;
use kernel::Timestamp;
use serde_json::json;
use service_kit::Clock;
use tokio::{net::TcpListener, time::timeout};

use crate::storm::directory;

type Settings = BTreeMap<String, String>;

/// How long a hub may take to refuse.
const PATIENCE: Duration = Duration::from_secs(30);

/// Servers that are set well, and the settings of a hub on them.
struct Place {
    directory: PathBuf,
    postgres: Option<Postgres>,
    _nats: Nats,
    settings: Settings,
}

impl Place {
    async fn ready(name: &str) -> Self {
        let directory = directory(name);
        let ground = Ground::ready(&directory, &StandOptions::default()).await.unwrap();
        let stack = ground.stack;
        Self { directory, postgres: Some(stack.postgres), _nats: stack.nats, settings: ground.settings }
    }

    fn with(&self, changes: &[(&str, &str)]) -> Settings {
        let mut settings = self.settings.clone();
        settings.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        settings
    }

    async fn sql(&self, database: &str, sql: &str) {
        self.postgres.as_ref().unwrap().sql(database, sql).await.unwrap();
    }

    /// Starts PostgreSQL again on the same data and port, with more settings.
    async fn postgres_with(&mut self, settings: &[&str]) {
        let mut old = self.postgres.take().unwrap();
        let port = old.port();
        old.stop().await;
        drop(old);
        let options =
            PostgresOptions { port: Some(port), settings: settings.iter().map(|&s| s.to_owned()).collect(), ..PostgresOptions::default() };
        self.postgres = Some(Postgres::start(&self.directory.join("postgres"), options).await.unwrap());
    }

    /// Starts PostgreSQL again on the same data and port as a replica that waits for a primary.
    async fn as_replica(&mut self) {
        let signal = self.directory.join("postgres/data/standby.signal");
        let data = fs::metadata(self.directory.join("postgres/data")).unwrap();
        fs::write(&signal, "").unwrap();
        std::os::unix::fs::chown(&signal, Some(data.uid()), Some(data.gid())).unwrap();
        self.postgres_with(&["hot_standby=on"]).await;
    }

    /// Switches page checksums off in the stopped cluster, as its own user.
    async fn without_checksums(&mut self) {
        let mut old = self.postgres.take().unwrap();
        let port = old.port();
        old.stop().await;
        drop(old);
        let data = self.directory.join("postgres/data");
        let owner = fs::metadata(&data).unwrap();
        let program = embedded::postgresql(None).unwrap().bin.join("pg_checksums");
        let mut command = Command::new(program);
        command.args(["--disable", "--no-sync", "-D"]).arg(&data).current_dir("/");
        if owner.uid() != fs::metadata("/proc/self").unwrap().uid() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        assert!(command.status().unwrap().success(), "pg_checksums did not run");
        let options = PostgresOptions { port: Some(port), ..PostgresOptions::default() };
        self.postgres = Some(Postgres::start(&self.directory.join("postgres"), options).await.unwrap());
    }
}

/// Runs the hub and gives what it said on its way out.
async fn refusal(settings: &Settings) -> String {
    let mut settings = settings.clone();
    settings.entry("HUB_LISTEN".to_owned()).and_modify(|listen| {
        if listen.ends_with(":0") {
            "127.0.0.1:0".clone_into(listen);
        }
    });
    let run = process::hub(&settings, &["run", "transfers"]).output();
    let output = timeout(PATIENCE, run).await.unwrap_or_else(|_| panic!("the hub went on running")).unwrap();
    assert!(!output.status.success(), "the hub started");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn refuses(what: &str, settings: &Settings, reason: &str) {
    let said = refusal(settings).await;
    assert!(said.contains(reason), "{what}: {said}");
    assert!(!said.contains("hub_app:"), "{what}: an address with its password is in the message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_could_lose_the_record_or_change_it_unseen_is_refused_by_name() {
    let mut place = Place::ready("settings-database").await;
    for (attribute, back, reason) in [
        ("superuser", "nosuperuser", "the database role is a superuser"),
        ("bypassrls", "nobypassrls", "the database role is allowed to bypass row security"),
        ("createdb", "nocreatedb", "the database role is allowed to create databases"),
        ("createrole", "nocreaterole", "the database role is allowed to create roles"),
    ] {
        place.sql("postgres", &format!("alter role hub_app {attribute}")).await;
        refuses(attribute, &place.settings, reason).await;
        place.sql("postgres", &format!("alter role hub_app {back}")).await;
    }
    place.sql("hub_transfers", "alter table log.event owner to hub_app").await;
    refuses("owner", &place.settings, "the database role is the owner of the log").await;
    place.sql("hub_transfers", &format!("alter table log.event owner to {OWNER}")).await;
    place.sql("postgres", "alter role hub_app set synchronous_commit = off").await;
    refuses("synchronous_commit", &place.settings, "PostgreSQL synchronous_commit is off").await;
    place.sql("postgres", "alter role hub_app reset synchronous_commit").await;

    place.postgres_with(&["fsync=off"]).await;
    refuses("fsync", &place.settings, "PostgreSQL fsync is not on").await;
    place.postgres_with(&["full_page_writes=off"]).await;
    refuses("full_page_writes", &place.settings, "PostgreSQL full_page_writes is not on").await;
    place.without_checksums().await;
    refuses("checksums", &place.settings, "PostgreSQL data_checksums is not on").await;
}

/// A monitor that tells of a server of this version, set well.
async fn monitor(version: &'static str) -> (tokio::task::JoinSet<()>, String) {
    let router = Router::new()
        .route("/varz", get(async move || Json(json!({ "version": version }))))
        .route("/jsz", get(async || Json(json!({ "config": { "sync_always": true } }))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut running = tokio::task::JoinSet::new();
    running.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (running, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_that_could_lose_what_it_acknowledged_is_refused_by_name() {
    let place = Place::ready("settings-nats").await;
    let options = NatsOptions { sync_always: false, ..NatsOptions::default() };
    let lazy = Nats::start(&place.directory.join("lazy"), options).await.unwrap();
    let settings = place.with(&[("HUB_NATS_URL", &lazy.url()), ("HUB_NATS_MONITOR_URL", &lazy.monitor_url())]);
    refuses("sync_always", &settings, "NATS sync_interval is not always").await;

    let (_running, url) = monitor("2.10.27").await;
    refuses("version", &place.with(&[("HUB_NATS_MONITOR_URL", &url)]), "nats-server 2.10.27 is older than 2.14").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_keys_keys_that_others_can_read_and_a_taken_port_are_refused_by_name() {
    let place = Place::ready("settings-keys").await;
    for (name, reason) in [
        ("HUB_JWKS_FILE", "HUB_JWKS_FILE is not set"),
        ("HUB_MASTER_KEY_FILE", "HUB_MASTER_KEY_FILE is not set"),
        ("HUB_SERVICE_KEY_FILE", "HUB_SERVICE_KEY_FILE is not set"),
        ("HUB_DATABASE_URL", "HUB_DATABASE_URL is not set"),
    ] {
        refuses(name, &place.with(&[(name, "")]), reason).await;
    }
    let nowhere = place.directory.join("nowhere");
    for (name, reason) in [
        ("HUB_JWKS_FILE", "key"),
        ("HUB_MASTER_KEY_FILE", "the master key cannot be used"),
        ("HUB_SERVICE_KEY_FILE", "cannot use the key file"),
    ] {
        refuses(name, &place.with(&[(name, &nowhere.display().to_string())]), reason).await;
    }
    let master = Path::new(&place.settings["HUB_MASTER_KEY_FILE"]);
    fs::set_permissions(master, fs::Permissions::from_mode(0o644)).unwrap();
    refuses("open master key", &place.settings, "the master key file has mode 644; only its owner may read it: chmod 600").await;
    fs::set_permissions(master, fs::Permissions::from_mode(0o600)).unwrap();

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses(
        "taken port",
        &place.with(&[("HUB_LISTEN", &address)]),
        &format!("{address} is already in use: stop what runs there, or set HUB_LISTEN"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_are_more_than_two_seconds_apart_are_refused_by_name_and_good_settings_are_not() {
    let place = Place::ready("settings-clock").await;
    let config = service_kit::Config::from(&place.settings).unwrap();
    let pool = event_store::pool::connect(config.database_url("hub_transfers").expose(), 1).await.unwrap();
    for seconds in [-10, 10] {
        let wrong = || Timestamp::from_second(Clock::system().now().as_second() + seconds).unwrap();
        let error = hub::setup::refuse_unsafe(&pool, "transfers", wrong).await.unwrap_err().to_string();
        assert!(error.contains("the clocks of the service and its database are more than 2 s apart"), "{seconds}: {error}");
    }
    hub::setup::refuse_unsafe(&pool, "transfers", || Clock::system().now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_refused_by_name() {
    let mut place = Place::ready("settings-replica").await;
    place.as_replica().await;
    refuses("replica", &place.settings, "the database is a replica: point the service at the primary").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_an_edition_beside_the_first_is_refused_by_every_service_before_it_goes_by_it() {
    let place = Place::ready("settings-editions").await;
    let first = crate::editions::first_edition("settings-editions-first", 60);
    let mut list: Vec<serde_json::Value> = serde_json::from_str(&fs::read_to_string(first).unwrap()).unwrap();
    let mut second = list[0].clone();
    for (name, value) in [("number", json!(2)), ("id", json!("edition-2")), ("in_force_from", json!("2026-02-01T00:00:00Z"))] {
        second[name] = value;
    }
    list.push(second);
    let file = place.directory.join("two.json");
    fs::write(&file, json!(list).to_string()).unwrap();
    let settings = place.with(&[("HUB_EDITIONS_FILE", &file.display().to_string())]);
    refuses("two editions", &settings, "does not hold edition 2 of HUB_EDITIONS_FILE").await;
    refuses("two editions", &settings, "hub procedures publish").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_to_be_away() {
    let place = Place::ready("settings-away").await;
    let settings = place.with(&[("HUB_DATABASE_URL", "postgres://hub_app:none@127.0.0.1:9")]);
    refuses("away", &settings, "PostgreSQL does not answer or refuses: check that it runs").await;
}
