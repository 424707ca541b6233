//! The key material of a demonstration or test hub: made once per directory, readable by its owner alone.
//!
//! A production hub gets its keys from its operators: the identity provider's key set, a master key, and a key for the
//! services' own tokens.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    rand,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use transparency::key::Kind;
use zeroize::Zeroizing;

/// Key material that cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be written or read.
    #[error("cannot use the key file {path}: check that the directory exists and is yours")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system has no randomness, or the bytes are no key.
    #[error("the key in {path} cannot be used: remove the file to have a new one made")]
    Unusable {
        /// Which file.
        path: PathBuf,
    },
}

/// Where the keys of one hub are.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// PKCS#8 Ed25519 key that signs demonstration tokens and the services' own.
    pub signing: PathBuf,
    /// The public half, as a JWK set.
    pub jwks: PathBuf,
    /// The master key that wraps the data keys.
    pub master: PathBuf,
    /// The key that seals sessions and unfinished forms of the pages.
    pub pages: PathBuf,
}

/// The id of the demonstration key in its key set.
pub const KEY_ID: &str = "hub-demo";

impl KeyFiles {
    /// Finds the keys under a directory and makes those that are missing.
    ///
    /// # Errors
    /// When a file cannot be written or holds no key.
    pub fn ready(dir: &Path) -> Result<Self, KeyError> {
        let file = |path: &Path, source| KeyError::File { path: path.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|source| file(dir, source))?;
        let files = Self {
            signing: dir.join("signing.pk8"),
            jwks: dir.join("jwks.json"),
            master: dir.join("master.key"),
            pages: dir.join("pages.key"),
        };
        let unusable = |path: &Path| KeyError::Unusable { path: path.to_owned() };
        if !files.signing.exists() {
            let pair = Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new()).map_err(|_| unusable(&files.signing))?;
            write_private(&files.signing, pair.as_ref())?;
        }
        let pkcs8 = fs::read(&files.signing).map_err(|source| file(&files.signing, source))?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| unusable(&files.signing))?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let set = serde_json::json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": x }] });
        fs::write(&files.jwks, set.to_string()).map_err(|source| file(&files.jwks, source))?;
        for path in [&files.master, &files.pages].into_iter().filter(|path| !path.exists()) {
            let mut key = [0_u8; 32];
            rand::fill(&mut key).map_err(|_| unusable(path))?;
            write_private(path, STANDARD.encode(key).as_bytes())?;
        }
        Ok(files)
    }
}

/// Makes the key of a log or a witness, unless there is one, and gives it.
///
/// # Errors
/// When the file cannot be written or holds no such key.
pub fn proof_key(path: &Path, name: &str, kind: Kind) -> Result<transparency::Signer, KeyError> {
    let file = |source| KeyError::File { path: path.to_owned(), source };
    let unusable = || KeyError::Unusable { path: path.to_owned() };
    if !path.exists() {
        let mut seed = Zeroizing::new([0_u8; 32]);
        rand::fill(seed.as_mut_slice()).map_err(|_| unusable())?;
        let key = transparency::Signer::new(name, kind, &seed).map_err(|_| unusable())?;
        write_private(path, format!("{}\n", *key.to_secret()).as_bytes())?;
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(file)?);
    let key = transparency::Signer::parse(&text).map_err(|_| unusable())?;
    if key.verifier().kind() == kind { Ok(key) } else { Err(unusable()) }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|source| KeyError::File { path: path.to_owned(), source })
}
