//! Whose tokens are believed: the keys in a JWKS file, each with one algorithm that our configuration fixes.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{io::AsyncReadExt as _, sync::Mutex, time::Instant};

mod jwks;

pub use jwks::{BadKeys, Key};

/// A file with more than this many bytes is not read.
const MOST_BYTES: u64 = 64 * 1024;

/// An unknown key id leads to at most one read of the file in this time.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// A key that was taken out of the file is believed no longer than this.
const OLDEST: Duration = Duration::from_secs(300);

/// The keys by their id.
type Set = BTreeMap<String, Arc<Key>>;

/// The keys and issuers that a service believes. Copies share what they have read.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    path: PathBuf,
    issuers: Vec<String>,
    set: RwLock<Arc<Set>>,
    /// When the file was last tried and last read; held while it is read, so that only one does.
    reading: Mutex<Tried>,
}

#[derive(Clone, Copy)]
struct Tried {
    at: Instant,
    read_at: Instant,
}

impl Keys {
    /// Reads the keys. `issuers` is the list of `iss` values that are accepted; subjects of the first stand as they are,
    /// those of the others carry their issuer, so that two people never become one.
    ///
    /// # Errors
    /// When the file cannot be read or holds no usable set of keys.
    pub async fn load(path: impl AsRef<Path>, issuers: Vec<String>) -> Result<Self, BadKeys> {
        if issuers.is_empty() || issuers.iter().any(|issuer| issuer.is_empty() || issuer.contains(char::is_whitespace)) {
            return Err(BadKeys::Issuers);
        }
        let path = path.as_ref().to_owned();
        let set = read(&path).await?;
        let now = Instant::now();
        let reading = Mutex::new(Tried { at: now, read_at: now });
        Ok(Self(Arc::new(Inner { path, issuers, set: RwLock::new(Arc::new(set)), reading })))
    }

    /// The accepted issuers.
    pub(crate) fn issuers(&self) -> &[String] {
        &self.0.issuers
    }

    /// The key with this id. One that is not known may be new: the file is read again, but not more than once in 30 s.
    pub(crate) async fn find(&self, id: &str) -> Option<Arc<Key>> {
        let known = self.get(id);
        match known {
            Some(key) => {
                // Whoever finds the file being read already uses what there is.
                let old = self.0.reading.try_lock().is_ok_and(|tried| tried.read_at.elapsed() > OLDEST);
                if !old {
                    return Some(key);
                }
                self.reread().await;
                self.get(id)
            }
            None => {
                self.reread().await;
                self.get(id)
            }
        }
    }

    fn get(&self, id: &str) -> Option<Arc<Key>> {
        let set = Arc::clone(&self.0.set.read().unwrap_or_else(PoisonError::into_inner));
        set.get(id).cloned()
    }

    /// Reads the file again if nobody tried within 30 s. What was known stays known when the file cannot be used.
    async fn reread(&self) {
        let mut tried = self.0.reading.lock().await;
        if tried.at.elapsed() < COOL_DOWN {
            return;
        }
        tried.at = Instant::now(); // before the read, so that a failure counts as well
        match read(&self.0.path).await {
            Ok(set) => {
                tried.read_at = tried.at;
                *self.0.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
            }
            Err(error) => tracing::warn!(error = %error, "the key file could not be used; the keys known before stay in use"),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("issuers", &self.0.issuers).finish_non_exhaustive()
    }
}

async fn read(path: &Path) -> Result<Set, BadKeys> {
    let file = tokio::fs::File::open(path).await.map_err(BadKeys::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).await.map_err(BadKeys::Unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(BadKeys::TooLarge);
    }
    jwks::parse(&bytes)
}

#[cfg(test)]
#[path = "keys/tests.rs"]
mod tests;
