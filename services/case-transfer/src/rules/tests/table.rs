//! Every command in every stage: whether it is taken, quiet because it was done before, or refused and with which code.

use std::fmt::Write as _;

use kernel::{Person, Sealed};

use super::world::*;
use crate::{
    ledger::Duty,
    transfer::{Agreement, Ask, DeclineReason, Handover, Interim, NewOffer, Spoken, Stage, Tell},
};

/// One world for each stage; transfer 1 is in it.
fn stages() -> Vec<World> {
    let then = |mut world: World, steps: Vec<(Person, Ask)>| {
        for (by, ask) in steps {
            world.ask(&by, 1, ask);
        }
        world
    };
    let (giver, taker) = (worker(&a()), worker(&b()));
    let mut delivered = World::offered();
    delivered.tell(&system(&b()), 1, Tell::Delivered { route: "queue".to_owned() });
    let mut received = World::accepted();
    received.tell(&system(&b()), 1, Tell::Received);
    let handed_over = || then(World::accepted(), vec![(taker.clone(), handover()), (giver.clone(), handover())]);
    let mut superseded = World::offered();
    let mut replace = superseded.asking(&giver, 5, again(Some(1)));
    let crate::rules::What::Ask { on, .. } = &mut replace.what else { panic!("an ask") };
    *on = 1;
    superseded.run(replace);
    vec![
        World::offered(),
        delivered,
        then(World::offered(), vec![(taker.clone(), Ask::Open)]),
        then(World::offered(), vec![(taker.clone(), Ask::AskInformation(text()))]),
        World::accepted(),
        received,
        handed_over(),
        then(handed_over(), vec![(taker.clone(), Ask::Close)]),
        then(World::offered(), vec![(taker.clone(), decline())]),
        then(World::offered(), vec![(giver.clone(), Ask::Redirect { to: c(), next: trf(2) })]),
        then(World::offered(), vec![(giver.clone(), Ask::Withdraw(text()))]),
        superseded,
        then(handed_over(), vec![(taker.clone(), hand_back())]),
    ]
}

fn text() -> Sealed {
    words("-")
}

fn again(replaces: Option<u128>) -> Ask {
    Ask::Offer { offer: offer(&a(), &b(), vec![item(1, &[Duty::EmergencyAction])]), replaces: replaces.map(trf) }
}

fn handover() -> Ask {
    Ask::ConfirmHandover(Handover { giver: text(), taker: text(), spoken: Spoken::At(start()), read_back: Some(text()) })
}

fn decline() -> Ask {
    Ask::Decline { reason: DeclineReason::NotOurArea, text: None, suggest: None, only_candidate: false }
}

fn hand_back() -> Ask {
    Ask::HandBack(Box::new(NewOffer { id: trf(3), priority: kernel::Priority::P1, sheet: sheet() }))
}

/// Every command, by whoever may ask it.
fn commands() -> Vec<(&'static str, Person, Ask)> {
    let (giver, taker, head) = (worker(&a()), worker(&b()), manager(&a()));
    let agreement = Agreement { people: [text(), text()], spoken_at: start(), text: text() };
    vec![
        ("offer", giver.clone(), again(None)),
        ("open", taker.clone(), Ask::Open),
        ("ask", taker.clone(), Ask::AskInformation(text())),
        ("answer", giver.clone(), Ask::GiveInformation(text())),
        ("accept", taker.clone(), Ask::Accept(asked(&[1], Duty::EmergencyAction))),
        ("accept on conditions", taker.clone(), Ask::AcceptOnConditions(text())),
        ("agree to conditions", giver.clone(), Ask::AgreeConditions),
        ("decline", taker.clone(), decline()),
        ("redirect", giver.clone(), Ask::Redirect { to: c(), next: trf(2) }),
        ("withdraw", giver.clone(), Ask::Withdraw(text())),
        ("keep the rest", giver.clone(), Ask::KeepRest(text())),
        ("confirm handover", taker.clone(), handover()),
        ("record agreement", giver.clone(), Ask::RecordAgreement(agreement)),
        ("confirm agreement", taker.clone(), Ask::ConfirmAgreement),
        ("hand back", taker.clone(), hand_back()),
        ("escalate", nurse(), Ask::Escalate),
        ("dispute", head.clone(), Ask::Dispute(Interim { plan: text() })),
        ("record interim plan", giver.clone(), Ask::RecordInterimPlan(text())),
        ("settle", head, Ask::Settle(text())),
        ("correct", giver.clone(), Ask::Correct { field: "family".to_owned(), text: text(), repoint: None }),
        ("close by giver", giver.clone(), Ask::Close),
        ("close by taker", taker, Ask::Close),
        ("declare conflict", giver, Ask::DeclareConflict),
    ]
}

fn answers() -> String {
    let mut table = String::new();
    for world in stages() {
        writeln!(table, "{}", world.stage(1).code()).unwrap();
        for (name, by, ask) in commands() {
            let answer = match world.decide(world.asking(&by, 1, ask)) {
                Ok(events) if events.is_empty() => "(quiet)".to_owned(),
                Ok(events) => names(&events).join(" + "),
                Err(refusal) => format!("no: {}", kernel::Refusal::code(&refusal)),
            };
            writeln!(table, "  {name}: {answer}").unwrap();
        }
    }
    table
}

/// The table was read by people; whoever changes a rule changes a line of it.
#[test]
fn every_command_in_every_stage_has_its_answer() {
    let found = answers();
    println!("{found}");
    assert_eq!(stages().iter().map(|world| world.stage(1)).collect::<std::collections::BTreeSet<_>>().len(), 13);
    for (number, (found, expected)) in found.lines().zip(include_str!("table.txt").lines()).enumerate() {
        assert_eq!(found, expected, "line {}", number + 1);
    }
    assert_eq!(found.lines().count(), include_str!("table.txt").lines().count());
}

/// Whoever is no party gets nowhere, in any stage, with any command.
#[test]
fn a_third_borough_the_hospital_and_the_board_change_nothing_in_any_stage() {
    let board = kernel::Role::BoardAuditor;
    for world in stages() {
        for (name, _, ask) in commands() {
            for by in [worker(&c()), manager(&c()), nurse(), person("board", board, "auditor")] {
                if name == "escalate" && by == nurse() {
                    continue;
                }
                let answer = world.decide(world.asking(&by, 1, ask.clone()));
                assert!(answer.is_err(), "{name} by {by:?} in {:?}: {answer:?}", world.stage(1));
            }
        }
    }
}

#[test]
fn before_the_offer_every_command_but_the_offer_is_refused() {
    let world = World::with_children(&[1]);
    for (name, by, ask) in commands().into_iter().skip(1) {
        assert_eq!(world.refused(&by, 1, ask), "not_offered", "{name}");
    }
}

/// Every command that writes is refused on an older version.
#[test]
fn a_stale_command_is_refused_in_every_stage() {
    let mut tried = 0;
    for world in stages() {
        for (name, by, ask) in commands().into_iter().filter(|(name, ..)| !matches!(*name, "offer" | "declare conflict")) {
            let mut command = world.asking(&by, 1, ask);
            if world.decide(command.clone()).is_ok_and(|events| !events.is_empty()) {
                let crate::rules::What::Ask { on, .. } = &mut command.what else { panic!("an ask") };
                *on -= 1;
                assert_eq!(code(world.decide(command)), "stale", "{name} in {:?}", world.stage(1));
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn stages_have_the_names_of_the_contract() {
    let names: Vec<_> = stages().iter().map(|world| serde_json::to_value(world.stage(1)).unwrap()).collect();
    assert!(names.iter().zip(stages()).all(|(name, world)| name == world.stage(1).code()), "{names:?}");
    assert_eq!(Stage::HandedOver.code(), "handed_over");
}
