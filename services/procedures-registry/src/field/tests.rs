use kernel::{Actor, scenario::given};
use serde_json::json;

use super::*;
use crate::rules::{Command as Asked, Event, Registry};

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
