//! PostgreSQL and NATS under one directory.

use std::path::Path;

use crate::{EmbeddedError, Nats, NatsOptions, Postgres, PostgresOptions};

/// How to run both servers.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// PostgreSQL, in `postgres/`.
    pub postgres: PostgresOptions,
    /// NATS, in `nats/`.
    pub nats: NatsOptions,
}

/// Both servers. Dropping it stops them; what they keep stays in the directory.
#[derive(Debug)]
pub struct Stack {
    /// The record.
    pub postgres: Postgres,
    /// The way between the services.
    pub nats: Nats,
}

impl Stack {
    /// Starts both servers at the same time, on free ports.
    ///
    /// # Errors
    /// When either cannot start; the other is stopped again.
    pub async fn start(directory: &Path) -> Result<Self, EmbeddedError> {
        Self::start_with(directory, StackOptions::default()).await
    }

    /// Starts both servers at the same time.
    ///
    /// # Errors
    /// When either cannot start; the other is stopped again.
    pub async fn start_with(directory: &Path, options: StackOptions) -> Result<Self, EmbeddedError> {
        let (postgres, nats) = (directory.join("postgres"), directory.join("nats"));
        let (postgres, nats) = tokio::join!(Postgres::start(&postgres, options.postgres), Nats::start(&nats, options.nats));
        Ok(Self { postgres: postgres?, nats: nats? })
    }

    /// Stops both in good order.
    pub async fn stop(&mut self) {
        tokio::join!(self.postgres.stop(), self.nats.stop());
    }
}
