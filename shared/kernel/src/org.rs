//! Organisations, by the codes that the public registers give them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not a code of this kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{what}")]
pub struct BadCode {
    what: &'static str,
}

/// A borough: a local authority with children's services, by its ONS GSS code (Manchester is `E08000003`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Borough(String);

/// A hospital site by its ODS code (Salford Royal is `RM301`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Site(String);

/// The one organisation that a person or machine acts for.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Org {
    /// A borough's children's services.
    Borough(Borough),
    /// A hospital.
    Site(Site),
    /// The safeguarding board of the area.
    Board,
    /// The hub itself: its timers and relays, and those who run the software.
    Hub,
}

impl Borough {
    /// The GSS code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl FromStr for Borough {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        let good = text.len() == 9
            && ["E06", "E08", "E09", "E10"].iter().any(|kind| text.starts_with(kind))
            && text.bytes().skip(1).all(|b| b.is_ascii_digit());
        good.then(|| Self(text.to_owned())).ok_or(BadCode { what: "expected the GSS code of an English authority, for instance E08000003" })
    }
}

impl Site {
    /// The ODS code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl FromStr for Site {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        let good = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        good.then(|| Self(text.to_owned())).ok_or(BadCode { what: "expected an ODS code, for instance RM301" })
    }
}

impl Org {
    /// The borough, if it is one.
    #[must_use]
    pub fn borough(&self) -> Option<&Borough> {
        if let Self::Borough(borough) = self { Some(borough) } else { None }
    }
}

impl FromStr for Org {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        match text {
            "board" => Ok(Self::Board),
            "hub" => Ok(Self::Hub),
            code => code
                .parse()
                .map(Self::Borough)
                .or_else(|_| code.parse().map(Self::Site))
                .map_err(|_| BadCode { what: "expected a GSS code, an ODS code, or \"board\"" }),
        }
    }
}

impl fmt::Display for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Borough(Borough(code)) | Self::Site(Site(code)) => f.write_str(code),
            Self::Board => f.write_str("board"),
            Self::Hub => f.write_str("hub"),
        }
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = BadCode;

            fn try_from(text: String) -> Result<Self, BadCode> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

as_text!(Borough, Site, Org);

impl fmt::Display for Borough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_what_kind_of_organisation_it_is() {
        assert!(matches!("E08000003".parse(), Ok(Org::Borough(_))));
        assert!(matches!("RM301".parse(), Ok(Org::Site(_))));
        assert_eq!("board".parse(), Ok(Org::Board));
        assert!("E0800000".parse::<Borough>().is_err());
        assert!("manchester".parse::<Org>().is_err());
    }
}
