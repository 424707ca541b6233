//! A token issuer for tests: real keys of each kind, made anew, and tokens of any shape, sound or not.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RsaEncoding,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Timestamp;
use serde_json::{Value, json};

use crate::{Access, Ids, Keys, Policy};

pub(crate) const HOME: &str = "https://sign-in.test";
pub(crate) const OTHER: &str = "https://other.test";

/// The instant of every test.
pub(crate) fn night() -> Timestamp {
    "2026-11-23T02:14:00Z".parse().unwrap()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A file that goes away with its test.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new(text: &str) -> Self {
        let file = Self(std::env::temp_dir().join(format!("service-kit-{}", Ids::new().uuid())));
        file.write(text);
        file
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(&self.0, text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum With {
    Ed,
    Ec,
    Rsa,
    RsaPss,
    Rsa512,
}

pub(crate) struct Issuer {
    pub(crate) ed: Ed25519KeyPair,
    pub(crate) ec: EcdsaKeyPair,
    pub(crate) rsa: RsaKeyPair,
}

impl Issuer {
    /// The same one for a whole process, since an RSA key takes a while to make.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Issuer> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    pub(crate) fn new() -> Self {
        Self {
            ed: Ed25519KeyPair::generate().unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.rsa.public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    pub(crate) fn jwks(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        let exponent = self.rsa.public_key().exponent().big_endian_without_leading_zero();
        json!({ "keys": [
            { "kid": "ed", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": b64(self.ed.public_key()) },
            { "kid": "ec", "kty": "EC", "crv": "P-256", "alg": "ES256", "x": b64(&point[1..33]), "y": b64(&point[33..]) },
            { "kid": "rsa", "kty": "RSA", "alg": "RS256", "n": b64(self.modulus()), "e": b64(exponent), "iss": HOME },
        ] })
    }

    pub(crate) async fn keys(&self) -> Keys {
        let file = File::new(&self.jwks().to_string());
        Keys::load(file.path(), vec![HOME.to_owned(), OTHER.to_owned()]).await.unwrap()
    }

    /// A token with this header and payload, signed as they stand.
    pub(crate) fn sign(&self, with: With, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(payload));
        let signature = self.signature(with, message.as_bytes());
        format!("{message}.{}", b64(signature))
    }

    pub(crate) fn signature(&self, with: With, message: &[u8]) -> Vec<u8> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        };
        match with {
            With::Ed => self.ed.sign(message).as_ref().to_vec(),
            With::Ec => self.ec.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            With::Rsa => rsa(&RSA_PKCS1_SHA256),
            With::RsaPss => rsa(&RSA_PSS_SHA256),
            With::Rsa512 => rsa(&RSA_PKCS1_SHA512),
        }
    }

    /// A sound token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.sign(With::Ed, r#"{"alg":"EdDSA","kid":"ed","typ":"JWT"}"#, &claims.to_string())
    }
}

/// A token under a symmetric key.
pub(crate) fn hmac_token(secret: &[u8], kid: &str, payload: &str) -> String {
    let header = json!({ "alg": "HS256", "kid": kid, "typ": "JWT" }).to_string();
    let message = format!("{}.{}", b64(header), b64(payload));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", b64(tag))
}

/// The claims of a duty worker of Manchester.
pub(crate) fn claims() -> Value {
    json!({
        "iss": HOME, "aud": "safeguarding-hub", "exp": night().as_second() + 600, "sub": "p-117", "name": "Ada Marigold",
        "org": "E08000003", "roles": ["duty_worker"], "phone": "0161 496 0117",
    })
}

/// The same with some claims replaced.
pub(crate) fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// A policy that lets everybody in to the addresses of tests, so that authority stands alone; but for one, which is for desks.
pub(crate) fn access() -> Access {
    let rules = "permit (principal, action in Action::\"open\", resource);
        permit (principal, action in Action::\"desk\", resource) when { principal.roles.contains(\"duty_worker\") };";
    let schema = "entity Caller = { id: String, org: String, kind: String, roles: Set<String>, acts_for: Set<String> };
        entity Service;
        type Why = { purpose: String };
        action \"open\", \"desk\";
        action \"get /caller\", \"get /desk\", \"get /system\", \"get /audit\", \"post /create\", \"post /change\" in [\"open\"]
            appliesTo { principal: Caller, resource: Service, context: Why };
        action \"get /forgotten\" in [\"desk\"] appliesTo { principal: Caller, resource: Service, context: Why };";
    Access::new(&[Policy { service: "", rules, schema }]).unwrap()
}
