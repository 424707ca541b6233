//! That somebody's tokens hold no more, or hold again: events of the log of looks, so that they stand where every service reads.

use kernel::{Org, Stream, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They work there no longer.
    Left,
    /// They do other work now.
    RoleChanged,
    /// A device or a password is in other hands.
    LostDevice,
    /// They looked or acted as they must not.
    Misuse,
}

/// Whose tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whose {
    /// The subject, as callers are known here.
    pub subject: String,
    /// For one organisation alone; for any where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<Org>,
}

/// What has happened to somebody's tokens. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessEvent {
    /// What was made until an instant holds no more.
    Revoked {
        /// Whose.
        whose: Whose,
        /// Made until then.
        before: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// It holds again, as far as its time is not over.
    Restored {
        /// Whose.
        whose: Whose,
    },
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessAsk {
    /// To revoke.
    Revoke {
        /// Made until then: now.
        before: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// To end that.
    Restore,
}

impl Whose {
    /// The stream of these tokens. A subject may be long, and may hold what a stream may not.
    #[must_use]
    pub fn stream(&self) -> Stream {
        let org = self.org.as_ref().map(ToString::to_string).unwrap_or_default();
        Stream::new("access", hex::encode(Sha256::digest(format!("{org}\n{}", self.subject))))
    }
}

impl AccessEvent {
    /// Whose tokens.
    #[must_use]
    pub fn whose(&self) -> &Whose {
        match self {
            Self::Revoked { whose, .. } | Self::Restored { whose } => whose,
        }
    }
}

/// What follows: asked again within the same second, nothing.
#[must_use]
pub fn decide(last: Option<&AccessEvent>, whose: Whose, ask: AccessAsk) -> Option<AccessEvent> {
    match (last, ask) {
        (Some(AccessEvent::Revoked { before: known, .. }), AccessAsk::Revoke { before, .. }) if known.as_second() >= before.as_second() => {
            None
        }
        (Some(AccessEvent::Revoked { .. } | AccessEvent::Restored { .. }) | None, AccessAsk::Revoke { before, reason }) => {
            Some(AccessEvent::Revoked { whose, before, reason })
        }
        (Some(AccessEvent::Revoked { .. }), AccessAsk::Restore) => Some(AccessEvent::Restored { whose }),
        (Some(AccessEvent::Restored { .. }) | None, AccessAsk::Restore) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose() -> Whose {
        Whose { subject: "ada".to_owned(), org: None }
    }

    fn revoke(second: i64) -> AccessAsk {
        AccessAsk::Revoke { before: Timestamp::from_second(1_800_000_000 + second).unwrap(), reason: Reason::Misuse }
    }

    #[test]
    fn what_is_revoked_again_later_reaches_later_tokens_and_what_holds_is_not_restored() {
        let first = decide(None, whose(), revoke(0)).unwrap();
        assert_eq!(decide(Some(&first), whose(), revoke(0)), None);
        assert!(decide(Some(&first), whose(), revoke(9)).is_some());
        let restored = decide(Some(&first), whose(), AccessAsk::Restore).unwrap();
        assert_eq!(restored, AccessEvent::Restored { whose: whose() });
        assert_eq!(decide(Some(&restored), whose(), AccessAsk::Restore), None);
        assert_eq!(decide(None, whose(), AccessAsk::Restore), None);
        assert!(decide(Some(&restored), whose(), revoke(0)).is_some());
    }

    #[test]
    fn one_subject_in_two_organisations_has_two_streams() {
        let of = |org: Option<&str>| Whose { org: org.map(|org| org.parse().unwrap()), ..whose() }.stream();
        assert_ne!(of(None), of(Some("E08000003")));
        assert_ne!(of(Some("E08000006")), of(Some("E08000003")));
    }
}
