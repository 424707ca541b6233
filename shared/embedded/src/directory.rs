//! The directory that a server lives in: one user at a time, and out of reach of the others on this machine.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use crate::EmbeddedError;

/// Who a server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// `nobody` and `nogroup` of every Debian.
const NOBODY: Account = Account { uid: 65_534, gid: 65_534 };

impl Account {
    /// Whom PostgreSQL must run as, because it refuses to be root: `postgres` when there is one, else `nobody`.
    /// None when this process is not root and so is good enough itself.
    pub(crate) fn instead_of_root() -> Option<Self> {
        let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
        root.then(|| fs::read_to_string("/etc/passwd").ok().and_then(|users| Self::named(&users, "postgres")).unwrap_or(NOBODY))
    }

    fn named(users: &str, name: &str) -> Option<Self> {
        let mut fields = users.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?.skip(2);
        Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }
}

/// A server's own directory, locked for as long as this lives, even against a second copy of this program.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    account: Option<Account>,
    _lock: File,
}

impl Directory {
    /// Makes the directory when it is not there, gives it to the account and locks it.
    ///
    /// # Errors
    /// [`EmbeddedError::InUse`] when a live program holds it; [`EmbeddedError::File`] when it cannot be used.
    pub(crate) fn open(path: &Path, account: Option<Account>) -> Result<Self, EmbeddedError> {
        let absolute = std::path::absolute(path).map_err(EmbeddedError::file("found", path))?;
        fs::create_dir_all(&absolute).map_err(EmbeddedError::file("made", &absolute))?;
        let path = match account {
            Some(account) if !reachable(&absolute, account) => elsewhere(&absolute, account)?,
            Some(_) | None => absolute,
        };
        if let Some(Account { uid, gid }) = account {
            chown(&path, Some(uid), Some(gid)).map_err(EmbeddedError::file("given to the server's user", &path))?;
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).map_err(EmbeddedError::file("closed to others", &path))?;
        let name = path.join("lock");
        let lock = File::options().create(true).append(true).open(&name).map_err(EmbeddedError::file("opened", &name))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, account, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(EmbeddedError::InUse { directory: path }),
            Err(TryLockError::Error(source)) => Err(EmbeddedError::file("locked", name)(source)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The account that the server runs as, when that is not this process's own.
    pub(crate) fn account(&self) -> Option<Account> {
        self.account
    }

    /// Writes a file that only the server's account may read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, EmbeddedError> {
        let path = self.join(name);
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(EmbeddedError::file("opened", &path))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(EmbeddedError::file("written", &path))?;
        if let Some(Account { uid, gid }) = self.account {
            chown(&path, Some(uid), Some(gid)).map_err(EmbeddedError::file("given to the server's user", &path))?;
        }
        Ok(path)
    }

    /// The secret kept in a file of this directory, made from the kernel's randomness the first time.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub(crate) fn secret(&self, name: &str) -> Result<String, EmbeddedError> {
        let path = self.join(name);
        match fs::read_to_string(&path) {
            Ok(secret) if !secret.is_empty() => Ok(secret),
            Ok(_) => self.new_secret(name),
            Err(source) if source.kind() == io::ErrorKind::NotFound => self.new_secret(name),
            Err(source) => Err(EmbeddedError::file("read", path)(source)),
        }
    }

    fn new_secret(&self, name: &str) -> Result<String, EmbeddedError> {
        let mut bytes = [0_u8; 24];
        File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).map_err(EmbeddedError::file("read", "/dev/urandom"))?;
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.write(name, &secret)?;
        Ok(secret)
    }
}

/// Whether the account can walk down to the directory.
fn reachable(directory: &Path, account: Account) -> bool {
    directory.ancestors().skip(1).all(|parent| {
        fs::metadata(parent).is_ok_and(|at| {
            let walk = if at.uid() == account.uid {
                0o100
            } else if at.gid() == account.gid {
                0o010
            } else {
                0o001
            };
            at.mode() & walk != 0
        })
    })
}

/// A place of the same name for a directory that the account cannot reach, such as one in root's home.
fn elsewhere(directory: &Path, account: Account) -> Result<PathBuf, EmbeddedError> {
    let mut hasher = DefaultHasher::new();
    directory.hash(&mut hasher);
    let place = Path::new("/var/tmp").join(format!("hub-{:016x}", hasher.finish()));
    match DirBuilder::new().mode(0o700).create(&place) {
        Ok(()) => Ok(place),
        // Anybody may make things in /var/tmp: only a directory that is already the account's or root's own will do.
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => match fs::symlink_metadata(&place) {
            Ok(at) if at.is_dir() && (at.uid() == account.uid || at.uid() == 0) => Ok(place),
            Ok(_) | Err(_) => Err(EmbeddedError::file("used", place)(source)),
        },
        Err(source) => Err(EmbeddedError::file("made", place)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_account_is_read_from_the_list_of_users() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(Account::named(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(Account::named(users, "nobody"), None);
    }

    #[test]
    fn a_directory_below_one_that_is_closed_to_the_server_cannot_be_reached_by_it() {
        let closed = std::env::temp_dir().join(format!("hub-embedded-reach-{}", std::process::id()));
        let inside = closed.join("pg");
        fs::create_dir_all(&inside).expect("a directory");
        let stranger = Account { uid: 4_000_000, gid: 4_000_000 };

        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("closed");
        assert!(!reachable(&inside, stranger));
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o711)).expect("open to walk through");
        assert!(reachable(&inside, stranger));
        fs::remove_dir_all(&closed).expect("tidied up");
    }
}
