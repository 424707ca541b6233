//! Starts a private PostgreSQL and nats-server under one directory, for the demo and for tests, and stops them without
//! leaving anything behind. Linux only: it looks for left-over servers in `/proc`.

#![warn(missing_docs)]

mod directory;
mod error;
mod find;
mod http;
mod nats;
mod port;
mod postgres;
mod process;
mod stack;

pub use error::EmbeddedError;
pub use find::{Nats as NatsProgram, PostgreSql as PostgresPrograms, nats_server, pages, postgresql};
pub use nats::{Nats, NatsOptions};
pub use postgres::{OWNER, Postgres, PostgresOptions};
pub use stack::{Stack, StackOptions};
