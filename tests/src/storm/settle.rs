//! After the faults: resolve what nobody knows, and wait until everybody has everything.

use std::time::Duration;

use hub::{INBOXES, SERVICES, setup::owner_pool, stand::Ground};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::client::{Command, Speaker, Told};

/// How long everything may take to catch up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends each command again under its key until its outcome is known. How many were open.
///
/// # Panics
/// When an outcome stays unknown although everything runs.
pub async fn resolve(speaker: &Speaker, open: Vec<Command>) -> usize {
    let count = open.len();
    for command in open {
        let begun = Instant::now();
        while matches!(speaker.tell(&command).await, Told::Unknown) {
            assert!(begun.elapsed() < PATIENCE, "{} is still unknown", command.key);
            sleep(Duration::from_millis(100)).await;
        }
    }
    count
}

/// The owner's pools, by the order of [`SERVICES`].
///
/// # Panics
/// When the database does not answer.
pub async fn pools(ground: &Ground) -> Vec<(&'static str, PgPool)> {
    let mut pools = Vec::new();
    for service in SERVICES {
        let pool = owner_pool(&ground.owner, service).await;
        pools.push((service, pool.unwrap_or_else(|error| panic!("the database of {service} does not answer: {error}"))));
    }
    pools
}

/// Where everybody is: the head of each log, how far it is published, and how far each inbox has taken it.
///
/// # Errors
/// When the database does not answer.
pub async fn places(pools: &[(&'static str, PgPool)]) -> Result<Vec<(String, i64, i64)>, sqlx::Error> {
    let pool = |service: &str| pools.iter().find(|(name, _)| *name == service).map(|(_, pool)| pool);
    let mut places = Vec::new();
    for (consumer, source) in INBOXES {
        let (Some(from), Some(to)) = (pool(source), pool(consumer)) else { continue };
        let head: i64 = sqlx::query_scalar("select position from log.head").fetch_one(from).await?;
        let taken: Option<i64> =
            sqlx::query_scalar("select position from log.inbox where source = $1").bind(source).fetch_optional(to).await?;
        places.push((format!("{consumer} from {source}"), head, taken.unwrap_or(0)));
    }
    for (service, pool) in pools {
        let (head, published): (i64, i64) =
            sqlx::query_as("select (select position from log.head), (select position from log.relay)").fetch_one(pool).await?;
        places.push((format!("relay of {service}"), head, published));
    }
    Ok(places)
}

/// Waits until every inbox has taken and every relay has published everything. How long that took.
///
/// # Panics
/// When somebody does not catch up in a minute.
pub async fn caught_up(pools: &[(&'static str, PgPool)]) -> Duration {
    let begun = Instant::now();
    loop {
        let places = places(pools).await;
        let behind: Vec<_> = places.iter().flatten().filter(|(_, head, at)| head != at).collect();
        if places.is_ok() && behind.is_empty() {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE, "not caught up after {PATIENCE:?}: {behind:?} {places:?}");
        sleep(Duration::from_millis(100)).await;
    }
}
