//! Whether two records may be about one child: a suggestion with its reasons, never a score and never a decision.
//!
//! A person links or leaves apart (domain.md section 3). So the rules lean towards showing: a missed record costs a child, a needless
//! one a glance. `Likely` is kept for one name in two spellings and one date, where nothing speaks for two children.
//!
//! Two records that hold no identity at all ("Unknown", 1900-01-01) are not suggested to each other: every such record would be
//! suggested to every other, and bury the ones that mean something.

mod birth;
mod decide;
mod fold;
pub mod keys;
mod names;
mod tables;
mod word;

#[cfg(test)]
mod tests;

use std::fmt;

use self::{
    birth::BirthLikeness,
    names::{Name, NameAgreement, Placeholder},
};
use crate::identity::{Birth, Identity, NhsNumber};

/// How much speaks for one child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It cannot be settled by these facts: a person needs another one.
    Unsure,
    /// Probably one child; a person still decides.
    Likely,
}

/// A record that may be about the same child, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// How much speaks for it.
    pub strength: Strength,
    /// The reasons in plain words. No reason holds a name, a date or a number.
    pub why: Vec<String>,
}

/// What two names have in common, as somebody's token and a record have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namesake {
    /// The last word.
    Surname,
    /// Every word.
    Whole,
}

/// What a name has in common with another one; names of one word have no surname.
#[must_use]
pub fn namesake(one: &str, other: &str) -> Option<Namesake> {
    let folded = |name: &str| fold::words(name).into_iter().map(|word| word.folded).collect::<Vec<_>>();
    let (one, other) = (folded(one), folded(other));
    if one.len() < 2 || other.len() < 2 || one.last() != other.last() {
        return None;
    }
    Some(if one == other { Namesake::Whole } else { Namesake::Surname })
}

/// Names beyond this many are not compared.
const MOST_NAMES: usize = 12;

/// An identity with everything about it worked out beforehand, so that comparing it with many others is cheap.
#[derive(Clone)]
pub struct Prepared {
    names: Vec<Name>,
    birth: Birth,
    nhs_number: Option<NhsNumber>,
    home: Option<String>,
    home_area: Option<String>,
    /// All names written out; decides which of two is taken first, so that the order of the question cannot matter.
    order: String,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[prepared identity]")
    }
}

impl Prepared {
    /// Folds names and works out how they sound.
    #[must_use]
    pub fn new(identity: &Identity) -> Self {
        let names: Vec<Name> = identity.names.iter().take(MOST_NAMES).map(|name| Name::new(name.expose())).collect();
        let unborn = !names.is_empty() && names.iter().all(|name| name.placeholder == Some(Placeholder::Unborn));
        let birth = match birth::without_fillers(identity.birth) {
            // A date given for an unborn child is the expected one.
            Birth::On(date) if unborn => date.real().map_or(Birth::NotKnown, Birth::ExpectedOn),
            birth @ (Birth::On(_) | Birth::AgeAbout { .. } | Birth::ExpectedOn(_) | Birth::NotKnown) => birth,
        };
        let home = identity.home_postcode.as_ref();
        let order = identity.names.iter().map(|name| name.expose().as_str()).collect::<Vec<_>>().join("|");
        Self {
            names,
            birth,
            nhs_number: identity.nhs_number,
            home: home.and_then(|code| code.home()).map(str::to_owned),
            home_area: home.and_then(|code| code.area()).map(str::to_owned),
            order,
        }
    }

    fn is_nameless(&self) -> bool {
        self.names.iter().all(|name| name.words().is_empty())
    }

    fn all(&self, kind: Placeholder) -> bool {
        !self.names.is_empty() && self.names.iter().all(|name| name.placeholder == Some(kind))
    }
}

/// Compares two identities. The order does not matter.
#[must_use]
pub fn compare(a: &Prepared, b: &Prepared) -> Option<Suggestion> {
    let (a, b) = if a.order <= b.order { (a, b) } else { (b, a) };
    let facts = Facts::of(a, b);
    if !facts.worth_comparing_names() {
        return None;
    }
    let mut best: Option<(NameAgreement, &Name, &Name)> = None;
    for x in &a.names {
        for y in &b.names {
            let names = x.compare(y);
            if best.is_none_or(|(before, _, _)| before.or(names) != before) {
                best = Some((names, x, y));
            }
        }
    }
    let names = best.map_or(NameAgreement::NOTHING, |(names, _, _)| names);
    let strength = decide::strength(&names, &facts)?;
    let labels_differ = best.is_some_and(|(_, x, y)| !x.label.is_empty() && !y.label.is_empty() && x.label != y.label);
    Some(Suggestion { strength, why: decide::reasons(&names, &facts, labels_differ) })
}

/// What speaks for or against one child beside the names.
struct Facts {
    birth: BirthLikeness,
    same_nhs_number: bool,
    other_nhs_number: bool,
    same_home: bool,
    /// Homes in different postcode areas, such as OL and E.
    homes_far_apart: bool,
    both_unborn: bool,
    both_newborn: bool,
    either_unnamed: bool,
    nameless: bool,
}

impl Facts {
    fn of(a: &Prepared, b: &Prepared) -> Self {
        let both = |same: fn(&NhsNumber, &NhsNumber) -> bool| a.nhs_number.zip(b.nhs_number).is_some_and(|(x, y)| same(&x, &y));
        let unnamed = |p: &Prepared| p.names.iter().all(|name| name.placeholder.is_some());
        Self {
            birth: birth::compare(a.birth, b.birth),
            same_nhs_number: both(NhsNumber::eq),
            other_nhs_number: both(NhsNumber::ne),
            same_home: a.home.is_some() && a.home == b.home,
            homes_far_apart: a.home_area.is_some() && b.home_area.is_some() && a.home_area != b.home_area,
            both_unborn: a.all(Placeholder::Unborn) && b.all(Placeholder::Unborn),
            both_newborn: a.all(Placeholder::Newborn) && b.all(Placeholder::Newborn),
            either_unnamed: unnamed(a) || unnamed(b),
            nameless: a.is_nameless() && b.is_nameless(),
        }
    }

    /// Most candidates fall away on the date alone.
    fn worth_comparing_names(&self) -> bool {
        let dates_agree = match self.birth.agreement {
            birth::BirthAgreement::Different | birth::BirthAgreement::OtherYear => self.birth.years_apart <= decide::MOST_SIBLING_YEARS,
            birth::BirthAgreement::NotKnown
            | birth::BirthAgreement::Weak
            | birth::BirthAgreement::Fits
            | birth::BirthAgreement::Slip
            | birth::BirthAgreement::Swapped
            | birth::BirthAgreement::Same => return true,
        };
        self.same_nhs_number || dates_agree && (self.same_home || self.both_unborn)
    }
}
