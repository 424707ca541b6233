//! What must hold for any text.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{identity::NhsNumber, matching::keys::keys};

fn any_birth() -> impl Strategy<Value = Birth> {
    let date = || (1895_i16..2110, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap());
    prop_oneof![
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(|text| BirthDate::parse(&text).map_or(Birth::NotKnown, Birth::On)),
        date().prop_map(|date| Birth::On(date.into())),
        date().prop_map(Birth::ExpectedOn),
        (any::<u8>(), date()).prop_map(|(years, said_on)| Birth::AgeAbout { years, said_on }),
        Just(Birth::NotKnown),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    let part = || {
        prop::sample::select(vec![
            "Sean",
            "Shaun",
            "Murphy",
            "Mohammed",
            "Hussain",
            "Baby",
            "Unborn",
            "Katie",
            "Lowe-Ray",
            "de",
            "O",
            "Nguyễn",
            "Олена",
        ])
    };
    prop_oneof!["\\PC{0,24}", "[A-Za-zÀ-ž' ,.-]{0,30}", vec(part(), 0..5).prop_map(|parts| parts.join(" "))]
}

fn any_identity() -> impl Strategy<Value = Identity> {
    let nhs = prop::option::of(prop::sample::select(vec!["9990468893", "9990117306"]));
    let home = prop::option::of(prop::sample::select(vec!["M6 8HD", "E1 4DE", "ZZ99 3VZ"]));
    (vec(any_name(), 0..4), any_birth(), nhs, home).prop_map(|(names, birth, nhs, home)| Identity {
        names: names.into_iter().map(Private::new).collect(),
        birth,
        nhs_number: nhs.and_then(|text| NhsNumber::parse(text).ok()),
        home_postcode: home.and_then(|text| Postcode::parse(text).ok()),
    })
}

proptest! {
    #[test]
    fn the_order_of_the_question_does_not_matter(a in any_identity(), b in any_identity()) {
        prop_assert_eq!(suggestion(&a, &b), suggestion(&b, &a));
    }

    #[test]
    fn a_named_child_is_suggested_for_itself(given in "[A-Z][a-z]{2,9}", family in "[A-Z][a-z]{2,9}", year in 2005_i16..2026, month in 2_i8..13, day in 1_i8..29) {
        prop_assume!(![&given, &family].iter().any(|n| crate::matching::tables::is_placeholder(&n.to_lowercase())));
        let date = Date::new(year, month, day).unwrap().to_string();
        let child = child(&format!("{given} {family}"), &date);
        prop_assert!(suggestion(&child, &child).is_some());
    }

    #[test]
    fn any_text_can_be_prepared_and_searched_for(a in any_identity()) {
        let found = keys(&Prepared::new(&a));
        prop_assert!(found.keys.is_sorted());
        prop_assert_eq!(format!("{found:?} {a:?} {:?}", Prepared::new(&a)), "[keys] [identity] [prepared identity]");
    }
}
