//! The vault itself.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use kernel::{ChildId, Private, Sealed, Timestamp};
use serde::de::DeserializeOwned;
use sqlx::PgPool;
use tokio::time::Instant;

use crate::{
    Erasure, KeyHandle, KeyRecord, KeyWrapper, Keys, OpenError, SealError, VaultError, WrapError,
    cache::{Cache, Epoch, MOST},
    data_key::DataKey,
    keys::Slot,
    rows::{self, KeyRow},
};

/// How many keys are rewrapped in one transaction.
const BATCH: i64 = 500;

/// A key to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    /// What it is for, for instance `referral-ref_…/location`: ids, never personal data.
    pub subject: &'a str,
    /// Every child that the data to be sealed is about; at least one.
    pub about: &'a [ChildId],
}

/// The master keys of this process: the first wraps, all of them unwrap.
type Ring = Vec<Arc<dyn KeyWrapper>>;

/// Makes, opens and destroys data keys.
pub struct Vault {
    pool: PgPool,
    ring: RwLock<Ring>,
    cache: Mutex<Cache>,
}

impl Vault {
    /// A vault on its own database, with the master key that wraps new data keys.
    #[must_use]
    pub fn new(pool: PgPool, wrapper: Arc<dyn KeyWrapper>) -> Self {
        Self { pool, ring: RwLock::new(vec![wrapper]), cache: Mutex::new(Cache::new(MOST)) }
    }

    /// Also reads keys that another master key wraps. During a rotation every process has both.
    #[must_use]
    pub fn reading(self, other: Arc<dyn KeyWrapper>) -> Self {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).push(other);
        self
    }

    /// Makes a key, which is committed when this returns: an event may refer to it.
    ///
    /// # Errors
    /// When it is about nobody or about an erased child, or the database fails.
    pub async fn new_key(&self, subject: &str, about: &[ChildId]) -> Result<KeyHandle, VaultError> {
        let mut keys = self.new_keys(&[NewKey { subject, about }]).await?;
        keys.pop().ok_or(VaultError::AboutNobody)
    }

    /// Makes several keys in one transaction, and gives them back in the order asked for.
    ///
    /// # Errors
    /// As [`Vault::new_key`]; then none is made.
    pub async fn new_keys(&self, wanted: &[NewKey<'_>]) -> Result<Vec<KeyHandle>, VaultError> {
        let mut made = Vec::with_capacity(wanted.len());
        let mut rows = Vec::with_capacity(wanted.len());
        let mut about = Vec::new();
        for new in wanted {
            let children: BTreeSet<_> = new.about.iter().copied().collect();
            if children.is_empty() {
                return Err(VaultError::AboutNobody);
            }
            let key = DataKey::generate().map_err(|_: SealError| WrapError::Random)?;
            rows.push(self.wrapped(&key, new.subject)?);
            about.extend(children.into_iter().map(|child| (key.id().to_owned(), child)));
            made.push(KeyHandle(Arc::new(key)));
        }
        let epoch = self.cache().epoch();
        rows::insert(&self.pool, &rows, &about).await?;
        self.cache().put(epoch, made.iter().cloned(), Instant::now());
        Ok(made)
    }

    /// An earlier key, to seal more under it.
    ///
    /// # Errors
    /// When it was destroyed, never was, or cannot be fetched.
    pub async fn key(&self, id: &str) -> Result<KeyHandle, OpenError> {
        self.fetch(BTreeSet::from([id])).await?.handle(id)
    }

    /// Fetches the keys of many values in one query, to open them with.
    ///
    /// # Errors
    /// When the database fails or a master key is missing.
    pub async fn keys_for(&self, sealed: &[&Sealed]) -> Result<Keys, VaultError> {
        self.fetch(sealed.iter().map(|sealed| sealed.key.as_str()).collect()).await
    }

    /// Opens one value that was sealed for this context.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open<T: DeserializeOwned>(&self, context: &str, sealed: &Sealed) -> Result<Private<T>, OpenError> {
        self.keys_for(&[sealed]).await?.open(context, sealed)
    }

    /// Opens many values of one type with one query: (context, sealed) in, an answer for each out, in the same order.
    ///
    /// # Errors
    /// When the database fails or a master key is missing. What is wrong with a single value is in its own answer.
    pub async fn open_many<T: DeserializeOwned>(
        &self,
        items: &[(&str, &Sealed)],
    ) -> Result<Vec<Result<Private<T>, OpenError>>, VaultError> {
        let keys = self.fetch(items.iter().map(|(_, sealed)| sealed.key.as_str()).collect()).await?;
        Ok(items.iter().map(|(context, sealed)| keys.open(context, sealed)).collect())
    }

    /// Every key about a child, also destroyed ones, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn about(&self, child: ChildId) -> Result<Vec<KeyRecord>, VaultError> {
        rows::about(&self.pool, child).await
    }

    /// Erases a child for ever: destroys the keys about this child alone and those whose other children are all erased.
    ///
    /// This process forgets at once; another one within 30 seconds. Repeating it changes nothing. Whether it may be done is not
    /// decided here.
    ///
    /// # Errors
    /// When the database fails. It may have been done nevertheless: repeat it.
    pub async fn erase(&self, child: ChildId, now: Timestamp) -> Result<Erasure, VaultError> {
        let done = rows::erase(&self.pool, child, now).await;
        self.cache().clear(); // also on an error, because it may have been committed
        done
    }

    /// Wraps every living key by a new master key, which from now on also wraps this process's new keys. Gives how many changed.
    ///
    /// Every other process must have been given the new master key ([`Vault::reading`]) before. When all of them wrap by it, run
    /// this once more for the keys made meanwhile; then the former master key may be destroyed.
    ///
    /// # Errors
    /// When `owner` is not the owner's pool, or a key does not come out of its wrapping: nothing is lost, the rest is not done.
    pub async fn rewrap_all(&self, owner: &PgPool, new: Arc<dyn KeyWrapper>) -> Result<u64, VaultError> {
        self.wrap_by(Arc::clone(&new));
        let mut changed = 0;
        loop {
            let mut tx = owner.begin().await?;
            let rows = rows::not_wrapped_by(&mut tx, new.id(), BATCH).await?;
            if rows.is_empty() {
                return Ok(changed);
            }
            let mut wrapped = BTreeMap::new();
            for row in &rows {
                let Slot::Open(key) = self.unwrapped(row)? else { return Err(VaultError::Damaged(row.id.clone())) };
                wrapped.insert(row.id.clone(), new.wrap(&row.id, &row.subject, key.0.secret())?);
            }
            changed += rows::rewrap(&mut tx, new.id(), &wrapped).await?;
            tx.commit().await?;
        }
    }

    /// Wipes keys whose time is over, for ever: a process runs this among its workers, so that an idle one holds no keys.
    pub async fn sweep(&self) {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            let now = tick.tick().await;
            self.cache().sweep(now);
        }
    }

    async fn fetch(&self, ids: BTreeSet<&str>) -> Result<Keys, VaultError> {
        let (mut found, missing, epoch) = self.cached(ids);
        if !missing.is_empty() {
            let mut fresh = Vec::new();
            for row in rows::fetch(&self.pool, &missing).await? {
                let slot = self.unwrapped(&row)?;
                if let Slot::Open(key) = &slot {
                    fresh.push(key.clone());
                }
                found.insert(row.id, slot);
            }
            self.cache().put(epoch, fresh, Instant::now());
        }
        Ok(Keys(found))
    }
}

impl Vault {
    /// The keys that are here, the ids that are not, and how many erasures there were before looking.
    fn cached<'a>(&self, ids: BTreeSet<&'a str>) -> (HashMap<String, Slot>, Vec<&'a str>, Epoch) {
        let (cache, now) = (self.cache(), Instant::now());
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for id in ids {
            match cache.get(id, now) {
                Some(key) => drop(found.insert(id.to_owned(), Slot::Open(key))),
                None => missing.push(id),
            }
        }
        (found, missing, cache.epoch())
    }

    fn wrapped(&self, key: &DataKey, subject: &str) -> Result<KeyRow, VaultError> {
        let ring = self.ring();
        let master = ring.first().ok_or_else(|| VaultError::NoMaster(String::new()))?;
        Ok(KeyRow {
            id: key.id().to_owned(),
            subject: subject.to_owned(),
            wrapped: Some(master.wrap(key.id(), subject, key.secret())?),
            master_key: master.id().to_owned(),
            commitment: key.commitment().to_vec(),
        })
    }

    fn unwrapped(&self, row: &KeyRow) -> Result<Slot, VaultError> {
        let Some(wrapped) = &row.wrapped else { return Ok(Slot::Erased) };
        let ring = self.ring();
        let master =
            ring.iter().find(|master| master.id() == row.master_key).ok_or_else(|| VaultError::NoMaster(row.master_key.clone()))?;
        let Ok(secret) = master.unwrap(&row.id, &row.subject, wrapped) else { return Ok(Slot::Damaged) };
        let key = DataKey::new(row.id.clone(), secret);
        Ok(if key.commitment() == row.commitment { Slot::Open(KeyHandle(Arc::new(key))) } else { Slot::Damaged })
    }

    fn wrap_by(&self, new: Arc<dyn KeyWrapper>) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.retain(|master| master.id() != new.id());
        ring.insert(0, new);
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masters: Vec<_> = self.ring().iter().map(|master| master.id().to_owned()).collect();
        write!(f, "[vault under {}]", masters.join(", "))
    }
}
