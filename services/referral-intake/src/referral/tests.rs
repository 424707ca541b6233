//! Each rule of a referral. The name of a test is the rule.

mod additions;
mod clocks;
mod decisions;
mod joins;
mod owner;
mod repeats;

use kernel::{Actor, Role, scenario::given};

use super::*;
use crate::{
    event::Event,
    given::{decide, *},
    rules::Intake,
};

#[test]
fn a_referral_that_comes_in_is_recorded_with_its_owner() {
    given::<Intake>([]).when(receive(actor("RM301", Role::Referrer), received())).then([came_in()]);
}

#[test]
fn a_referral_is_never_refused_for_what_is_not_known() {
    let nothing_known = Received {
        found: Found::default(),
        children: vec![AboutChild { identity: None, home: None, ..about(1) }],
        home: None,
        referrer: Some(sealed("a name")),
        parent_knows: ParentKnows::NotKnown,
        danger_now: Danger::NotSure,
        done_already: None,
        ..received()
    };
    let events = given::<Intake>([]).when(receive(actor("RM301", Role::Referrer), nothing_known)).events();
    assert_eq!(events.len(), 1);
}

#[test]
fn the_same_referral_twice_adds_nothing() {
    given::<Intake>([came_in()]).when(receive(actor("RM301", Role::Referrer), received())).then_nothing();
}

#[test]
fn a_professional_may_not_stay_unnamed() {
    let unnamed = Received { anonymous: true, referrer: None, ..received() };
    for sender in [actor("RM301", Role::Referrer), actor(MANCHESTER, Role::Referrer), actor(MANCHESTER, Role::BoroughSystem)] {
        given::<Intake>([]).when(receive(sender, unnamed.clone())).refused("professional_must_be_named");
    }
}

#[test]
fn a_duty_worker_records_the_call_of_an_unnamed_member_of_the_public() {
    let unnamed = Received { anonymous: true, referrer: None, from: MANCHESTER.parse().unwrap(), ..received() };
    let events = given::<Intake>([]).when(receive(worker().into(), unnamed)).events();
    assert_eq!(events.len(), 1);
}

#[test]
fn whoever_stands_nowhere_near_a_referral_cannot_open_it() {
    let view = |by: kernel::Person| {
        let acting_for = by.actor().org.borough().cloned().into_iter().collect();
        about_it(Command::View { by, acting_for, entry: entry(9) })
    };
    given::<Intake>([came_in()]).when(view(person(SALFORD, Role::DutyWorker))).refused("not_shared");
    given::<Intake>([came_in()]).when(view(person("R0A02", Role::Referrer))).refused("not_shared");
    for (by, at_the_desk) in [(worker(), true), (person(OLDHAM, Role::DutyWorker), false), (nurse(), false)] {
        let events = given::<Intake>([came_in()]).when(view(by)).events();
        assert!(matches!(&events[..], [Event::Watch(_, WatchEvent::Viewed { desk, .. })] if *desk == at_the_desk), "{events:?}");
    }
}

#[test]
fn opening_the_history_records_what_was_shown_to_whom() {
    let contacts = Contacts { all: [other_referral(1)].into(), lately: 2, prompt_from: 3 };
    let open = about_it(Command::OpenHistory { by: worker(), entry: entry(1), contacts, lines_only: false, edition: 1 });
    given::<Intake>([came_in()]).when(open).then([opened_history(&worker(), [other_referral(1)])]);
}

#[test]
fn nothing_can_be_done_to_a_referral_that_did_not_come_in() {
    given::<Intake>([]).when(decide(ask_to_decide(worker(), 5))).refused("no_such_referral");
    given::<Intake>([]).when(add(worker(), 5, Addition::Feedback { text: sealed("x") })).refused("no_such_referral");
}

/// The commands that decide take a [`kernel::Person`], which no machine can be made into; and the event holds one, so that a decision
/// that names a machine cannot even be read back.
#[test]
fn no_decision_comes_without_a_human_being() {
    let machine = Actor::hub("timer");
    assert!(kernel::Person::try_from(machine.clone()).is_err());
    assert!(kernel::Person::try_from(actor(MANCHESTER, Role::BoroughSystem)).is_err());
    let by_a_person = serde_json::to_value(ReferralEvent::Decided(decision(2, Outcome::EarlyHelp))).unwrap();
    assert!(serde_json::from_value::<ReferralEvent>(by_a_person.clone()).is_ok());
    let mut by_a_machine = by_a_person;
    by_a_machine["decided"]["by"] = serde_json::to_value(machine).unwrap();
    assert!(serde_json::from_value::<ReferralEvent>(by_a_machine).is_err());
}
