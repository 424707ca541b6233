//! Rules that the lists cannot show: numbers, several names, guessed ages, expected dates, other scripts, speed.

use super::*;
use crate::{
    identity::NhsNumber,
    matching::{Namesake, namesake},
};

const NUMBER: &str = "9990468893";
const OTHER_NUMBER: &str = "9990117306";

fn numbered(mut child: Identity, number: &str) -> Identity {
    child.nhs_number = NhsNumber::parse(number).ok();
    child
}

#[test]
fn the_same_nhs_number_is_suggested_even_where_all_else_differs() {
    let a = numbered(child("Victor Adjei", "2012-01-12"), NUMBER);
    assert_eq!(strength(&a, &numbered(child("Vic Adjei", "2012-01-12"), NUMBER)), Some(Strength::Likely));
    assert_eq!(strength(&a, &numbered(child("Rosie Cartwright", "2017-06-30"), NUMBER)), Some(Strength::Unsure));
}

#[test]
fn different_nhs_numbers_are_a_doubt_and_not_an_end() {
    let a = numbered(child("Rufus Lockwood", "2014-06-08"), NUMBER);
    let found = suggestion(&a, &numbered(a.clone(), OTHER_NUMBER)).unwrap();
    assert_eq!(found.strength, Strength::Unsure);
    assert!(found.why.iter().any(|why| why == "the NHS numbers differ"), "{:?}", found.why);
}

#[test]
fn any_of_the_names_used_may_be_the_one_that_meets() {
    let mut a = child("Unknown", "2014-06-08");
    a.names.push(Private::new("Skyla Pilkington".to_owned()));
    a.names.push(Private::new("Skyla Warburton".to_owned()));
    assert_eq!(strength(&a, &child("Skyla Warburton", "2014-06-08")), Some(Strength::Likely));
}

#[test]
fn the_family_name_may_come_first_with_a_comma() {
    assert_eq!(strength(&child("LOCKWOOD, Rufus", "2014-06-08"), &child("Rufus Lockwood", "2014-06-08")), Some(Strength::Likely));
}

#[test]
fn without_a_date_of_birth_a_name_is_never_more_than_unsure() {
    assert_eq!(strength(&child("Rufus Lockwood", ""), &child("Rufus Lockwood", "2014-06-08")), Some(Strength::Unsure));
    assert_eq!(strength(&child("Rufus", ""), &child("Rufus Lockwood", "2014-06-08")), None);
}

#[test]
fn a_guessed_age_is_compared_with_some_give() {
    let mut guessed = child("Rufus Lockwood", "");
    guessed.birth = Birth::AgeAbout { years: 7, said_on: day("2023-09-01") };
    for (born, expected) in
        [("2014-06-08", Some(Strength::Unsure)), ("2018-05-01", Some(Strength::Unsure)), ("2010-06-08", None), ("2024-01-01", None)]
    {
        assert_eq!(strength(&guessed, &child("Rufus Lockwood", born)), expected, "{born}");
    }
}

#[test]
fn an_expected_date_is_compared_with_the_weeks_that_a_birth_may_be_early_or_late() {
    let mut unborn = child("Unborn Lockwood", "");
    unborn.birth = Birth::ExpectedOn(day("2023-06-30"));
    for (born, expected) in
        [("2023-06-22", Some(Strength::Unsure)), ("2023-03-20", Some(Strength::Unsure)), ("2023-09-01", None), ("2022-06-30", None)]
    {
        assert_eq!(strength(&unborn, &child("Nina Lockwood", born)), expected, "{born}");
    }
}

#[test]
fn a_placeholder_counts_for_nothing_as_a_name() {
    assert_eq!(strength(&child("Baby", "2021-05-05"), &child("Unknown", "2021-05-05")), None);
    assert_eq!(strength(&child("Unknown Unknown", "1900-01-01"), &child("Unknown Unknown", "1900-01-01")), None);
    assert_eq!(strength(&child("Unknown Lockwood", "2015-05-05"), &child("Unknown Lockwood", "2017-03-28")), None);
    assert_eq!(strength(&child("Baby of Maria Lopes", "2021-05-05"), &child("Baby Lopes", "2021-05-05")), Some(Strength::Unsure));
}

#[test]
fn a_pseudo_postcode_is_no_shared_home() {
    let (a, b) = (child("Grace Okafor", "2016-07-15"), child("Grace Okafor", "2015-11-28"));
    assert_eq!(strength(&at(a.clone(), "L8 2AB"), &at(b.clone(), "L8 2AB")), Some(Strength::Unsure));
    assert_eq!(strength(&at(a, "ZZ99 3VZ"), &at(b, "ZZ99 3VZ")), None);
}

#[test]
fn one_name_in_two_alphabets_is_unsure() {
    let found = suggestion(&child("Олена Бондар", "2013-03-05"), &child("Olena Bondar", "2013-03-05")).unwrap();
    assert_eq!(found.strength, Strength::Unsure);
    assert_eq!(strength(&child("محمد علي", "2013-03-05"), &child("محمد علي", "2013-03-05")), Some(Strength::Likely));
}

#[test]
fn a_common_name_needs_another_fact() {
    let (a, b) = (child("Jack Taylor", "2016-05-14"), child("Jack Taylor", "2016-05-14"));
    let found = suggestion(&a, &b).unwrap();
    assert_eq!(found.strength, Strength::Unsure);
    assert!(found.why.iter().any(|why| why == "common name: needs another fact to tell"));
    assert_eq!(strength(&at(a, "SK4 1AB"), &at(b, "SK4 1AB")), Some(Strength::Likely));
}

/// Prints how long one question takes; run by hand in release: the time of one machine is no rule.
#[test]
#[ignore = "a measurement, not a rule"]
#[expect(clippy::disallowed_types, reason = "a stopwatch in a measurement")]
fn measure_one_identity_against_two_hundred() {
    let all: Vec<Prepared> = super::pairs(include_str!("../../../tests-data/names.json"))
        .iter()
        .flat_map(|pair| [Prepared::new(&pair.a), Prepared::new(&pair.b)])
        .take(200)
        .collect();
    let started = std::time::Instant::now();
    let found: usize = all.iter().map(|one| all.iter().filter(|other| compare(one, other).is_some()).count()).sum();
    println!("{:?} for one against 200 ({found} suggestions in all)", started.elapsed() / 200);
    // The worst case: every date fits, so every name is compared.
    let undated: Vec<Prepared> = super::pairs(include_str!("../../../tests-data/names.json"))
        .iter()
        .map(|pair| Identity { birth: Birth::NotKnown, ..pair.a.clone() })
        .map(|a| Prepared::new(&a))
        .collect();
    let started = std::time::Instant::now();
    let found: usize =
        undated.iter().map(|one| undated.iter().chain(&undated[..50]).filter(|other| compare(one, other).is_some()).count()).sum();
    println!("{:?} for one against 200 with no date to go by ({found})", started.elapsed() / 150);
}

#[test]
fn a_namesake_bears_the_same_surname_or_the_whole_name_however_it_is_written() {
    for (one, other, found) in [
        ("Ada Lockwood", "Rufus LOCKWOOD", Some(Namesake::Surname)),
        ("Lockwood, Ada", "ada lockwood", Some(Namesake::Whole)),
        ("Zoë O'Neill", "Zoe O Neill", Some(Namesake::Whole)),
        ("Ada Lockwood", "Ada Adjei", None),
        ("Lockwood", "Ada Lockwood", None),
        ("duty worker", "", None),
    ] {
        assert_eq!((namesake(one, other), namesake(other, one)), (found, found), "{one} and {other}");
    }
}
