//! Break-glass: who may, for how long, who is told, and who reviews it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use kernel::{Borough, Person, Role, scenario::given};

use super::world::*;
use crate::{
    glass::{Finding, Glass, GlassAsk, GlassClock, GlassEvent, Opening},
    ledger::{DutyAsk, Named, Outcome},
    rules::{CaseTransfer, Command, Event, What},
};

fn opening() -> Opening {
    Opening { child: child(1), reason: words("sealed"), characters: 24, repeated: false, open: BTreeSet::new() }
}

fn on_call(borough: &Borough, level: u8) -> Named {
    Named { borough: Some(borough.clone()), name: format!("on call {level}"), phone: format!("0161 000 000{level}") }
}

impl World {
    fn glass(&self) -> &Glass {
        &self.now.glasses[&gls(1)]
    }

    fn of_glass(&self, by: &Person, ask: GlassAsk) -> Command {
        let on = self.now.glasses.get(&gls(1)).map_or(0, |glass| glass.version);
        self.command(What::Glass { glass: gls(1), by: by.clone(), on, ask })
    }

    fn open(&self, by: &Person, opening: Opening) -> Command {
        self.of_glass(by, GlassAsk::Open(opening))
    }

    fn clock(&self, clock: GlassClock) -> Command {
        self.command(What::GlassClock { glass: gls(1), clock })
    }

    /// B has opened the record of A's child.
    fn opened() -> Self {
        let mut world = Self::with_children(&[1]);
        world.run(world.open(&worker(&b()), opening()));
        world
    }
}

fn colleague(borough: &Borough) -> Person {
    person(borough.code(), Role::DutyWorker, "colleague")
}

fn auditor() -> Person {
    person("board", Role::BoardAuditor, "auditor")
}

fn reviewed(finding: Finding) -> GlassAsk {
    GlassAsk::Review { finding, text: words("sealed") }
}

#[test]
fn a_worker_of_another_borough_opens_one_childs_record_for_three_hours_and_two_people_are_told_by_name() {
    let world = World::with_children(&[1]);
    let at = crate::clocks::When::now(world.time);
    let after = |length| world.time + length;
    let opened = GlassEvent::Opened {
        child: child(1),
        reason: words("sealed"),
        holders: vec![a()],
        people: vec![on_call(&a(), 1), on_call(&a(), 2)],
        level: 2,
        tell_again_at: after(SignedDuration::from_secs(30)),
        until: after(SignedDuration::from_hours(3)),
        review_by: after(SignedDuration::from_hours(72)),
        by: worker(&b()),
        at,
    };
    let command = world.open(&worker(&b()), opening());
    given::<CaseTransfer>(world.log.clone()).when(command).then([Event::Glass(gls(1), opened)]);
}

#[test]
fn a_reason_of_fewer_than_ten_characters_or_their_last_one_again_opens_nothing() {
    let world = World::with_children(&[1]);
    for (characters, repeated, refusal) in [(9, false, "reason_too_short"), (0, false, "reason_too_short"), (10, true, "reason_repeated")] {
        let command = world.open(&worker(&b()), Opening { characters, repeated, ..opening() });
        given::<CaseTransfer>(world.log.clone()).when(command).refused(refusal);
    }
    assert!(world.decide(world.open(&worker(&b()), Opening { characters: 10, ..opening() })).is_ok());
}

#[test]
fn what_is_open_is_not_opened_again_to_last_longer_and_nobody_has_more_than_three_records_open() {
    let world = World::with_children(&[1]);
    let open = |children: &[u128]| Opening { open: children.iter().map(|number| child(*number)).collect(), ..opening() };
    assert_eq!(code(world.decide(world.open(&worker(&b()), open(&[1])))), "glass_open_already");
    assert!(world.decide(world.open(&worker(&b()), open(&[2, 3]))).is_ok());
    assert_eq!(code(world.decide(world.open(&worker(&b()), open(&[2, 3, 4])))), "too_many_glasses");
}

#[test]
fn who_holds_a_duty_needs_no_break_glass_and_a_child_that_nobody_told_of_has_none() {
    let mut world = World::with_children(&[1]);
    assert_eq!(code(world.decide(world.open(&worker(&a()), opening()))), "yours_already");
    assert_eq!(code(world.decide(world.open(&worker(&b()), Opening { child: child(9), ..opening() }))), "no_such_child");
    // The team that covers the holder out of hours acts for it.
    world.set_desk(&a(), desk(Some(&b())));
    assert!(world.decide(world.open(&worker(&b()), opening())).is_ok(), "by day it does not");
    world.later(12 * 60);
    assert_eq!(code(world.decide(world.open(&worker(&b()), opening()))), "yours_already");
    assert_eq!(code(world.decide(world.open(&nurse(), opening()))), "role_may_not");
    assert_eq!(code(world.decide(world.open(&auditor(), opening()))), "role_may_not");
}

#[test]
fn the_holder_of_a_linked_record_is_told_too_and_an_ended_case_tells_its_last_holder() {
    let mut world = World::with_children(&[1]);
    world.contact(2, 2, &c());
    world.duty(&worker(&a()), 1, DutyAsk::Link { other: child(2) });
    world.run(world.open(&worker(&b()), opening()));
    assert_eq!(world.glass().holders, [a(), c()]);

    let mut world = World::with_children(&[1]);
    world.decision(1, 1, &a(), Outcome::NoFurtherAction);
    assert_eq!(world.emergency(1), None);
    world.run(world.open(&worker(&b()), opening()));
    assert_eq!(world.glass().holders, [a()]);
}

#[test]
fn it_ends_after_three_hours_or_when_who_opened_it_says_so_and_by_nobody_else() {
    let mut world = World::opened();
    assert!(world.glass().is_open(world.time) && world.glass().is_open(world.time + SignedDuration::from_secs(10_799)));
    assert!(!world.glass().is_open(world.time + SignedDuration::from_hours(3)));
    for other in [colleague(&b()), manager(&b()), worker(&a())] {
        assert_eq!(code(world.decide(world.of_glass(&other, GlassAsk::End))), "not_your_glass");
    }
    world.later(10);
    let events = world.run(world.of_glass(&worker(&b()), GlassAsk::End));
    assert_eq!(names(&events), ["glass.ended"]);
    assert!(!world.glass().is_open(world.time));

    let mut world = World::opened();
    world.later(180);
    assert_eq!(world.decide(world.of_glass(&worker(&b()), GlassAsk::End)), Ok(vec![]), "it is over already");
}

#[test]
fn what_two_people_have_not_read_after_thirty_seconds_is_told_again_one_level_up_to_the_top() {
    let mut world = World::opened();
    world.set_board();
    assert_eq!(code(world.decide(world.clock(GlassClock::Unread))), "not_due");
    world.later(1);
    world.run(world.of_glass(&worker(&a()), GlassAsk::Read));
    assert_eq!(code(world.decide(world.of_glass(&worker(&c()), GlassAsk::Read))), "not_your_borough");
    assert_eq!(code(world.decide(world.of_glass(&worker(&b()), GlassAsk::Read))), "not_your_borough", "who opened it tells nobody");
    let told = world.run(world.clock(GlassClock::Unread));
    let [Event::Glass(_, GlassEvent::ToldAgain { people, level: 3, tell_again_at: Some(next), .. })] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((people, *next), (&vec![on_call(&a(), 3)], world.time + SignedDuration::from_mins(15)));
    world.later(15);
    let top = world.run(world.clock(GlassClock::Unread));
    let [Event::Glass(_, GlassEvent::ToldAgain { people, level: 4, tell_again_at: None, .. })] = &top[..] else { panic!("{top:?}") };
    assert_eq!(people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["chair of the board", "deputy of the chair"]);
    world.later(600);
    assert_eq!(world.decide(world.clock(GlassClock::Unread)), Ok(vec![]));
}

#[test]
fn what_two_people_have_read_is_not_told_again() {
    let mut world = World::opened();
    world.run(world.of_glass(&worker(&a()), GlassAsk::Read));
    assert!(!world.glass().is_read());
    world.run(world.of_glass(&manager(&a()), GlassAsk::Read));
    assert!(world.glass().is_read());
    world.later(1);
    assert_eq!(world.decide(world.clock(GlassClock::Unread)), Ok(vec![]));
}

#[test]
fn a_borough_without_a_rota_has_its_desk_and_the_board_told() {
    let mut world = World::with_children(&[1]);
    world.set_board();
    world.set_desk(&a(), crate::desk::Desk { rota: vec![], ..desk(None) });
    let events = world.run(world.open(&worker(&b()), opening()));
    let Event::Glass(_, GlassEvent::Opened { people, .. }) = &events[0] else { panic!("{events:?}") };
    let told: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(told, ["Duty desk of Manchester", "chair of the board", "deputy of the chair"]);
    assert_eq!(names(&events[1..]), ["desk.rota_gap"; 3], "each empty level is an alert, once");
}

#[test]
fn it_is_reviewed_by_another_team_and_never_by_who_opened_it() {
    let mut world = World::opened();
    assert_eq!(code(world.decide(world.of_glass(&manager(&a()), reviewed(Finding::Justified)))), "glass_still_open");
    world.later(180);
    for own in [worker(&b()), manager(&b()), worker(&a()), manager(&c())] {
        assert_eq!(code(world.decide(world.of_glass(&own, reviewed(Finding::Justified)))), "other_team_reviews", "{own:?}");
    }
    for other in [manager(&a()), auditor()] {
        let mut world = world.clone();
        let events = world.run(world.of_glass(&other, reviewed(Finding::NotJustified)));
        assert_eq!(names(&events), ["glass.reviewed"]);
        assert_eq!(code(world.decide(world.of_glass(&other, reviewed(Finding::Justified)))), "reviewed_already");
    }
}

#[test]
fn a_review_that_nobody_made_in_seventy_two_hours_is_an_alert_once() {
    let mut world = World::opened();
    world.later(72 * 60 - 1);
    assert_eq!(code(world.decide(world.clock(GlassClock::Review))), "not_due");
    world.later(1);
    let events = world.run(world.clock(GlassClock::Review));
    assert_eq!(names(&events), ["glass.review_overdue"]);
    assert!(world.glass().overdue);
    // It is reviewed all the same.
    world.run(world.of_glass(&auditor(), reviewed(Finding::Justified)));

    let mut world = World::opened();
    world.later(200);
    world.run(world.of_glass(&auditor(), reviewed(Finding::Justified)));
    world.later(72 * 60);
    assert_eq!(world.decide(world.clock(GlassClock::Review)), Ok(vec![]));
}

#[test]
fn an_answer_to_an_older_version_of_it_is_refused() {
    let mut world = World::opened();
    let stale = world.of_glass(&manager(&a()), GlassAsk::Read);
    world.run(world.of_glass(&worker(&a()), GlassAsk::Read));
    assert_eq!(code(world.decide(stale)), "stale");
}
