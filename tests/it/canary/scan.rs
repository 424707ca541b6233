//! Looks for the planted strings in bytes, in the forms in which they could have got there.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// Shorter strings than this say nothing once their spaces are gone.
const LEAST: usize = 9;

/// The text in base64.
pub(super) fn base64(text: &str) -> String {
    STANDARD_NO_PAD.encode(text)
}

/// The bytes of the text in hexadecimal digits.
pub(super) fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// One planted string and what is looked for.
struct Needle {
    canary: String,
    /// As the bytes stand.
    exact: Vec<String>,
    /// In small letters, letters and digits only.
    squeezed: Option<String>,
}

pub(super) struct Scanner(Vec<Needle>);

fn squeeze(text: &str) -> String {
    text.replace("%20", "").chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The middle of the base64 of a text that begins at any of the three places; its ends depend on what stands around it.
fn inside_base64(text: &str) -> Vec<String> {
    let shifted = |shift: usize| {
        let padded = [&vec![b' '; shift][..], text.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&padded[..padded.len() - padded.len() % 3]);
        encoded[if shift == 0 { 0 } else { 4 }..].to_owned()
    };
    (0..3).map(shifted).filter(|encoded| encoded.len() >= 8).collect()
}

impl Scanner {
    pub(super) fn new(canaries: &[String]) -> Self {
        let needle = |canary: &String| {
            let squeezed = squeeze(canary);
            let mut exact =
                vec![canary.clone(), canary.to_lowercase(), canary.replace(' ', ""), canary.replace(' ', "%20"), hexadecimal(canary)];
            exact.extend(inside_base64(canary));
            Needle { canary: canary.clone(), exact, squeezed: Some(squeezed).filter(|text| text.len() >= LEAST) }
        };
        Self(canaries.iter().map(needle).collect())
    }

    /// Which of them are there.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<&str> {
        let text = String::from_utf8_lossy(bytes);
        let squeezed = squeeze(&text);
        let there = |needle: &&Needle| {
            needle.squeezed.as_ref().is_some_and(|form| squeezed.contains(form.as_str()))
                || needle.exact.iter().any(|form| text.contains(form.as_str()))
        };
        self.0.iter().filter(there).map(|needle| needle.canary.as_str()).collect()
    }
}
