//! Ids: a prefix that says what it is, and a UUID inside. Opaque to everybody else.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of this kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected an id that begins with \"{prefix}_\"")]
pub struct BadId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of this kind of id.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUID that came with the command.
            #[must_use]
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(BadId { prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    )*};
}

ids! {
    /// A child as one referral named them. Two ids may be one child: a person links them, nothing is merged.
    ChildId = "chd";
    /// A referral.
    ReferralId = "ref";
    /// A transfer.
    TransferId = "trf";
    /// A break-glass: one person, one child, some hours.
    GlassId = "gls";
    /// A proposal of a whole edition of the procedures.
    DraftId = "drf";
    /// A borough's own way of doing one procedure, for a time.
    VariationId = "var";
    /// A question about a procedure.
    QuestionId = "qst";
    /// One event in a log.
    EventId = "evt";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_out_and_back() {
        let id = ChildId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<ChildId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = ChildId::from_uuid(Uuid::from_u128(7)).to_string();
        assert_eq!(id.parse::<TransferId>(), Err(BadId { prefix: "trf" }));
        for bad in ["", "chd_", "chd", "chd_zz", "chd_00000000-0000-0000-0000-000000000007", "CHD_00000000000000000000000000000007"] {
            assert!(bad.parse::<ChildId>().is_err(), "{bad}");
        }
    }
}
