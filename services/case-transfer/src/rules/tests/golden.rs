//! One file per event type that was ever released: it must decode for ever, and to the same bytes.

use std::{collections::BTreeSet, fs, path::PathBuf};

use kernel::{
    ReferralId, Role, StoredEvent, Stream,
    edition::{EditionEvent, Learnt},
};

use super::world::*;
use crate::{
    board::BoardEvent,
    clocks::{Clock, When},
    desk::{DeskEvent, Gap},
    glass::{Finding, GlassEvent},
    ledger::{Acceptance, Duty, Ending, Kept, LedgerEvent, Named, Opening, Outcome, PlanKind, Power, Settled},
    look::LookEvent,
    rules::Event,
    transfer::{Cause, Chain, DeclineReason, Disagreement, Post, Repoint, Side, Spoken, TransferEvent},
};

/// One event of every type.
pub(super) fn samples() -> Vec<Event> {
    let transfer = |event| Event::Transfer(trf(1), event);
    let ledger = |event| Event::Ledger(child(1), event);
    let talks = [beginnings(), answers(), afterwards()].concat().into_iter().map(transfer);
    let duties = [duties(), contacts(), circumstances()].concat().into_iter().map(ledger);
    let gap = Gap { level: 2, from: start(), to: start() };
    let desks = [DeskEvent::Set { desk: Box::new(desk(Some(&c()))), by: manager(&a()), at: now() }, DeskEvent::RotaGap { gap, at: now() }];
    let by = person("board", Role::BoardApprover, "approver");
    let boards = [BoardEvent::Set { board: board(), by, at: now() }, BoardEvent::ChairGap { at: now() }].map(Event::Board);
    let viewed = LookEvent::Viewed { children: vec![child(1)], by: actor(b().code(), Role::DutyWorker, "worker"), at: now() };
    let looks = [Event::Look(trf(1), viewed.clone()), Event::ChildLook(child(1), viewed)];
    let editions = editions().into_iter().map(Event::Edition);
    let glasses = glasses().map(|event| Event::Glass(gls(1), event));
    talks
        .chain(duties)
        .chain(glasses)
        .chain(desks.map(|event| Event::Desk(a(), event)))
        .chain(boards)
        .chain(looks)
        .chain(editions)
        .collect()
}

fn now() -> When {
    When::late(at("2026-11-24T11:05:00Z"), start())
}

fn one() -> ReferralId {
    referral(1)
}

fn beginnings() -> Vec<TransferEvent> {
    let (at, by, text) = (now(), worker(&b()), words("sealed"));
    let chain = Chain { first_offered_at: start(), declines: 0, previous: Some(trf(9)) };
    let (asked, clocks) = (asked(&[1], Duty::EmergencyAction), World::empty().clocks());
    vec![
        TransferEvent::Offered {
            offer: offer(&a(), &b(), vec![item(1, &[Duty::EmergencyAction, Duty::Plan])]),
            asked,
            already_held: vec![],
            chain,
            connected: true,
            clocks,
            by: worker(&a()),
            at,
        },
        TransferEvent::Delivered { route: "live queue".to_owned(), by: system(&b()), at },
        TransferEvent::LinkDown { phone: Some("0161 111".to_owned()), at },
        TransferEvent::Seen { by: by.clone(), at },
        TransferEvent::InformationRequested { text: text.clone(), by: by.clone(), at },
        TransferEvent::InformationGiven { text: text.clone(), by: worker(&a()), at },
        TransferEvent::ConditionsProposed { text: text.clone(), by, at },
        TransferEvent::ConditionsAgreed { edition: 1, by: worker(&a()), at },
        TransferEvent::Escalated { level: 1, people: vec![named()], because: Cause::Clock(Clock::SeenBy), next_at: Some(start()), at },
        TransferEvent::ClockRanOut { clock: Clock::SeenBy, due: start(), at },
        TransferEvent::FactCorrected {
            field: "child".to_owned(),
            text,
            repoint: Some(Repoint { from: child(1), to: child(2) }),
            by: worker(&a()),
            at,
        },
    ]
}

fn named() -> Named {
    Named { borough: Some(b()), name: "on call 1".to_owned(), phone: "0161 000 0001".to_owned() }
}

fn answers() -> Vec<TransferEvent> {
    let (at, by, text) = (now(), worker(&b()), words("sealed"));
    let (taken, clocks) = (asked(&[1], Duty::EmergencyAction), World::empty().clocks());
    let reason = DeclineReason::NotOurArea;
    vec![
        TransferEvent::Accepted { taken: taken.clone(), left: vec![], clocks, by: by.clone(), at },
        TransferEvent::AcceptedElsewhere {
            taken,
            left: asked(&[2], Duty::EmergencyAction),
            person: text.clone(),
            role: Post::Plain("duty manager".to_owned()),
            spoken_at: start(),
            evidence: text.clone(),
            clocks,
            by: manager(&a()),
            at,
        },
        TransferEvent::RestSettled { next: Some(trf(2)), reason: Some(text.clone()), edition: 1, by: worker(&a()), at },
        TransferEvent::SiblingsSplit { taken: vec![child(1)], left: vec![child(2)], managers: vec![named()], at },
        TransferEvent::Received { by: system(&b()), at },
        TransferEvent::Declined { reason, text: Some(text.clone()), suggest: Some(c()), clocks, by: by.clone(), at },
        TransferEvent::Redirected { to: c(), next: trf(2), edition: 1, by: worker(&a()), at },
        TransferEvent::Withdrawn { reason: text, edition: 1, by: worker(&a()), at },
        TransferEvent::Superseded { next: trf(2), edition: 1, by: worker(&a()), at },
        TransferEvent::HandedBack { next: trf(2), edition: 1, by, at },
    ]
}

fn afterwards() -> Vec<TransferEvent> {
    let (at, by, text) = (now(), worker(&b()), words("sealed"));
    let (giver, taker, read_back) = (text.clone(), text.clone(), Some(text.clone()));
    let people = [text.clone(), text.clone()];
    let because = Disagreement::SecondDecline;
    vec![
        TransferEvent::HandoverConfirmed { side: Side::Taker, giver, taker, spoken: Spoken::At(start()), read_back, by: by.clone(), at },
        TransferEvent::HandedOver { edition: 1, by: by.clone(), at },
        TransferEvent::AgreementRecorded {
            side: Side::Taker,
            people,
            spoken_at: start(),
            text: text.clone(),
            confirm_by: start(),
            by: by.clone(),
            at,
        },
        TransferEvent::AgreementConfirmed { by: worker(&a()), at },
        TransferEvent::DisputeOpened { because, interim_plan: None, settle_by: None, edition: 1, by: by.clone(), at },
        TransferEvent::InterimPlanRecorded { plan: text.clone(), by: worker(&a()), at },
        TransferEvent::SettlementSigned { side: Side::Giver, text, edition: 1, by: manager(&a()), at },
        TransferEvent::DisputeSettled { edition: 1, by: manager(&b()), at },
        TransferEvent::ConflictDeclared { by: by.clone(), at },
        TransferEvent::Closed { edition: 1, by, at },
    ]
}

fn duties() -> Vec<LedgerEvent> {
    let (at, by, duty) = (now(), worker(&a()), Duty::EmergencyAction);
    let why = Ending::Decision(one(), Outcome::Section47Enquiry);
    let because = Opening::Decision { referral: one(), by: by.clone(), edition: 1 };
    vec![
        LedgerEvent::DutyOpened { duty: Duty::Enquiry, holder: a(), because, at },
        LedgerEvent::DutyMoved { duty, from: a(), to: b(), transfer: trf(1), how: Acceptance::InTheHub, by: worker(&b()), edition: 1, at },
        LedgerEvent::DutyEnded { duty, holder: a(), why, by: by.clone(), edition: 1, at },
        LedgerEvent::DutyKept { duty, holder: a(), why: Kept::AnotherContactUndecided(referral(2)), at },
        LedgerEvent::PlanChanged { kind: PlanKind::LookedAfter, by, edition: 1, at },
        LedgerEvent::TransferOpened { transfer: trf(1), duties: vec![duty, Duty::Plan], to: None, at },
        LedgerEvent::TransferOver { transfer: trf(1), duties: vec![duty], unmoved: None, at },
    ]
}

fn contacts() -> Vec<LedgerEvent> {
    let (at, by, referral) = (now(), worker(&a()), one());
    let outcome = Outcome::Section47Enquiry;
    vec![
        LedgerEvent::ContactOpened {
            referral,
            borough: a(),
            received_by: b(),
            received_at: start(),
            day_by: Some(start()),
            late_by: None,
            edition: None,
            home: None,
            at,
        },
        LedgerEvent::ContactDecided { referral, borough: a(), outcome, by: by.clone(), edition: 1, at },
        LedgerEvent::ContactSettled { referral, how: Settled::Withdrawn, at },
        LedgerEvent::NightCaseDue { referral, told: vec![], at },
        LedgerEvent::NightCaseTaken { referral, by, at },
        LedgerEvent::NightCaseEscalated { referral, borough: a(), level: 1, to: Some(named()), at },
    ]
}

fn circumstances() -> Vec<LedgerEvent> {
    let (at, by) = (now(), worker(&a()));
    let power = Power::PoliceProtection;
    vec![
        LedgerEvent::ChildLinked { other: child(2), by: by.clone(), at },
        LedgerEvent::ChildUnlinked { other: child(2), by: by.clone(), at },
        LedgerEvent::ShieldSet { shielded: true, by: by.clone(), told: vec![], at },
        LedgerEvent::NoticeGiven { to: b(), until: Some(start()), text: words("sealed"), by: by.clone(), at },
        LedgerEvent::MissingReported { transfers: vec![trf(1)], by: by.clone(), told: vec![], at },
        LedgerEvent::MissingEnded { transfers: vec![trf(1)], by: by.clone(), told: vec![], at },
        LedgerEvent::PowerStarted { power, started_at: start(), ends_at: Some(start()), by: by.clone(), told: vec![], at },
        LedgerEvent::PowerEnded { power, by: by.clone(), told: vec![], at },
        LedgerEvent::PowerRanOut { power, ended_at: start(), told: vec![a()], at },
        LedgerEvent::ChildBorn { born_at: start(), by, at },
    ]
}

fn glasses() -> [GlassEvent; 6] {
    let (at, people, child) = (now(), vec![named()], child(1));
    [
        GlassEvent::Opened {
            child,
            reason: words("sealed"),
            holders: vec![a()],
            people: people.clone(),
            level: 2,
            tell_again_at: start(),
            until: start(),
            review_by: start(),
            by: worker(&b()),
            at,
        },
        GlassEvent::ToldAgain { child, holders: vec![a()], people, level: 3, tell_again_at: None, at },
        GlassEvent::Read { child, by: worker(&a()), at },
        GlassEvent::Ended { child, by: worker(&b()), at },
        GlassEvent::Reviewed { child, finding: Finding::Justified, text: words("sealed"), by: manager(&a()), at },
        GlassEvent::ReviewOverdue { child, holders: vec![a()], at },
    ]
}

/// Where the types of what is learnt of editions are named; both services keep them the same.
const EDITIONS: &str = include_str!("../../../../../shared/kernel/src/edition/learnt.rs");

fn editions() -> [EditionEvent; 2] {
    let parts = serde_json::Map::from_iter([("title".to_owned(), "Second edition".into())]);
    let (id, hash) = ("edition-2".to_owned(), "00".repeat(32));
    let learnt = Learnt { number: 2, id, in_force_from: start(), hash, parts };
    [EditionEvent::Learnt(learnt), EditionEvent::Withdrawn { number: 2 }]
}

fn file(event: &Event) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{}.v{}.json", event.type_name(), event.schema_version()))
}

#[test]
fn every_event_type_has_a_golden_file() {
    let sources = [
        include_str!("../../transfer/event.rs"),
        include_str!("../../ledger/event.rs"),
        include_str!("../event.rs"),
        include_str!("../../glass/event.rs"),
        EDITIONS,
    ];
    let named = |line: &'static str| line.trim().strip_suffix("\",")?.split_once("=> \"").map(|(_, name)| name);
    let in_code: BTreeSet<_> = sources.into_iter().flat_map(str::lines).filter_map(named).collect();
    let sampled: BTreeSet<_> = samples().iter().map(StoredEvent::type_name).collect();
    assert_eq!(in_code, sampled);
    assert!(in_code.len() > 50, "{in_code:?}");
}

/// `HUB_GOLDEN=write` writes the file of a type that has none; a file that exists is never written again.
#[test]
#[expect(clippy::disallowed_methods, reason = "the switch of a test, not of the service")]
fn every_golden_file_decodes_and_encodes_to_the_same_bytes() {
    for event in samples() {
        let (path, bytes) = (file(&event), event.to_data().unwrap());
        if !path.exists() && std::env::var("HUB_GOLDEN").is_ok_and(|value| value == "write") {
            fs::write(&path, [&bytes[..], b"\n"].concat()).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
        let kept = kept.strip_suffix(b"\n").unwrap_or(&kept);
        let decoded = Event::from_data(&event.stream(), event.type_name(), event.schema_version(), kept).unwrap();
        assert_eq!(decoded, event);
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(kept));
    }
}

#[test]
fn what_this_version_does_not_know_is_refused_without_quoting_it() {
    let event = &samples()[0];
    let data = event.to_data().unwrap();
    let stream = event.stream();
    assert!(Event::from_data(&stream, "transfer.offered", 2, &data).is_err());
    assert!(Event::from_data(&stream, "transfer.closed", 1, &data).is_err());
    assert!(Event::from_data(&Stream::new("other", "1"), "transfer.offered", 1, &data).is_err());
    let error = Event::from_data(&stream, "transfer.offered", 1, b"{\"offered\": \"Ada Smith\"}").unwrap_err();
    assert!(!error.to_string().contains("Ada"), "{error}");
}

#[test]
fn no_event_prints_what_is_sealed_or_who_is_on_call() {
    for event in samples() {
        let printed = format!("{event:?}");
        assert!(!printed.contains("box_") && !printed.contains("0161 000") && !printed.contains("on call 1"), "{printed}");
    }
}
