//! A whole hub for a test: real servers, every service, made-up people, and a clock that the test sets.

#![warn(missing_docs)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use event_store::PgTime;
use hub::{
    client::Client,
    people::{self, Someone},
    seed,
    stand::{Stand, StandError, StandOptions},
};
use kernel::{Org, Role, Timestamp};
use service_kit::Clock;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::Mutex;

/// How long a test waits for something that must come to pass.
const PATIENCE: Duration = Duration::from_secs(20);

/// A directory for one test, removed when it ends. PostgreSQL runs as another user when the tests run as root, so others may
/// look into it.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new directory.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        use std::os::unix::fs::DirBuilderExt;
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hub-test-{}-{number}-{name}", std::process::id()));
        std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Waits, bounded, until something is so.
///
/// # Panics
/// When it does not come to pass within 20 s.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A whole hub in the process of the test.
pub struct TestHub {
    /// The hub.
    pub stand: Stand,
    /// Its time; manual if it was started at one.
    pub clock: Clock,
    keys: AtomicU32,
    pools: Mutex<BTreeMap<String, PgPool>>,
    // Dropped last: the servers must be gone before their directory.
    scratch: Scratch,
}

impl TestHub {
    /// Starts a hub that goes by the real time.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(name: &str) -> Self {
        Self::with(name, StandOptions::default()).await.unwrap_or_else(|error| panic!("the hub does not start: {error:?}"))
    }

    /// Starts a hub at an instant; its clock stands until the test moves it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_at(name: &str, time: &str, editions: Option<&Path>) -> Self {
        let time: Timestamp = time.parse().unwrap_or_else(|error| panic!("{time}: {error}"));
        let options = StandOptions { clock: Clock::manual(time), editions_file: editions.map(Path::to_owned), ..StandOptions::default() };
        Self::with(name, options).await.unwrap_or_else(|error| panic!("the hub does not start: {error:?}"))
    }

    /// Starts a hub with any options.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn with(name: &str, options: StandOptions) -> Result<Self, StandError> {
        let scratch = Scratch::new(name);
        let clock = options.clock.clone();
        let stand = Stand::start(scratch.path(), options).await?;
        Ok(Self { stand, clock, keys: AtomicU32::new(0), pools: Mutex::default(), scratch })
    }

    /// Sets the desks of the demonstration's boroughs, and waits until every service knows them.
    ///
    /// # Panics
    /// When the hub refuses.
    pub async fn with_desks(self) -> Self {
        let done = seed::desks(&self.stand.url(), &self.stand.ground.signer, self.clock.now(), |_| ()).await;
        done.unwrap_or_else(|error| panic!("the desks are not set: {error}"));
        self.settled().await;
        self
    }

    /// One of the made-up people of the demonstration.
    ///
    /// # Panics
    /// When there is nobody of that id.
    #[must_use]
    pub fn person(&self, id: &str) -> Client {
        let who = people::by_id(id).unwrap_or_else(|| panic!("there is nobody called {id}"));
        self.client(&who)
    }

    /// Anybody, by organisation and role.
    ///
    /// # Panics
    /// When the organisation's code is wrong.
    #[must_use]
    pub fn somebody(&self, id: &str, org: &str, role: Role) -> Client {
        let org: Org = org.parse().unwrap_or_else(|error| panic!("{org}: {error}"));
        let name = format!("{role:?} of {org}");
        self.client(&Someone { id: id.to_owned(), name, org_name: org.to_string(), org, roles: BTreeSet::from([role]), phone: None })
    }

    fn client(&self, who: &Someone) -> Client {
        seed::client(&self.stand.url(), &self.stand.ground.signer, who, self.clock.now())
            .unwrap_or_else(|error| panic!("no token: {error}"))
    }

    /// An idempotency key that no other command of this test has.
    #[must_use]
    pub fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// A pool of the owner on a service's database, to look behind the API.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn owner(&self, service: &str) -> PgPool {
        // Signing in costs more than most questions, so each pool is kept.
        let mut pools = self.pools.lock().await;
        if let Some(pool) = pools.get(service) {
            return pool.clone();
        }
        let pool = hub::setup::owner_pool(&self.stand.ground.owner, service).await.unwrap_or_else(|error| panic!("no database: {error}"));
        pools.insert(service.to_owned(), pool.clone());
        pool
    }

    /// Moves a manual clock on, and waits until every clock that has run out by then was fired. A clock that runs out late fires
    /// once, so a ladder of several levels takes several moves. The morning's call for a case of the night that nobody took has
    /// no due time of its own in the view: whoever tests it waits for what it leads to.
    ///
    /// # Panics
    /// When the clock is not manual, the time lies in the past, or a clock does not fire within 20 s.
    pub async fn advance(&self, to: &str) {
        assert!(self.clock.is_manual(), "this hub goes by the real time");
        let to: Timestamp = to.parse().unwrap_or_else(|error| panic!("{to}: {error}"));
        assert!(to >= self.clock.now(), "time does not go back: {to}");
        self.settled().await;
        self.clock.set(to);
        for service in ["intake", "transfers"] {
            let pool = self.owner(service).await;
            until(&format!("every clock of {service} has fired that ran out by {to}"), async || {
                let sql = "select count(*) from view.timer where due_at <= $1 and kind <> 'night_late'";
                sqlx::query_scalar(sql).bind(PgTime(to)).fetch_one(&pool).await.unwrap_or(1_i64) == 0
            })
            .await;
        }
        self.settled().await;
    }

    /// Waits until every service has taken everything that the others have recorded.
    ///
    /// # Panics
    /// When that does not come to pass within 20 s.
    pub async fn settled(&self) {
        let mut pools = BTreeMap::new();
        for service in hub::SERVICES {
            pools.insert(service, self.owner(service).await);
        }
        until("every service has taken everything", async || {
            for (consumer, source) in hub::INBOXES {
                let head = number(&pools[source], "select position from log.head").await;
                let sql = format!("select coalesce((select position from log.inbox where source = '{source}'), 0)");
                let taken: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pools[consumer]).await.unwrap_or(0);
                if taken < head {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// Ends the test: everything was taken, nothing is parked, and every log is whole.
    ///
    /// # Panics
    /// When it is not so.
    pub async fn finish(self) {
        self.settled().await;
        for service in hub::SERVICES {
            let pool = self.owner(service).await;
            assert_eq!(number(&pool, "select count(*) from log.parked").await, 0, "{service} has parked events");
        }
        let found = hub::operate::verify(&self.stand.ground.owner, |_, _| ()).await.unwrap_or_else(|error| panic!("{error}"));
        for (service, _, fault) in found {
            assert_eq!(fault, None, "the log of {service}");
        }
        let Self { stand, pools, scratch, .. } = self;
        for pool in pools.into_inner().into_values() {
            pool.close().await;
        }
        stand.stop().await;
        drop(scratch);
    }
}

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}
