//! The parts of a token, read strictly: a claim of the wrong kind refuses the token, as a repeated one does.

use std::collections::BTreeSet;

use kernel::{Org, Private, Role, Timestamp};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{AUDIENCE, LEEWAY, LONGEST, Rejected};

/// What may stand in a header. Anything else refuses the token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: String,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    /// Thumbprints of the issuer's certificate: written by some issuers, used for nothing here.
    #[serde(default, rename = "x5t", deserialize_with = "present")]
    _x5t: Option<String>,
    #[serde(default, rename = "x5t#S256", deserialize_with = "present")]
    _x5t_s256: Option<String>,
}

impl Header {
    pub(super) fn is_acceptable(&self) -> bool {
        let typ =
            self.typ.as_deref().is_none_or(|typ| ["jwt", "at+jwt", "application/at+jwt"].iter().any(|ok| typ.eq_ignore_ascii_case(ok)));
        typ && (1..=200).contains(&self.kid.len())
    }
}

/// The claims that the hub reads. Others may stand beside them.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    /// Who made the token.
    pub iss: String,
    aud: Audience,
    exp: u64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<u64>,
    /// Whom it is about; opaque.
    pub sub: String,
    /// The name to show.
    pub name: Private<String>,
    /// The one organisation.
    pub org: Org,
    /// What they may do there.
    #[serde(deserialize_with = "roles")]
    pub roles: BTreeSet<Role>,
    /// How to reach them.
    #[serde(default, deserialize_with = "present")]
    pub phone: Option<Private<String>>,
}

/// RFC 7519 allows a list; a list of one is as good as none, and a longer one is a token for several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

impl Claims {
    /// When it was made, in seconds; nothing where it does not say.
    pub(crate) fn issued_at(&self) -> Option<i64> {
        self.iat.and_then(|at| i64::try_from(at).ok())
    }

    pub(super) fn check(&self, issuers: &[String], of_key: Option<&str>, now: Timestamp) -> Result<(), Rejected> {
        if !issuers.contains(&self.iss) || of_key.is_some_and(|issuer| issuer != self.iss) {
            return Err(Rejected::Issuer);
        }
        let (Audience::One(audience) | Audience::List([audience])) = &self.aud;
        if audience != AUDIENCE {
            return Err(Rejected::Audience);
        }
        self.check_times(now.as_second())?;
        let text = |text: &str, most: usize| (1..=most).contains(&text.len()) && !text.contains(char::is_control);
        let sub = text(&self.sub, 200) && !self.sub.contains(char::is_whitespace);
        let name = text(self.name.expose(), 400);
        let phone = self.phone.as_ref().is_none_or(|phone| text(phone.expose(), 40));
        // A machine that carries a person's role could decide.
        let machine = self.roles.contains(&Role::BoroughSystem) && self.roles.len() > 1;
        if sub && name && phone && !machine { Ok(()) } else { Err(Rejected::Claims) }
    }

    fn check_times(&self, now: i64) -> Result<(), Rejected> {
        let seconds = |time: u64| i64::try_from(time).map_err(|_| Rejected::Times);
        let expires = seconds(self.exp)?;
        if now >= expires.saturating_add(LEEWAY) {
            return Err(Rejected::Expired);
        }
        let starts = self.nbf.map(seconds).transpose()?.unwrap_or(now);
        let made = self.iat.map(seconds).transpose()?.unwrap_or(now);
        if expires - now > LONGEST || starts.max(made) > now + LEEWAY { Err(Rejected::Times) } else { Ok(()) }
    }
}

/// A member that may be absent and may not be `null`: `null` would be a way to switch a check off.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Roles that the hub does not know give nothing and are left out. The hub's own role comes from no token.
fn roles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Role>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    if names.len() > 64 {
        return Err(D::Error::custom("too many roles"));
    }
    let known = names.into_iter().filter_map(|name| Role::deserialize(serde::de::value::StringDeserializer::<D::Error>::new(name)).ok());
    let roles: BTreeSet<Role> = known.collect();
    if roles.contains(&Role::Hub) { Err(D::Error::custom("the hub's own role")) } else { Ok(roles) }
}
