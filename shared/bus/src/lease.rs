//! One worker among the replicas of a service, by a session advisory lock of its database.

use std::{sync::Arc, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::PgConnectOptions,
};
use tokio::time::{Instant, timeout};

/// How often a waiting replica tries.
const TRY: Duration = Duration::from_millis(500);

/// How often the holder looks whether its connection, and so its lock, is still there.
const LOOK: Duration = Duration::from_secs(1);

/// How long the database may take over either.
const PATIENCE: Duration = Duration::from_secs(3);

/// The right to do one job. It is held on a connection of its own, so a lost connection is a lost lock. For up to a second
/// after that two replicas may both believe that they hold it: whatever is done under it must be safe to do twice.
pub(crate) struct Lease {
    options: Arc<PgConnectOptions>,
    job: String,
    held: Option<PgConnection>,
    looked: Option<Instant>,
}

impl Lease {
    /// Not held yet.
    pub(crate) fn new(pool: &PgPool, job: String) -> Self {
        Self { options: pool.connect_options(), job, held: None, looked: None }
    }

    /// Whether this replica does the job now. Tries to get it if not. Quick when asked often.
    pub(crate) async fn held(&mut self) -> bool {
        let wait = if self.held.is_some() { LOOK } else { TRY };
        if self.looked.is_some_and(|at| at.elapsed() < wait) {
            return self.held.is_some();
        }
        self.held = match self.held.take() {
            Some(connection) => timeout(PATIENCE, still_there(connection)).await.ok().flatten(),
            None => timeout(PATIENCE, obtain(&self.options, &self.job)).await.ok().and_then(Result::ok).flatten(),
        };
        self.looked = Some(Instant::now());
        self.held.is_some()
    }
}

async fn still_there(mut connection: PgConnection) -> Option<PgConnection> {
    connection.ping().await.ok().map(|()| connection)
}

async fn obtain(options: &PgConnectOptions, job: &str) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let obtained: bool =
        sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended($1, 0))").bind(job).fetch_one(&mut connection).await?;
    Ok(obtained.then_some(connection))
}
