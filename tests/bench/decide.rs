//! W2: a real transfer command, decided on a stream of 20 events by the rules of case transfer, and recorded.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use case_transfer::{
    clocks::When,
    ledger::{Duty, Fact},
    rules::{CaseTransfer, Command, Event, Scope, What, transfer_stream},
    transfer::{Ask, Item, Offer, Sheet, Whereabouts},
};
use event_store::{Context, Decided, Outcome, Request, Store, migrate, pool};
use kernel::{
    Actor, Borough, ChildId, Decider as _, Org, Person, Priority, ReferralId, Role, Sealed, Timestamp, TransferId,
    edition::{Edition, Editions},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{SPAN, report, server::Server};

/// More streams than the writer keeps at hand, so that most commands load theirs.
const TRANSFERS: u64 = 3_000;

/// The fastest PostgreSQL peer at 64 clients, as the design measured it on such a machine.
const PEER: f64 = 3_500.0;

pub(crate) async fn run(server: &Server) {
    let name = "bench_decide";
    server.postgres.create_database(name).await.expect("the database is made");
    let owner = pool::connect(&server.postgres.url(name, embedded::OWNER), 4).await.expect("the owner connects");
    migrate::<Event>(&owner, &[]).await.expect("the log is made");
    let app = pool::connect(&server.postgres.url(name, "hub_app"), 16).await.expect("the service connects");
    let (store, writer) = Store::open(app, "bench", Vec::new());
    drop(tokio::spawn(writer));
    let world = World::new();
    for number in 0..TRANSFERS {
        let events = world.history(number);
        let streams = events.iter().map(kernel::StoredEvent::stream).collect::<BTreeSet<_>>().into_iter().collect();
        let decide =
            move |_: &event_store::Past<'_, Event>| Ok(Decided { events: events.clone(), status: 200, body: Value::Null, resource: None });
        let filled = store.execute(request(streams, Box::new(decide))).await.expect("the history is recorded");
        assert!(matches!(filled, Outcome::Done(_)));
    }
    let rate = measure(&store, &world).await;
    report(
        "W2 transfer commands a second on streams of 20 events, 64 clients, against the fastest PostgreSQL peer's 3,500",
        "1/s",
        (rate, PEER),
        ">= 3",
    );
}

async fn measure(store: &Store<Event>, world: &World) -> f64 {
    let (next, done) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(0_u64)));
    let start = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (store, world, next, done) = (store.clone(), world.clone(), Arc::clone(&next), Arc::clone(&done));
            tokio::spawn(async move {
                let mut own = 0;
                while start.elapsed() < SPAN {
                    // A stride that visits every transfer before any again.
                    let number = next.fetch_add(1, Ordering::Relaxed) * 1_009 % TRANSFERS;
                    let outcome = store.execute(world.correction(number)).await.expect("the command is recorded");
                    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
                    own += 1;
                }
                *done.lock().expect("no panic before") += own;
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends");
    }
    *done.lock().expect("no panic before") as f64 / start.elapsed().as_secs_f64()
}

fn request(streams: Vec<kernel::Stream>, decide: event_store::Decide<Event>) -> Request<Event> {
    let context = Context {
        actor: Actor::hub("bench"),
        occurred_at: None,
        recorded_at: Timestamp::now(),
        correlation: String::new(),
        causation: None,
    };
    Request { streams, expect: None, unmoved: None, receipt: None, context, advance: None, decide, describe: None }
}

/// Two boroughs and a worker of the giving one.
#[derive(Clone)]
struct World {
    giver: Borough,
    taker: Borough,
    worker: Person,
    edition: Arc<Edition>,
    at: When,
}

impl World {
    fn new() -> Self {
        let (giver, taker): (Borough, Borough) = ("E08000003".parse().expect("a code"), "E08000006".parse().expect("a code"));
        let actor = Actor { id: "worker".to_owned(), name: "Worker".to_owned(), org: Org::Borough(giver.clone()), role: Role::DutyWorker };
        let now = Timestamp::now();
        Self {
            giver,
            taker,
            worker: actor.try_into().expect("a person"),
            edition: Arc::new(Editions::first().in_force(now).clone()),
            at: When::now(now),
        }
    }

    /// A child that is referred, offered, and corrected eighteen times, as the rules themselves answer.
    fn history(&self, number: u64) -> Vec<Event> {
        let mut events = Vec::new();
        let what = What::Fact {
            child: child(number),
            fact: Fact::ContactOpened {
                referral: ReferralId::from_uuid(Uuid::from_u128(u128::from(number))),
                received_by: self.giver.clone(),
                home: None,
                received_at: self.at.recorded_at,
                day_by: self.at.recorded_at,
                late_by: self.at.recorded_at,
                edition: 1,
            },
        };
        self.carry_out(&mut events, number, what);
        let item = Item {
            child: child(number),
            duties: BTreeSet::from([Duty::EmergencyAction]),
            whereabouts: Whereabouts::NotKnown,
            shielded: false,
            unborn: false,
        };
        let sheet = Sheet {
            child_says: None,
            situation: text(),
            assessment: Some(text()),
            family: Some(text()),
            expected: Some(text()),
            interim_plan: None,
            recording: None,
            not_known: Vec::new(),
        };
        let (from, to) = (self.giver.clone(), self.taker.clone());
        let offer =
            Offer { from, to, priority: Priority::P2, items: vec![item], sheet, discharge_pending: false, followers: BTreeSet::new() };
        let ask = Ask::Offer { offer: Box::new(offer), replaces: None };
        self.carry_out(&mut events, number, What::Ask { transfer: transfer(number), by: self.worker.clone(), on: 0, side: None, ask });
        for version in 1..20 {
            self.carry_out(&mut events, number, self.correct(number, version));
        }
        events
    }

    fn carry_out(&self, events: &mut Vec<Event>, number: u64, what: What) {
        let state = CaseTransfer::replay(events.iter());
        let new = CaseTransfer::decide(&state, self.command(number, what)).expect("the rules say yes");
        events.extend(new);
    }

    fn command(&self, number: u64, what: What) -> Command {
        let scope = Scope {
            children: BTreeSet::from([child(number)]),
            boroughs: BTreeSet::from([self.giver.clone(), self.taker.clone()]),
            ..Scope::default()
        };
        Command::under(&self.edition, Priority::P2, self.at, scope, what)
    }

    fn correct(&self, number: u64, on: i64) -> What {
        let ask = Ask::Correct { field: "family".to_owned(), text: text(), repoint: None };
        What::Ask { transfer: transfer(number), by: self.worker.clone(), on, side: None, ask }
    }

    fn correction(&self, number: u64) -> Request<Event> {
        let world = self.clone();
        let streams = self.command(number, self.correct(number, 0)).streams();
        let decide = move |past: &event_store::Past<'_, Event>| {
            let on = past.version(&transfer_stream(transfer(number)));
            let command = world.command(number, world.correct(number, on));
            let events = CaseTransfer::decide(&past.replay::<CaseTransfer>(), command)?;
            Ok(Decided { events, status: 200, body: Value::Null, resource: None })
        };
        request(streams, Box::new(decide))
    }
}

fn child(number: u64) -> ChildId {
    ChildId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

fn transfer(number: u64) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

/// As long as a sealed sentence.
fn text() -> Sealed {
    Sealed { key: "key".to_owned(), box_: "A".repeat(240) }
}
