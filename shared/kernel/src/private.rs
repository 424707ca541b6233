//! Personal data: plain while it is being worked on, sealed as soon as it is kept.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Personal data in plain form. It cannot be printed or serialised by mistake.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps personal data.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The data itself, for those who have a reason to see it.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The data itself, taken out.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Private<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// Personal data as it is kept in events and views: ciphertext, and the id of the key that opens it.
///
/// Made and opened by the vault alone; to a decider it is opaque.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sealed {
    /// The data key; destroying it makes this unreadable for ever.
    pub key: String,
    /// Nonce, commitment and ciphertext, in base64.
    pub box_: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[sealed under {}]", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_prints_as_private() {
        let name = Private::new("Ada".to_owned());
        assert_eq!(format!("{name} {name:?} {:?}", Some(&name)), "[private] [private] Some([private])");
    }
}
