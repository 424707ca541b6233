//! The tables of the pages: sessions, unfinished referrals and forms. They are no record, so rows change and go.

use sqlx::{Executor as _, PgPool};

/// Makes the tables where they are missing.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(owner: &PgPool) -> Result<(), sqlx::Error> {
    let mut transaction = owner.begin().await?;
    transaction.execute(include_str!("schema.sql")).await?;
    transaction.commit().await
}
