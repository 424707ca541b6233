//! Who decides, and when.

use std::collections::BTreeSet;

use kernel::{Role, scenario::given};

use crate::{
    child::ChildEvent,
    event::Event,
    given::*,
    referral::{Contacts, Decide, Decision, Outcome, Received, ReferralEvent, WatchEvent},
    rules::Intake,
};

fn read() -> [Event; 2] {
    [came_in(), opened_history(&worker(), [other_referral(1)])]
}

fn with_contacts(contacts: impl IntoIterator<Item = u128>, lately: u32) -> Decide {
    let all = contacts.into_iter().map(other_referral).collect();
    Decide { contacts: Contacts { all, lately, prompt_from: 3 }, ..ask_to_decide(worker(), 2) }
}

fn taken(events: &[Event]) -> &Decision {
    match events {
        [Event::Referral(_, ReferralEvent::Decided(decision))] => decision,
        other => panic!("one decision, not {other:?}"),
    }
}

#[test]
fn a_person_of_the_owner_who_has_seen_the_history_decides_under_the_edition_in_force() {
    let expected = Decision { contacts: 2, ..decision(2, Outcome::Section47Enquiry) };
    given::<Intake>(read()).when(decide(with_contacts([1], 2))).then([happened(ReferralEvent::Decided(expected))]);
}

#[test]
fn a_decision_is_refused_until_this_person_has_opened_the_history() {
    given::<Intake>([came_in()]).when(decide(ask_to_decide(worker(), 2))).refused("history_not_read");
    let colleague = person(MANCHESTER, Role::DutyManager);
    given::<Intake>(read()).when(decide(ask_to_decide(colleague, 2))).refused("history_not_read");
}

#[test]
fn a_contact_that_came_since_the_history_was_opened_must_be_seen_first() {
    given::<Intake>(read()).when(decide(with_contacts([1, 2], 3))).refused("history_changed");
    let seen_again = read().into_iter().chain([opened_history(&worker(), [other_referral(1), other_referral(2)])]);
    let events = given::<Intake>(seen_again).when(decide(with_contacts([1, 2], 2))).events();
    assert_eq!(taken(&events).contacts, 2);
}

#[test]
fn a_third_contact_within_the_year_takes_a_reason_to_go_on() {
    given::<Intake>(read()).when(decide(with_contacts([1], 3))).refused("repeat_prompt_needed");
    let with_reason = Decide { repeat_prompt: Some(sealed("why")), ..with_contacts([1], 3) };
    let events = given::<Intake>(read()).when(decide(with_reason)).events();
    assert_eq!(taken(&events).repeat_prompt, Some(sealed("why")));
}

#[test]
fn another_borough_does_not_decide_not_even_the_home_borough() {
    for org in [SALFORD, OLDHAM] {
        let stranger = person(org, Role::DutyWorker);
        let seen = [came_in(), opened_history(&stranger, [])];
        given::<Intake>(seen).when(decide(ask_to_decide(stranger, 2))).refused("not_yours_to_decide");
    }
}

#[test]
fn the_night_team_that_covers_the_owner_decides_for_it() {
    let night_worker = person(SALFORD, Role::DutyWorker);
    let covering = Decide { acting_for: BTreeSet::from([borough(SALFORD), borough(MANCHESTER)]), ..ask_to_decide(night_worker.clone(), 2) };
    let events = given::<Intake>([came_in(), opened_history(&night_worker, [])]).when(decide(covering)).events();
    assert_eq!(taken(&events).borough, borough(MANCHESTER));
}

#[test]
fn a_borough_that_has_taken_over_a_duty_decides_until_another_takes_it_over() {
    let taker = person(SALFORD, Role::DutyWorker);
    let transfer = kernel::TransferId::from_uuid(uuid::Uuid::from_u128(7));
    let moved = Event::Child(
        child(1),
        ChildEvent::DutyTaken { duty: "enquiry".to_owned(), from: borough(MANCHESTER), to: borough(SALFORD), transfer },
    );
    let ended = Event::Child(child(1), ChildEvent::DutyEnded { duty: "enquiry".to_owned(), holder: borough(SALFORD) });
    let history = [came_in(), opened_history(&taker, []), moved];
    let over = history.clone().into_iter().chain([ended]).collect::<Vec<_>>();
    for past in [history.to_vec(), over] {
        let events = given::<Intake>(past).when(decide(ask_to_decide(taker.clone(), 2))).events();
        assert_eq!(taken(&events).borough, borough(SALFORD), "that it has ended does not give it back");
    }
    let on = history.into_iter().chain([took(1, "enquiry", SALFORD, OLDHAM)]);
    given::<Intake>(on).when(decide(ask_to_decide(taker, 2))).refused("not_yours_to_decide");
}

fn took(n: u128, duty: &str, from: &str, to: &str) -> Event {
    let transfer = kernel::TransferId::from_uuid(uuid::Uuid::from_u128(7));
    Event::Child(child(n), ChildEvent::DutyTaken { duty: duty.to_owned(), from: borough(from), to: borough(to), transfer })
}

fn ended_at(n: u128, duty: &str, holder: &str) -> Event {
    Event::Child(child(n), ChildEvent::DutyEnded { duty: duty.to_owned(), holder: borough(holder) })
}

/// Both children of the referral went from the owner to Salford.
fn given_away(duty: &str) -> impl Iterator<Item = Event> {
    read().into_iter().chain([1, 2].map(|n| took(n, duty, MANCHESTER, SALFORD)))
}

#[test]
fn an_owner_whose_duties_were_taken_over_no_longer_decides() {
    for duty in ["emergency_action", "enquiry"] {
        given::<Intake>(given_away(duty)).when(decide(with_contacts([1], 2))).refused("not_yours_to_decide");
    }
}

#[test]
fn an_owner_does_not_overrule_the_holder_not_even_when_the_duty_has_ended_there() {
    let by_the_holder = happened(ReferralEvent::Decided(Decision { borough: borough(SALFORD), ..decision(9, Outcome::Section47Enquiry) }));
    let past: Vec<_> = given_away("emergency_action").chain([by_the_holder]).collect();
    given::<Intake>(past.clone()).when(decide(with_contacts([1], 2))).refused("not_yours_to_decide");
    let over = past.into_iter().chain([1, 2].map(|n| ended_at(n, "emergency_action", SALFORD)));
    given::<Intake>(over).when(decide(with_contacts([1], 2))).refused("not_yours_to_decide");
}

#[test]
fn an_owner_that_has_the_duties_back_decides_again() {
    let back = given_away("emergency_action").chain([took(1, "emergency_action", SALFORD, MANCHESTER)]);
    let events = given::<Intake>(back).when(decide(with_contacts([1], 2))).events();
    assert_eq!(taken(&events).borough, borough(MANCHESTER));
}

#[test]
fn an_owner_that_keeps_a_child_or_gives_away_only_a_plan_goes_on_deciding() {
    let one_of_two = read().into_iter().chain([took(1, "emergency_action", MANCHESTER, SALFORD)]);
    for past in [one_of_two.collect::<Vec<_>>(), given_away("plan").collect()] {
        let events = given::<Intake>(past).when(decide(with_contacts([1], 2))).events();
        assert_eq!(taken(&events).borough, borough(MANCHESTER));
    }
}

#[test]
fn whoever_takes_only_a_plan_reads_and_does_not_decide_what_the_other_borough_has_to() {
    let taker = person(SALFORD, Role::DutyWorker);
    let past = |duty| [came_in(), opened_history(&taker, []), took(1, duty, MANCHESTER, SALFORD)];
    given::<Intake>(past("plan")).when(decide(ask_to_decide(taker.clone(), 2))).refused("not_yours_to_decide");
    let view = |by: kernel::Person| {
        let acting_for = by.actor().org.borough().cloned().into_iter().collect();
        about_it(crate::referral::Command::View { by, acting_for, entry: entry(9) })
    };
    let events = given::<Intake>(past("plan")).when(view(taker.clone())).events();
    assert!(matches!(&events[..], [Event::Watch(_, WatchEvent::Viewed { desk: false, .. })]), "{events:?}");
    for duty in ["emergency_action", "enquiry"] {
        let events = given::<Intake>(past(duty)).when(decide(ask_to_decide(taker.clone(), 2))).events();
        assert_eq!(taken(&events).borough, borough(SALFORD));
    }
}

#[test]
fn dates_and_codes_are_not_the_history_that_a_decision_rests_on() {
    let contacts = Contacts { all: [other_referral(1)].into(), lately: 2, prompt_from: 3 };
    let open = crate::referral::Command::OpenHistory { by: worker(), entry: entry(1), contacts, lines_only: true, edition: 1 };
    let events = given::<Intake>([came_in()]).when(about_it(open)).events();
    assert_eq!(events.len(), 1, "the look is on the record");
    let past = [came_in()].into_iter().chain(events);
    given::<Intake>(past).when(decide(with_contacts([1], 2))).refused("history_not_read");
}

#[test]
fn a_decision_is_announced_with_the_conditions_under_which_the_duty_ends() {
    for outcome in [Outcome::Section47Enquiry, Outcome::ChildInNeedAssessment, Outcome::EarlyHelp, Outcome::NoFurtherAction] {
        let words = outcome.what_happens_to_the_duty();
        for condition in ["if your borough holds it", "no transfer of it is open", "nothing else", "look at responsibility"] {
            assert!(words.contains(condition), "{condition} in {words}");
        }
    }
    for outcome in [Outcome::ImmediateProtection, Outcome::Section47Enquiry, Outcome::ChildInNeedAssessment] {
        assert!(outcome.what_happens_to_the_duty().contains("an enquiry opens at your borough, if no other holds one"));
    }
}

#[test]
fn a_decision_is_superseded_by_another_and_both_stay() {
    let before = read().into_iter().chain([decided(2, Outcome::NoFurtherAction)]);
    let again = Decide { entry: entry(3), ..with_contacts([1], 2) };
    let events = given::<Intake>(before).when(decide(again)).events();
    assert_eq!(taken(&events).supersedes, Some(entry(2)));
}

#[test]
fn the_same_decision_twice_adds_nothing() {
    let before = read().into_iter().chain([decided(2, Outcome::Section47Enquiry)]);
    given::<Intake>(before).when(decide(with_contacts([1], 2))).then_nothing();
}

#[test]
fn a_withdrawn_referral_still_takes_a_decision() {
    let withdrawn = happened(ReferralEvent::Withdrawn { entry: entry(8), reason: sealed("why") });
    let events = given::<Intake>(read().into_iter().chain([withdrawn])).when(decide(with_contacts([1], 2))).events();
    assert_eq!(taken(&events).outcome, Outcome::Section47Enquiry);
}

#[test]
fn a_decision_on_an_unnamed_call_leaves_nobody_to_tell() {
    let unnamed = crate::referral::Received { anonymous: true, referrer: None, ..received() };
    let before = [happened(ReferralEvent::Received(Box::new(unnamed))), opened_history(&worker(), [])];
    let events = given::<Intake>(before).when(decide(ask_to_decide(worker(), 2))).events();
    assert_eq!(taken(&events).feedback_by, None);
}

#[test]
fn a_decision_tells_the_filled_fields_if_its_own_decider_had_opened_the_referral_and_else_none() {
    let filled = vec!["concern".to_owned(), "names".to_owned()];
    let came = happened(ReferralEvent::Received(Box::new(Received { filled: filled.clone(), ..received() })));
    let viewed = |by: &kernel::Person| {
        let (person, org) = (by.actor().id.clone(), by.actor().org.clone());
        noticed(WatchEvent::Viewed { entry: entry(7), person, org, desk: true })
    };
    let history = || opened_history(&worker(), [other_referral(1)]);
    let shown = |opened: Vec<Event>| {
        let past: Vec<Event> = [came.clone(), history()].into_iter().chain(opened).collect();
        taken(&given::<Intake>(past).when(decide(with_contacts([1], 2))).events()).read.clone()
    };
    assert_eq!(shown(vec![viewed(&worker())]), filled);
    assert_eq!(shown(vec![]), Vec::<String>::new(), "the history alone shows none of the form");
    assert_eq!(shown(vec![viewed(&person(MANCHESTER, Role::DutyManager))]), Vec::<String>::new(), "a colleague had opened it");
}
