//! The vault: a data key for each piece of personal data, sealing under it, and erasure by destroying it.
//!
//! Personal data enters an event only as [`Sealed`](kernel::Sealed). The keys are in a database of their own, wrapped by a
//! master key that is not in any database. Destroying a key makes everything sealed under it unreadable, wherever it was
//! copied to, and leaves every hash over the ciphertext valid.
//!
//! What this does not reach: a backup of this database taken before the erasure still holds the wrapped key. It ends with
//! the master key that wraps it: rotate with [`Vault::rewrap_all`] and destroy the former master key.

#![warn(missing_docs)]

mod cache;
mod data_key;
mod error;
mod keys;
mod master;
mod rows;
mod vault;

pub use data_key::KeyHandle;
pub use error::{OpenError, SealError, VaultError};
pub use keys::Keys;
pub use master::{KeyWrapper, MasterKey, MasterKeyError, Secret, WrapError};
pub use rows::{Erasure, KeyRecord};
pub use vault::{NewKey, Vault};

/// Brings a vault's own database up to date. The role `hub_app` must exist; the pool must belong to the owner.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(owner: &sqlx::PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    sqlx::migrate!().run(owner).await
}
