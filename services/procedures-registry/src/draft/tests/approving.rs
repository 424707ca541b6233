//! The quorum, the instant, and taking back.

use kernel::{Person, Role, edition::Boroughs};

use super::world::*;
use crate::{
    document::ContentHash,
    draft::{Ask, DraftEvent, Party, decide::missing},
    register::{Carried, Origin, RegisterEvent},
    rules::{Command as Asked, Event, Registry},
};

fn submitted_with(approvals: &[Person]) -> Vec<Event> {
    [history("submitted"), approvals.iter().map(approved).collect()].concat()
}

#[test]
fn nobody_approves_twice() {
    when(submitted_with(&[head(SALFORD)]), &head(SALFORD), approve(&head(SALFORD))).then_nothing();
    let two = somebody("other-head", SALFORD, Role::Director);
    let missing = missing(&terms(), situation(&submitted_with(&[head(SALFORD), two])).draft(draft()).approvals());
    assert_eq!((missing.board, missing.more, missing.boroughs), (1, 1, vec![borough(MANCHESTER)]), "a borough counts once");
}

#[test]
fn nobody_approves_for_another_borough_or_for_the_board() {
    let other = Ask::Approve { party: Party::Borough(borough(MANCHESTER)), hash: hash() };
    when(history("submitted"), &head(SALFORD), other).refused("not_your_party");
    when(history("submitted"), &head(SALFORD), Ask::Approve { party: Party::Board, hash: hash() }).refused("not_your_party");
    let moved = somebody(&head(SALFORD).actor().id, MANCHESTER, Role::Director);
    when(submitted_with(&[head(SALFORD)]), &moved, approve(&moved)).refused("approved_for_another");
    let leeds = somebody("x", "E08000035", Role::Director);
    when(history("submitted"), &leeds, approve(&leeds)).refused("not_in_the_area");
}

#[test]
fn an_author_of_any_of_it_does_not_approve() {
    let both = somebody("author", MANCHESTER, Role::HeadOfService);
    when(history("submitted"), &both, approve(&both)).refused("authors_do_not_approve");
    let helper = somebody("helper", SALFORD, Role::ProcedureAuthor);
    let put = DraftEvent::ProcedurePut { procedure: Box::new(procedure("police-protection")), by: helper, at: now() };
    let written = [vec![carried(), drafted(), of(put)], vec![submitted()]].concat();
    let helper = somebody("helper", SALFORD, Role::Director);
    when(written, &helper, approve(&helper)).refused("authors_do_not_approve");
}

#[test]
fn only_the_boards_approvers_and_the_heads_and_directors_of_boroughs_approve() {
    for role in [Role::DutyWorker, Role::DutyManager, Role::ProcedureAuthor] {
        let person = somebody("x", SALFORD, role);
        when(history("submitted"), &person, approve(&person)).refused("approver_needed");
    }
    let auditor = somebody("x", "board", Role::BoardAuditor);
    when(history("submitted"), &auditor, approve(&auditor)).refused("approver_needed");
}

#[test]
fn an_approval_names_the_content_that_was_read() {
    let other = Ask::Approve { party: Party::Board, hash: ContentHash("00".repeat(32)) };
    when(history("submitted"), &board(), other).refused("other_content");
}

#[test]
fn an_objection_sends_the_draft_back_and_makes_every_approval_void() {
    let objection = Ask::Object { party: Party::Borough(borough(SALFORD)), reason: "Unclear at night.".to_owned() };
    let events = when(history("approved"), &head(SALFORD), objection.clone()).events();
    let after = [history("approved"), events].concat();
    assert_eq!(situation(&after).draft(draft()).approvals(), []);
    when(after.clone(), &head(SALFORD), objection).then_nothing();
    let again = [after, vec![submitted()]].concat();
    when(again.clone(), &board(), schedule()).refused("quorum_missing");
    assert_eq!(when(again, &head(MANCHESTER), approve(&head(MANCHESTER))).events().len(), 1, "and they approve anew");
}

#[test]
fn a_draft_is_scheduled_by_the_board_when_everybody_needed_has_approved() {
    for left_out in 0..3 {
        let mut people = vec![board(), head(MANCHESTER), head(SALFORD)];
        people.remove(left_out);
        when(submitted_with(&people), &board(), schedule()).refused("quorum_missing");
    }
    when(history("approved"), &head(SALFORD), schedule()).refused("board_needed");
    when(history("approved"), &author(), schedule()).refused("board_needed");
    when(history("approved"), &board(), schedule()).then(scheduled());
}

#[test]
fn the_quorum_is_what_the_edition_in_force_says() {
    let asked = |board: u8, count: Boroughs, people: &[Person]| {
        let mut terms = terms();
        (terms.approval.board, terms.approval.boroughs) = (board, count);
        let missing = missing(&terms, situation(&submitted_with(people)).draft(draft()).approvals());
        (missing.board, missing.more)
    };
    let second = || somebody("board-2", "board", Role::BoardApprover);
    assert_eq!(asked(2, Boroughs::AtLeast(1), &[board(), head(SALFORD)]), (1, 0));
    assert_eq!(asked(2, Boroughs::AtLeast(1), &[board(), second(), head(SALFORD)]), (0, 0));
    assert_eq!(asked(1, Boroughs::Each, &[board(), second(), head(SALFORD)]), (0, 1));
}

#[test]
fn an_edition_is_scheduled_ahead_of_its_notice_and_after_every_other_one() {
    let schedule_at = |text: &str| Ask::Schedule { in_force_from: at(text), hash: hash() };
    when(history("approved"), &board(), schedule_at("2026-11-23T10:59:59Z")).refused("too_soon");
    assert_eq!(when(history("approved"), &board(), schedule_at("2026-11-23T11:00:00Z")).events().len(), 2);
    let Event::Register(RegisterEvent::Carried { id, hash: carried_hash, document, .. }) = carried() else { panic!("carried") };
    let far = |number: u32, from: &str| RegisterEvent::Carried {
        number,
        id: id.clone(),
        in_force_from: at(from),
        hash: carried_hash.clone(),
        document: document.clone(),
        at: now(),
    };
    let begun = [vec![Event::Register(far(1, "2026-12-24T00:00:00Z"))], history("approved").split_off(1)].concat();
    when(begun.clone(), &board(), schedule_at("2026-12-24T00:00:00Z")).refused("not_after_the_last");
    assert_eq!(when(begun, &board(), schedule_at("2026-12-24T00:00:01Z")).events().len(), 2);
    let other = Ask::Schedule { in_force_from: at("2026-12-02T00:00:00Z"), hash: hash() };
    when(history("scheduled"), &board(), other).refused("already_scheduled");
}

#[test]
fn a_scheduled_edition_is_taken_back_by_the_board_in_time_and_its_number_is_not_given_again() {
    let withdraw = || Ask::Withdraw { reason: "Wrong ladder.".to_owned() };
    when(history("scheduled"), &author(), withdraw()).refused("board_needed");
    let late = |text: &str| kernel::scenario::given::<Registry>(history("scheduled")).when(command(&board(), withdraw(), at(text)));
    late("2026-11-30T23:50:00Z").refused("too_late_to_withdraw");
    late("2027-01-01T00:00:00Z").refused("too_late_to_withdraw");
    let events = late("2026-11-30T23:49:59Z").events();
    assert!(matches!(&events[..], [Event::Draft(..), Event::Register(RegisterEvent::Withdrawn { number: 2, .. })]));
    let register = situation(&[history("scheduled"), events].concat()).register;
    assert_eq!((register.last().map(|(number, _)| number), register.next_number()), (Some(1), 3));
}

#[test]
fn an_edition_on_which_a_later_one_builds_is_not_taken_back_first() {
    let [_, Event::Register(RegisterEvent::Scheduled { id, hash, document, by, .. })] = scheduled() else { panic!("scheduled") };
    let (number, in_force_from) = (3, at("2026-12-05T00:00:00Z"));
    let third = RegisterEvent::Scheduled { number, id, in_force_from, hash, draft: draft(), document, by, at: now() };
    let history = [history("scheduled"), vec![Event::Register(third)]].concat();
    when(history, &board(), Ask::Withdraw { reason: "r".to_owned() }).refused("later_edition_scheduled");
}

#[test]
fn what_the_program_brings_is_recorded_once_and_is_no_decision() {
    let Event::Register(RegisterEvent::Carried { number, id, in_force_from, document, .. }) = carried() else { panic!("carried") };
    let carry = |number: u32, in_force_from| {
        let (origin, id, document) = (Origin::Program, id.clone(), document.clone());
        Asked::Carry(Carried { origin, number, id, in_force_from, document, at: now() })
    };
    kernel::scenario::given::<Registry>([]).when(carry(number, in_force_from)).then([carried()]);
    kernel::scenario::given::<Registry>([carried()]).when(carry(number, in_force_from)).then_nothing();
    kernel::scenario::given::<Registry>(history("scheduled")).when(carry(3, begins())).refused("carried_out_of_order");
    assert!(!serde_json::to_string(&serde_json::to_value(carried_event()).unwrap()).unwrap().contains("\"by\""), "nobody decided it");
}

#[test]
fn a_file_brings_one_edition_to_an_empty_list_and_afterwards_nothing_that_was_not_recorded() {
    let Event::Register(RegisterEvent::Carried { number, id, in_force_from, document, .. }) = carried() else { panic!("carried") };
    let first = Carried { origin: Origin::File, number, id, in_force_from, document, at: now() };
    let given = kernel::scenario::given::<Registry>;
    given(vec![]).when(Asked::Carry(first.clone())).then([carried()]);
    for history in [vec![carried()], history("scheduled")] {
        given(history.clone()).when(Asked::Carry(first.clone())).then_nothing();
        given(history.clone())
            .when(Asked::Carry(Carried { number: 3, in_force_from: begins(), ..first.clone() }))
            .refused("edition_not_held");
        given(history.clone()).when(Asked::Carry(Carried { in_force_from: begins(), ..first.clone() })).refused("edition_not_held");
        given(history).when(Asked::Carry(Carried { document: Box::default(), ..first.clone() })).refused("edition_not_held");
    }
}

fn carried_event() -> RegisterEvent {
    let Event::Register(event) = carried() else { panic!("carried") };
    let RegisterEvent::Carried { number, id, in_force_from, hash, at, .. } = event else { panic!("carried") };
    RegisterEvent::Carried { number, id, in_force_from, hash, document: Box::default(), at }
}
