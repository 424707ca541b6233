//! Makes tokens of any shape with the true key of a test hub, and with keys that are not its.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hub::keys::{KEY_ID, KeyFiles};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use kernel::Timestamp;
use serde_json::{Value, json};
use testkit::{Scratch, TestHub};

/// What signs.
pub(super) struct Forge {
    own: EncodingKey,
    other: EncodingKey,
    /// The public half, as bytes.
    pub(super) public: Vec<u8>,
    /// The text of the key file.
    pub(super) jwks: String,
    /// The time of the hub.
    pub(super) now: Timestamp,
}

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Forge {
    pub(super) fn new(hub: &TestHub) -> Self {
        let settings = &hub.stand.ground.settings;
        let key = |path: &str| EncodingKey::from_ed_der(&fs::read(path).unwrap());
        let jwks = fs::read_to_string(&settings["HUB_JWKS_FILE"]).unwrap();
        let set: Value = serde_json::from_str(&jwks).unwrap();
        let public = URL_SAFE_NO_PAD.decode(set["keys"][0]["x"].as_str().unwrap()).unwrap();
        let elsewhere = Scratch::new("other-keys");
        let other = KeyFiles::ready(elsewhere.path()).unwrap();
        let other = key(&other.signing.display().to_string());
        Self { own: key(&settings["HUB_SERVICE_KEY_FILE"]), other, public, jwks, now: hub.clock.now() }
    }

    /// A manager and duty worker of Manchester.
    pub(super) fn claims(&self) -> Value {
        let now = self.now.as_second();
        json!({
            "iss": hub::token::ISSUER, "aud": hub::token::AUDIENCE, "exp": now + 3_600, "iat": now, "sub": "p-117",
            "name": "Ada Marigold", "org": "E08000003", "roles": ["duty_worker"], "phone": "0161 496 0117",
        })
    }

    /// The same with some claims replaced; null stays null.
    pub(super) fn claims_with(&self, changes: &Value) -> Value {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    }

    pub(super) fn claims_without(&self, name: &str) -> Value {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims
    }

    /// The header of a sound token.
    pub(super) fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "kid": KEY_ID, "typ": "JWT" })
    }

    /// A sound token with these claims.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.signed(&self.header().to_string(), &claims.to_string())
    }

    /// Header and payload as they stand, signed with the true key.
    pub(super) fn signed(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(payload));
        let signature = self.signature(&message);
        format!("{message}.{signature}")
    }

    /// The true signature over any text.
    pub(super) fn signature(&self, message: &str) -> String {
        sign(message.as_bytes(), &self.own, Algorithm::EdDSA).unwrap()
    }

    /// A sound token but for the key.
    pub(super) fn stranger(&self, claims: &Value) -> String {
        let message = format!("{}.{}", b64(self.header().to_string()), b64(claims.to_string()));
        let signature = sign(message.as_bytes(), &self.other, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    /// A token under a symmetric key, which says so.
    pub(super) fn hmac(&self, secret: &[u8]) -> String {
        let header = json!({ "alg": "HS256", "kid": KEY_ID, "typ": "JWT" }).to_string();
        let message = format!("{}.{}", b64(header), b64(self.claims().to_string()));
        let signature = sign(message.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }
}
