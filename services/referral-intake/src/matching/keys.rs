//! Keys by which candidates are found among the records of many boroughs, before [`super::compare`] looks at each.
//!
//! A record is a candidate when it shares any key (`keys && $1` on a GIN index) or when its folded name is like the one asked for
//! (`full_name % $2` with `pg_trgm.similarity_threshold` 0.3, the default). A test proves that no suggestion is lost by this.
//!
//! Single words and single sounds are no keys: half a borough shares them. They come in pairs, or with a date.
//! Keys hold personal data in plain form: they live in the search table alone, never in an event, a log or a message.

use std::{collections::BTreeSet, fmt};

use super::{Prepared, tables::entry, word};
use crate::identity::Birth;

/// What one record is found by.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Prefixed keys, sorted: `n:` NHS number, `d:` date of birth, `h:` home postcode, `s:` sounds of two words, `f:` two words as folded
    /// or by their full form, `w:` the only word of a name.
    pub keys: Vec<String>,
    /// The folded names for trigram likeness, one a name.
    pub full_names: Vec<String>,
    /// Every folded word, for search by a person.
    pub words: Vec<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[keys]")
    }
}

/// The keys of one identity. Records keep them; a question asks by them.
#[must_use]
pub fn keys(of: &Prepared) -> Keys {
    let mut keys = BTreeSet::new();
    keys.extend(of.nhs_number.map(|number| format!("n:{}", number.as_digits())));
    keys.extend(of.home.as_ref().map(|home| format!("h:{home}")));
    if let Birth::On(date) = of.birth {
        keys.insert(format!("d:{date}"));
        keys.extend(date.swapped().map(|swapped| format!("d:{swapped}")));
    }
    let mut full_names = Vec::with_capacity(of.names.len());
    let mut words = BTreeSet::new();
    for name in &of.names {
        let parts = name.words();
        for (at, one) in parts.iter().enumerate() {
            words.insert(one.text().to_owned());
            for other in &parts[at + 1..] {
                keys.extend(pairs("s", &sounds(one), &sounds(other)));
                keys.extend(pairs("f", &forms(one), &forms(other)));
            }
        }
        if let [only] = parts {
            keys.extend(forms(only).into_iter().map(|form| format!("w:{form}")));
        }
        if !parts.is_empty() {
            full_names.push(parts.iter().map(word::Prepared::text).collect::<Vec<_>>().join(" "));
        }
    }
    Keys { keys: keys.into_iter().collect(), full_names, words: words.into_iter().collect() }
}

fn sounds(word: &word::Prepared) -> BTreeSet<String> {
    word.sounds.iter().filter(|code| !code.is_empty()).cloned().collect()
}

/// The word itself and a number for each name that it is a form of.
fn forms(word: &word::Prepared) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([word.text().to_owned()]);
    if let Some(entry) = entry(word.text()) {
        forms.extend(entry.full_names.iter().map(|(full, _)| format!("s{full}")));
        forms.extend(entry.spellings.iter().map(|group| format!("v{group}")));
        forms.extend(entry.transliterations.iter().map(|group| format!("t{group}")));
    }
    forms
}

/// Pairs in one order, so that swapped names meet.
fn pairs(kind: &str, one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    let pair = |x: &String, y: &String| if x <= y { format!("{kind}:{x}+{y}") } else { format!("{kind}:{y}+{x}") };
    one.iter().flat_map(|x| other.iter().map(move |y| pair(x, y))).collect()
}
