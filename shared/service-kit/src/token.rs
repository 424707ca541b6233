//! Access tokens: signed JWTs and nothing else. What is read before the signature holds is used only to find the key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Timestamp;

use crate::keys::Keys;

mod claims;

pub use claims::Claims;

/// The `aud` of tokens for the hub.
pub const AUDIENCE: &str = "safeguarding-hub";

/// Longer tokens are refused unread.
pub const MOST_BYTES: usize = 8 * 1024;

/// By how much the clocks of the issuer and the hub may differ, in seconds.
pub const LEEWAY: i64 = 30;

/// A token that says it lives longer than this was not made for a person at a desk, in seconds (31 days).
pub const LONGEST: i64 = 31 * 24 * 3_600;

/// Why a token is not believed. It names no part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not three parts of base64url, too long, or not the JSON that a token is made of.
    #[error("it is not a well-formed token")]
    Malformed,
    /// Its header asks for something that the hub does not do.
    #[error("its header is not accepted")]
    Header,
    /// No key of that id is known.
    #[error("its key is not known")]
    UnknownKey,
    /// The algorithm is not the one of the key.
    #[error("its algorithm is not the one of its key")]
    Algorithm,
    /// The signature does not hold.
    #[error("its signature does not hold")]
    Signature,
    /// It is from an issuer that is not accepted, or whose key this is not.
    #[error("its issuer is not accepted")]
    Issuer,
    /// It was made for somebody else.
    #[error("it was made for another audience")]
    Audience,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// It was revoked.
    #[error("it was revoked")]
    Revoked,
    /// Its time has not come, or its times cannot be.
    #[error("its times are not acceptable")]
    Times,
    /// It lacks a claim or has one of the wrong kind.
    #[error("a claim is missing or of the wrong kind")]
    Claims,
}

/// Verifies a token and reads its claims.
///
/// The algorithm is the key's, never the token's. `kid` only looks a key up in a map. A header member that could bring a
/// key along or change the meaning (`jku`, `jwk`, `x5u`, `crit`, `b64`, …) refuses the token.
///
/// # Errors
/// When anything about the token is not as it must be.
pub async fn verify(token: &str, keys: &Keys, now: Timestamp) -> Result<Claims, Rejected> {
    if token.len() > MOST_BYTES {
        return Err(Rejected::Malformed);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Rejected::Malformed);
    };
    let header: claims::Header = part(head, Rejected::Header)?;
    if !header.is_acceptable() {
        return Err(Rejected::Header);
    }
    let key = keys.find(&header.kid).await.ok_or(Rejected::UnknownKey)?;
    if header.alg != key.name {
        return Err(Rejected::Algorithm);
    }
    let signed = token.get(..head.len() + 1 + payload.len()).ok_or(Rejected::Malformed)?;
    match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key.public, key.algorithm) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Err(Rejected::Signature),
    }
    let claims: Claims = part(payload, Rejected::Claims)?;
    claims.check(keys.issuers(), key.issuer.as_deref(), now)?;
    Ok(claims)
}

fn part<T: serde::de::DeserializeOwned>(encoded: &str, otherwise: Rejected) -> Result<T, Rejected> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Rejected::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| otherwise)
}

#[cfg(test)]
#[path = "token/tests.rs"]
mod tests;
