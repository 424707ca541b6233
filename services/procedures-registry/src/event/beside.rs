//! What stands beside the editions, as the golden files have it.

use std::collections::BTreeSet;

use kernel::{Actor, Person, QuestionId, ReferralId, Role, Timestamp, VariationId};

use super::*;
use crate::{
    document::ContentHash,
    field::Answer,
    form_use,
    reading::ReaderEvent,
    variation::{Made, notice_at},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn person(id: &str, org: &str, role: Role) -> Person {
    Actor { id: id.to_owned(), name: "Somebody".to_owned(), org: org.parse().unwrap(), role }.try_into().unwrap()
}

fn varied() -> Vec<Event> {
    let place = || "E08000006.police-protection".parse::<Place>().unwrap();
    let (id, until) = (VariationId::from_uuid(Uuid::from_u128(1)), at("2027-02-01T00:00:00Z"));
    let by = person("sah", "E08000006", Role::HeadOfService);
    let made = Made {
        id,
        text: "Ring the other station first.".to_owned(),
        reason: "The custody suite is closed.".to_owned(),
        owner: "head of the front door".to_owned(),
        from: at("2026-12-01T00:00:00Z"),
        until,
        notice_at: notice_at(until, 14),
        renews: Some(VariationId::from_uuid(Uuid::from_u128(2))),
        by: by.clone(),
        at: at("2026-11-23T02:14:00Z"),
    };
    let ended = VariationEvent::Ended { id, reason: "It is open again.".to_owned(), by, at: at("2026-12-05T00:00:00Z") };
    let all =
        [VariationEvent::Made(Box::new(made)), ended, VariationEvent::ExpiresSoon { id, until }, VariationEvent::Expired { id, until }];
    all.into_iter().map(|event| Event::Variation(place(), event)).collect()
}

fn read() -> Vec<Event> {
    let (procedure, hash, now) = ("police-protection".parse().unwrap(), ContentHash("a".repeat(64)), at("2026-11-23T02:14:00Z"));
    let (question, worker) = (QuestionId::from_uuid(Uuid::from_u128(3)), person("sal", "E08000006", Role::DutyWorker));
    let read = ReaderEvent::Read { procedure, edition: 2, hash: hash.clone(), by: worker.clone(), at: now };
    let asked = ReaderEvent::Asked {
        question,
        procedure: "police-protection".parse().unwrap(),
        edition: 2,
        hash,
        text: "Who rings at night?".to_owned(),
        by: worker,
        at: now,
    };
    let author = person("aut", "E08000003", Role::ProcedureAuthor);
    let answered = ReaderEvent::Answered { question, text: "The duty desk.".to_owned(), by: author, at: now };
    let manager = person("sam", "E08000006", Role::DutyManager);
    let expected = CoverageEvent::ExpectedSet { role: Role::DutyWorker, expected: 12, by: manager, at: now };
    let told = [read, asked, answered].into_iter().map(|event| Event::Reader("sal".to_owned(), event));
    told.chain([Event::Coverage("E08000006".parse().unwrap(), expected)]).collect()
}

fn asked_and_used() -> Vec<Event> {
    let now = at("2026-11-23T02:14:00Z");
    let (nurse, board) = (person("nurse", "RM301", Role::Referrer), person("bap", "board", Role::BoardApprover));
    let nominated = FieldEvent::Nominated { number: 1, reason: "Nobody reads it.".to_owned(), by: nurse, at: now };
    let answer = Answer::Remove { from_edition: 3, why: "It serves no decision.".to_owned() };
    let answered = FieldEvent::Answered { number: 1, answer, by: board, at: now };
    let some = |names: [&str; 2]| names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let referral = ReferralId::from_uuid(Uuid::from_u128(4));
    let filled = UseEvent::Filled { edition: 2, fields: some(["concern", "names"]), received_at: now };
    let from = form_use::Place::Hospital;
    let begun = SittingEvent::Begun { edition: 2, from, at: now };
    let sat = SittingEvent::Sat { edition: 2, from, seconds: 200, fields: [("concern".to_owned(), 90)].into(), sent: true, at: now };
    vec![
        Event::Field("needs".to_owned(), nominated),
        Event::Field("needs".to_owned(), answered),
        Event::Bin(BinEvent::Promised { field: "needs".to_owned(), from_edition: Some(3) }),
        Event::Use(referral, filled),
        Event::Use(referral, UseEvent::Decided { read: some(["concern", "names"]), decided_at: now }),
        Event::Sitting(Uuid::from_u128(5), begun),
        Event::Sitting(Uuid::from_u128(5), sat),
    ]
}

/// One event of each type that stands beside the editions.
pub(super) fn samples() -> Vec<Event> {
    [varied(), read(), asked_and_used()].concat()
}
