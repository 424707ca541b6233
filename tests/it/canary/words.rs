//! The planted strings. None of them occurs by chance, and none is anybody's: NHS numbers are of the range kept for tests, telephones
//! of the range kept for fiction.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What kind of string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Name,
    NhsNumber,
    Address,
    Postcode,
    Phone,
    Text,
}

const COUNTS: [(Kind, usize); 6] =
    [(Kind::Name, 80), (Kind::NhsNumber, 30), (Kind::Address, 40), (Kind::Postcode, 30), (Kind::Phone, 30), (Kind::Text, 90)];

const SYLLABLES: [&str; 16] =
    ["quel", "vor", "zim", "tash", "bru", "neth", "xal", "dov", "pyr", "glim", "wex", "jor", "fesk", "hul", "rav", "mip"];

/// All of them, and how many of each kind were planted.
pub(super) struct Canaries {
    all: Vec<String>,
    kinds: BTreeMap<Kind, std::ops::Range<usize>>,
    planted: Mutex<BTreeMap<Kind, usize>>,
}

fn word(number: usize, salt: usize) -> String {
    let mut seed = (number + 1) * 2_654_435_761 + salt * 40_503;
    let mut word = String::new();
    for _ in 0..4 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        word.push_str(SYLLABLES[(seed >> 33) % SYLLABLES.len()]);
    }
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// The number with its check digit, or the next that has one.
fn nhs_number(number: usize) -> String {
    let numbers = (0..).map(|step| 999_300_000 + number * 1_000 + step).filter_map(|nine| {
        let digits = nine.to_string();
        let sum: u32 = digits.chars().zip((2..=10).rev()).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
        let check = (11 - sum % 11) % 11;
        (check < 10).then(|| format!("{digits}{check}"))
    });
    numbers.take(1).collect()
}

fn made(kind: Kind, number: usize) -> String {
    match kind {
        Kind::Name => format!("{} {}", word(number, 1), word(number, 2)),
        Kind::NhsNumber => nhs_number(number),
        Kind::Address => format!("{} {} Terrace", 1_000 + number * 37, word(number, 3)),
        Kind::Postcode => format!("M{} {}ZW", 60 + number % 30, number % 10),
        Kind::Phone => format!("07700 900{:03}", 100 + number * 7),
        Kind::Text => format!("{} said {} at night", word(number, 4), word(number, 5).to_lowercase()),
    }
}

impl Canaries {
    pub(super) fn new() -> Self {
        let (mut all, mut kinds) = (Vec::new(), BTreeMap::new());
        for (kind, count) in COUNTS {
            kinds.insert(kind, all.len()..all.len() + count);
            all.extend((0..count).map(|number| made(kind, number)));
        }
        let different: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        Self { all, kinds, planted: Mutex::default() }
    }

    pub(super) fn all(&self) -> &[String] {
        &self.all
    }

    /// The next of a kind; the first again after the last.
    pub(super) fn next(&self, kind: Kind) -> String {
        let range = self.kinds[&kind].clone();
        let mut planted = self.planted.lock().unwrap_or_else(PoisonError::into_inner);
        let count = planted.entry(kind).or_default();
        let place = range.start + *count % range.len();
        *count += 1;
        self.all[place].clone()
    }

    /// A sentence with a text, a name and a telephone in it, as people write them.
    pub(super) fn sentence(&self) -> String {
        let (text, name, phone) = (self.next(Kind::Text), self.next(Kind::Name), self.next(Kind::Phone));
        format!("{text}. Ask {name} on {phone}.")
    }

    pub(super) fn not_planted(&self) -> Vec<&str> {
        let planted = self.planted.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(kind, range): (&Kind, &std::ops::Range<usize>)| {
            let count = planted.get(kind).copied().unwrap_or(0).min(range.len());
            range.start + count..range.end
        };
        self.kinds.iter().flat_map(of).map(|place| self.all[place].as_str()).collect()
    }
}
