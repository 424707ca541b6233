use serde_json::{Value, json};

use super::*;

/// The form with this field alone, compulsory.
fn form(name: &str) -> Vec<FormField> {
    let field =
        json!({ "name": name, "question": "What?", "compulsory": true, "decision_served": "whether to act", "review_by": "2027-01-01" });
    vec![serde_json::from_value(field).unwrap()]
}

fn pointers(name: &str, body: Value) -> Vec<String> {
    let sent: NewReferral = serde_json::from_value(body).unwrap();
    missing(&form(name), &sent).into_iter().filter_map(|fault| fault.pointer).collect()
}

/// Where a field stands, something that is no more than blank, and an answer.
fn samples(name: FieldName) -> (&'static str, Value, Value) {
    match name {
        FieldName::Concern => ("/concern", json!(""), json!("A bruise.")),
        FieldName::Referrer => ("/referrer", Value::Null, json!({ "name": "A nurse" })),
        FieldName::ChildIsNow => ("/child_is_now", json!({ "address": " " }), json!({ "site": "RM301" })),
        FieldName::DangerNow => ("/danger_now", Value::Null, json!("no")),
        FieldName::Names => ("/children/0/names", json!([" "]), json!(["Ada Example"])),
        FieldName::DateOfBirth => ("/children/0/date_of_birth", json!(" "), json!("2016-03-04")),
        FieldName::Home => ("/children/0/home", json!({}), json!({ "postcode": "M13 9WL" })),
        FieldName::WithTheChild => ("/with_the_child", json!("  "), json!("Her aunt.")),
        FieldName::ChildSays => ("/children/0/child_says", json!(""), json!("I want to stay.")),
        FieldName::ParentKnows => ("/parent_knows", Value::Null, json!("not_safe_to_ask")),
        FieldName::Needs => ("/needs", json!(""), json!("A signer.")),
        FieldName::DoneAlready => ("/done_already", json!(""), json!("The GP was rung.")),
    }
}

fn with(pointer: &str, value: &Value) -> Value {
    match pointer.rsplit_once('/') {
        Some(("", field)) => json!({ "concern": "c", field: value }),
        Some((_, field)) => json!({ "concern": "c", "children": [{ field: value }] }),
        None => panic!("{pointer} points nowhere"),
    }
}

#[test]
fn nothing_said_and_a_blank_are_missing_and_an_answer_and_not_known_are_not() {
    for name in FieldName::ALL.into_iter().filter(|name| *name != FieldName::Concern) {
        let (at, blank, answer) = samples(name);
        assert_eq!(pointers(name.code(), json!({ "concern": "c" })), [at]);
        assert_eq!(pointers(name.code(), with(at, &Value::Null)), [at], "null is nothing said");
        assert_eq!(pointers(name.code(), with(at, &blank)), [at], "a blank");
        for said in [answer, json!("not_known")] {
            assert_eq!(pointers(name.code(), with(at, &said)), [""; 0], "{at}: {said}");
        }
    }
}

#[test]
fn what_is_asked_about_a_child_is_asked_about_each_and_children_who_are_not_known_are_an_answer() {
    let body = |children: Value| json!({ "concern": "c", "children": children });
    let two = body(json!([{ "names": ["Ada"], "age_about": 7 }, { "expected_on": "not_known", "child_says": "No." }]));
    assert_eq!(pointers("names", two.clone()), ["/children/1/names"]);
    assert_eq!(pointers("child_says", two.clone()), ["/children/0/child_says"]);
    assert_eq!(pointers("date_of_birth", two), [""; 0], "an age and an expected date answer it too");
    assert_eq!(pointers("names", body(json!([]))), ["/children/0/names"]);
    assert_eq!(pointers("names", body(json!("not_known"))), [""; 0]);
}

#[test]
fn a_fault_asks_the_editions_own_question_and_says_what_to_do() {
    let sent: NewReferral = serde_json::from_value(json!({ "concern": "c" })).unwrap();
    let said = |name: &str| missing(&form(name), &sent).remove(0).detail;
    assert_eq!(said("needs"), "What? Say it, or answer \"not_known\".");
    assert!(said("referrer").contains("Give a name"), "a professional does not stay unnamed");
}

#[test]
fn a_field_that_is_not_compulsory_or_for_which_a_referral_has_no_place_is_asked_of_nobody() {
    assert_eq!(pointers("shoe_size", json!({ "concern": "c" })), [""; 0]);
    let mut form = form("needs");
    form[0].compulsory = false;
    let sent: NewReferral = serde_json::from_value(json!({ "concern": "c" })).unwrap();
    assert_eq!(missing(&form, &sent), []);
}
