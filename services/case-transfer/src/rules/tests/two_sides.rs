//! A duty moves between two people, also where one team covers both boroughs.

use kernel::{Person, Role};

use super::world::*;
use crate::{
    ledger::Duty,
    rules::What,
    transfer::{Ask, Handover, Side, Spoken, Stage, Tell},
};

/// The night; the team of C covers both A and B.
fn covered() -> World {
    let mut world = World::connected();
    world.set_desk(&a(), desk(Some(&c())));
    world.set_desk(&b(), desk(Some(&c())));
    world.time = at("2026-11-24T23:00:00Z");
    world.contact(1, 1, &a());
    world
}

fn of_c(name: &str) -> Person {
    person(c().code(), Role::DutyWorker, name)
}

fn accept() -> Ask {
    Ask::Accept(asked(&[1], Duty::EmergencyAction))
}

fn handover() -> Ask {
    let spoken = Spoken::At(start());
    Ask::ConfirmHandover(Handover { giver: words("Ann"), taker: words("Bob"), spoken, read_back: Some(words("I understand that …")) })
}

fn offered_by(world: &mut World, by: &Person) {
    let items = vec![item(1, &[Duty::EmergencyAction])];
    world.ask(by, 1, Ask::Offer { offer: offer(&a(), &b(), items), replaces: None });
}

/// The same command with the side said.
fn on_side(world: &World, by: &Person, side: Side, ask: Ask) -> crate::rules::Command {
    let mut command = world.asking(by, 1, ask);
    if let What::Ask { side: said, .. } = &mut command.what {
        *said = Some(side);
    }
    command
}

#[test]
fn one_person_of_a_shared_team_does_not_move_a_duty_alone() {
    let mut world = covered();
    let (one, other) = (of_c("one"), of_c("other"));
    offered_by(&mut world, &one);
    for ask in [Ask::Open, accept(), Ask::AcceptOnConditions(words("if"))] {
        assert_eq!(world.refused(&one, 1, ask.clone()), "same_person", "{ask:?}");
    }
    world.ask(&other, 1, accept());
    assert_eq!(world.emergency(1), Some(b()), "the duty is the covered borough's");
    let received = |by: &Person| What::Tell { transfer: trf(1), by: by.actor().clone(), tell: Tell::Received };
    assert_eq!(code(world.decide(world.command(received(&one)))), "same_person");
    world.run(world.command(received(&other)));
    assert_eq!(world.stage(1), Stage::Received);
}

#[test]
fn a_shared_team_confirms_both_halves_of_the_handover_by_two_people() {
    let mut world = covered();
    let (one, other, third) = (of_c("one"), of_c("other"), of_c("third"));
    offered_by(&mut world, &one);
    world.ask(&other, 1, accept());
    assert_eq!(world.refused(&third, 1, handover()), "side_not_named");
    assert_eq!(code(world.decide(on_side(&world, &other, Side::Giver, handover()))), "same_person");
    world.run(on_side(&world, &third, Side::Giver, handover()));
    assert_eq!(code(world.decide(on_side(&world, &third, Side::Taker, handover()))), "same_person");
    world.ask(&other, 1, handover());
    assert_eq!(world.stage(1), Stage::HandedOver, "who has acted for a side need not say it again");
}

#[test]
fn the_receivers_own_team_that_covers_the_giver_can_confirm_the_givers_half() {
    let mut world = World::connected();
    world.set_desk(&a(), desk(Some(&b())));
    world.time = at("2026-11-24T23:00:00Z");
    world.contact(1, 1, &a());
    world.offer(1, &a(), &b(), &[1]);
    world.ask(&worker(&b()), 1, accept());
    world.ask(&worker(&b()), 1, handover());
    let colleague = person(b().code(), Role::DutyWorker, "colleague");
    world.run(on_side(&world, &colleague, Side::Giver, handover()));
    assert_eq!(world.stage(1), Stage::HandedOver);
}

#[test]
fn nobody_says_a_side_that_is_not_theirs() {
    let world = World::accepted();
    assert_eq!(code(world.decide(on_side(&world, &worker(&a()), Side::Taker, handover()))), "not_yours_to_answer");
    assert_eq!(code(world.decide(on_side(&world, &worker(&b()), Side::Giver, handover()))), "not_the_giver");
    assert_eq!(code(world.decide(on_side(&world, &worker(&c()), Side::Giver, handover()))), "not_a_party");
}
