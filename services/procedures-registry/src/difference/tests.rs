use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::document;

fn changed(change: impl FnOnce(&mut Document)) -> Difference {
    let before = document::first();
    let mut after = before.clone();
    change(&mut after);
    Difference::between(&before, &after)
}

fn id(text: &str) -> ProcedureId {
    text.parse().unwrap()
}

#[test]
fn two_equal_documents_do_not_differ() {
    assert!(changed(|_| {}).is_empty());
}

#[test]
fn a_procedure_is_added_removed_or_changed() {
    let found = changed(|document| {
        document.procedures.remove(&id("unborn-child"));
        document.procedures.insert(id("a-new-one"), document::tests::procedure("a-new-one"));
        document.procedures.get_mut(&id("police-protection")).unwrap().title = "Police powers".to_owned();
    });
    let fates: Vec<(&str, Fate)> = found.procedures.iter().map(|one| (one.id.as_str(), one.fate)).collect();
    assert_eq!(fates, [("a-new-one", Fate::Added), ("police-protection", Fate::Changed), ("unborn-child", Fate::Removed)]);
    let [title] = &found.procedures[1].changes[..] else { panic!("{:?}", found.procedures[1].changes) };
    assert_eq!((title.at.as_str(), title.after.as_deref()), ("/title", Some("Police powers")));
    assert!(found.procedures[0].changes.iter().all(|change| change.before.is_none()));
    assert!(found.procedures[2].changes.iter().all(|change| change.after.is_none()));
    assert!(found.parts.is_empty());
}

#[test]
fn a_text_is_compared_line_by_line() {
    let found = changed(|document| {
        let police = document.procedures.get_mut(&id("police-protection")).unwrap();
        police.short = police.short.replacen("2. ", "2. Mind: ", 1);
    });
    let [short] = &found.procedures[0].changes[..] else { panic!("one change") };
    assert_eq!(short.at, "/short");
    let moved: Vec<(Side, Option<usize>, Option<usize>)> =
        short.lines.iter().filter(|line| line.side != Side::Both).map(|line| (line.side, line.before, line.after)).collect();
    assert_eq!(moved, [(Side::Before, Some(2), None), (Side::After, None, Some(2))]);
}

#[test]
fn a_clock_goes_by_its_name_and_priorities_and_a_field_by_its_name() {
    let found = changed(|document| {
        let clocks = document.parts["clocks"].as_array_mut().unwrap();
        clocks.iter_mut().find(|clock| clock["name"] == "seen_by" && clock["priorities"] == json!(["P1"])).unwrap()["length"] = json!(5);
        clocks.rotate_left(1);
        let form = document.parts["form"].as_array_mut().unwrap();
        form.retain(|field| field["name"] != "needs");
        form.iter_mut().find(|field| field["name"] == "home").unwrap()["question"] = json!("Where is home?");
        document.parts["limits"]["rota_notice_hours"] = json!(48);
    });
    let at: Vec<&str> = found.parts.iter().map(|change| change.at.as_str()).collect();
    assert_eq!(at, ["/clocks (order)", "/clocks/seen_by P1/length", "/form/home/question", "/form/needs", "/limits/rota_notice_hours"]);
    assert_eq!((found.parts[1].before.as_deref(), found.parts[1].after.as_deref()), (Some("10"), Some("5")));
    assert_eq!(found.parts[3].after, None);
}

#[test]
fn a_step_that_is_put_in_shows_at_its_place_and_the_others_stay() {
    let found = changed(|document| {
        let police = document.procedures.get_mut(&id("police-protection")).unwrap();
        let mut other = police.steps[0].clone();
        other.what = "Ring the duty manager.".to_owned();
        police.steps.insert(1, other);
    });
    let [step] = &found.procedures[0].changes[..] else { panic!("one change") };
    assert_eq!((step.at.as_str(), step.before.as_deref()), ("/steps/1", None));
    assert!(step.after.as_deref().unwrap().contains("Ring the duty manager."));
}

#[test]
fn the_order_in_which_members_were_written_is_no_difference() {
    let texts = [r#"{"x":[{"a":1,"b":2},{"a":3,"b":4}]}"#, r#"{"x":[{"b":0,"a":9},{"b":2,"a":1},{"b":4,"a":3}]}"#];
    let [before, after] = texts.map(|text| serde_json::from_str(text).unwrap());
    let [put_in] = &parts::changes(&before, &after)[..] else { panic!("one change") };
    assert_eq!((put_in.at.as_str(), put_in.after.as_deref()), ("/x/0", Some(r#"{"a":9,"b":0}"#)));
}

proptest! {
    #[test]
    fn each_side_holds_all_lines_of_its_text(before in "(a|b|c|\n){0,30}", after in "(a|b|c|\n){0,30}") {
        let lines = sides(&before, &after);
        let side = |without: Side| lines.iter().filter(|line| line.side != without).map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(side(Side::After), before);
        prop_assert_eq!(side(Side::Before), after);
    }
}
