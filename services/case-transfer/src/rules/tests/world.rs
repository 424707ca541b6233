//! Made-up boroughs, people and children to try the rules on.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::{SignedDuration, civil::time};
use kernel::{
    Actor, Borough, ChildId, Decider, GlassId, Org, Person, Priority, ReferralId, Role, Sealed, Timestamp, TransferId, edition::Editions,
};
use uuid::Uuid;

use crate::{
    board::{Board, Reached},
    clocks::{Clocks, When},
    desk::{Desk, OnCall, Week},
    ledger::{Duty, DutyAsk, Fact, Ledger, Outcome, Reminder},
    rules::{CaseTransfer, Command, Event, Refusal, Scope, Situation, What},
    transfer::{Ask, Asked, Item, Offer, Sheet, Stage, Talk, Tell, Transfer, Whereabouts},
};

/// Manchester, Salford and Trafford.
pub(crate) const CODES: [&str; 3] = ["E08000003", "E08000006", "E08000009"];
/// A hospital.
pub(crate) const HOSPITAL: &str = "RM301";

pub(crate) fn borough(place: usize) -> Borough {
    CODES[place].parse().unwrap()
}

/// The borough that holds the duties at first.
pub(crate) fn a() -> Borough {
    borough(0)
}

/// The borough that is asked.
pub(crate) fn b() -> Borough {
    borough(1)
}

/// A third borough.
pub(crate) fn c() -> Borough {
    borough(2)
}

pub(crate) fn child(number: u128) -> ChildId {
    ChildId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn trf(number: u128) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn gls(number: u128) -> GlassId {
    GlassId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn referral(number: u128) -> ReferralId {
    ReferralId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn actor(org: &str, role: Role, name: &str) -> Actor {
    Actor { id: format!("{name}@{org}"), name: name.to_owned(), org: org.parse().unwrap(), role }
}

pub(crate) fn person(org: &str, role: Role, name: &str) -> Person {
    Person::try_from(actor(org, role, name)).unwrap()
}

pub(crate) fn worker(borough: &Borough) -> Person {
    person(borough.code(), Role::DutyWorker, "worker")
}

pub(crate) fn manager(borough: &Borough) -> Person {
    person(borough.code(), Role::DutyManager, "manager")
}

pub(crate) fn nurse() -> Person {
    person(HOSPITAL, Role::Referrer, "nurse")
}

pub(crate) fn system(borough: &Borough) -> Actor {
    actor(borough.code(), Role::BoroughSystem, "system")
}

pub(crate) fn words(text: &str) -> Sealed {
    Sealed { key: "key-1".to_owned(), box_: text.to_owned() }
}

pub(crate) fn asked(children: &[u128], duty: Duty) -> Vec<Asked> {
    children.iter().map(|number| Asked { child: child(*number), duties: BTreeSet::from([duty]) }).collect()
}

pub(crate) fn item(number: u128, duties: &[Duty]) -> Item {
    let duties = duties.iter().copied().collect();
    Item { child: child(number), duties, whereabouts: Whereabouts::NotKnown, shielded: false, unborn: false }
}

pub(crate) fn sheet() -> Sheet {
    Sheet {
        child_says: Some(words("I want to go home")),
        situation: words("on the ward, injury not explained"),
        assessment: None,
        family: None,
        expected: None,
        interim_plan: None,
        recording: None,
        not_known: vec![words("where the brother is")],
    }
}

pub(crate) fn offer(from: &Borough, to: &Borough, items: Vec<Item>) -> Box<Offer> {
    let followers = BTreeSet::from([HOSPITAL.parse::<Org>().unwrap()]);
    let (from, to) = (from.clone(), to.clone());
    Box::new(Offer { from, to, priority: Priority::P1, items, sheet: sheet(), discharge_pending: true, followers })
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Tuesday, 11:00 in London.
pub(crate) fn start() -> Timestamp {
    at("2026-11-24T11:00:00Z")
}

pub(crate) fn desk(covered_by: Option<&Borough>) -> Desk {
    let rota = |level| OnCall {
        level,
        name: format!("on call {level}"),
        phone: format!("0161 000 000{level}"),
        from: at("2026-11-01T00:00:00Z"),
        to: at("2027-02-01T00:00:00Z"),
    };
    Desk {
        week: Week::working_days(time(9, 0, 0, 0), time(17, 0, 0, 0)),
        closed_on: BTreeSet::new(),
        phone_day: "0161 111".to_owned(),
        phone_night: "0161 222".to_owned(),
        covered_by: covered_by.cloned(),
        rota: (1..=3).map(rota).collect(),
    }
}

pub(crate) fn board() -> Board {
    let reached = |post: &str, phone: &str| Reached { name: post.to_owned(), phone: phone.to_owned() };
    Board { chair: reached("chair of the board", "0161 000 0091"), deputy: reached("deputy of the chair", "0161 000 0092") }
}

static EDITIONS: LazyLock<Editions> = LazyLock::new(Editions::first);

/// A small area, with everything that has happened in it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now: Situation,
    pub(crate) time: Timestamp,
    pub(crate) priority: Priority,
    pub(crate) log: Vec<Event>,
}

impl World {
    /// Nobody is connected.
    pub(crate) fn empty() -> Self {
        Self { now: Situation::default(), time: start(), priority: Priority::P1, log: vec![] }
    }

    /// Three boroughs with a desk each.
    pub(crate) fn connected() -> Self {
        let mut world = Self::empty();
        for borough in [a(), b(), c()] {
            world.set_desk(&borough, desk(None));
        }
        world
    }

    /// Children whose emergency action is with A.
    pub(crate) fn with_children(children: &[u128]) -> Self {
        let mut world = Self::connected();
        for number in children {
            world.contact(*number, *number, &a());
        }
        world
    }

    /// One child, offered by A to B as transfer 1.
    pub(crate) fn offered() -> Self {
        let mut world = Self::with_children(&[1]);
        world.offer(1, &a(), &b(), &[1]);
        world
    }

    /// One child, accepted by B.
    pub(crate) fn accepted() -> Self {
        let mut world = Self::offered();
        world.ask(&worker(&b()), 1, Ask::Accept(asked(&[1], Duty::EmergencyAction)));
        world
    }

    pub(crate) fn clocks(&self) -> Clocks {
        Clocks::under(EDITIONS.in_force(self.time), self.priority, self.time)
    }

    pub(crate) fn command(&self, what: What) -> Command {
        let children = self.now.ledgers.keys().copied().collect();
        let boroughs = [a(), b(), c()].into_iter().collect();
        let transfers = self.now.transfers.keys().copied().collect();
        let scope = Scope { children, boroughs, transfers };
        Command::under(EDITIONS.in_force(self.time), self.priority, When::now(self.time), scope, what)
    }

    pub(crate) fn asking(&self, by: &Person, transfer: u128, ask: Ask) -> Command {
        self.command(What::Ask { transfer: trf(transfer), by: by.clone(), on: self.version(transfer), side: None, ask })
    }

    pub(crate) fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        CaseTransfer::decide(&self.now, command)
    }

    /// Carries a command out, and proves that repeating it adds nothing.
    #[track_caller]
    pub(crate) fn run(&mut self, command: Command) -> Vec<Event> {
        let events = self.decide(command.clone()).unwrap_or_else(|refusal| panic!("refused: {refusal:?}"));
        self.take(&events);
        let again = self.decide(command).unwrap_or_default();
        assert!(again.is_empty(), "repeating it added {again:?}");
        events
    }

    pub(crate) fn take(&mut self, events: &[Event]) {
        for event in events {
            self.now.take(event);
            self.log.push(event.clone());
        }
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, by: &Person, transfer: u128, ask: Ask) -> Vec<Event> {
        self.run(self.asking(by, transfer, ask))
    }

    /// The code of the refusal.
    #[track_caller]
    pub(crate) fn refused(&self, by: &Person, transfer: u128, ask: Ask) -> &'static str {
        code(self.decide(self.asking(by, transfer, ask)))
    }

    #[track_caller]
    pub(crate) fn offer(&mut self, transfer: u128, from: &Borough, to: &Borough, children: &[u128]) -> Vec<Event> {
        let items = children.iter().map(|number| item(*number, &[Duty::EmergencyAction])).collect();
        self.ask(&worker(from), transfer, Ask::Offer { offer: offer(from, to, items), replaces: None })
    }

    #[track_caller]
    pub(crate) fn tell(&mut self, by: &Actor, transfer: u128, tell: Tell) -> Vec<Event> {
        self.run(self.command(What::Tell { transfer: trf(transfer), by: by.clone(), tell }))
    }

    #[track_caller]
    pub(crate) fn fact(&mut self, number: u128, fact: Fact) -> Vec<Event> {
        self.run(self.command(What::Fact { child: child(number), fact }))
    }

    /// A referral about a child who is found in a borough.
    #[track_caller]
    pub(crate) fn contact(&mut self, number: u128, about: u128, found: &Borough) -> Vec<Event> {
        let received_by = found.clone();
        let day_by = self.time + SignedDuration::from_hours(16);
        let (received_at, late_by) = (self.time, day_by + SignedDuration::from_hours(1));
        self.fact(
            about,
            Fact::ContactOpened { referral: referral(number), received_by, home: None, received_at, day_by, late_by, edition: 1 },
        )
    }

    #[track_caller]
    pub(crate) fn decision(&mut self, number: u128, about: u128, at: &Borough, outcome: Outcome) -> Vec<Event> {
        let (borough, by) = (at.clone(), worker(at));
        self.fact(about, Fact::ContactDecided { referral: referral(number), borough, outcome, by, edition: 1 })
    }

    pub(crate) fn about(&self, by: &Person, number: u128, ask: DutyAsk) -> Command {
        self.command(What::Duty { child: child(number), by: by.clone(), on: self.ledger(number).version, ask })
    }

    #[track_caller]
    pub(crate) fn duty(&mut self, by: &Person, number: u128, ask: DutyAsk) -> Vec<Event> {
        self.run(self.about(by, number, ask))
    }

    #[track_caller]
    pub(crate) fn remind(&mut self, number: u128, reminder: Reminder) -> Vec<Event> {
        self.run(self.command(What::Remind { child: child(number), reminder }))
    }

    #[track_caller]
    pub(crate) fn set_desk(&mut self, borough: &Borough, desk: Desk) {
        let on = self.now.desks.get(borough).map_or(0, |state| state.version);
        self.run(self.command(What::SetDesk { borough: borough.clone(), by: manager(borough), on, desk: Box::new(desk) }));
    }

    pub(crate) fn set_board(&mut self) {
        let (by, on) = (person("board", Role::BoardApprover, "approver"), self.now.board.version);
        self.run(self.command(What::SetBoard { by, on, board: board() }));
    }

    pub(crate) fn version(&self, transfer: u128) -> i64 {
        match self.now.transfers.get(&trf(transfer)) {
            Some(Transfer::Offered(talk)) => talk.version,
            Some(Transfer::NotOffered) | None => 0,
        }
    }

    #[track_caller]
    pub(crate) fn talk(&self, transfer: u128) -> &Talk {
        match self.now.transfers.get(&trf(transfer)) {
            Some(Transfer::Offered(talk)) => talk,
            Some(Transfer::NotOffered) | None => panic!("transfer {transfer} was never offered"),
        }
    }

    #[track_caller]
    pub(crate) fn stage(&self, transfer: u128) -> Stage {
        self.talk(transfer).stage
    }

    pub(crate) fn ledger(&self, number: u128) -> Ledger {
        self.now.ledgers.get(&child(number)).cloned().unwrap_or_default()
    }

    pub(crate) fn holder(&self, number: u128, duty: Duty) -> Option<Borough> {
        self.ledger(number).holder(duty).cloned()
    }

    pub(crate) fn emergency(&self, number: u128) -> Option<Borough> {
        self.holder(number, Duty::EmergencyAction)
    }

    pub(crate) fn later(&mut self, minutes: i64) {
        self.time += SignedDuration::from_mins(minutes);
    }
}

/// The code of a refusal.
#[track_caller]
pub(crate) fn code(answer: Result<Vec<Event>, Refusal>) -> &'static str {
    match answer {
        Ok(events) => panic!("not refused: {events:?}"),
        Err(refusal) => kernel::Refusal::code(&refusal),
    }
}

/// The type names of events, in order.
pub(crate) fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(kernel::StoredEvent::type_name).collect()
}
