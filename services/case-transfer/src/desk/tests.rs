use jiff::SignedDuration;

use super::Shift;
use crate::rules::{
    What,
    tests::world::{World, a, at, b, c, code, desk, manager, nurse, person, worker},
};
use kernel::Role;

#[test]
fn the_day_ends_at_the_first_instant_after_the_hours() {
    let desk = desk(None);
    for (instant, shift) in [
        ("2026-11-24T08:59:59Z", Shift::Night),
        ("2026-11-24T09:00:00Z", Shift::Day),
        ("2026-11-24T16:59:59Z", Shift::Day),
        ("2026-11-24T17:00:00Z", Shift::Night),
        ("2026-11-28T11:00:00Z", Shift::Night),
    ] {
        assert_eq!(desk.on_shift(at(instant)), shift, "{instant}");
    }
}

#[test]
fn hours_are_london_hours_before_and_after_both_clock_changes() {
    let desk = desk(None);
    for (instant, shift) in [
        ("2026-03-27T16:30:00Z", Shift::Day),
        ("2026-03-30T16:30:00Z", Shift::Night),
        ("2026-03-30T08:30:00Z", Shift::Day),
        ("2026-10-23T08:30:00Z", Shift::Day),
        ("2026-10-26T08:30:00Z", Shift::Night),
    ] {
        assert_eq!(desk.on_shift(at(instant)), shift, "{instant}");
    }
}

#[test]
fn the_number_to_ring_is_the_one_of_the_team_on_shift() {
    let desk = desk(Some(&c()));
    assert_eq!(desk.phone_now(at("2026-11-24T11:00:00Z")), "0161 111");
    assert_eq!(desk.phone_now(at("2026-11-24T23:00:00Z")), "0161 222");
}

#[test]
fn of_two_turns_the_one_that_began_later_is_called() {
    let mut desk = desk(None);
    let mut second = desk.rota[0].clone();
    second.from = at("2026-11-24T08:00:00Z");
    second.name = "relief".to_owned();
    desk.rota.push(second);
    let name = |instant| desk.on_call(1, at(instant)).map(|turn| turn.name.as_str());
    assert_eq!(name("2026-11-24T07:59:59Z"), Some("on call 1"));
    assert_eq!(name("2026-11-24T08:00:00Z"), Some("relief"));
    assert_eq!(name("2027-02-01T00:00:00Z"), None);
}

#[test]
fn gaps_are_what_no_turn_covers() {
    let mut desk = desk(None);
    desk.rota.retain(|turn| turn.level == 1);
    let day = at("2026-11-24T00:00:00Z");
    let hour = |number| day + SignedDuration::from_hours(number);
    let mut turns = vec![desk.rota.remove(0); 3];
    for (turn, (from, to)) in turns.iter_mut().zip([(2, 6), (4, 5), (8, 30)]) {
        (turn.from, turn.to) = (hour(from), hour(to));
    }
    desk.rota = turns;
    let gaps: Vec<_> = desk.gaps(1, day, hour(24)).into_iter().map(|gap| (gap.from, gap.to)).collect();
    assert_eq!(gaps, [(day, hour(2)), (hour(6), hour(8))]);
    assert_eq!(desk.gaps(2, day, hour(24)).len(), 3, "a level without any turn is one gap");
}

#[test]
fn only_the_boroughs_own_people_set_its_desk_and_on_the_version_now() {
    let world = World::connected();
    let covered = c();
    let set = |by, on, cover: Option<()>| {
        let desk = Box::new(desk(cover.map(|()| &covered)));
        world.decide(world.command(What::SetDesk { borough: a(), by, on, desk }))
    };
    assert_eq!(code(set(manager(&b()), 1, Some(()))), "not_your_borough");
    assert_eq!(code(set(nurse(), 1, Some(()))), "not_your_borough");
    let author = person(a().code(), Role::ProcedureAuthor, "author");
    assert_eq!(code(set(author, 1, Some(()))), "role_may_not");
    assert_eq!(code(set(worker(&a()), 0, Some(()))), "stale");
    assert_eq!(set(worker(&a()), 0, None), Ok(vec![]), "as it is already");
    assert_eq!(set(worker(&a()), 1, Some(())).unwrap().len(), 1);
}
