//! What can go wrong. No error quotes what was sealed.

use crate::WrapError;

/// Nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The value cannot be written as JSON, which is a bug. The cause is left out, because it may quote the value.
    #[error("the value cannot be written as JSON")]
    Json,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// The cipher refused: more than 256 GiB in one value.
    #[error("the value is too long")]
    TooLong,
}

/// It does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key was destroyed: this is gone for ever, on purpose.
    #[error("erased")]
    Erased,
    /// There never was such a key.
    #[error("no such key")]
    Unknown,
    /// Another key, another place, a changed ciphertext, or data of another shape.
    #[error("sealed under another key or for another place, or changed since")]
    Wrong,
    /// The keys could not be fetched; it may open later.
    #[error("the keys cannot be reached")]
    Database(#[from] VaultError),
}

/// The vault could not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nothing new is written about an erased child.
    #[error("the child was erased")]
    Erased,
    /// A key about nobody could never be erased.
    #[error("a key is about at least one child")]
    AboutNobody,
    /// A key is wrapped by a master key that this process was not given.
    #[error("the master key {0} is not here")]
    NoMaster(String),
    /// A data key does not come out of its wrapping: the row was changed.
    #[error("the data key {0} is damaged")]
    Damaged(String),
    /// Wrapping failed.
    #[error("wrapping a data key failed")]
    Wrap(#[from] WrapError),
    /// The database did not answer, or refused.
    #[error("the vault's database failed")]
    Database(#[source] sqlx::Error),
}

/// What the database raises when a new key is about an erased child; see the migration.
const ERASED: &str = "VT001";

impl From<sqlx::Error> for VaultError {
    fn from(error: sqlx::Error) -> Self {
        let erased = error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == ERASED);
        if erased { Self::Erased } else { Self::Database(error) }
    }
}
