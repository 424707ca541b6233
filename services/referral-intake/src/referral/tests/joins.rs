//! A referral that tells the same as another is decided in that one.

use kernel::{Person, Role, edition::Who, scenario::given};

use crate::{
    child::ChildEvent,
    event::Event,
    given::*,
    referral::{ClockKind, Command, Join, JoinTo, Outcome, ReferralEvent},
    rules::{self, Intake},
};

/// The other referral names children 11 and 12.
fn to_the_other(by: Person, n: u128) -> JoinTo {
    JoinTo {
        acting_for: by.actor().org.borough().cloned().into_iter().collect(),
        by,
        entry: entry(n),
        with: other_referral(1),
        children: [child(11), child(12)].into(),
        joined_to: None,
        reason: sealed("why"),
        edition: 1,
        at: night(),
        feedback_by: at("2026-11-24T02:14:00Z"),
    }
}

fn ask(join: JoinTo) -> rules::Command {
    about_it(Command::Join(Box::new(join)))
}

fn same(n: u128, other: u128) -> Event {
    Event::Child(child(n), ChildEvent::Linked { other: child(other), reason: sealed("same") })
}

fn seen() -> Vec<Event> {
    vec![came_in(), opened_history(&worker(), [other_referral(1)])]
}

fn linked() -> Vec<Event> {
    seen().into_iter().chain([same(1, 11), same(2, 12)]).collect()
}

fn join(n: u128) -> Event {
    happened(ReferralEvent::Joined(Join {
        entry: entry(n),
        with: other_referral(1),
        reason: sealed("why"),
        by: worker(),
        borough: borough(MANCHESTER),
        at: night(),
        edition: 1,
        feedback_by: Some(at("2026-11-24T02:14:00Z")),
    }))
}

fn joined() -> Vec<Event> {
    linked().into_iter().chain([join(5)]).collect()
}

#[test]
fn a_person_of_the_owner_joins_a_referral_to_another_about_the_same() {
    given::<Intake>(linked()).when(ask(to_the_other(worker(), 5))).then([join(5)]);
}

#[test]
fn joining_the_same_twice_adds_nothing() {
    given::<Intake>(joined()).when(ask(to_the_other(worker(), 5))).then_nothing();
    given::<Intake>(joined()).when(ask(to_the_other(worker(), 6))).then_nothing();
}

#[test]
fn only_who_decides_joins() {
    given::<Intake>(linked()).when(ask(to_the_other(person(OLDHAM, Role::DutyWorker), 5))).refused("not_yours_to_decide");
}

#[test]
fn what_it_is_joined_to_must_have_been_seen_in_the_history() {
    let unseen: Vec<Event> = [came_in(), same(1, 11), same(2, 12)].into();
    given::<Intake>(unseen.clone()).when(ask(to_the_other(worker(), 5))).refused("history_not_read");
    let other = unseen.into_iter().chain([opened_history(&worker(), [other_referral(2)])]);
    given::<Intake>(other).when(ask(to_the_other(worker(), 5))).refused("history_changed");
}

#[test]
fn no_child_drops_out_of_sight_by_a_join() {
    given::<Intake>(seen()).when(ask(to_the_other(worker(), 5))).refused("children_not_linked");
    let one_of_two = seen().into_iter().chain([same(1, 11)]);
    given::<Intake>(one_of_two).when(ask(to_the_other(worker(), 5))).refused("children_not_linked");
}

#[test]
fn two_referrals_never_wait_for_each_other() {
    given::<Intake>(linked()).when(ask(JoinTo { with: referral(), ..to_the_other(worker(), 5) })).refused("same_referral");
    let elsewhere = JoinTo { joined_to: Some(referral()), ..to_the_other(worker(), 5) };
    given::<Intake>(linked()).when(ask(elsewhere)).refused("joined_elsewhere");
}

#[test]
fn what_is_decided_is_not_joined_and_what_is_joined_may_still_be_decided() {
    let decided_before = linked().into_iter().chain([decided(2, Outcome::EarlyHelp)]);
    given::<Intake>(decided_before).when(ask(to_the_other(worker(), 5))).refused("already_decided");
    let events = given::<Intake>(joined()).when(decide(ask_to_decide(worker(), 6))).events();
    assert!(matches!(&events[..], [Event::Referral(_, ReferralEvent::Decided(_))]), "{events:?}");
}

#[test]
fn a_join_stops_the_clock_of_the_decision_and_the_referrer_must_still_be_told() {
    let fire = |kind| {
        let next_at = run_out(1).next_at;
        about_it(Command::RunOut { kind, level: 1, who: Who::DutyManager, next_at, edition: 1, rings: vec![] })
    };
    given::<Intake>(joined()).when(fire(ClockKind::Decision)).then_nothing();
    given::<Intake>(joined()).when(fire(ClockKind::Seen)).then_nothing();
    assert_eq!(given::<Intake>(joined()).when(fire(ClockKind::Feedback)).events().len(), 1);
    let told = happened(ReferralEvent::FeedbackGiven { entry: entry(6), text: sealed("told") });
    given::<Intake>(joined().into_iter().chain([told])).when(fire(ClockKind::Feedback)).then_nothing();
}
