//! Looks for the planted strings in bytes, in the forms in which they could have got there.

use std::collections::{BTreeSet, HashMap};

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

/// Forms of the strings, by how they begin, so that megabytes are searched once and not once for each.
struct Forms {
    begins: Vec<bool>,
    by_start: HashMap<[u8; 4], Vec<(usize, Vec<u8>)>>,
}

impl Forms {
    fn new(forms: impl Iterator<Item = (usize, String)>) -> Self {
        let mut all = Self { begins: vec![false; 1 << 16], by_start: HashMap::new() };
        for (canary, form) in forms {
            let form = form.into_bytes();
            let start = *form.first_chunk::<4>().unwrap();
            all.begins[pair(start[0], start[1])] = true;
            all.by_start.entry(start).or_default().push((canary, form));
        }
        all
    }

    fn find(&self, bytes: &[u8], found: &mut BTreeSet<usize>) {
        for at in 0..bytes.len().saturating_sub(3) {
            if !self.begins[pair(bytes[at], bytes[at + 1])] {
                continue;
            }
            let rest = &bytes[at..];
            let begun = rest.first_chunk::<4>().and_then(|start| self.by_start.get(start));
            found.extend(begun.into_iter().flatten().filter(|(_, form)| rest.starts_with(form)).map(|(canary, _)| *canary));
        }
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

pub(super) struct Scanner {
    canaries: Vec<String>,
    /// As the bytes stand.
    exact: Forms,
    /// In small letters, letters and digits only.
    squeezed: Forms,
}

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
        let exact = |(number, canary): (usize, &String)| {
            let mut forms =
                vec![canary.clone(), canary.to_lowercase(), canary.replace(' ', ""), canary.replace(' ', "%20"), hexadecimal(canary)];
            forms.extend(inside_base64(canary));
            forms.into_iter().map(move |form| (number, form))
        };
        let squeezed = canaries.iter().map(|canary| squeeze(canary)).enumerate().filter(|(_, form)| form.len() >= LEAST);
        let exact = Forms::new(canaries.iter().enumerate().flat_map(exact));
        Self { canaries: canaries.to_vec(), exact, squeezed: Forms::new(squeezed) }
    }

    /// Which of them are there.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found = BTreeSet::new();
        self.exact.find(bytes, &mut found);
        self.squeezed.find(squeeze(&String::from_utf8_lossy(bytes)).as_bytes(), &mut found);
        found.into_iter().map(|number| self.canaries[number].as_str()).collect()
    }
}
