//! The code of a reason that an edition has added to those of the first.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// The longest code, in bytes.
const LONGEST: usize = 40;

/// A code: lower-case letters, digits and underscores, at most 40. It is kept in place, so that it is as cheap to copy as the rest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ReasonCode([u8; LONGEST]);

impl ReasonCode {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        self.0.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl TryFrom<String> for ReasonCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(plain) {
            return Err("expected the code of a reason");
        }
        let mut bytes = [0; LONGEST];
        bytes.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
        Ok(Self(bytes))
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl fmt::Debug for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use crate::transfer::DeclineReason;

    fn read(json: &str) -> Option<DeclineReason> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_reason_of_a_later_edition_is_kept_by_its_code_and_those_of_the_first_as_they_were() {
        assert_eq!(read("\"below_threshold\""), Some(DeclineReason::BelowThreshold));
        let added = read("\"school_place_pending\"").unwrap();
        assert!(matches!(added, DeclineReason::Named(code) if code.as_str() == "school_place_pending"));
        assert_eq!(serde_json::to_string(&added).unwrap(), "\"school_place_pending\"");
        assert_eq!(serde_json::to_string(&DeclineReason::Other).unwrap(), "\"other\"");
    }

    #[test]
    fn what_is_no_code_is_no_reason() {
        for bad in ["\"\"", "\"Marigold lives there\"", "\"a-b\"", "1", "null", &format!("\"{}\"", "a".repeat(41))] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
