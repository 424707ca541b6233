//! From agreements to a suggestion: which of them together are worth a person's look, and the words for it.

use super::{
    Facts, Strength,
    birth::BirthAgreement,
    names::NameAgreement,
    word::{
        Agreement::{self, Absent, Close, Different, Exact, Loose},
        FURTHER_DIFFER, LOOK_ALIKE, SOUND_ALIKE, TWO_SHORT_FORMS,
    },
};

/// Children of one home farther apart than this are not taken for one: they may be parent and child.
pub(super) const MOST_SIBLING_YEARS: u16 = 12;

/// Two expected dates farther apart than this are not worth a look.
const MOST_PREGNANCY_YEARS: u16 = 2;

/// How much speaks for one child, or nothing when it is not worth a look.
pub(super) fn strength(names: &NameAgreement, facts: &Facts) -> Option<Strength> {
    if facts.same_nhs_number {
        let name_fits = names.given.agreement >= Loose || names.family.agreement >= Loose;
        let birth_fits = facts.birth.agreement >= BirthAgreement::NotKnown;
        return Some(if name_fits && birth_fits { Strength::Likely } else { Strength::Unsure });
    }
    if !worth_a_look(names, facts) {
        return None;
    }
    Some(if is_likely(names, facts) { Strength::Likely } else { Strength::Unsure })
}

/// One part the same, the other the same or spelled in another way.
fn is_good(names: &NameAgreement) -> bool {
    let (given, family) = (names.given.agreement, names.family.agreement);
    given.min(family) >= Close && given.max(family) == Exact
}

fn is_likely(names: &NameAgreement, facts: &Facts) -> bool {
    let agrees = match facts.birth.agreement {
        BirthAgreement::Same => is_good(names),
        BirthAgreement::Swapped => names.given.agreement == Exact && names.family.agreement == Exact,
        BirthAgreement::Slip
        | BirthAgreement::Fits
        | BirthAgreement::Weak
        | BirthAgreement::NotKnown
        | BirthAgreement::OtherYear
        | BirthAgreement::Different => false,
    };
    let doubt = names.swapped || facts.birth.new_year || facts.other_nhs_number || needs_another_fact(names, facts);
    agrees && !doubt
}

fn needs_another_fact(names: &NameAgreement, facts: &Facts) -> bool {
    !facts.same_home && (names.common || names.common_family && facts.homes_far_apart)
}

fn worth_a_look(names: &NameAgreement, facts: &Facts) -> bool {
    let (given, family) = (names.given.agreement, names.family.agreement);
    let alike = given >= Loose && family >= Loose;
    let one_exact = alike && given.max(family) == Exact;
    let home = facts.same_home;
    match facts.birth.agreement {
        BirthAgreement::Same => alike || born_the_same_day(given, family, facts),
        BirthAgreement::Swapped | BirthAgreement::Slip => one_exact || home && (alike || given == Absent && family >= Close),
        BirthAgreement::Fits => {
            is_good(names) || home && (given >= Close || family >= Close) || facts.either_unnamed && given == Absent && family >= Close
        }
        BirthAgreement::Weak => is_good(names) && !names.swapped || home && alike,
        BirthAgreement::NotKnown => is_good(names) || home && (alike || given >= Close),
        BirthAgreement::OtherYear => home && family >= Close && facts.birth.years_apart <= MOST_SIBLING_YEARS,
        BirthAgreement::Different => {
            let one_home = home && family >= Close && given >= Loose && facts.birth.years_apart <= MOST_SIBLING_YEARS;
            one_home || facts.both_unborn && family >= Close && facts.birth.years_apart <= MOST_PREGNANCY_YEARS
        }
    }
}

/// The same day of birth and half a name: a changed family name, another given name, or none yet.
fn born_the_same_day(given: Agreement, family: Agreement, facts: &Facts) -> bool {
    if facts.same_home || facts.nameless && facts.both_newborn {
        return true;
    }
    match (given, family) {
        (Absent, Close | Exact) | (Close | Exact, Absent) => true,
        (Close | Exact, Different) | (Different, Exact) => !facts.birth.new_year,
        (Absent | Different | Loose, _) | (_, Loose) | (Close | Exact, Close | Exact) => false,
    }
}

/// The reasons, the strongest first.
pub(super) fn reasons(names: &NameAgreement, facts: &Facts, labels_differ: bool) -> Vec<String> {
    let mut why: Vec<&'static str> = Vec::with_capacity(6);
    if facts.same_nhs_number {
        why.push("same NHS number");
    }
    name_reasons(names, facts, &mut why);
    why.extend(facts.birth.why);
    if facts.same_home {
        why.push("same home postcode");
    }
    if facts.other_nhs_number {
        why.push("the NHS numbers differ");
    }
    doubts(names, facts, labels_differ, &mut why);
    let mut said: Vec<String> = Vec::with_capacity(why.len());
    for reason in why {
        if !said.iter().any(|before| before == reason) {
            said.push(reason.to_owned());
        }
    }
    said
}

fn name_reasons(names: &NameAgreement, facts: &Facts, why: &mut Vec<&'static str>) {
    let (given, family) = (names.given, names.family);
    if names.swapped {
        why.push("family and given name swapped");
    } else if given.agreement == Exact && family.agreement == Exact && given.why.is_none() && family.why.is_none() {
        why.push("same name");
    } else {
        if given.agreement == Exact {
            why.push("same given name");
        }
        if family.agreement == Exact {
            why.push("same family name");
        }
    }
    why.extend(given.why);
    why.extend(family.why);
    match (given.agreement, family.agreement) {
        (Different, Different) => why.push("the names differ"),
        (Different, Absent | Loose | Close | Exact) => why.push("the given names differ"),
        (Absent | Loose | Close | Exact, Different) => why.push("the family names differ"),
        (Absent | Loose | Close | Exact, Absent | Loose | Close | Exact) => {}
    }
    if facts.either_unnamed {
        why.push("one of the children is not named yet, or the name is not known");
    }
}

fn doubts(names: &NameAgreement, facts: &Facts, labels_differ: bool, why: &mut Vec<&'static str>) {
    let (given, family) = (names.given.agreement, names.family.agreement);
    let same_day = facts.birth.agreement == BirthAgreement::Same;
    if facts.birth.agreement <= BirthAgreement::OtherYear && facts.same_home {
        why.push("same home and family name, but other dates of birth: may be a brother, sister or cousin");
    }
    if facts.birth.agreement == BirthAgreement::Different && facts.both_unborn {
        why.push("the expected dates are too far apart for one pregnancy: may be an earlier one of the same mother");
    }
    let two_names =
        given == Different || names.given.why.is_some_and(|why| [SOUND_ALIKE, LOOK_ALIKE, TWO_SHORT_FORMS, FURTHER_DIFFER].contains(&why));
    if labels_differ || same_day && family >= Close && two_names {
        why.push("may be twins");
    }
    if facts.birth.new_year {
        why.push("1 January is often given for an unknown date");
    }
    if needs_another_fact(names, facts) {
        why.push("common name: needs another fact to tell");
    }
    if facts.birth.agreement == BirthAgreement::NotKnown {
        why.push("no date of birth to compare");
    }
    if facts.homes_far_apart {
        why.push("the homes are in different postcode areas");
    }
}
