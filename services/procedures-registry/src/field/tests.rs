use kernel::{Actor, scenario::given};
use serde_json::json;

use super::*;
use crate::{
    register::RegisterEvent,
    rules::{Command as Asked, Event, Registry},
};

fn person(id: &str, org: &str, role: Role) -> Person {
    Actor { id: id.to_owned(), name: "Somebody".to_owned(), org: org.parse().unwrap(), role }.try_into().unwrap()
}

fn nurse(id: &str) -> Person {
    person(id, "RM301", Role::Referrer)
}

fn board() -> Person {
    person("bo", "board", Role::BoardApprover)
}

fn now() -> Timestamp {
    "2026-11-23T02:14:00Z".parse().unwrap()
}

fn nominates(by: Person, reason: &str) -> Asked {
    Asked::Field("needs".to_owned(), Command::Nominate { reason: reason.to_owned(), by, at: now() })
}

fn nominated(number: u32, by: Person, reason: &str) -> Event {
    Event::Field("needs".to_owned(), FieldEvent::Nominated { number, reason: reason.to_owned(), by, at: now() })
}

fn answers(number: u32, answer: Answer, by: Person) -> Asked {
    Asked::Field("needs".to_owned(), Command::Answer { number, answer, in_force: 1, by, at: now() })
}

fn answered(number: u32, answer: Answer) -> Event {
    Event::Field("needs".to_owned(), FieldEvent::Answered { number, answer, by: board(), at: now() })
}

fn promised(from_edition: Option<u32>) -> Event {
    Event::Bin(BinEvent::Promised { field: "needs".to_owned(), from_edition })
}

fn keep() -> Answer {
    Answer::Keep { why: "Nobody can speak with the child else.".to_owned() }
}

fn remove(from_edition: u32) -> Answer {
    Answer::Remove { from_edition, why: "No decision used it.".to_owned() }
}

#[test]
fn anybody_nominates_a_field_and_waits_for_the_answer_before_doing_so_again() {
    given::<Registry>([]).when(nominates(nurse("a"), "Never used.")).then([nominated(1, nurse("a"), "Never used.")]);
    let one = nominated(1, nurse("a"), "Never used.");
    given::<Registry>([one.clone()]).when(nominates(nurse("a"), "Never used.")).then([]);
    given::<Registry>([one.clone()]).when(nominates(nurse("a"), "Still never.")).refused("nominated_already");
    given::<Registry>([one.clone()]).when(nominates(nurse("b"), "Nor by me.")).then([nominated(2, nurse("b"), "Nor by me.")]);
    let again = nominated(2, nurse("a"), "Still never.");
    given::<Registry>([one, answered(1, keep()), promised(None)]).when(nominates(nurse("a"), "Still never.")).then([again]);
}

#[test]
fn the_board_answers_each_nomination_once_and_a_field_goes_with_a_later_edition_only() {
    let one = nominated(1, nurse("a"), "Never used.");
    given::<Registry>([one.clone()]).when(answers(1, keep(), nurse("a"))).refused("board_needed");
    given::<Registry>([one.clone()]).when(answers(2, keep(), board())).refused("no_such_nomination");
    given::<Registry>([one.clone()]).when(answers(0, keep(), board())).refused("no_such_nomination");
    given::<Registry>([one.clone()]).when(answers(1, remove(1), board())).refused("not_later");
    given::<Registry>([one.clone()]).when(answers(1, remove(2), board())).then([answered(1, remove(2)), promised(Some(2))]);
    let done = [one, answered(1, remove(2)), promised(Some(2))];
    given::<Registry>(done.clone()).when(answers(1, remove(2), board())).then([]);
    given::<Registry>(done).when(answers(1, keep(), board())).refused("answered_already");
}

/// An edition that is scheduled, with a form of these fields.
fn scheduled(number: u32, form: &[&str]) -> Event {
    let fields: Vec<_> = form.iter().map(|name| json!({ "name": name })).collect();
    let parts = json!({ "form": fields }).as_object().cloned().unwrap();
    let document = Document { parts, ..Document::default() };
    Event::Register(RegisterEvent::Scheduled {
        number,
        id: format!("edition-{number}"),
        in_force_from: now(),
        hash: document.hash().unwrap(),
        draft: kernel::DraftId::from_uuid(uuid::Uuid::from_u128(1)),
        document: Box::new(document),
        by: board(),
        at: now(),
    })
}

#[test]
fn a_field_is_not_promised_to_go_with_an_edition_that_is_scheduled_and_asks_it() {
    let one = nominated(1, nurse("a"), "Never used.");
    let asks = [one.clone(), scheduled(2, &["concern", "needs"])];
    given::<Registry>(asks.clone()).when(answers(1, remove(2), board())).refused("asked_there");
    given::<Registry>(asks.clone()).when(answers(1, keep(), board())).then([answered(1, keep()), promised(None)]);
    given::<Registry>(asks.clone()).when(answers(1, remove(3), board())).then([answered(1, remove(3)), promised(Some(3))]);
    // One that lacks it keeps the promise; a later one that asks it again would break it.
    let lacks = [one, scheduled(2, &["concern"])];
    given::<Registry>(lacks.clone()).when(answers(1, remove(2), board())).then([answered(1, remove(2)), promised(Some(2))]);
    let again = lacks.into_iter().chain([scheduled(3, &["needs"])]);
    given::<Registry>(again).when(answers(1, remove(2), board())).refused("asked_there");
    // What was taken back asks nothing.
    let back = RegisterEvent::Withdrawn { number: 2, id: "edition-2".to_owned(), reason: "r".to_owned(), by: board(), at: now() };
    let done = [answered(1, remove(2)), promised(Some(2))];
    given::<Registry>(asks.into_iter().chain([Event::Register(back)])).when(answers(1, remove(2), board())).then(done);
}

#[test]
fn an_edition_that_still_asks_a_field_that_was_to_go_has_a_fault_unless_the_board_has_answered_keep_since() {
    let parts = json!({ "form": [{ "name": "concern" }, { "name": "needs" }] }).as_object().cloned().unwrap();
    let document = Document { parts, ..Document::default() };
    let mut bin = Bin::new();
    promise(&mut bin, &BinEvent::Promised { field: "needs".to_owned(), from_edition: Some(3) });
    assert_eq!(broken(&bin, &document, 2), vec![]);
    for number in [3, 4] {
        assert_eq!(broken(&bin, &document, number), vec![WasToGo { field: "needs".to_owned(), index: 1, from_edition: 3 }]);
    }
    promise(&mut bin, &BinEvent::Promised { field: "needs".to_owned(), from_edition: None });
    assert_eq!(broken(&bin, &document, 3), vec![]);
}
