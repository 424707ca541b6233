//! What people look for: words, the field's own short forms, and the beginning of the last word. What was asked is kept nowhere.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

/// Words and short forms that mean the same, as lists of phrases.
const SYNONYMS: &str = include_str!("../data/synonyms.json");

/// The longest question, in characters.
pub const LONGEST: usize = 200;

type Phrase = Vec<String>;

/// The groups of phrases that mean the same.
fn synonyms() -> &'static [Vec<Phrase>] {
    static GROUPS: OnceLock<Vec<Vec<Phrase>>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        // A test reads the file, so it is never empty here.
        let groups: Vec<Vec<String>> = serde_json::from_str(SYNONYMS).unwrap_or_default();
        groups.iter().map(|group| group.iter().map(|phrase| words(phrase)).collect()).collect()
    })
}

/// The words of a text: letters and digits, in lower case. Nothing else gets into a query, so none can be broken by it. A short form
/// with an ampersand is one word.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let text = text.replace('&', "");
    let parts = text.split(|letter: char| !letter.is_alphanumeric());
    parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// What is asked of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// For `to_tsquery`: all of the words, each as it is or as a synonym, the last also as a beginning.
    pub all: String,
    /// The same, of which one is enough.
    pub any: String,
    /// How a place near any of them begins, in lower case. Endings are left off, since texts bend their words.
    pub near: Vec<String>,
}

/// The query of these words.
#[must_use]
pub fn query(words: &[String]) -> Query {
    let (mut terms, mut near) = (Vec::new(), Vec::new());
    let mut rest = words;
    while let Some(first) = rest.first() {
        let (term, taken) = match longest(rest) {
            Some((group, taken)) => {
                near.extend(group.iter().map(|phrase| phrase.join(" ")));
                (alternatives(group, &rest[..taken], taken == rest.len()), taken)
            }
            None if rest.len() == 1 => (format!("{first}:*"), 1),
            None => (first.clone(), 1),
        };
        near.push(stem(first));
        terms.push(term);
        rest = &rest[taken..];
    }
    Query { all: terms.join(" & "), any: terms.join(" | "), near }
}

/// A word without what may be its ending.
fn stem(word: &str) -> String {
    let long = word.chars().count();
    word.chars().take(long.saturating_sub(3).max(4)).collect()
}

/// The group with the longest phrase that these words begin with, and how many words that is.
fn longest(words: &[String]) -> Option<(&'static [Phrase], usize)> {
    let matching = synonyms().iter().filter_map(|group| {
        let taken = group.iter().filter(|phrase| words.starts_with(phrase)).map(Vec::len).max()?;
        Some((group.as_slice(), taken))
    });
    matching.max_by_key(|(_, taken)| *taken)
}

fn alternatives(group: &[Phrase], asked: &[String], last: bool) -> String {
    let mut terms: Vec<String> = group.iter().map(|phrase| format!("({})", phrase.join(" <-> "))).collect();
    // What looks like a short form may be the beginning of a longer word.
    if let (true, [only]) = (last, asked) {
        terms.push(format!("{only}:*"));
    }
    format!("({})", terms.join(" | "))
}

/// The words with those that nobody uses replaced by the nearest that somebody does; none where nothing is near.
#[must_use]
pub fn corrected(asked: &[String], known: &[String]) -> Option<Vec<String>> {
    let mut changed = false;
    let corrected = asked.iter().map(|word| {
        let near = nearest(word, known);
        changed |= near.is_some();
        near.unwrap_or_else(|| word.clone())
    });
    let corrected: Vec<String> = corrected.collect();
    changed.then_some(corrected)
}

fn nearest(word: &str, known: &[String]) -> Option<String> {
    let most = match word.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    let near = known.iter().map(|other| (strsim::damerau_levenshtein(word, other), other)).filter(|(far, _)| *far <= most);
    let (far, other) = near.min()?;
    (far > 0).then(|| other.clone())
}

/// A piece of a text that was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Piece {
    /// As it stands in the text. It is text and no HTML.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// Before what was found: a character that no text has, since it is taken out of each before.
pub const BEGIN: char = '\u{2}';
/// After it.
pub const END: char = '\u{3}';

/// The pieces of a text in which what was found stands between [`BEGIN`] and [`END`].
#[must_use]
pub fn pieces(marked: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut put = |text: &str, hit| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), hit });
        }
    };
    for (index, part) in marked.split(BEGIN).enumerate() {
        match part.split_once(END) {
            Some((found, rest)) if index > 0 => {
                put(found, true);
                put(rest, false);
            }
            Some(_) | None => put(part, false),
        }
    }
    pieces
}
