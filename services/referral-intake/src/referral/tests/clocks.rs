//! Clocks that run out only record and call the next level.

use kernel::{
    edition::{Editions, Who},
    scenario::given,
};

use crate::{
    given::*,
    referral::{ClockKind, Clocks, Command, Danger, Outcome, ReferralEvent, Ring, RunOut, WatchEvent},
    rules::{self, Intake},
};

fn fire(kind: ClockKind, level: u8) -> rules::Command {
    let next_at = run_out(level).next_at;
    about_it(Command::RunOut { kind, level, who: Who::DutyManager, next_at, edition: 1, rings: vec![] })
}

#[test]
fn an_overdue_decision_goes_up_the_ladder_one_level_at_a_time_and_each_level_once() {
    let first = noticed(WatchEvent::DecisionOverdue(run_out(1)));
    given::<Intake>([came_in()]).when(fire(ClockKind::Decision, 1)).then([first.clone()]);
    given::<Intake>([came_in(), first.clone()]).when(fire(ClockKind::Decision, 1)).then_nothing();
    given::<Intake>([came_in(), first]).when(fire(ClockKind::Decision, 2)).then([noticed(WatchEvent::DecisionOverdue(run_out(2)))]);
}

#[test]
fn a_decision_stops_its_clock() {
    given::<Intake>([came_in(), decided(2, Outcome::EarlyHelp)]).when(fire(ClockKind::Decision, 1)).then_nothing();
    given::<Intake>([came_in(), decided(2, Outcome::EarlyHelp)]).when(fire(ClockKind::Seen, 1)).then_nothing();
}

#[test]
fn a_withdrawn_referral_keeps_its_clock_because_a_decision_is_still_needed() {
    let withdrawn = happened(ReferralEvent::Withdrawn { entry: entry(8), reason: sealed("why") });
    given::<Intake>([came_in(), withdrawn]).when(fire(ClockKind::Decision, 1)).then([noticed(WatchEvent::DecisionOverdue(run_out(1)))]);
}

#[test]
fn an_emergency_that_nobody_opened_is_escalated_until_a_person_of_the_desk_opens_it() {
    let due = RunOut { due: received().clocks.seen_by.unwrap(), ..run_out(1) };
    given::<Intake>([came_in()]).when(fire(ClockKind::Seen, 1)).then([noticed(WatchEvent::NotSeen(due))]);
    let viewed = |by: kernel::Person, desk| {
        noticed(WatchEvent::Viewed { entry: entry(1), person: by.actor().id.clone(), org: by.actor().org.clone(), desk })
    };
    given::<Intake>([came_in(), viewed(worker(), true)]).when(fire(ClockKind::Seen, 1)).then_nothing();
    let events = given::<Intake>([came_in(), viewed(nurse(), false)]).when(fire(ClockKind::Seen, 1)).events();
    assert_eq!(events.len(), 1);
}

#[test]
fn feedback_stays_open_and_overdue_until_it_was_given() {
    given::<Intake>([came_in()]).when(fire(ClockKind::Feedback, 1)).then_nothing();
    let overdue = noticed(WatchEvent::FeedbackOverdue(run_out(1)));
    let undone = [came_in(), decided(2, Outcome::EarlyHelp)];
    given::<Intake>(undone.clone()).when(fire(ClockKind::Feedback, 1)).then([overdue]);
    let given_ = happened(ReferralEvent::FeedbackGiven { entry: entry(6), text: sealed("told") });
    given::<Intake>(undone.clone().into_iter().chain([given_.clone()])).when(fire(ClockKind::Feedback, 1)).then_nothing();
    let decided_anew = undone.into_iter().chain([given_, decided(3, Outcome::Section47Enquiry)]);
    let events = given::<Intake>(decided_anew).when(fire(ClockKind::Feedback, 1)).events();
    assert_eq!(events.len(), 1, "a new decision is news for the referrer");
}

#[test]
fn the_deadlines_come_from_the_edition_and_cite_it() {
    let editions = Editions::first();
    let edition = editions.in_force(night());
    let clocks = Clocks::on_receipt(edition, night(), Danger::Yes);
    assert_eq!(clocks.edition, edition.number);
    assert_eq!(clocks.decide_by, at("2026-11-24T02:14:00Z"), "one working day: Monday to Tuesday");
    assert!(clocks.seen_by.is_some_and(|seen_by| seen_by > night() && seen_by < clocks.decide_by));
    assert_eq!(Clocks::on_receipt(edition, night(), Danger::No).seen_by, None);
    assert!(Clocks::on_receipt(edition, night(), Danger::NotSure).seen_by.is_some());
}

#[test]
fn a_clock_that_runs_out_records_the_desk_at_which_whoever_is_called_is_reached() {
    let rings = vec![Ring { borough: borough(MANCHESTER), desk: "EDT".to_owned(), phone: Some("0161 496 0002".to_owned()) }];
    let next_at = run_out(1).next_at;
    let fire = Command::RunOut { kind: ClockKind::Decision, level: 1, who: Who::DutyManager, next_at, edition: 1, rings: rings.clone() };
    let expected = noticed(WatchEvent::DecisionOverdue(RunOut { rings, ..run_out(1) }));
    given::<Intake>([came_in()]).when(about_it(fire)).then([expected]);
}
