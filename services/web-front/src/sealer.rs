//! What is kept of people here is kept sealed: sessions and unfinished forms, under a key that is in no database.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{AeadInOut, Generate},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// The key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadKey {
    /// The file is not there.
    #[error("{0} cannot be read: check HUB_PAGES_KEY_FILE")]
    File(PathBuf, #[source] std::io::Error),
    /// It holds something else.
    #[error("{0} must hold 32 random bytes in base64")]
    Content(PathBuf),
}

/// Nothing could be sealed: there are no random bytes, or the content is no JSON.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a session or a form cannot be sealed")]
pub(crate) struct NotSealed;

/// Seals and opens, each content for its one place. XChaCha20-Poly1305, so random nonces do not meet.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// Reads the key: 32 random bytes in base64.
    ///
    /// # Errors
    /// When the file cannot be read or holds no key.
    pub fn from_file(path: &Path) -> Result<Self, BadKey> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|source| BadKey::File(path.to_owned(), source))?;
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| BadKey::Content(path.to_owned()))?;
        XChaCha20Poly1305::new_from_slice(&bytes).map(Self).map_err(|_| BadKey::Content(path.to_owned()))
    }

    /// `nonce ‖ ciphertext`; `place` is bound to it, so that a content opens nowhere else.
    pub(crate) fn seal<T: Serialize>(&self, place: &str, content: &T) -> Result<Vec<u8>, NotSealed> {
        let mut bytes = serde_json::to_vec(content).map_err(|_| NotSealed)?;
        let nonce = <[u8; NONCE]>::try_generate().map_err(|_| NotSealed)?;
        self.0.encrypt_in_place(XNonce::cast_from_core(&nonce), place.as_bytes(), &mut bytes).map_err(|_| NotSealed)?;
        Ok([nonce.as_slice(), &bytes].concat())
    }

    /// What was sealed for this place; none when it was not, or is damaged.
    pub(crate) fn open<T: DeserializeOwned>(&self, place: &str, sealed: &[u8]) -> Option<T> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
        let mut bytes = Zeroizing::new(ciphertext.to_vec());
        self.0.decrypt_in_place(XNonce::cast_from_core(nonce), place.as_bytes(), &mut *bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// 32 random bytes, as 64 hexadecimal digits.
pub(crate) fn random_token() -> Result<String, NotSealed> {
    let bytes = <[u8; 32]>::try_generate().map_err(|_| NotSealed)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer(XChaCha20Poly1305::new_from_slice(&[byte; 32]).unwrap())
    }

    #[test]
    fn a_content_opens_under_its_key_and_for_its_place_alone() {
        let sealed = sealer(1).seal("draft/one", &"Ada").unwrap();
        assert!(!sealed.windows(3).any(|part| part == b"Ada"));
        assert_eq!(sealer(1).open::<String>("draft/one", &sealed).as_deref(), Some("Ada"));
        assert_eq!(sealer(1).open::<String>("draft/two", &sealed), None);
        assert_eq!(sealer(2).open::<String>("draft/one", &sealed), None);
        let mut damaged = sealed;
        if let Some(last) = damaged.last_mut() {
            *last ^= 1;
        }
        assert_eq!(sealer(1).open::<String>("draft/one", &damaged), None);
    }
}
