//! Editions change while people work: every command is under exactly one, and it was in force then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use hub::client::{Client, Reply};
use jiff::SignedDuration;
use kernel::Timestamp;
use serde_json::{Value, json};
use service_kit::Clock;
use testkit::TestHub;
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

use super::{Press, first_edition, patiently};
use crate::flow::{concern, offer};

/// How much faster than real time the hub's clock goes.
const FASTER: i64 = 5;

/// How long people work, in the hub's time.
const WORK: SignedDuration = SignedDuration::from_secs(160);

/// Every edition number that an event cites.
fn cited(value: &Value, found: &mut Vec<i64>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("edition").and_then(Value::as_i64));
            members.values().for_each(|member| cited(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| cited(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Makes the hub's clock run, in small steps, until it is told to stop.
fn run_clock(clock: &Clock, over: &Arc<AtomicBool>, tasks: &mut JoinSet<()>) {
    let (clock, over) = (clock.clone(), Arc::clone(over));
    tasks.spawn(async move {
        let (start, begun) = (clock.now(), tokio::time::Instant::now());
        while !over.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(2)).await;
            let passed = i64::try_from(begun.elapsed().as_millis()).unwrap();
            clock.set(start + SignedDuration::from_millis(passed * FASTER));
        }
    });
}

/// Sends a command until it is recorded.
async fn send(who: &Client, open: &Semaphore, path: &str, (key, body): (&str, &Value)) -> Reply {
    let _open = open.acquire().await.unwrap();
    let reply = patiently(|| async move { who.post(path, key, body).await.unwrap() }).await;
    assert_eq!(reply.status, 201, "{path}: {}", reply.body);
    reply
}

/// How many commands people send in a second, whether or not those before were answered.
const RATE: u64 = 50;

/// How many may be unanswered at once: a machine that falls behind is asked less, and then the test says so. Who waits for the ledger asks
/// for nothing meanwhile.
const OPEN: usize = 16;

/// How many may wait for the ledger or for an answer.
const WAITING: usize = 64;

/// How long a ledger that has more to do than the machine can may take to hear of a referral.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many referrals it takes until a child of one is also offered to another borough.
const REFERRALS_TO_AN_OFFER: u64 = 4;

/// Refers a child, and offers every few of them. How many commands were recorded is added up.
async fn work(who: Client, turn: u64, open: Arc<Semaphore>, done: Arc<AtomicU32>) {
    let own = who.who.org.to_string();
    let name = format!("{}-{turn}", who.who.id);
    let referral = concern(&format!("Child {name}"), json!({ "borough": own }));
    let referred = send(&who, &open, "/api/intake/referrals", (&format!("{name}-r"), &referral)).await;
    done.fetch_add(1, Ordering::Relaxed);
    if !turn.is_multiple_of(REFERRALS_TO_AN_OFFER) {
        return;
    }
    let child = referred.text("/children/0/child_id").to_owned();
    // The ledger hears of the referral in a moment; a read waits for that.
    let path = format!("/api/transfers/children/{child}/responsibility");
    let begun = tokio::time::Instant::now();
    while who.get(&path).await.unwrap().status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the ledger does not hear of {name}");
        // Each question is written down as a look: asking often would keep the ledger from hearing.
        sleep(Duration::from_millis(400)).await;
    }
    let to = if own == "E08000006" { "E08000003" } else { "E08000006" };
    let offered = offer(to, "P2", &[(&child, &["emergency_action"])]);
    send(&who, &open, "/api/transfers", (&format!("{name}-o"), &offered)).await;
    done.fetch_add(1, Ordering::Relaxed);
}

/// Sends commands at their rate until it is told to stop, and waits for the answers.
async fn drive(people: Vec<Client>, over: Arc<AtomicBool>, done: Arc<AtomicU32>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / RATE));
    let (mut at_work, open) = (JoinSet::new(), Arc::new(Semaphore::new(OPEN)));
    for turn in 0.. {
        ticks.tick().await;
        while let Some(ended) = at_work.try_join_next() {
            ended.unwrap();
        }
        while at_work.len() >= WAITING || open.available_permits() == 0 {
            at_work.join_next().await.unwrap().unwrap();
        }
        if over.load(Ordering::Relaxed) {
            break;
        }
        let who = &people[usize::try_from(turn).unwrap() % people.len()];
        at_work.spawn(work(who.clone(), turn / u64::try_from(people.len()).unwrap(), Arc::clone(&open), Arc::clone(&done)));
    }
    at_work.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_editions_change_under_load_every_command_cites_exactly_one_edition_in_force_at_its_recorded_time() {
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let file = first_edition("load", 1);
    let hub = TestHub::start_at("load", &start.to_string(), Some(&file)).await.with_desks().await;
    let press = Press::new(|id| hub.person(id), &["salford"]);
    // Most are scheduled before people begin, and some while they work.
    let begin = start + SignedDuration::from_secs(61);
    let mut changes = BTreeMap::from([(Timestamp::MIN, 1)]);
    for number in 0..40 {
        let from = begin + SignedDuration::from_secs(4 * number);
        changes.insert(from, press.publish(from, |document| document["parts"]["title"] = format!("Edition {number}").into()).await);
    }
    hub.settled().await;
    hub.clock.set(begin - SignedDuration::from_secs(1));
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut at_work = JoinSet::new();
    let people = ["manchester", "salford", "bolton", "bury", "oldham", "wigan", "rochdale", "stockport", "tameside", "trafford"];
    let people = people.into_iter().map(|borough| hub.person(&format!("{borough}-duty"))).collect();
    at_work.spawn(drive(people, Arc::clone(&over), Arc::clone(&done)));
    run_clock(&hub.clock, &over, &mut at_work);
    let begun = tokio::time::Instant::now();
    let mut last = *changes.keys().next_back().unwrap();
    for number in 0..10 {
        // Its notice is kept, also where people are slow and the clock is not.
        last = (last + SignedDuration::from_secs(2)).max(whole(hub.clock.now() + SignedDuration::from_secs(150)));
        changes.insert(last, press.publish(last, |document| document["parts"]["title"] = format!("Late {number}").into()).await);
    }
    while hub.clock.now() < begin + WORK {
        sleep(Duration::from_millis(20)).await;
        assert!(begun.elapsed() < Duration::from_secs(120), "the clock does not run");
    }
    over.store(true, Ordering::Relaxed);
    at_work.join_all().await;
    let took = begun.elapsed();
    hub.settled().await;
    let Judged { asked, events, editions } = judge(&hub, &changes).await;
    let commands = done.load(Ordering::Relaxed);
    println!("editions: {commands} commands in {took:?}, {events} events cite {editions} editions");
    assert_eq!(asked, usize::try_from(commands).unwrap(), "each recorded command is on a log once, under an edition");
    assert!(commands >= 60 && editions >= 8, "{commands} commands under {editions} editions prove nothing");
    hub.finish().await;
}

/// What the commands of this test are on the logs.
const ASKED: [&str; 2] = ["referral.received", "transfer.offered"];

/// What the logs hold.
struct Judged {
    /// How many commands of people, each of which cites an edition.
    asked: usize,
    /// How many events that cite one.
    events: usize,
    /// How many different ones.
    editions: usize,
}

/// Looks at every event of both logs: what people asked for cites the one edition that was in force when it was recorded, and
/// whatever else cites one does too.
async fn judge(hub: &TestHub, changes: &BTreeMap<Timestamp, i64>) -> Judged {
    let mut seen = BTreeSet::new();
    let (mut asked, mut events) = (0, 0);
    for service in ["intake", "transfers"] {
        let log = event_store::Log::new(hub.owner(service).await, service);
        for row in log.after(0, 1_000_000).await.unwrap() {
            let mut numbers = Vec::new();
            cited(&serde_json::from_slice(&row.data).unwrap(), &mut numbers);
            let Some(first) = numbers.first() else {
                assert!(!ASKED.contains(&row.type_name.as_str()), "{service} {} ({}) cites no edition", row.position, row.type_name);
                continue;
            };
            asked += usize::from(ASKED.contains(&row.type_name.as_str()));
            assert!(numbers.iter().all(|number| number == first), "{service} {} cites {numbers:?}", row.position);
            let (_, expected) = changes.range(..=row.recorded_at).next_back().unwrap();
            assert_eq!(first, expected, "{service} {} ({}) of {}", row.position, row.type_name, row.recorded_at);
            seen.insert(*first);
            events += 1;
        }
    }
    Judged { asked, events, editions: seen.len() }
}

fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap()
}
