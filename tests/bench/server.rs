//! A private PostgreSQL for the measurements.

use std::{path::PathBuf, sync::Arc};

use embedded::{OWNER, Postgres, PostgresOptions};
use event_store::{Store, View, migrate, pool};
use sqlx::PgPool;

use crate::sample::{Latest, Sample};

pub(crate) struct Server {
    pub(crate) postgres: Postgres,
    directory: PathBuf,
}

impl Server {
    pub(crate) async fn start(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("hub-{name}-{}", std::process::id()));
        let postgres = Postgres::start(&directory, PostgresOptions::default()).await.expect("PostgreSQL starts");
        postgres.create_role("hub_app").await.expect("the role is made");
        Self { postgres, directory }
    }

    /// A database with a log, and the writer of one service.
    pub(crate) async fn log(&self, name: &str) -> (Store<Sample>, PgPool) {
        self.postgres.create_database(name).await.expect("the database is made");
        let owner = pool::connect(&self.postgres.url(name, OWNER), 4).await.expect("the owner connects");
        let views: Vec<Arc<dyn View<Sample>>> = vec![Arc::new(Latest)];
        migrate(&owner, &views).await.expect("the log is made");
        let app = pool::connect(&self.postgres.url(name, "hub_app"), 16).await.expect("the service connects");
        let (store, writer) = Store::open(app, "bench", views);
        drop(tokio::spawn(writer));
        (store, owner)
    }

    pub(crate) async fn stop(mut self) {
        self.postgres.stop().await;
        drop(std::fs::remove_dir_all(&self.directory));
    }
}
