//! The master key, which wraps the data keys.

use std::{
    fmt, fs, io,
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The 32 bytes of a key, wiped from memory when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

const NONCE: usize = 24;

/// Wraps data keys. A file today; a KMS would open its master key once, when the process starts.
pub trait KeyWrapper: Send + Sync {
    /// Which master key this is. Kept with every key that it wraps.
    fn id(&self) -> &str;

    /// Wraps a data key for one place: it comes out again only with the same id and subject.
    ///
    /// # Errors
    /// When there are no random bytes.
    fn wrap(&self, key_id: &str, subject: &str, secret: &Secret) -> Result<Vec<u8>, WrapError>;

    /// Takes a data key out of its wrapping.
    ///
    /// # Errors
    /// When it was not wrapped by this master key for this id and subject.
    fn unwrap(&self, key_id: &str, subject: &str, wrapped: &[u8]) -> Result<Secret, WrapError>;
}

/// A data key did not go in or come out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WrapError {
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// Not wrapped by this master key, or for another key, or changed since.
    #[error("not wrapped by this master key for this data key")]
    Wrong,
}

/// The file is not a master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It cannot be read or written.
    #[error("cannot read or write the master key file")]
    File(#[from] io::Error),
    /// Others than its owner may touch it.
    #[error("the master key file has mode {0:o}; only its owner may read it: chmod 600")]
    TooOpen(u32),
    /// It does not hold 32 bytes in base64.
    #[error("the master key file must hold 32 bytes in base64")]
    Malformed,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}

/// A master key from a file: 32 bytes in base64, readable by its owner alone.
pub struct MasterKey {
    id: String,
    secret: Secret,
}

impl MasterKey {
    /// Reads a master key.
    ///
    /// # Errors
    /// When the file cannot be read, may be read by others, or holds something else.
    pub fn from_file(path: &Path) -> Result<Self, MasterKeyError> {
        let mut file = fs::File::open(path)?;
        // The mode is asked of the open file, so that the file cannot be exchanged in between.
        let mode = file.metadata()?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::TooOpen(mode));
        }
        let mut text = Zeroizing::new(String::with_capacity(64));
        file.read_to_string(&mut text)?;
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| MasterKeyError::Malformed)?;
        let secret = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| MasterKeyError::Malformed)?;
        Ok(Self::new(Zeroizing::new(secret)))
    }

    /// Makes a new master key and keeps it in a new file.
    ///
    /// # Errors
    /// When the file exists or cannot be written, or there are no random bytes.
    pub fn create_file(path: &Path) -> Result<Self, MasterKeyError> {
        let secret = <[u8; 32]>::try_generate().map(Zeroizing::new).map_err(|_| MasterKeyError::Random)?;
        let mut text = Zeroizing::new(STANDARD.encode(secret.as_slice()));
        text.push('\n');
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(Self::new(secret))
    }

    fn new(secret: Secret) -> Self {
        let fingerprint = Sha256::new().chain_update(b"hub master key id v1\0").chain_update(secret.as_slice()).finalize();
        Self { id: format!("mk_{}", hex::encode(&fingerprint[..8])), secret }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.secret).into())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[master key {}]", self.id)
    }
}

impl KeyWrapper for MasterKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, key_id: &str, subject: &str, secret: &Secret) -> Result<Vec<u8>, WrapError> {
        let nonce = XNonce::try_generate().map_err(|_| WrapError::Random)?;
        let aad = bound(key_id, subject);
        let wrapped = self.cipher().encrypt(&nonce, Payload { msg: secret.as_slice(), aad: &aad }).map_err(|_| WrapError::Wrong)?;
        Ok([nonce.as_slice(), &wrapped].concat())
    }

    fn unwrap(&self, key_id: &str, subject: &str, wrapped: &[u8]) -> Result<Secret, WrapError> {
        let (nonce, ciphertext) = wrapped.split_first_chunk::<NONCE>().ok_or(WrapError::Wrong)?;
        let aad = bound(key_id, subject);
        let payload = Payload { msg: ciphertext, aad: &aad };
        let bytes = self.cipher().decrypt(nonce.into(), payload).map(Zeroizing::new).map_err(|_| WrapError::Wrong)?;
        <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| WrapError::Wrong)
    }
}

/// The associated data of a ciphertext: the id of its key and the place it belongs to. The length keeps the two apart.
pub(crate) fn bound(key_id: &str, place: &str) -> Vec<u8> {
    let length = u64::try_from(key_id.len()).unwrap_or(u64::MAX).to_be_bytes();
    [length.as_slice(), key_id.as_bytes(), place.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
