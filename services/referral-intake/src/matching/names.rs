//! One name of a child: its words, where the given name may end, and how it compares with another.

use std::ops::Range;

use rphonetic::DoubleMetaphone;

use super::{
    fold,
    tables::is_placeholder,
    word::{self, Agreement, FURTHER_DIFFER, LOOK_ALIKE, Likeness, Place, Prepared},
};

/// Words of a name that are looked at; longer names keep their first and last ones.
const MOST_WORDS: usize = 6;

/// Words that stand for a name nobody has given yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// Before birth.
    Unborn,
    /// Born, not named.
    Newborn,
    /// Not known to whoever wrote it.
    Unknown,
}

/// A name, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Name {
    words: Vec<Prepared>,
    /// Where the given name ends and the family name begins: every way to read a name written as free text.
    splits: Vec<(Range<usize>, Range<usize>)>,
    pub(super) placeholder: Option<Placeholder>,
    /// What tells several babies apart: "girl", "a", "2".
    pub(super) label: String,
}

/// How two names agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameAgreement {
    pub(super) given: Likeness,
    pub(super) family: Likeness,
    /// Given and family name agree crosswise only.
    pub(super) swapped: bool,
    /// Borne by so many that it needs another fact.
    pub(super) common: bool,
    /// The family name alone is borne by many.
    pub(super) common_family: bool,
}

impl NameAgreement {
    pub(super) const NOTHING: Self =
        Self { given: Likeness::ABSENT, family: Likeness::ABSENT, swapped: false, common: false, common_family: false };

    fn rank(&self) -> (u8, bool, Agreement, Agreement, bool, bool) {
        let weight = |likeness: Likeness| match likeness.agreement {
            Agreement::Different => 0,
            Agreement::Absent => 1,
            Agreement::Loose => 4,
            Agreement::Close => 6,
            Agreement::Exact => 7,
        };
        (
            weight(self.given) + weight(self.family),
            !self.swapped,
            self.family.agreement,
            self.given.agreement,
            self.common,
            self.common_family,
        )
    }

    /// The better of two.
    pub(super) fn or(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

impl Name {
    pub(super) fn new(written: &str) -> Self {
        let metaphone = DoubleMetaphone::default();
        let mut words: Vec<Prepared> = fold::words(written).into_iter().map(|word| Prepared::new(word, metaphone)).collect();
        if words.len() > MOST_WORDS {
            words.drain(MOST_WORDS / 2..words.len() - MOST_WORDS / 2);
        }
        match placeholder(&words) {
            Some((kind, at_end)) => unnamed(words, kind, at_end),
            None => Self { splits: splits(&words), words, placeholder: None, label: String::new() },
        }
    }

    /// The words that are names, folded.
    pub(super) fn words(&self) -> &[Prepared] {
        &self.words
    }

    /// The best reading of both names.
    pub(super) fn compare(&self, other: &Self) -> NameAgreement {
        let mut best = NameAgreement::NOTHING;
        for (given, family) in &self.splits {
            for (other_given, other_family) in &other.splits {
                let a = (&self.words[given.clone()], &self.words[family.clone()]);
                let b = (&other.words[other_given.clone()], &other.words[other_family.clone()]);
                best = best.or(straight(a, b));
                if best.given.agreement < Agreement::Close || best.family.agreement < Agreement::Close {
                    best = crosswise(a, b).map_or(best, |crossed| best.or(crossed));
                }
            }
        }
        best
    }
}

type Parts<'a> = (&'a [Prepared], &'a [Prepared]);

fn straight(a: Parts<'_>, b: Parts<'_>) -> NameAgreement {
    // Two family names together are rare, however common each of them.
    let frequent = |family: &[Prepared]| matches!(significant(family).as_slice(), [only] if only.has(|e| e.common_family));
    let common_family = frequent(a.1) || frequent(b.1);
    let common = [a, b].iter().any(|(given, family)| given.first().is_none_or(|word| word.has(|e| e.common_given)) && frequent(family));
    NameAgreement { given: given_names(a.0, b.0), family: family_names(a.1, b.1), swapped: false, common, common_family }
}

/// Family name first, or the form filled in the wrong boxes. It counts only when both parts agree well.
fn crosswise(a: Parts<'_>, b: Parts<'_>) -> Option<NameAgreement> {
    let (given, family) = (given_names(a.0, b.1), given_names(a.1, b.0));
    let good = given.agreement >= Agreement::Close && family.agreement >= Agreement::Close;
    good.then(|| NameAgreement { given, family, swapped: true, ..straight(a, b) })
}

fn given_names(a: &[Prepared], b: &[Prepared]) -> Likeness {
    let (Some(first), Some(other)) = (a.first(), b.first()) else { return Likeness::ABSENT };
    if (a.len() > 1 || b.len() > 1) && joined_equal(a, b) {
        return written_alike(a, b);
    }
    let firsts = word::compare(first, other, Place::Given);
    let (rest, others) = (&a[1..], &b[1..]);
    if firsts.agreement >= Agreement::Loose {
        let any_alike = || rest.iter().any(|x| others.iter().any(|y| word::compare(x, y, Place::Given).agreement >= Agreement::Loose));
        return match (rest.is_empty(), others.is_empty()) {
            (true, true) => firsts,
            (false, false) if any_alike() => firsts,
            (false, false) => firsts.and(Likeness::loose(FURTHER_DIFFER)),
            (true, false) => firsts.and(further_name(others)),
            (false, true) => firsts.and(further_name(rest)),
        };
    }
    let alike = |x: &Prepared, y: &Prepared| word::compare(x, y, Place::Given).agreement >= Agreement::Close;
    if a.iter().any(|x| others.iter().any(|y| alike(x, y))) || rest.iter().any(|x| alike(x, other)) {
        return Likeness::loose("known by another of the given names");
    }
    if (a.len() > 1 || b.len() > 1) && strsim::jaro_winkler(&joined(a), &joined(b)) >= 0.88 {
        return Likeness::loose(LOOK_ALIKE);
    }
    Likeness::DIFFERENT
}

/// A word that only one side has: a further given name if it is one, otherwise perhaps part of the family name.
fn further_name(extra: &[Prepared]) -> Likeness {
    if extra.iter().all(|word| word.length == 1 || word.has(|e| e.known_given)) {
        Likeness::close("one record has a further given name")
    } else {
        Likeness::loose("one record has a further name")
    }
}

fn family_names(a: &[Prepared], b: &[Prepared]) -> Likeness {
    if a.is_empty() || b.is_empty() {
        return Likeness::ABSENT;
    }
    if (a.len() > 1 || b.len() > 1) && joined_equal(a, b) {
        return written_alike(a, b);
    }
    let (a, b): (Vec<_>, Vec<_>) = (significant(a), significant(b));
    if let ([x], [y]) = (a.as_slice(), b.as_slice()) {
        return word::compare(x, y, Place::Family);
    }
    if a.len() == b.len() {
        if a.iter().all(|x| b.iter().any(|y| x.text() == y.text())) && b.iter().all(|y| a.iter().any(|x| x.text() == y.text())) {
            return Likeness { agreement: Agreement::Exact, why: Some("parts of the family name in another order") };
        }
        let pairwise = a.iter().zip(&b).map(|(x, y)| word::compare(x, y, Place::Family)).fold(Likeness::EXACT, Likeness::and);
        if pairwise.agreement >= Agreement::Loose {
            return pairwise;
        }
    }
    if a.iter().any(|x| b.iter().any(|y| word::compare(x, y, Place::Family).agreement >= Agreement::Close)) {
        return Likeness::loose("half of a double-barrelled name");
    }
    let (one, other): (String, String) = (a.iter().map(|w| w.text()).collect(), b.iter().map(|w| w.text()).collect());
    if strsim::jaro_winkler(&one, &other) >= 0.9 { Likeness::loose(LOOK_ALIKE) } else { Likeness::DIFFERENT }
}

/// Without "de", "van", "bin" and their like, unless nothing else is left.
fn significant(words: &[Prepared]) -> Vec<&Prepared> {
    let kept: Vec<_> = words.iter().filter(|word| !is_particle(word.text())).collect();
    if kept.is_empty() { words.iter().collect() } else { kept }
}

fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 26] = [
        "de", "da", "do", "dos", "das", "del", "della", "di", "du", "van", "von", "der", "den", "la", "le", "el", "al", "ul", "bin", "ibn",
        "bint", "abu", "ap", "y", "e", "ould",
    ];
    PARTICLES.contains(&word)
}

fn joined(words: &[Prepared]) -> String {
    words.iter().map(Prepared::text).collect()
}

fn joined_equal(a: &[Prepared], b: &[Prepared]) -> bool {
    a.iter().flat_map(|w| w.text().bytes()).eq(b.iter().flat_map(|w| w.text().bytes()))
}

fn written_alike(a: &[Prepared], b: &[Prepared]) -> Likeness {
    let written = |words: &[Prepared]| words.iter().map(|word| word.word.written.clone()).collect::<Vec<_>>();
    if written(a) == written(b) {
        Likeness::EXACT
    } else if a.iter().any(|w| w.word.other_script) != b.iter().any(|w| w.word.other_script) {
        Likeness::loose("the same name in two alphabets")
    } else if a.iter().any(|w| w.word.tonal) != b.iter().any(|w| w.word.tonal) {
        Likeness::loose("same name without accents, but without them it may be another name")
    } else {
        Likeness { agreement: Agreement::Exact, why: Some("same name without spaces, hyphens or accents") }
    }
}

/// Every place where the given name may end. A hyphen is never such a place, and a particle begins a family name.
fn splits(words: &[Prepared]) -> Vec<(Range<usize>, Range<usize>)> {
    let n = words.len();
    let may_end = |at: usize| !(words[at - 1].word.bound || at > 1 && is_particle(words[at - 1].text()));
    let mut splits: Vec<_> = (1..n).filter(|at| may_end(*at)).map(|at| (0..at, at..n)).collect();
    if splits.is_empty() && n > 0 {
        splits = vec![(0..n, n..n), (0..0, 0..n)];
    }
    splits
}

/// Whether the name says that there is none yet, and whether it says so in the place of the family name.
fn placeholder(words: &[Prepared]) -> Option<(Placeholder, bool)> {
    let (first, last) = (words.first()?.text(), words.last()?.text());
    let second = words.get(1).map_or("", Prepared::text);
    let kind = |word: &str| match word {
        "unborn" | "foetus" | "fetus" => Placeholder::Unborn,
        "baby" | "babe" | "infant" | "newborn" | "twin" | "girl" | "boy" | "male" | "female" => Placeholder::Newborn,
        _ => Placeholder::Unknown,
    };
    let bare = |word: &str| matches!(word, "twin" | "girl" | "boy" | "male" | "female" | "child" | "no" | "not");
    if is_placeholder(first)
        || first == "bo" && second == "of"
        || bare(first) && (words.len() == 1 || is_placeholder(second) || is_label(second))
    {
        return Some((kind(first), false));
    }
    (is_placeholder(last) && kind(last) == Placeholder::Unknown).then_some((Placeholder::Unknown, true))
}

fn is_label(word: &str) -> bool {
    word.chars().count() == 1
        || matches!(
            word,
            "one"
                | "two"
                | "three"
                | "ii"
                | "iii"
                | "girl"
                | "boy"
                | "male"
                | "female"
                | "twin"
                | "of"
                | "name"
                | "known"
                | "named"
                | "yet"
                | "child"
        )
}

fn unnamed(words: Vec<Prepared>, kind: Placeholder, at_end: bool) -> Name {
    let mothers_name = words.iter().any(|word| word.text() == "of");
    let is_filler = |word: &Prepared| is_placeholder(word.text()) || is_label(word.text()) || matches!(word.text(), "not" | "no" | "bo");
    let (filler, mut names): (Vec<_>, Vec<_>) = words.into_iter().partition(is_filler);
    if mothers_name && names.len() > 1 && !names.iter().any(|word| word.word.bound) {
        names.drain(..names.len() - 1);
    }
    let label = filler.iter().map(Prepared::text).filter(|word| is_label(word) && *word != "of").collect::<Vec<_>>().join(" ");
    let n = names.len();
    let splits = match (n, at_end) {
        (0, _) => Vec::new(),
        (_, true) => vec![(0..n, n..n)],
        (_, false) => vec![(0..0, 0..n)],
    };
    // Unknown in the place of the family name alone leaves a given name, so the child is not unnamed.
    let placeholder = if at_end && n > 0 { None } else { Some(kind) };
    Name { words: names, splits, placeholder, label }
}
