//! What can go wrong between the log and its database.

use kernel::DecodeError;

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer.
    #[error("the database did not carry out the statement")]
    Database(#[source] sqlx::Error),
    /// It is not known whether the command was recorded. Sending it again under the same key resolves it.
    #[error("it is not known whether the command was recorded; send it again with the same key")]
    Unknown,
    /// The service is stopping or its database is away; nothing was recorded.
    #[error("the record cannot be written now; nothing was recorded")]
    Unavailable,
    /// A stored event cannot be read by this version of the program.
    #[error("position {position} cannot be read")]
    Decode {
        /// Where it is.
        position: i64,
        /// Why not.
        #[source]
        source: DecodeError,
    },
    /// An event or answer cannot be written as JSON, or a decider panicked: a bug.
    #[error("the command could not be decided: {what}")]
    Bug {
        /// What happened, without data.
        what: &'static str,
    },
    /// The migrations did not run.
    #[error("the database could not be set up")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
