use std::collections::BTreeSet;

use super::*;

fn asked(text: &str) -> String {
    query(&words(text)).all
}

#[test]
fn every_synonym_is_of_plain_words_and_stands_in_one_group_alone() {
    let groups: Vec<Vec<String>> = serde_json::from_str(SYNONYMS).unwrap();
    let mut seen = BTreeSet::new();
    for group in &groups {
        assert!(group.len() > 1, "{group:?}");
        for phrase in group {
            let phrase = words(phrase);
            assert!(!phrase.is_empty() && phrase.iter().all(|word| word.is_ascii()), "{group:?}");
            assert!(seen.insert(phrase), "{group:?}");
        }
    }
    for short in ["nai", "s47", "edt", "mash", "epo", "icpc", "cin", "lac"] {
        assert!(seen.contains(&vec![short.to_owned()]), "{short}");
    }
}

#[test]
fn a_short_form_is_its_words_and_the_words_are_the_short_form() {
    assert_eq!(asked("NAI"), "((nai) | (non <-> accidental <-> injury) | (inflicted <-> injury) | nai:*)");
    assert_eq!(asked("non-accidental injury"), "((nai) | (non <-> accidental <-> injury) | (inflicted <-> injury))");
    assert_eq!(asked("A&E"), "((ae) | (emergency <-> department) | (accident <-> and <-> emergency) | ae:*)");
    assert_eq!(asked("epo child"), "((epo) | (emergency <-> protection <-> order)) & child:*");
    assert!(asked("section 47 enquiry in hospital").starts_with("((s47) | (section <-> 47) | "), "the longest phrase is taken");
    assert!(asked("section 47 enquiry in hospital").ends_with(") & in & hospital:*"));
}

#[test]
fn the_last_word_may_be_a_beginning_and_nothing_but_words_gets_into_a_query() {
    assert_eq!(asked("bruising bab"), "bruising & bab:*");
    assert_eq!(asked("') | !a:* & \\ <-> ;drop\u{0}"), "a & drop:*");
    assert_eq!(asked("!!! ()"), "");
}

#[test]
fn one_of_the_words_is_enough_for_the_order_and_a_place_is_looked_for_without_endings() {
    let asked = query(&words("bruised EDT bab"));
    assert_eq!(asked.all.replace(" & ", " | "), asked.any);
    assert_eq!(asked.near, ["brui", "edt", "emergency duty team", "out of hours team", "edt", "bab"]);
}

#[test]
fn a_word_that_nobody_uses_becomes_the_nearest_that_somebody_does() {
    let known = words("Police protection and bruising in babies");
    let fix = |text: &str| corrected(&words(text), &known).map(|words| words.join(" "));
    assert_eq!(fix("polcie"), Some("police".to_owned()));
    assert_eq!(fix("protcetoin police"), Some("protection police".to_owned()));
    assert_eq!(fix("police"), None, "it is used as it is");
    assert_eq!(fix("xyzzy"), None);
    assert_eq!(fix("adn"), None, "three letters may be anything");
}

#[test]
fn what_was_found_is_marked_without_any_html() {
    let marked = format!("a {BEGIN}<b>{END} c{BEGIN}d{END}");
    let piece = |text: &str, hit| Piece { text: text.to_owned(), hit };
    assert_eq!(pieces(&marked), [piece("a ", false), piece("<b>", true), piece(" c", false), piece("d", true)]);
    assert_eq!(pieces("plain"), [piece("plain", false)]);
}
