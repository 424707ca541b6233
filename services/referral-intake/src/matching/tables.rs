//! The word lists of name matching, read once: general knowledge about names, kept as data beside the code.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// What the lists know about one folded name.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// Groups of correct spellings of one spoken name.
    pub(super) spellings: Vec<u16>,
    /// Full given names that this is a form of, and whether it is the full form itself.
    pub(super) full_names: Vec<(u16, bool)>,
    /// Groups of forms of one name across scripts and languages.
    pub(super) transliterations: Vec<u16>,
    /// Whether it is a given name that exists, so not a slip for another one.
    pub(super) known_given: bool,
    /// Frequent enough to tell little, as a given name.
    pub(super) common_given: bool,
    /// Frequent enough to tell little, as a family name.
    pub(super) common_family: bool,
}

static ENTRIES: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(read);

/// What is known about a folded name, if anything.
pub(super) fn entry(folded: &str) -> Option<&'static Entry> {
    ENTRIES.get(folded)
}

/// Whether a folded token stands for a name that nobody has given yet.
pub(super) fn is_placeholder(folded: &str) -> bool {
    PLACEHOLDERS.contains(folded)
}

static PLACEHOLDERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    [
        "unborn",
        "baby",
        "babe",
        "infant",
        "newborn",
        "foetus",
        "fetus",
        "unknown",
        "unnamed",
        "notknown",
        "unidentified",
        "tbc",
        "tba",
        "nfn",
        "fnu",
        "lnu",
    ]
    .into_iter()
    .collect()
});

fn lines(text: &'static str) -> impl Iterator<Item = (u16, std::str::SplitWhitespace<'static>)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    (0_u16..).zip(lines.map(str::split_whitespace))
}

fn read() -> HashMap<&'static str, Entry> {
    let mut entries: HashMap<&'static str, Entry> = HashMap::with_capacity(4096);
    for (group, names) in lines(include_str!("data/spellings.txt")) {
        for name in names {
            let entry = entries.entry(name).or_default();
            entry.spellings.push(group);
            entry.known_given = true;
        }
    }
    for (group, names) in lines(include_str!("data/short_forms.txt")) {
        for (at, name) in names.enumerate() {
            let entry = entries.entry(name).or_default();
            entry.full_names.push((group, at == 0));
            entry.known_given = true;
        }
    }
    for (group, names) in lines(include_str!("data/transliterations.txt")) {
        for name in names {
            let entry = entries.entry(name).or_default();
            entry.transliterations.push(group);
            entry.known_given = true;
        }
    }
    for name in lines(include_str!("data/known_given.txt")).flat_map(|(_, names)| names) {
        entries.entry(name).or_default().known_given = true;
    }
    for name in lines(include_str!("data/common_given.txt")).flat_map(|(_, names)| names) {
        let entry = entries.entry(name).or_default();
        entry.common_given = true;
        entry.known_given = true;
    }
    for name in lines(include_str!("data/common_family.txt")).flat_map(|(_, names)| names) {
        entries.entry(name).or_default().common_family = true;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::fold;

    #[test]
    fn every_listed_name_is_in_folded_spelling() {
        for name in ENTRIES.keys() {
            assert_eq!(fold::words(name).iter().map(|word| word.folded.as_str()).collect::<Vec<_>>(), [*name]);
        }
    }

    #[test]
    fn a_short_form_may_stand_under_several_full_forms() {
        let forms: Vec<_> = entry("alex").map(|e| e.full_names.iter().map(|(id, _)| *id).collect()).unwrap_or_default();
        let full = |name: &str| entry(name).and_then(|e| e.full_names.iter().find(|(_, full)| *full).map(|(id, _)| *id)).unwrap();
        assert!(forms.contains(&full("alexander")) && forms.contains(&full("alexandra")));
    }
}
