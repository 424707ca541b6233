use kernel::{Actor, scenario::given};
use uuid::Uuid;

use super::*;
use crate::rules::{Command as Asked, Event, Registry};

fn person(id: &str, org: &str, role: Role) -> Person {
    Actor { id: id.to_owned(), name: "Somebody".to_owned(), org: org.parse().unwrap(), role }.try_into().unwrap()
}

fn worker() -> Person {
    person("ada", "E08000006", Role::DutyWorker)
}

fn author() -> Person {
    person("aut", "E08000003", Role::ProcedureAuthor)
}

fn procedure() -> ProcedureId {
    "police-protection".parse().unwrap()
}

fn hash(text: &str) -> ContentHash {
    ContentHash(text.to_owned())
}

fn question(n: u128) -> QuestionId {
    QuestionId::from_uuid(Uuid::from_u128(n))
}

fn now() -> Timestamp {
    "2026-11-23T02:14:00Z".parse().unwrap()
}

fn reads(edition: u32, version: &str, asks: Option<(u128, &str)>) -> Asked {
    let asks = asks.map(|(n, text)| (question(n), text.to_owned()));
    let command = Command::Read { procedure: procedure(), edition, hash: hash(version), question: asks, by: worker(), at: now() };
    Asked::Read("ada".to_owned(), command)
}

fn read(edition: u32, version: &str) -> Event {
    let event = ReaderEvent::Read { procedure: procedure(), edition, hash: hash(version), by: worker(), at: now() };
    Event::Reader("ada".to_owned(), event)
}

fn asked(n: u128, version: &str, text: &str) -> Event {
    let (procedure, hash, text) = (procedure(), hash(version), text.to_owned());
    let event = ReaderEvent::Asked { question: question(n), procedure, edition: 1, hash, text, by: worker(), at: now() };
    Event::Reader("ada".to_owned(), event)
}

fn answers(by: Person, text: &str) -> Asked {
    Asked::Read("ada".to_owned(), Command::Answer { question: question(1), text: text.to_owned(), by, at: now() })
}

#[test]
fn a_version_is_read_once_whichever_edition_has_it_and_a_new_version_anew() {
    given::<Registry>([]).when(reads(1, "a", None)).then([read(1, "a")]);
    given::<Registry>([read(1, "a")]).when(reads(1, "a", None)).then([]);
    given::<Registry>([read(1, "a")]).when(reads(2, "a", None)).then([]);
    given::<Registry>([read(1, "a")]).when(reads(2, "b", None)).then([read(2, "b")]);
}

#[test]
fn a_question_comes_with_the_receipt_or_later_and_the_same_one_once() {
    given::<Registry>([]).when(reads(1, "a", Some((1, "Who rings?")))).then([read(1, "a"), asked(1, "a", "Who rings?")]);
    given::<Registry>([read(1, "a")]).when(reads(1, "a", Some((1, "Who rings?")))).then([asked(1, "a", "Who rings?")]);
    let before = [read(1, "a"), asked(1, "a", "Who rings?")];
    given::<Registry>(before.clone()).when(reads(1, "a", Some((2, "Who rings?")))).then([]);
    given::<Registry>(before).when(reads(1, "a", Some((2, "When?")))).then([asked(2, "a", "When?")]);
}

#[test]
fn an_author_answers_a_question_once() {
    let before = [read(1, "a"), asked(1, "a", "Who rings?")];
    let answer = ReaderEvent::Answered { question: question(1), text: "The desk.".to_owned(), by: author(), at: now() };
    let answered = Event::Reader("ada".to_owned(), answer);
    given::<Registry>(before.clone()).when(answers(worker(), "The desk.")).refused("author_needed");
    given::<Registry>([]).when(answers(author(), "The desk.")).refused("no_such_question");
    given::<Registry>(before.clone()).when(answers(author(), "The desk.")).then([answered.clone()]);
    let after: Vec<Event> = before.into_iter().chain([answered]).collect();
    given::<Registry>(after.clone()).when(answers(author(), "The desk.")).then([]);
    given::<Registry>(after).when(answers(author(), "Somebody else.")).refused("answered_already");
}

#[test]
fn how_many_are_expected_is_said_by_the_board_or_by_a_manager_of_that_organisation_alone() {
    let says = |by: Person, expected| Asked::Expect { org: "E08000006".parse().unwrap(), role: Role::DutyWorker, expected, by, at: now() };
    let set = |by: Person, expected| {
        let event = CoverageEvent::ExpectedSet { role: Role::DutyWorker, expected, by, at: now() };
        Event::Coverage("E08000006".parse().unwrap(), event)
    };
    let board = person("bo", "board", Role::BoardApprover);
    let manager = person("ma", "E08000006", Role::DutyManager);
    given::<Registry>([]).when(says(board.clone(), 12)).then([set(board.clone(), 12)]);
    given::<Registry>([set(board.clone(), 12)]).when(says(manager.clone(), 12)).then([]);
    given::<Registry>([set(board, 12)]).when(says(manager.clone(), 14)).then([set(manager, 14)]);
    for other in [person("x", "E08000003", Role::Director), worker(), author()] {
        given::<Registry>([]).when(says(other, 12)).refused("not_your_team");
    }
}

#[test]
fn the_version_of_a_procedure_changes_with_its_own_text_and_with_nothing_else() {
    let one = crate::document::tests::procedure("police-protection");
    let same: Procedure = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(version(&one).unwrap(), version(&same).unwrap());
    let other = Procedure { full: format!("{} ", one.full), ..one.clone() };
    assert_ne!(version(&one).unwrap(), version(&other).unwrap());
}
