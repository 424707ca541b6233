//! A data key in memory: sealing and opening. The construction is in the comments of [`DataKey::seal`].

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{AeadInOut, Generate},
};
use kernel::{Private, Sealed};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Builder;
use zeroize::Zeroizing;

use crate::{OpenError, SealError, Secret, master::bound};

const NONCE: usize = 24;
const COMMITMENT: usize = 32;

/// Plaintexts are filled up to a multiple of this many bytes, so that their length does not tell "yes" from "not safe to ask".
const BLOCK: usize = 64;

/// A data key, unwrapped. Its bytes are wiped when the last handle goes.
pub(crate) struct DataKey {
    id: String,
    secret: Secret,
    commitment: [u8; COMMITMENT],
}

/// A data key to seal with. Hold it for one command only: erasing a child does not reach a handle that is already out.
#[derive(Clone)]
pub struct KeyHandle(pub(crate) Arc<DataKey>);

impl KeyHandle {
    /// The id of the key, as it is kept in [`Sealed`].
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Seals a value for one place. `context` says which: `<event type>/<field>/<stream>`; it opens nowhere else.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, or there are no random bytes.
    pub fn seal<T: Serialize + ?Sized>(&self, context: &str, plaintext: &T) -> Result<Sealed, SealError> {
        // Given room, because every time that it grows a piece of plaintext stays behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
        serde_json::to_writer(&mut *bytes, plaintext).map_err(|_| SealError::Json)?;
        self.0.seal(context, &mut bytes)
    }
}

impl fmt::Debug for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[data key {}]", self.0.id)
    }
}

impl DataKey {
    /// A new key with a random id.
    pub(crate) fn generate() -> Result<Self, SealError> {
        let id = <[u8; 16]>::try_generate().map_err(|_| SealError::Random)?;
        let secret = <[u8; 32]>::try_generate().map(Zeroizing::new).map_err(|_| SealError::Random)?;
        Ok(Self::new(format!("key_{}", Builder::from_random_bytes(id).into_uuid().simple()), secret))
    }

    pub(crate) fn new(id: String, secret: Secret) -> Self {
        let digest = Sha256::new().chain_update(b"hub data key commitment v1\0").chain_update(secret.as_slice()).finalize();
        Self { id, secret, commitment: digest.into() }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Binds to the key and tells nothing about it.
    pub(crate) fn commitment(&self) -> &[u8] {
        &self.commitment
    }

    /// `base64(nonce ‖ commitment ‖ ciphertext)`: XChaCha20-Poly1305 under a random nonce, with the key's id and the context as
    /// associated data.
    ///
    /// XChaCha20-Poly1305 alone commits to nothing: whoever knows two keys can craft one ciphertext that opens under both, so
    /// that one event would say two things. The commitment is a SHA-256 over key, nonce and associated data, so a box opens in
    /// one way only.
    fn seal(&self, context: &str, plaintext: &mut Zeroizing<Vec<u8>>) -> Result<Sealed, SealError> {
        let filled = plaintext.len().next_multiple_of(BLOCK);
        plaintext.resize(filled, b' '); // JSON ends before trailing spaces
        let nonce = <[u8; NONCE]>::try_generate().map_err(|_| SealError::Random)?;
        let aad = bound(&self.id, context);
        self.cipher().encrypt_in_place(XNonce::cast_from_core(&nonce), &aad, &mut **plaintext).map_err(|_| SealError::TooLong)?;
        let whole = [nonce.as_slice(), &self.commit(&nonce, &aad), plaintext.as_slice()].concat();
        Ok(Sealed { key: self.id.clone(), box_: STANDARD.encode(whole) })
    }

    /// Opens what this key sealed for this context.
    pub(crate) fn open<T: DeserializeOwned>(&self, context: &str, sealed: &Sealed) -> Result<Private<T>, OpenError> {
        let bytes = self.decrypt(context, sealed).ok_or(OpenError::Wrong)?;
        serde_json::from_slice(&bytes).map(Private::new).map_err(|_| OpenError::Wrong)
    }

    fn decrypt(&self, context: &str, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        let whole = STANDARD.decode(&sealed.box_).ok()?;
        let (nonce, rest) = whole.split_first_chunk::<NONCE>()?;
        let (commitment, ciphertext) = rest.split_first_chunk::<COMMITMENT>()?;
        let aad = bound(&sealed.key, context);
        // Neither side is secret, so the comparison need not always take the same time.
        if sealed.key != self.id || *commitment != self.commit(nonce, &aad) {
            return None;
        }
        let mut bytes = Zeroizing::new(ciphertext.to_vec());
        self.cipher().decrypt_in_place(XNonce::cast_from_core(nonce), &aad, &mut *bytes).ok()?;
        Some(bytes)
    }

    fn commit(&self, nonce: &[u8; NONCE], aad: &[u8]) -> [u8; COMMITMENT] {
        // The first three parts have fixed lengths, so no two boxes hash the same bytes.
        Sha256::new()
            .chain_update(b"hub box commitment v1\0")
            .chain_update(self.commitment)
            .chain_update(nonce)
            .chain_update(aad)
            .finalize()
            .into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.secret).into())
    }
}

#[cfg(test)]
mod tests;
