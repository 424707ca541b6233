//! Each rule of a desk. The name of a test is the rule.

use kernel::{edition::Editions, scenario::given};

use super::*;
use crate::{
    event::Event,
    given::*,
    rules::{Command, Intake},
};

fn desk() -> Desk {
    let hours = (1..=5).map(|weekday| Hours { weekday, from: "09:00".to_owned(), to: "17:00".to_owned() }).collect();
    let (day_phone, night_phone) = ("0161 496 0001".to_owned(), "0161 496 0002".to_owned());
    Desk { day_phone, night_phone, covered_by: Some(borough(SALFORD)), hours, closed_on: BTreeSet::new() }
}

fn shift(text: &str) -> Shift {
    shift_of(&desk(), text)
}

fn shift_of(desk: &Desk, text: &str) -> Shift {
    let editions = Editions::first();
    desk.shift(at(text), editions.in_force(at(text)).calendar("england-and-wales").map(AsRef::as_ref))
}

#[test]
fn a_desk_is_learnt_once_and_again_when_it_changes() {
    let learnt = |desk| Event::Desk(borough(OLDHAM), DeskEvent::Learnt(desk));
    let learn = |desk| Command::LearnDesk(borough(OLDHAM), desk);
    given::<Intake>([]).when(learn(desk())).then([learnt(desk())]);
    given::<Intake>([learnt(desk())]).when(learn(desk())).then_nothing();
    let changed = Desk { covered_by: None, ..desk() };
    given::<Intake>([learnt(desk())]).when(learn(changed.clone())).then([learnt(changed)]);
}

#[test]
fn the_day_desk_answers_in_its_office_hours_by_the_local_clock() {
    assert_eq!(shift("2026-11-23T08:59:59Z"), Shift::Night);
    assert_eq!(shift("2026-11-23T09:00:00Z"), Shift::Day);
    assert_eq!(shift("2026-11-23T16:59:59Z"), Shift::Day);
    assert_eq!(shift("2026-11-23T17:00:00Z"), Shift::Night);
    assert_eq!(shift("2026-07-06T08:00:00Z"), Shift::Day, "nine o'clock in summer time");
}

#[test]
fn the_night_desk_answers_at_week_ends_and_on_bank_holidays() {
    assert_eq!(shift("2026-11-22T11:00:00Z"), Shift::Night);
    assert_eq!(shift("2026-12-25T11:00:00Z"), Shift::Night);
}

#[test]
fn the_night_desk_answers_on_a_day_on_which_this_borough_alone_is_closed() {
    let closed = Desk { closed_on: [jiff::civil::date(2026, 11, 24)].into(), ..desk() };
    assert_eq!(shift_of(&closed, "2026-11-24T10:00:00Z"), Shift::Night);
    assert_eq!(shift("2026-11-24T10:00:00Z"), Shift::Day, "its neighbours are open");
    assert_eq!(shift_of(&closed, "2026-11-25T10:00:00Z"), Shift::Day);
    assert_eq!(shift_of(&closed, "2026-12-25T10:00:00Z"), Shift::Day, "a borough that tells its closed days is believed");
}

#[test]
fn a_desk_that_was_learnt_before_closed_days_were_told_reads_back() {
    let closed = Desk { closed_on: [jiff::civil::date(2026, 11, 24)].into(), ..desk() };
    for desk in [desk(), closed] {
        let json = serde_json::to_value(&desk).unwrap();
        assert_eq!(json.get("closed_on").is_some(), !desk.closed_on.is_empty());
        assert_eq!(serde_json::from_value::<Desk>(json).unwrap(), desk);
    }
}

#[test]
fn the_number_that_is_given_is_that_of_the_shift() {
    assert_eq!(desk().phone_now(Shift::Day), "0161 496 0001");
    assert_eq!(desk().phone_now(Shift::Night), "0161 496 0002");
    assert_eq!((desk().covered_on(Shift::Day), desk().covered_on(Shift::Night)), (None, Some(&borough(SALFORD))));
}
