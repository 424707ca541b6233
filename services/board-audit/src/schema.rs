//! Setting up the audit's database.

use std::sync::Arc;

use event_store::{StoreError, View};
use sqlx::{Executor, PgPool};

use crate::{Event, SOURCES};

/// Brings the audit's database to the present shape. Runs as the owner.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(owner: &PgPool) -> Result<(), StoreError> {
    let no_views: [Arc<dyn View<Event>>; 0] = [];
    event_store::migrate(owner, &no_views).await?;
    let mut connection = owner.acquire().await?;
    connection.execute(include_str!("schema.sql")).await?;
    connection.execute(include_str!("fill.sql")).await?;
    Ok(())
}

/// Throws away what was taken of the other services' logs; the running service takes it again from position 1.
///
/// # Errors
/// When the database refuses.
pub async fn forget(owner: &PgPool) -> Result<(), StoreError> {
    let mut transaction = owner.begin().await?;
    transaction
        .execute("truncate audit.record, audit.record_child, audit.link, audit.step, audit.offer, audit.contact, audit.settled")
        .await?;
    sqlx::query("delete from log.inbox where source = any($1)").bind(SOURCES.as_slice()).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}
