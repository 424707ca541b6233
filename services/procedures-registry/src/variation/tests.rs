use jiff::civil::date;
use kernel::{Actor, scenario::given};
use uuid::Uuid;

use super::*;
use crate::rules::{Command as Asked, Event, Registry};

const SALFORD: &str = "E08000006";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn person(org: &str, role: Role) -> Person {
    let actor = Actor { id: format!("{role:?} of {org}"), name: "Somebody".to_owned(), org: org.parse().unwrap(), role };
    actor.try_into().unwrap()
}

fn head() -> Person {
    person(SALFORD, Role::HeadOfService)
}

fn id(n: u128) -> VariationId {
    VariationId::from_uuid(Uuid::from_u128(n))
}

fn place() -> Place {
    Place { borough: SALFORD.parse().unwrap(), procedure: "police-protection".parse().unwrap() }
}

fn variation(n: u128, from: &str, until: &str) -> Made {
    let until = at(until);
    Made {
        id: id(n),
        text: "Ring the day team on the other number.".to_owned(),
        reason: "The office moves.".to_owned(),
        owner: "head of the front door".to_owned(),
        from: at(from),
        until,
        notice_at: notice_at(until, 14),
        renews: None,
        by: head(),
        at: at("2026-11-23T02:14:00Z"),
    }
}

fn first() -> Made {
    variation(1, "2026-12-01T00:00:00Z", "2027-02-01T00:00:00Z")
}

fn made(made: Made) -> Event {
    Event::Variation(place(), VariationEvent::Made(Box::new(made)))
}

fn make(made: Made) -> Asked {
    Asked::Variation(place(), Command::Make { made: Box::new(made), months: 6 })
}

fn end(by: Person, reason: &str, now: &str) -> Asked {
    Asked::Variation(place(), Command::End { id: id(1), reason: reason.to_owned(), by, at: at(now) })
}

fn look(now: &str) -> Asked {
    Asked::Variation(place(), Command::Look { id: id(1), at: at(now) })
}

#[test]
fn only_the_head_of_service_or_the_director_of_the_borough_itself_varies_a_procedure() {
    given::<Registry>([]).when(make(first())).then([made(first())]);
    let by_the_director = Made { by: person(SALFORD, Role::Director), ..first() };
    given::<Registry>([]).when(make(by_the_director.clone())).then([made(by_the_director)]);
    for role in [Role::DutyWorker, Role::DutyManager, Role::ProcedureAuthor] {
        given::<Registry>([]).when(make(Made { by: person(SALFORD, role), ..first() })).refused("leader_needed");
    }
    for org in ["E08000003", "RM301"] {
        given::<Registry>([]).when(make(Made { by: person(org, Role::Director), ..first() })).refused("not_your_borough");
    }
    given::<Registry>([made(first())])
        .when(end(person("E08000003", Role::Director), "over", "2026-12-02T00:00:00Z"))
        .refused("not_your_borough");
}

#[test]
fn a_variation_made_again_under_its_id_is_made_once() {
    given::<Registry>([made(first())]).when(make(first())).then([]);
}

#[test]
fn a_variation_ends_at_most_six_months_after_it_is_made_and_the_refusal_names_the_latest_day() {
    // Six months in London from the making, over the change of the clock, however late it begins.
    for from in ["2026-11-23T02:14:00Z", "2027-05-01T00:00:00Z"] {
        let longest = variation(1, from, "2027-05-23T01:14:00Z");
        given::<Registry>([]).when(make(longest.clone())).then([made(longest.clone())]);
        let too_long = Made { until: at("2027-05-23T01:14:01Z"), ..longest };
        given::<Registry>([]).when(make(too_long.clone())).refused("variation_too_long");
        for months in [6, 12] {
            let none = Variations::new();
            let refusal = decide(&none, &place(), Command::Make { made: Box::new(too_long.clone()), months }).unwrap_err();
            assert!(refusal.to_string().contains("2027-05-23"), "an edition does not lift it: {refusal}");
        }
        let command = Asked::Variation(place(), Command::Make { made: Box::new(too_long), months: 3 });
        given::<Registry>([]).when(command).refused("variation_too_long");
    }
    assert_eq!(latest_end(at("2026-08-31T11:00:00Z"), 6), at("2027-02-28T12:00:00Z"), "there is no 31 February");
}

#[test]
fn variations_that_follow_each_other_end_six_months_after_the_first_was_made_and_then_it_is_put_to_the_set() {
    let second = |from: &str, until: &str, now: &str| Made { renews: Some(id(1)), at: at(now), ..variation(2, from, until) };
    let (from, now) = ("2027-02-01T00:00:00Z", "2027-01-20T00:00:00Z");
    let enough = second(from, "2027-05-23T01:14:00Z", now);
    given::<Registry>([made(first())]).when(make(enough.clone())).then([made(enough)]);
    given::<Registry>([made(first())]).when(make(second(from, "2027-05-23T01:14:01Z", now))).refused("put_it_to_the_set");
    // Nor after a pause, nor when the first was ended early, until a year after the first was made.
    let ended = VariationEvent::Ended { id: id(1), reason: "over".to_owned(), by: head(), at: at("2026-12-05T00:00:00Z") };
    let before = [made(first()), Event::Variation(place(), ended)];
    for (from, until, now) in [
        ("2027-06-01T00:00:00Z", "2027-06-02T00:00:00Z", "2027-05-30T00:00:00Z"),
        ("2027-11-23T02:13:59Z", "2027-12-01T00:00:00Z", "2027-11-23T02:13:59Z"),
    ] {
        given::<Registry>([made(first())]).when(make(second(from, until, now))).refused("put_it_to_the_set");
        given::<Registry>(before.clone()).when(make(second(from, until, now))).refused("put_it_to_the_set");
    }
    let a_year_later = second("2027-11-23T02:14:00Z", "2027-12-01T00:00:00Z", "2027-11-23T02:14:00Z");
    given::<Registry>([made(first())]).when(make(a_year_later.clone())).then([made(a_year_later)]);
    // One that never held began no count.
    let never = VariationEvent::Ended { id: id(1), reason: "no need".to_owned(), by: head(), at: at("2026-11-30T00:00:00Z") };
    let fresh = Made { renews: None, ..second("2027-06-01T00:00:00Z", "2027-06-02T00:00:00Z", "2027-05-30T00:00:00Z") };
    given::<Registry>([made(first()), Event::Variation(place(), never)]).when(make(fresh.clone())).then([made(fresh)]);
}

#[test]
fn a_variation_neither_begins_in_the_past_nor_ends_before_it_begins() {
    given::<Registry>([]).when(make(variation(1, "2026-11-23T02:13:59Z", "2027-02-01T00:00:00Z"))).refused("begins_in_the_past");
    for until in ["2026-12-01T00:00:00Z", "2026-11-30T00:00:00Z"] {
        given::<Registry>([]).when(make(variation(1, "2026-12-01T00:00:00Z", until))).refused("ends_before_it_begins");
    }
}

#[test]
fn a_borough_has_no_two_variations_of_one_procedure_at_once() {
    for (from, until) in [
        ("2027-01-31T23:59:59Z", "2027-03-01T00:00:00Z"),
        ("2026-11-30T00:00:00Z", "2026-12-01T00:00:01Z"),
        ("2026-12-10T00:00:00Z", "2026-12-11T00:00:00Z"),
        ("2026-11-30T00:00:00Z", "2027-03-01T00:00:00Z"),
    ] {
        given::<Registry>([made(first())]).when(make(variation(2, from, until))).refused("variations_overlap");
    }
    let before = variation(2, "2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z");
    given::<Registry>([made(first())]).when(make(before.clone())).then([made(before)]);
    let ended = Event::Variation(
        place(),
        VariationEvent::Ended { id: id(1), reason: "over".to_owned(), by: head(), at: at("2026-12-05T00:00:00Z") },
    );
    let after = variation(2, "2026-12-10T00:00:00Z", "2026-12-11T00:00:00Z");
    given::<Registry>([made(first()), ended]).when(make(after.clone())).then([made(after)]);
}

#[test]
fn renewing_is_a_new_one_that_names_the_old() {
    let next = variation(2, "2027-02-01T00:00:00Z", "2027-04-01T00:00:00Z");
    given::<Registry>([made(first())]).when(make(next.clone())).refused("names_no_old");
    let next_day = Made { from: at("2027-02-02T09:00:00Z"), ..next.clone() };
    given::<Registry>([made(first())]).when(make(next_day)).refused("names_no_old");
    let unknown = Made { renews: Some(id(9)), ..next.clone() };
    given::<Registry>([made(first())]).when(make(unknown)).refused("renews_none");
    let renewed = Made { renews: Some(id(1)), ..next };
    given::<Registry>([made(first())]).when(make(renewed.clone())).then([made(renewed)]);
    let later = variation(2, "2027-02-03T00:00:00Z", "2027-04-01T00:00:00Z");
    given::<Registry>([made(first())]).when(make(later.clone())).then([made(later)]);
}

#[test]
fn a_variation_is_ended_once_with_a_reason_and_not_after_its_time() {
    let ended = Event::Variation(
        place(),
        VariationEvent::Ended { id: id(1), reason: "done".to_owned(), by: head(), at: at("2026-12-05T00:00:00Z") },
    );
    given::<Registry>([made(first())]).when(end(head(), "done", "2026-12-05T00:00:00Z")).then([ended.clone()]);
    given::<Registry>([made(first()), ended.clone()]).when(end(head(), "done", "2026-12-06T00:00:00Z")).then([]);
    given::<Registry>([made(first()), ended]).when(end(head(), "other", "2026-12-06T00:00:00Z")).refused("ended_already");
    given::<Registry>([made(first())]).when(end(head(), "done", "2027-02-01T00:00:00Z")).refused("over_already");
    given::<Registry>([]).when(end(head(), "done", "2026-12-05T00:00:00Z")).refused("no_such_variation");
}

#[test]
fn whether_a_variation_holds_follows_from_its_times_and_not_from_the_clock_that_records_it() {
    let mut all = Variations::new();
    evolve(&mut all, &VariationEvent::Made(Box::new(first())));
    let holds = |all: &Variations, now: &str| all[&id(1)].in_force(at(now));
    assert!(!holds(&all, "2026-11-30T23:59:59Z") && holds(&all, "2026-12-01T00:00:00Z"));
    assert!(holds(&all, "2027-01-31T23:59:59Z") && !holds(&all, "2027-02-01T00:00:00Z"), "no clock has fired");
    evolve(&mut all, &VariationEvent::Expired { id: id(1), until: first().until });
    assert!(holds(&all, "2026-12-01T00:00:00Z"), "a record of the end changes nothing before it");
}

#[test]
fn a_clock_tells_once_that_the_end_is_near_and_once_that_it_is_past_and_decides_nothing() {
    let soon = Event::Variation(place(), VariationEvent::ExpiresSoon { id: id(1), until: first().until });
    let expired = Event::Variation(place(), VariationEvent::Expired { id: id(1), until: first().until });
    assert_eq!(first().notice_at, at("2027-01-18T00:00:00Z"));
    given::<Registry>([made(first())]).when(look("2027-01-17T23:59:59Z")).then([]);
    given::<Registry>([made(first())]).when(look("2027-01-18T00:00:00Z")).then([soon.clone()]);
    given::<Registry>([made(first()), soon.clone()]).when(look("2027-01-19T00:00:00Z")).then([]);
    given::<Registry>([made(first()), soon]).when(look("2027-02-01T00:00:00Z")).then([expired.clone()]);
    given::<Registry>([made(first())]).when(look("2027-03-01T00:00:00Z")).then([expired.clone()]);
    given::<Registry>([made(first()), expired]).when(look("2027-03-01T00:00:00Z")).then([]);
    let ended = VariationEvent::Ended { id: id(1), reason: "done".to_owned(), by: head(), at: at("2026-12-05T00:00:00Z") };
    given::<Registry>([made(first()), Event::Variation(place(), ended)]).when(look("2027-03-01T00:00:00Z")).then([]);
    assert_eq!(notice_at(at("2027-04-01T11:00:00Z"), 14), at("2027-03-18T12:00:00Z"), "the same time of day in London");
    assert_eq!(first().from, date(2026, 12, 1).to_zoned_datetime(london()).unwrap().timestamp());
}
