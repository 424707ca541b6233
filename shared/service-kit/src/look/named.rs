//! Which children and cases a text names.

use std::collections::BTreeSet;

use kernel::{ChildId, ReferralId, TransferId};

/// The length of an id: a prefix of three letters, `_`, and 32 hexadecimal digits.
const LENGTH: usize = 36;

/// Children and cases, each once. A handler puts one on an answer whose bytes cannot be read as text, such as a spreadsheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Children.
    pub children: BTreeSet<String>,
    /// Referrals and transfers.
    pub cases: BTreeSet<String>,
}

impl Named {
    /// Everything that a text names, whatever stands around it.
    #[must_use]
    pub fn within(text: &[u8]) -> Self {
        let mut named = Self::default();
        for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'_') {
            let Some(id) = at.checked_sub(3).and_then(|start| text.get(start..start + LENGTH)) else { continue };
            if let Ok(id) = std::str::from_utf8(id) {
                named.take(id);
            }
        }
        named
    }

    fn take(&mut self, id: &str) {
        if id.parse::<ChildId>().is_ok() {
            self.children.insert(id.to_owned());
        } else if id.parse::<ReferralId>().is_ok() || id.parse::<TransferId>().is_ok() {
            self.cases.insert(id.to_owned());
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.children.extend(other.children);
        self.cases.extend(other.cases);
        self
    }

    /// Whether nobody is named.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.children.is_empty() && self.cases.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_child_and_case_of_an_answer_is_found_and_nothing_else() {
        let (child, other) = ("chd_0123456789abcdef0123456789abcdef", "chd_00000000000000000000000000000007");
        let (referral, transfer) = ("ref_0123456789abcdef0123456789abcdef", "trf_0123456789abcdef0123456789abcdef");
        let text = format!("{{\"a\":\"{child}\",\"b\":[\"{other}\",\"{child}\"],\"l\":\"</api/x/{referral}?c=1>\"}}{transfer}");
        let named = Named::within(text.as_bytes());
        assert_eq!(named.children, BTreeSet::from([child.to_owned(), other.to_owned()]));
        assert_eq!(named.cases, BTreeSet::from([referral.to_owned(), transfer.to_owned()]));
        for nobody in [
            "",
            "_",
            "chd_",
            "chd_0123456789ABCDEF0123456789abcdef",
            "evt_0123456789abcdef0123456789abcdef",
            "é_0123456789abcdef0123456789abcdef01",
        ] {
            assert!(Named::within(nobody.as_bytes()).is_nobody(), "{nobody}");
        }
    }
}
