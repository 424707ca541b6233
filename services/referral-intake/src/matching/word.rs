//! How like two words of a name are, and why.

use rphonetic::DoubleMetaphone;

use super::{
    fold::Word,
    tables::{self, Entry},
};

/// How far two parts of a name agree. The order is the order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// Two names.
    Different,
    /// One side says nothing.
    Absent,
    /// Alike, yet two people may well bear the two.
    Loose,
    /// One name in two correct or mistyped spellings.
    Close,
    /// The same name.
    Exact,
}

/// Reasons that speak as much for two children as for one.
pub(super) const SOUND_ALIKE: &str = "names sound alike";
pub(super) const LOOK_ALIKE: &str = "names look alike";
pub(super) const TWO_SHORT_FORMS: &str = "two short forms of one given name";
pub(super) const FURTHER_DIFFER: &str = "first given name alike, the further ones differ";

/// An agreement with the reason a person is shown. The reason never holds the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) agreement: Agreement,
    pub(super) why: Option<&'static str>,
}

impl Likeness {
    pub(super) const DIFFERENT: Self = Self { agreement: Agreement::Different, why: None };
    pub(super) const ABSENT: Self = Self { agreement: Agreement::Absent, why: None };
    pub(super) const EXACT: Self = Self { agreement: Agreement::Exact, why: None };

    pub(super) fn close(why: &'static str) -> Self {
        Self { agreement: Agreement::Close, why: Some(why) }
    }

    pub(super) fn loose(why: &'static str) -> Self {
        Self { agreement: Agreement::Loose, why: Some(why) }
    }

    /// The lesser of the two.
    pub(super) fn and(self, other: Self) -> Self {
        if other.agreement < self.agreement || other.agreement == self.agreement && self.why.is_none() { other } else { self }
    }
}

/// Which place in the name a word stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Given,
    Family,
}

/// A word with everything about it that can be worked out beforehand.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) word: Word,
    /// Double Metaphone, first and second code; empty where the script has none.
    pub(super) sounds: [String; 2],
    pub(super) entry: Option<&'static Entry>,
    pub(super) length: usize,
}

impl Prepared {
    pub(super) fn new(word: Word, metaphone: DoubleMetaphone) -> Self {
        let sounds = if word.folded.bytes().all(|b| b.is_ascii_alphabetic()) {
            let codes = metaphone.double_metaphone(&word.folded);
            [codes.primary(), codes.alternate()]
        } else {
            <[String; 2]>::default()
        };
        Self { entry: tables::entry(&word.folded), length: word.folded.chars().count(), sounds, word }
    }

    pub(super) fn text(&self) -> &str {
        &self.word.folded
    }

    pub(super) fn has(&self, fact: impl Fn(&Entry) -> bool) -> bool {
        self.entry.is_some_and(fact)
    }
}

/// Compares two words that stand in the same place.
pub(super) fn compare(a: &Prepared, b: &Prepared, place: Place) -> Likeness {
    if a.text() == b.text() {
        return same_letters(&a.word, &b.word);
    }
    if (a.word.umlaut || b.word.umlaut) && plain_vowels(a.text()).eq(plain_vowels(b.text())) {
        return Likeness { agreement: Agreement::Exact, why: Some("same name without accents or punctuation") };
    }
    if share(a, b, |entry| &entry.spellings) {
        return Likeness::close("another spelling of the same name");
    }
    if place == Place::Given
        && let Some(short) = short_form(a, b)
    {
        return short;
    }
    if place == Place::Family && (gendered(a.text(), b.text()) || gendered(b.text(), a.text())) {
        return Likeness::close("family name in the form of the other gender");
    }
    if share(a, b, |entry| &entry.transliterations) {
        return Likeness::loose("forms of one name across languages or alphabets");
    }
    if is_slip(a, b, place) {
        return Likeness::close(match place {
            Place::Given => "given name one slip of the keyboard apart",
            Place::Family => "family name spelled nearly alike",
        });
    }
    near(a, b, place)
}

fn same_letters(a: &Word, b: &Word) -> Likeness {
    if a.written == b.written {
        Likeness::EXACT
    } else if a.other_script != b.other_script {
        Likeness::loose("the same name in two alphabets")
    } else if a.tonal != b.tonal {
        Likeness::loose("same name without accents, but without them it may be another name")
    } else {
        Likeness { agreement: Agreement::Exact, why: Some("same name without accents or punctuation") }
    }
}

/// Müller is written Mueller, Søren Soeren and Åse Aase where the letters are missing.
fn plain_vowels(text: &str) -> impl Iterator<Item = char> {
    let mut before = ' ';
    text.chars().filter(move |c| {
        let second_of_two = matches!((before, c), ('a' | 'o' | 'u', 'e') | ('a', 'a'));
        before = if second_of_two { ' ' } else { *c };
        !second_of_two
    })
}

fn share(a: &Prepared, b: &Prepared, groups: impl Fn(&'static Entry) -> &'static Vec<u16>) -> bool {
    match (a.entry, b.entry) {
        (Some(a), Some(b)) => groups(a).iter().any(|group| groups(b).contains(group)),
        (None, _) | (_, None) => false,
    }
}

/// A short form beside its full form is one name; two short forms of one full form may be two children of one family.
fn short_form(a: &Prepared, b: &Prepared) -> Option<Likeness> {
    let (a, b) = (a.entry?, b.entry?);
    let pairs = || a.full_names.iter().flat_map(|x| b.full_names.iter().map(move |y| (x, y))).filter(|(x, y)| x.0 == y.0);
    if pairs().any(|(x, y)| x.1 || y.1) {
        Some(Likeness::close("known short form of the given name"))
    } else {
        pairs().next().map(|_| Likeness::loose(TWO_SHORT_FORMS))
    }
}

/// Family names that take another ending for a woman: Slavic, Lithuanian, Icelandic, Greek.
fn gendered(man: &str, woman: &str) -> bool {
    const ENDINGS: [(&str, &str); 19] = [
        ("ov", "ova"),
        ("ev", "eva"),
        ("in", "ina"),
        ("yn", "yna"),
        ("ski", "ska"),
        ("cki", "cka"),
        ("dzki", "dzka"),
        ("sky", "ska"),
        ("skyi", "ska"),
        ("sky", "skaya"),
        ("skiy", "skaya"),
        ("skij", "skaia"),
        ("y", "a"),
        ("as", "aite"),
        ("as", "iene"),
        ("is", "yte"),
        ("is", "iene"),
        ("son", "dottir"),
        ("os", "ou"),
    ];
    let czech = || !woman.is_empty() && woman.strip_suffix("ova").is_some_and(|stem| stem.len() >= 3 && stem == man);
    czech()
        || ENDINGS.iter().any(|(his, her)| {
            man.strip_suffix(his).is_some_and(|stem| stem.len() >= 3 && woman.strip_suffix(her) == Some(stem))
                && (his.len() > 1 || man.len() >= 6)
        })
}

fn is_slip(a: &Prepared, b: &Prepared, place: Place) -> bool {
    let longest = a.length.max(b.length);
    let one_off = || strsim::osa_distance(a.text(), b.text()) == 1;
    match place {
        // Two names that exist are two names, however near; a name of another alphabet has many right spellings.
        Place::Given => {
            let known = |p: &Prepared| p.has(|e| e.known_given);
            let carried_over = |p: &Prepared| p.has(|e| !e.transliterations.is_empty());
            longest >= 6
                && known(a) != known(b)
                && !carried_over(a)
                && !carried_over(b)
                && one_off()
                && !makes_other_names(a.text(), b.text())
        }
        Place::Family => {
            let same_start = a.text().chars().next() == b.text().chars().next();
            let carried_over = a.has(|e| !e.transliterations.is_empty()) && b.has(|e| !e.transliterations.is_empty());
            same_start
                && !carried_over
                && (longest >= 5 && one_off() || sounds_alike(a, b) && strsim::osa_distance(a.text(), b.text()) <= 2)
        }
    }
}

/// Another letter in one place, or one more at either end, is how names of a boy and a girl and of twins differ; a letter dropped,
/// doubled or swapped inside is how fingers slip.
fn makes_other_names(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() == long.len() {
        return a.chars().zip(b.chars()).filter(|(x, y)| x != y).count() == 1;
    }
    long.starts_with(short) || long.ends_with(short)
}

fn sounds_alike(a: &Prepared, b: &Prepared) -> bool {
    a.sounds.iter().any(|x| x.len() >= 2 && b.sounds.contains(x))
}

fn near(a: &Prepared, b: &Prepared, place: Place) -> Likeness {
    let (shortest, longest) = (a.length.min(b.length), a.length.max(b.length));
    if place == Place::Given && shortest == 1 && a.text().chars().next() == b.text().chars().next() {
        return Likeness::loose("an initial that fits the given name");
    }
    if sounds_alike(a, b) {
        return Likeness::loose(SOUND_ALIKE);
    }
    let one_off = shortest >= 3 && longest - shortest <= 1 && strsim::osa_distance(a.text(), b.text()) == 1;
    if one_off || shortest >= 4 && strsim::jaro_winkler(a.text(), b.text()) >= NEAR {
        return Likeness::loose(LOOK_ALIKE);
    }
    Likeness::DIFFERENT
}

/// Jaro-Winkler likeness from which two words are worth a second look. Common practice in record linkage puts it at 0.82 to 0.92.
const NEAR: f64 = 0.84;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::fold;

    fn like(a: &str, b: &str, place: Place) -> Agreement {
        let word = |text: &str| Prepared::new(fold::words(text).remove(0), DoubleMetaphone::default());
        compare(&word(a), &word(b), place).agreement
    }

    #[test]
    fn a_misspelling_of_a_name_is_close_and_another_name_is_not() {
        for (a, b, expected) in [
            ("Charlotte", "Charlote", Agreement::Close),
            ("Benjamin", "Benjamni", Agreement::Close),
            ("Christian", "Christina", Agreement::Loose),
            ("Amelia", "Amelja", Agreement::Loose),
            ("Daniel", "David", Agreement::Different),
            ("Billy", "William", Agreement::Close),
            ("Libby", "Beth", Agreement::Loose),
            ("Hassan", "Hussain", Agreement::Loose),
            ("Jürgen", "Juergen", Agreement::Exact),
            ("Søren", "Soeren", Agreement::Exact),
        ] {
            assert_eq!(like(a, b, Place::Given), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_family_name_in_the_form_of_the_other_gender_is_one_name() {
        for (a, b) in [
            ("Petrov", "Petrova"),
            ("Wiśniewski", "Wiśniewska"),
            ("Novák", "Nováková"),
            ("Kazlauskas", "Kazlauskaite"),
            ("Zelensky", "Zelenska"),
        ] {
            assert_eq!(like(a, b, Place::Family), Agreement::Close, "{a} {b}");
        }
        assert_ne!(like("Marsh", "Petrova", Place::Family), Agreement::Close);
    }
}
