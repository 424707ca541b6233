#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::{fs, path::PathBuf, sync::Arc};

use embedded::{OWNER, Postgres, PostgresOptions};
use kernel::{ChildId, Timestamp};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;
use vault::{MasterKey, Vault};

/// The place that the tests seal for.
pub(crate) const PLACE: &str = "referral.raised/child_name/referral-ref_1";

/// A vault's database on a private server, with its owner and the services' role.
pub(crate) struct World {
    pub(crate) owner: PgPool,
    pub(crate) app: PgPool,
    pub(crate) master: Arc<MasterKey>,
    server: Postgres,
    directory: Scratch, // the last, so that it goes after the server
}

/// A directory that goes with its test, also when the test fails.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl World {
    pub(crate) async fn new(name: &str) -> Self {
        let directory = Scratch(std::env::temp_dir().join(format!("vault-it-{name}-{}", std::process::id())));
        fs::create_dir_all(&directory.0).unwrap();
        let options = PostgresOptions { settings: vec!["log_statement=all".to_owned()], ..PostgresOptions::default() };
        let server = Postgres::start(&directory.0.join("pg"), options).await.unwrap();
        server.create_role("hub_app").await.unwrap();
        server.create_database("hub_vault").await.unwrap();
        let connect = |user| PgPoolOptions::new().max_connections(8).connect_lazy(&server.url("hub_vault", user));
        let (owner, app) = (connect(OWNER).unwrap(), connect("hub_app").unwrap());
        vault::migrate(&owner).await.unwrap();
        let master = Arc::new(MasterKey::create_file(&directory.0.join("master-0")).unwrap());
        Self { owner, app, master, server, directory }
    }

    /// A vault as a process of its own would have it: same database, same master key, its own cache.
    pub(crate) fn vault(&self) -> Vault {
        Vault::new(self.app.clone(), Arc::clone(&self.master) as _)
    }

    pub(crate) fn another_master(&self, name: &str) -> Arc<MasterKey> {
        Arc::new(MasterKey::create_file(&self.directory.0.join(name)).unwrap())
    }

    /// How many statements with these words the server has run.
    pub(crate) fn statements(&self, words: &str) -> usize {
        let log = fs::read(self.server.directory().join("log")).unwrap();
        String::from_utf8_lossy(&log).lines().filter(|line| line.contains(words)).count()
    }

    pub(crate) async fn end(mut self) {
        self.owner.close().await;
        self.app.close().await;
        self.server.stop().await;
    }
}

pub(crate) fn child(n: u128) -> ChildId {
    ChildId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn noon() -> Timestamp {
    "2026-11-23T12:00:00.123456Z".parse().unwrap()
}
