//! Tokens of the demonstration hub, and those that services show each other.

use std::{collections::BTreeSet, path::Path};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Org, Role, Timestamp};
use serde::Serialize;

use crate::{
    keys::{KEY_ID, KeyError},
    people::Someone,
};

/// Who issues tokens in a demonstration hub.
pub const ISSUER: &str = "https://demo.safeguarding-hub.invalid";

/// Whom they are for.
pub const AUDIENCE: &str = "safeguarding-hub";

/// How long a person's token lasts, in seconds: one shift.
const SHIFT: i64 = 12 * 3_600;

/// How long a service's own token lasts, in seconds.
const SERVICE: i64 = 10 * 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    sub: &'a str,
    name: &'a str,
    org: &'a Org,
    roles: BTreeSet<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

/// Signs tokens with the key of a demonstration hub or of the services.
#[derive(Clone)]
pub struct Signer(EncodingKey);

impl Signer {
    /// Reads a PKCS#8 Ed25519 key.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let pkcs8 = std::fs::read(path).map_err(|source| KeyError::File { path: path.to_owned(), source })?;
        Ok(Self(EncodingKey::from_ed_der(&pkcs8)))
    }

    /// A person's token.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn person(&self, someone: &Someone, now: Timestamp) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(&Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            exp: now.as_second() + SHIFT,
            iat: now.as_second(),
            sub: &someone.id,
            name: &someone.name,
            org: &someone.org,
            roles: someone.roles.clone(),
            phone: someone.phone.as_deref(),
        })
    }

    /// The token that a service shows to another when it fetches published events. It opens no case data.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn service(&self, service: &str, now: Timestamp) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(&Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            exp: now.as_second() + SERVICE,
            iat: now.as_second(),
            sub: &format!("service:{service}"),
            name: service,
            org: &Org::Hub,
            roles: BTreeSet::from([Role::HubOperator]),
            phone: None,
        })
    }

    fn sign(&self, claims: &Claims<'_>) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.0)
    }
}
