//! One worker among the replicas of a service, by a session advisory lock of its database.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::time::{Instant, timeout};

/// How often a waiting replica tries.
const TRY: Duration = Duration::from_millis(200);

/// How often the holder looks whether its connection, and so its lock, is still there.
const LOOK: Duration = Duration::from_secs(1);

/// How long the database may take over either.
const PATIENCE: Duration = Duration::from_secs(3);

/// The right to do one job. It is held on a connection of its own, so a lost connection is a lost lock. For up to a second
/// after that two replicas may both believe that they hold it: whatever is done under it must be safe to do twice.
pub(crate) struct Lease {
    options: Arc<PgConnectOptions>,
    job: String,
    connection: Option<PgConnection>,
    held: bool,
    looked: Option<Instant>,
}

impl Lease {
    /// Not held yet.
    pub(crate) fn new(pool: &PgPool, job: String) -> Self {
        Self { options: pool.connect_options(), job, connection: None, held: false, looked: None }
    }

    /// Whether this replica does the job now. Tries to get it if not. Quick when asked often.
    pub(crate) async fn held(&mut self) -> bool {
        let wait = if self.held { LOOK } else { TRY };
        if self.looked.is_some_and(|at| at.elapsed() < wait) {
            return self.held;
        }
        // A look that is cut short leaves no connection, and so no lock.
        let (connection, held) = (self.connection.take(), self.held);
        match timeout(PATIENCE, look(connection, held, &self.options, &self.job)).await {
            Ok(Ok((connection, held))) => (self.connection, self.held) = (Some(connection), held),
            Ok(Err(_)) | Err(_) => self.held = false,
        }
        self.looked = Some(Instant::now());
        self.held
    }
}

async fn look(known: Option<PgConnection>, held: bool, options: &PgConnectOptions, job: &str) -> Result<(PgConnection, bool), sqlx::Error> {
    let mut connection = match known {
        Some(connection) => connection,
        None => PgConnection::connect_with(options).await?,
    };
    if held {
        connection.ping().await?;
        return Ok((connection, true));
    }
    let obtained = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended($1, 0))").bind(job).fetch_one(&mut connection).await?;
    Ok((connection, obtained))
}
