//! Keys of signed notes, as text: `<name>+<id>+<base64>` for the public half, `PRIVATE+KEY+…` for the secret one.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::note::Signature;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A log's notes: Ed25519 over the text.
    Log,
    /// A witness's cosignatures: Ed25519 over the time and the text.
    Witness,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Log, Self::Witness].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// A key that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key of a signed note, of the types Ed25519 (1) or cosignature/v1 (4)")]
pub struct BadKey;

/// The public half of a key. Pinned by whoever verifies, and never taken from the one who is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: Kind,
    key: VerifyingKey,
}

/// The first four bytes of SHA-256 over name, newline, kind and key.
fn key_id(name: &str, kind: Kind, key: &[u8]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update([kind.byte()]).chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Whether a name can stand in a signature line.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '+')
}

/// Splits `<name>+<id>+<base64>` and gives the kind and the 32 bytes, if the id is theirs.
fn parts(text: &str) -> Result<(&str, &str, Kind, [u8; 32]), BadKey> {
    let (name, rest) = text.split_once('+').ok_or(BadKey)?;
    let (id, data) = rest.split_once('+').ok_or(BadKey)?;
    let data = STANDARD.decode(data).map_err(|_| BadKey)?;
    let (kind, bytes) = data.split_first().ok_or(BadKey)?;
    let kind = Kind::from_byte(*kind).ok_or(BadKey)?;
    if is_name(name) { Ok((name, id, kind, bytes.try_into().map_err(|_| BadKey)?)) } else { Err(BadKey) }
}

impl VerifierKey {
    /// Reads `<name>+<id>+<base64>`.
    ///
    /// # Errors
    /// When it is no such key, or its id is not its own.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, bytes) = parts(text)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        let read = Self { name: name.to_owned(), kind, key };
        // Lower case, eight letters: one spelling for each key.
        if hex(&read.id()) == id && !key.is_weak() { Ok(read) } else { Err(BadKey) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The key without its name.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The id by which signature lines name it.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind, self.key.as_bytes())
    }

    /// Whether a signature line says that it is by this key. It need not be true.
    #[must_use]
    pub fn is_named_in(&self, signature: &Signature) -> bool {
        signature.name == self.name && signature.id == self.id()
    }

    /// Whether a log's key signed this text.
    #[must_use]
    pub fn signed(&self, text: &str, signature: &Signature) -> bool {
        self.kind == Kind::Log && self.is_named_in(signature) && self.verifies(text.as_bytes(), &signature.bytes)
    }

    /// The second since 1970 at which a witness's key cosigned this text, if it did.
    #[must_use]
    pub fn cosigned(&self, text: &str, signature: &Signature) -> Option<u64> {
        let (time, bytes) = signature.bytes.split_at_checked(8)?;
        let time = u64::from_be_bytes(time.try_into().ok()?);
        let is_so = self.kind == Kind::Witness
            && self.is_named_in(signature)
            && i64::try_from(time).is_ok()
            && self.verifies(cosigned_message(time, text).as_bytes(), bytes);
        is_so.then_some(time)
    }

    /// Strict: neither keys nor signatures of low order or of a second spelling pass.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        strictly(self.key, message, signature)
    }
}

pub(crate) fn strictly(key: VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    Ed25519::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&[self.kind.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(data))
    }
}

/// What a witness signs: the time, and the checkpoint without its signatures.
#[must_use]
pub fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The secret half of a key. It does not print itself.
pub struct Signer {
    name: String,
    kind: Kind,
    key: SigningKey,
}

impl Signer {
    /// A key from 32 random bytes.
    ///
    /// # Errors
    /// When the name cannot stand in a signature line.
    pub fn new(name: &str, kind: Kind, seed: &[u8; 32]) -> Result<Self, BadKey> {
        if is_name(name) { Ok(Self { name: name.to_owned(), kind, key: SigningKey::from_bytes(seed) }) } else { Err(BadKey) }
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64>`.
    ///
    /// # Errors
    /// When it is no such key, or its id is not its own.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, seed) = parts(text.trim().strip_prefix("PRIVATE+KEY+").ok_or(BadKey)?)?;
        let read = Self::new(name, kind, &zeroize::Zeroizing::new(seed))?;
        if hex(&read.verifier().id()) == id { Ok(read) } else { Err(BadKey) }
    }

    /// The key as it is kept in a file. A secret.
    #[must_use]
    pub fn to_secret(&self) -> zeroize::Zeroizing<String> {
        let data = zeroize::Zeroizing::new([&[self.kind.byte()], self.key.as_bytes().as_slice()].concat());
        format!("PRIVATE+KEY+{}+{}+{}", self.name, hex(&self.verifier().id()), STANDARD.encode(&*data)).into()
    }

    /// Its public half.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), kind: self.kind, key: self.key.verifying_key() }
    }

    /// Signs a note's text as a log does.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        self.signature(self.key.sign(text.as_bytes()).to_bytes().to_vec())
    }

    /// Cosigns a checkpoint's text as a witness does, at a second since 1970.
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> Signature {
        let signed = self.key.sign(cosigned_message(time, text).as_bytes());
        self.signature([time.to_be_bytes().as_slice(), &signed.to_bytes()].concat())
    }

    fn signature(&self, bytes: Vec<u8>) -> Signature {
        Signature { name: self.name.clone(), id: self.verifier().id(), bytes }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

fn hex(id: &[u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(*id))
}
