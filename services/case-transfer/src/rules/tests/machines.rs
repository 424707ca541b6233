//! What a machine of a borough may report, and what nobody else may.

use kernel::{Actor, Role};

use super::world::*;
use crate::{
    rules::What,
    transfer::{Ask, Stage, Tell},
};

fn told(world: &World, by: Actor, tell: Tell) -> Result<Vec<crate::rules::Event>, crate::rules::Refusal> {
    world.decide(world.command(What::Tell { transfer: trf(1), by, tell }))
}

#[test]
fn a_delivery_is_confirmed_by_the_hub_or_by_the_receivers_own_system() {
    let route = || Tell::Delivered { route: "web hook".to_owned() };
    let world = World::offered();
    assert_eq!(code(told(&world, system(&a()), route())), "not_yours_to_confirm");
    for by in [Actor::hub("relay"), system(&b())] {
        let mut world = World::offered();
        world.tell(&by, 1, route());
        assert_eq!(world.stage(1), Stage::Delivered);
    }
}

#[test]
fn received_is_said_by_the_receiving_desk_and_never_by_the_hub_or_the_giver() {
    let world = World::accepted();
    let nurse = actor(HOSPITAL, Role::Referrer, "nurse");
    for by in [Actor::hub("relay"), system(&a()), system(&c()), nurse] {
        assert_eq!(code(told(&world, by, Tell::Received)), "not_yours_to_confirm");
    }
    for by in [system(&b()), actor(b().code(), Role::DutyWorker, "worker")] {
        let mut world = World::accepted();
        world.tell(&by, 1, Tell::Received);
        assert_eq!(world.stage(1), Stage::Received);
    }
}

#[test]
fn nothing_is_received_that_was_not_accepted() {
    assert_eq!(code(told(&World::offered(), system(&b()), Tell::Received)), "not_accepted");
}

#[test]
fn a_late_delivery_does_not_undo_that_it_was_seen() {
    let mut world = World::offered();
    world.ask(&worker(&b()), 1, Ask::Open);
    assert_eq!(world.tell(&system(&b()), 1, Tell::Delivered { route: "queue".to_owned() }), []);
    assert_eq!(world.stage(1), Stage::Seen);
}

#[test]
fn a_command_names_every_stream_that_it_reads_or_writes() {
    let world = World::offered();
    let mut command = world.asking(&worker(&a()), 1, Ask::Redirect { to: c(), next: trf(2) });
    let streams: Vec<_> = command.streams().iter().map(ToString::to_string).collect();
    for stream in [format!("transfer-{}", trf(1)), format!("transfer-{}", trf(2)), format!("child-{}", child(1)), format!("desk-{}", c())] {
        assert!(streams.contains(&stream), "{stream} in {streams:?}");
    }
    command.scope.boroughs.remove(&b());
    assert_eq!(code(world.decide(command)), "scope_changed");
}

#[test]
fn every_event_of_a_command_is_in_a_stream_that_the_command_names() {
    for what in [Ask::Accept(asked(&[1], crate::ledger::Duty::EmergencyAction)), Ask::Open, Ask::Escalate] {
        let world = World::offered();
        let command = world.asking(&worker(&b()), 1, what);
        let streams = command.streams();
        for event in world.decide(command).unwrap() {
            assert!(streams.contains(&kernel::StoredEvent::stream(&event)), "{event:?}");
        }
    }
}
