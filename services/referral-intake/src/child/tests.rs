//! Each rule of a child's record. The name of a test is the rule.

use kernel::{Actor, TransferId, scenario::given};
use uuid::Uuid;

use super::*;
use crate::{
    event::Event,
    given::*,
    rules::{Command, Intake},
};

fn ask(command: ChildCommand) -> Command {
    Command::Child(child(1), command)
}

fn link(other: u128) -> Command {
    ask(ChildCommand::Link { by: worker(), other: child(other), reason: sealed("same mother") })
}

fn unlink(other: u128) -> Command {
    ask(ChildCommand::Unlink { by: worker(), other: child(other), reason: sealed("another mother") })
}

fn linked() -> [Event; 2] {
    let end = |id, other| Event::Child(child(id), ChildEvent::Linked { other: child(other), reason: sealed("same mother") });
    [end(1, 2), end(2, 1)]
}

#[test]
fn a_person_links_two_records_and_the_link_is_at_both_ends() {
    given::<Intake>([]).when(link(2)).then(linked());
}

#[test]
fn linking_twice_adds_nothing() {
    given::<Intake>(linked()).when(link(2)).then_nothing();
}

#[test]
fn a_record_is_not_linked_to_itself() {
    given::<Intake>([]).when(link(1)).refused("same_record");
    given::<Intake>([]).when(unlink(1)).refused("same_record");
}

#[test]
fn unlinking_destroys_nothing_and_can_be_undone() {
    let end = |id, other| Event::Child(child(id), ChildEvent::Unlinked { other: child(other), reason: sealed("another mother") });
    let apart = [end(1, 2), end(2, 1)];
    given::<Intake>(linked()).when(unlink(2)).then(apart.clone());
    given::<Intake>(linked().into_iter().chain(apart)).when(link(2)).then(linked());
}

#[test]
fn a_person_may_say_of_a_suggestion_that_it_is_another_child_and_saying_it_twice_adds_nothing() {
    let end = |id, other| Event::Child(child(id), ChildEvent::Unlinked { other: child(other), reason: sealed("another mother") });
    let apart = [end(1, 2), end(2, 1)];
    given::<Intake>([]).when(unlink(2)).then(apart.clone());
    given::<Intake>(apart).when(unlink(2)).then_nothing();
}

fn birth(n: u128, expected: bool) -> Command {
    ask(ChildCommand::RecordBirth { by: worker(), entry: entry(n), expected, birth: sealed("birth") })
}

#[test]
fn an_expected_child_is_born_once() {
    let born = Event::Child(child(1), ChildEvent::Born { entry: entry(1), birth: sealed("birth") });
    given::<Intake>([]).when(birth(1, true)).then([born.clone()]);
    given::<Intake>([born.clone()]).when(birth(1, true)).then_nothing();
    given::<Intake>([born]).when(birth(2, true)).refused("already_born");
}

#[test]
fn a_child_that_was_not_expected_is_not_born_again() {
    given::<Intake>([]).when(birth(1, false)).refused("not_unborn");
}

fn taken(to: &str) -> ChildEvent {
    let transfer = TransferId::from_uuid(Uuid::from_u128(7));
    ChildEvent::DutyTaken { duty: "plan".to_owned(), from: borough(MANCHESTER), to: borough(to), transfer }
}

#[test]
fn whoever_has_held_a_duty_goes_on_reading_and_only_the_holder_holds() {
    let child = [taken(SALFORD), taken(OLDHAM)].iter().fold(Child::default(), |child, event| child.evolve(event));
    assert_eq!(child.holders().collect::<Vec<_>>(), [&borough(OLDHAM)]);
    assert_eq!(child.shared_with, [MANCHESTER, SALFORD, OLDHAM].map(borough).into());
    let ended = child.evolve(&ChildEvent::DutyEnded { duty: "plan".to_owned(), holder: borough(OLDHAM) });
    assert_eq!((ended.holders().count(), ended.shared_with.len()), (0, 3));
}

#[test]
fn a_duty_that_was_never_transferred_ends_unnoticed_here() {
    let end = ChildCommand::NoteDutyEnded { by: Actor::hub("inbox"), duty: "plan".to_owned(), holder: borough(SALFORD) };
    given::<Intake>([]).when(ask(end)).then_nothing();
}

#[test]
fn a_legal_power_and_its_end_are_noted_once() {
    let by = || Actor::hub("inbox");
    let power = || "police_protection".to_owned();
    let start = || ask(ChildCommand::NotePowerStarted { by: by(), power: power(), started_at: night(), ends_at: Some(night()) });
    let end = || ask(ChildCommand::NotePowerEnded { by: by(), power: power(), ended_at: night() });
    let started = Event::Child(child(1), ChildEvent::PowerStarted { power: power(), started_at: night(), ends_at: Some(night()) });
    let ended = Event::Child(child(1), ChildEvent::PowerEnded { power: power(), ended_at: night() });
    given::<Intake>([]).when(start()).then([started.clone()]);
    given::<Intake>([started.clone()]).when(start()).then_nothing();
    given::<Intake>([started.clone()]).when(end()).then([ended.clone()]);
    given::<Intake>([started, ended]).when(end()).then_nothing();
}

#[test]
fn a_shield_is_noted_and_lifted() {
    let set = |shielded| ask(ChildCommand::NoteShield { by: Actor::hub("inbox"), shielded });
    let event = |shielded| Event::Child(child(1), ChildEvent::ShieldSet { shielded });
    given::<Intake>([]).when(set(false)).then_nothing();
    given::<Intake>([]).when(set(true)).then([event(true)]);
    given::<Intake>([event(true)]).when(set(false)).then([event(false)]);
}
