//! A key set as we write it: every key says its id and its one algorithm, and nothing in it is secret.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// The key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    /// It cannot be opened or read.
    #[error("the key file cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// It has more than 64 KiB.
    #[error("the key file is larger than 64 KiB")]
    TooLarge,
    /// It is not a JWKS.
    #[error("the key file is not a JSON Web Key Set")]
    Shape(#[source] serde_json::Error),
    /// It holds no key: nobody could sign in.
    #[error("the key file holds no key")]
    Empty,
    /// A key in it cannot be used.
    #[error("key {number} in the key file cannot be used: {what}")]
    Key {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The list of issuers is empty or holds an empty name or a space.
    #[error("the list of token issuers is empty, or one of them is empty or holds a space")]
    Issuers,
}

/// A public key with the one algorithm that it may be used with.
pub struct Key {
    /// The algorithm, fixed by the file and never by a token.
    pub(crate) algorithm: Algorithm,
    /// The name of the algorithm in a token's header.
    pub(crate) name: &'static str,
    /// The only issuer whose tokens it may sign, where the file says so (`iss`, a member of our own).
    pub(crate) issuer: Option<String>,
    pub(crate) public: DecodingKey,
}

#[derive(Deserialize)]
struct File {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    alg: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
    iss: Option<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<BTreeMap<String, Arc<Key>>, BadKeys> {
    let file: File = serde_json::from_slice(bytes).map_err(BadKeys::Shape)?;
    let mut set = BTreeMap::new();
    for (index, jwk) in file.keys.into_iter().enumerate() {
        let bad = |what| BadKeys::Key { number: index + 1, what };
        let id = jwk.kid.clone();
        let key = key(jwk).map_err(bad)?;
        if id.is_empty() || set.insert(id, Arc::new(key)).is_some() {
            return Err(bad("its kid is empty or used twice"));
        }
    }
    if set.is_empty() { Err(BadKeys::Empty) } else { Ok(set) }
}

fn key(jwk: Jwk) -> Result<Key, &'static str> {
    if jwk.d.is_some() || jwk.k.is_some() {
        return Err("it holds a secret; put only public keys here");
    }
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return Err("it is not for signatures");
    }
    let component = |text: Option<String>, lengths: std::ops::RangeInclusive<usize>| {
        let bytes = URL_SAFE_NO_PAD.decode(text.unwrap_or_default()).unwrap_or_default();
        if lengths.contains(&bytes.len()) { Ok(bytes) } else { Err("a component is missing or has the wrong length") }
    };
    let (algorithm, name, public) = match (jwk.alg.as_str(), jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("EdDSA", "OKP", Some("Ed25519")) => {
            let x = component(jwk.x, 32..=32)?;
            (Algorithm::EdDSA, "EdDSA", DecodingKey::from_ed_der(&x))
        }
        ("ES256", "EC", Some("P-256")) => {
            let point = [vec![4], component(jwk.x, 32..=32)?, component(jwk.y, 32..=32)?].concat();
            (Algorithm::ES256, "ES256", DecodingKey::from_ec_der(&point))
        }
        ("RS256", "RSA", None) => {
            let (n, e) = (component(jwk.n, 256..=1024)?, component(jwk.e, 1..=8)?);
            (Algorithm::RS256, "RS256", DecodingKey::from_rsa_raw_components(&n, &e))
        }
        (_, _, _) => return Err("alg, kty and crv must be EdDSA, OKP, Ed25519 or ES256, EC, P-256 or RS256, RSA"),
    };
    Ok(Key { algorithm, name, issuer: jwk.iss, public })
}
