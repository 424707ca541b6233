//! Connections to a service's database.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Opens a pool.
///
/// A connection may come back to the pool inside an open transaction when a `begin` was cancelled half-way; the next write
/// on it would be acknowledged and never committed. So every connection is rolled back when it comes back, so that no
/// transaction stays open, and again before it is handed out; and nobody writes outside a transaction.
///
/// # Errors
/// When the address is wrong or the database does not answer.
pub async fn connect(url: &str, most: u32) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false) // the rollback finds a dead connection as well
        .before_acquire(|connection, _| Box::pin(async move { connection.execute("rollback").await.map(|_| true) }))
        .after_release(|connection, _| Box::pin(async move { connection.execute("rollback").await.map(|_| true) }))
        .connect_with(options(url)?)
        .await
}

/// How a service connects: its views first, then the log.
///
/// # Errors
/// When the address is wrong.
pub fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?.options([
        ("search_path", "view,log,public"),
        // A forgotten transaction would hold the head row against everybody.
        ("idle_in_transaction_session_timeout", "15s"),
        ("lock_timeout", "10s"),
        // Compiling a plan costs more than any statement of the hub takes.
        ("jit", "off"),
        // A rollback without a transaction would be warned of each time.
        ("client_min_messages", "error"),
    ]))
}
