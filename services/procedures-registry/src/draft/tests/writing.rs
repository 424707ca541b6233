//! Writing, consulting and handing in.

use kernel::{Person, Role, edition::ClockName};

use super::world::*;
use crate::{
    draft::{Ask, DraftEvent},
    rules::{Event, Registry},
};

fn consulted() -> Vec<Event> {
    let opened = DraftEvent::ConsultationOpened { until: at("2026-11-24T10:00:00Z"), by: author(), at: now() };
    [history("draft"), vec![of(opened)]].concat()
}

fn later(history: Vec<Event>, by: &Person, ask: Ask, time: &str) -> kernel::scenario::Answer<Registry> {
    kernel::scenario::given::<Registry>(history).when(command(by, ask, at(time)))
}

fn comment(text: &str) -> Ask {
    Ask::Comment { on: Some(procedure("police-protection").id), text: text.to_owned() }
}

#[test]
fn only_an_author_of_the_area_writes_consults_and_submits() {
    for (person, code) in [
        (board(), "author_needed"),
        (head(SALFORD), "author_needed"),
        (somebody("x", "E08000035", Role::ProcedureAuthor), "not_in_the_area"),
        (somebody("x", "hub", Role::HubOperator), "not_in_the_area"),
    ] {
        when(history("draft"), &person, Ask::PutProcedure(Box::new(procedure("unborn-child")))).refused(code);
        when(history("draft"), &person, Ask::Consult { until: begins() }).refused(code);
        when(history("draft"), &person, submit_now()).refused(code);
    }
}

#[test]
fn writing_the_same_again_adds_nothing() {
    when(history("draft"), &author(), Ask::PutProcedure(Box::new(procedure("police-protection")))).then_nothing();
    when(history("draft"), &author(), Ask::PutParts(content().parts)).then_nothing();
    when(history("draft"), &author(), Ask::PutDocument { content: Box::new(content()), based_on: 1 }).then_nothing();
    let procedure = procedure("police-protection").id;
    let removed = DraftEvent::ProcedureRemoved { procedure: procedure.clone(), reason: "r".to_owned(), by: author(), at: now() };
    let again = Ask::RemoveProcedure { procedure, reason: "r".to_owned() };
    when([history("draft"), vec![of(removed)]].concat(), &author(), again).then_nothing();
}

#[test]
fn a_procedure_that_is_not_there_cannot_be_taken_out() {
    let ask = Ask::RemoveProcedure { procedure: procedure("unborn-child").id, reason: "r".to_owned() };
    when(history("draft"), &author(), ask).refused("no_such_procedure");
}

#[test]
fn everybody_of_the_area_comments_while_the_consultation_runs_and_nobody_after_it() {
    let nurse = somebody("nurse", "RM301", Role::Referrer);
    let said = when(consulted(), &nurse, comment("Too long at night.")).events();
    assert!(matches!(&said[..], [Event::Draft(_, DraftEvent::Commented { text, .. })] if text == "Too long at night."));
    later(consulted(), &nurse, comment("x"), "2026-11-24T10:00:00Z").refused("not_in_consultation");
    when([consulted(), said].concat(), &nurse, comment("Too long at night.")).then_nothing();
    when(consulted(), &nurse, Ask::Comment { on: Some(procedure("unborn-child").id), text: "x".to_owned() }).refused("no_such_procedure");
}

#[test]
fn twenty_comments_of_one_person_wait_at_most_and_an_answer_makes_room() {
    let nurse = somebody("nurse", "RM301", Role::Referrer);
    let mut told = consulted();
    for number in 1..=20 {
        told.extend(when(told.clone(), &nurse, comment(&format!("Comment {number}"))).events());
    }
    when(told.clone(), &nurse, comment("One more")).refused("comments_wait");
    assert_eq!(when(told.clone(), &head(SALFORD), comment("Another's first")).events().len(), 1);
    let answered = when(told.clone(), &author(), Ask::Answer { number: 3, text: "Yes.".to_owned() }).events();
    assert_eq!(when([told, answered].concat(), &nurse, comment("One more")).events().len(), 1);
}

#[test]
fn a_draft_is_submitted_after_its_consultation_and_with_every_comment_answered() {
    when(consulted(), &author(), submit()).refused("consultation_running");
    let said = when(consulted(), &head(SALFORD), comment("Why?")).events();
    let waiting = [consulted(), said].concat();
    later(waiting.clone(), &author(), submit(), "2026-11-24T10:00:00Z").refused("comments_unanswered");
    let answer = |text: &str| Ask::Answer { number: 1, text: text.to_owned() };
    let answered = [waiting.clone(), when(waiting, &author(), answer("Because.")).events()].concat();
    when(answered.clone(), &author(), answer("Because.")).then_nothing();
    when(answered.clone(), &author(), answer("Otherwise.")).refused("answered_already");
    let events = later(answered, &author(), submit(), "2026-11-24T10:00:00Z").events();
    assert!(matches!(&events[..], [Event::Draft(_, DraftEvent::Submitted { hash: of, .. })] if *of == hash()));
}

#[test]
fn what_the_boroughs_were_not_asked_about_is_handed_in_with_a_reason_that_its_approvers_read() {
    when(history("draft"), &author(), submit()).refused("not_consulted");
    let now = when(history("draft"), &author(), submit_now()).events();
    let after = situation(&[history("draft"), now].concat());
    assert_eq!(after.draft(draft()).unconsulted(), Some("The law changes on Monday."));
    // A reason does not cut a consultation short that people rely on, and says nothing where there was one.
    when(consulted(), &author(), submit_now()).refused("consultation_running");
    let events = later(consulted(), &author(), submit_now(), "2026-11-24T10:00:00Z").events();
    assert!(matches!(&events[..], [Event::Draft(_, DraftEvent::Submitted { unconsulted: None, .. })]));
}

#[test]
fn what_was_changed_after_the_boroughs_were_asked_is_said_to_whoever_approves_or_they_are_asked_again() {
    let put = DraftEvent::ProcedurePut { procedure: Box::new(procedure("unborn-child")), by: author(), at: now() };
    let changed = [consulted(), vec![of(put)]].concat();
    later(changed.clone(), &author(), submit(), "2026-11-24T10:00:00Z").refused("changed_since_consultation");
    let told = later(changed.clone(), &author(), submit_now(), "2026-11-24T10:00:00Z").events();
    assert!(matches!(&told[..], [Event::Draft(_, DraftEvent::Submitted { unconsulted: Some(_), .. })]));
    // Asked again until the same instant is asked about this content.
    let again = when(changed.clone(), &author(), Ask::Consult { until: at("2026-11-24T10:00:00Z") }).events();
    let events = later([changed, again].concat(), &author(), submit(), "2026-11-24T10:00:00Z").events();
    assert!(matches!(&events[..], [Event::Draft(_, DraftEvent::Submitted { unconsulted: None, .. })]));
}

#[test]
fn who_asks_the_boroughs_or_hands_a_draft_in_stands_behind_it_and_does_not_approve_it() {
    let both = somebody("both", SALFORD, Role::ProcedureAuthor);
    let opened = DraftEvent::ConsultationOpened { until: at("2026-11-24T10:00:00Z"), by: both.clone(), at: now() };
    let handed_in = DraftEvent::Submitted { hash: hash(), unconsulted: None, by: author(), at: now() };
    let as_head = somebody("both", SALFORD, Role::HeadOfService);
    when([history("draft"), vec![of(opened), of(handed_in)]].concat(), &as_head, approve(&as_head)).refused("authors_do_not_approve");
    let handed_in = DraftEvent::Submitted { hash: hash(), unconsulted: None, by: both, at: now() };
    when([history("draft"), vec![of(handed_in)]].concat(), &as_head, approve(&as_head)).refused("authors_do_not_approve");
}

#[test]
fn where_the_edition_in_force_asks_for_a_consultation_none_is_too_short_and_none_is_left_out() {
    let asked = |ask: Ask, time: &str| {
        let mut terms = terms();
        terms.approval.consultation_days = 14;
        crate::rules::Command::Draft(draft(), Box::new(crate::draft::Command { at: at(time), by: author(), terms, ask }))
    };
    let given = || kernel::scenario::given::<Registry>(history("draft"));
    given().when(asked(submit(), "2026-11-23T10:00:00Z")).refused("not_consulted");
    given().when(asked(Ask::Consult { until: at("2026-12-07T09:59:59Z") }, "2026-11-23T10:00:00Z")).refused("consultation_too_short");
    let opened = given().when(asked(Ask::Consult { until: at("2026-12-07T10:00:00Z") }, "2026-11-23T10:00:00Z")).events();
    let after = kernel::scenario::given::<Registry>([history("draft"), opened].concat());
    assert_eq!(after.when(asked(submit(), "2026-12-07T10:00:00Z")).events().len(), 1);
}

#[test]
fn a_draft_with_faults_is_not_submitted_and_every_fault_has_its_place() {
    let mut bad = content();
    let clocks = bad.parts["clocks"].as_array_mut().unwrap();
    let place = clocks.iter().position(|clock| clock["name"] == "assessment").unwrap();
    clocks[place]["starts_on"] = "".into();
    bad.parts["escalation_ladder"][1]["who"] = serde_json::Value::Null;
    bad.parts["form"][4]["decision_served"] = "".into();
    bad.parts["form"][5]["compulsory"] = true.into();
    let one = bad.procedures.values_mut().next().unwrap();
    one.steps[1].basis.clear();
    one.full.push_str(" See [it](procedure:unborn-child).");
    let put = DraftEvent::DocumentPut { content: Box::new(bad.clone()), based_on: 1, by: author(), at: now() };
    when([history("draft"), vec![of(put)]].concat(), &author(), submit_now()).refused("faulty");
    let places: Vec<String> = bad.faults().iter().filter_map(|fault| crate::api::pointed(fault).pointer).collect();
    let expected = [
        "/parts/clocks",
        "/parts/escalation_ladder",
        "/parts/form",
        "/parts/form",
        "/procedures/police-protection/steps/1/basis",
        "/procedures/police-protection/full",
    ];
    assert_eq!(places, expected);
    let starts = kernel::edition::Fault::ClockWithoutStart { clock: ClockName::Assessment };
    assert_eq!(bad.faults()[0], crate::document::Fault::Parts(starts));
}

#[test]
fn a_draft_on_an_edition_that_is_no_longer_the_last_is_brought_up_to_it_first() {
    let other = kernel::DraftId::from_uuid(uuid::Uuid::from_u128(2));
    let [_, second] = scheduled();
    let mut late = vec![carried(), second];
    late.push(drafted());
    when(late.clone(), &author(), submit_now()).refused("based_on_older");
    let rebased = DraftEvent::DocumentPut { content: Box::new(content()), based_on: 2, by: author(), at: now() };
    late.push(of(rebased));
    assert_eq!(when(late, &author(), submit_now()).events().len(), 1);
    when(history("draft"), &author(), Ask::PutDocument { content: Box::new(content()), based_on: 7 }).refused("no_such_edition");
    assert_ne!(other, draft());
}

#[test]
fn a_draft_with_a_field_whose_review_date_is_past_is_not_handed_in_until_the_date_is_a_new_one() {
    let with = |review_by: &str| {
        let mut content = content();
        content.parts["form"][3]["review_by"] = review_by.into();
        of(DraftEvent::DocumentPut { content: Box::new(content), based_on: 1, by: author(), at: now() })
    };
    let history = |review_by: &str| vec![carried(), drafted(), with(review_by)];
    when(history("2026-11-22"), &author(), submit_now()).refused("faulty");
    assert_eq!(when(history("2026-11-23"), &author(), submit_now()).events().len(), 1, "on the day itself it is not past");
    let draft = situation(&history("2026-11-22"));
    let overdue = draft.draft(super::world::draft()).work().unwrap().content.overdue(now());
    let (place, said) = (crate::api::pointed(&overdue[0]).pointer, overdue[0].to_string());
    assert_eq!((overdue.len(), place.as_deref()), (1, Some("/parts/form/3/review_by")));
    assert!(said.contains("review it, then set a new date"), "{said}");
}
