//! Simultaneous commands on one transfer, over HTTP: one wins, and every other caller is told what is so now.
//!
//! Each round takes one offer, and 2 to 16 people of the giver, the receiver and of boroughs that are no party accept, decline,
//! withdraw and close it at the same moment, each on the version that they read.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use hub::{
    client::{Client, Reply},
    people::{self, AREA, Someone},
    seed,
    stand::{Stand, StandOptions},
};
use hub_tests::storm::chance::{self, Chance};
use kernel::Directory;
use serde_json::{Value, json};
use service_kit::Clock;
use sqlx::PgPool;
use tokio::{sync::Barrier, task::JoinSet};

use crate::{editions::patiently, storm::directory};

const ROUNDS: usize = 500;

/// How many rounds go on at the same time.
const LANES: usize = 4;

/// Children in one referral, so that offers are made quickly: each is in a transfer of its own.
const SIBLINGS: usize = 10;

const DUTY: &str = "emergency_action";

/// One person of each post that may decide, by borough.
struct Cast {
    boroughs: Vec<(String, Vec<Client>)>,
}

impl Cast {
    fn ready(stand: &Stand) -> Self {
        let now = Clock::system().now();
        let client = |someone: &Someone| seed::client(&stand.url(), &stand.ground.signer, someone, now).unwrap();
        let of = |entry: &kernel::directory::BoroughEntry| {
            let staff: Vec<Client> = people::of_borough(&entry.code, &entry.name).iter().take(3).map(client).collect();
            (entry.code.to_string(), staff)
        };
        Self { boroughs: Directory::get().boroughs_of_area(AREA).map(of).collect() }
    }
}

/// An offer that is about to be fought over.
struct Offer {
    child: String,
    path: String,
    version: i64,
    from: usize,
    to: usize,
}

async fn offers(cast: &Cast, round: usize, chance: &mut Chance) -> Vec<Offer> {
    let from = usize::try_from(chance.below(8)).unwrap();
    let (code, staff) = &cast.boroughs[from];
    let giver = &staff[0];
    let children: Vec<Value> = (0..SIBLINGS).map(|n| json!({ "names": [format!("Sibling{n} Race{round}")], "age_about": n })).collect();
    let referral = json!({
        "concern": "A made-up concern.", "referrer": { "name": "Duty worker", "role": "social worker", "phone": "0161 496 0999" },
        "child_is_now": { "borough": code, "address": "1 Example Street" }, "danger_now": "yes", "children": children
    });
    // What is only made ready is asked for again where a crowded machine cannot; what is fought over is asked for once.
    let (key, referral) = (&chance.hex(), &referral);
    let referred = patiently(|| async move { giver.post("/api/intake/referrals", key, referral).await.unwrap() }).await;
    assert_eq!(referred.status, 201, "{}", referred.body);
    let mut offers = Vec::new();
    for number in 0..SIBLINGS {
        let child = referred.text(&format!("/children/{number}/child_id")).to_owned();
        let duty = responsibility(giver, &child).await;
        assert_eq!(duty.as_deref(), Some(code.as_str()));
        let to = (from + 1 + usize::try_from(chance.below(7)).unwrap()) % 8;
        let body = json!({
            "to": cast.boroughs[to].0, "priority": "P1", "items": [{ "child_id": child, "duties": [DUTY] }],
            "sheet": { "situation": "In hospital.", "assessment": "Seen.", "family": "Mother.", "expected": "Tonight.",
                       "child_says": "Nothing yet.", "not_known": ["Who the man is"] }
        });
        let (key, body) = (&chance.hex(), &body);
        let offered = patiently(|| async move { giver.post("/api/transfers", key, body).await.unwrap() }).await;
        assert_eq!(offered.status, 201, "{}", offered.body);
        let path = format!("/api/transfers/{}", offered.text("/transfer_id"));
        offers.push(Offer { child, path, version: offered.version.unwrap(), from, to });
    }
    offers
}

/// Who holds the duty, read as fresh as the reader's own last command. The ledger may take a moment to hear of a referral.
async fn responsibility(reader: &Client, child: &str) -> Option<String> {
    let path = format!("/api/transfers/children/{child}/responsibility");
    for _ in 0..10 {
        let shown = reader.get(&path).await.unwrap();
        if shown.status == 200 {
            return shown.body["duties"].as_array()?.iter().find(|held| held["duty"] == DUTY)?["holder"].as_str().map(str::to_owned);
        }
        assert_eq!(shown.status, 503, "{}", shown.body);
    }
    None
}

/// What a contestant sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Accept,
    Decline,
    Withdraw,
    Close,
}

impl Move {
    fn body(self, child: &str) -> (&'static str, Value) {
        match self {
            Self::Accept => ("accept", json!({ "items": [{ "child_id": child, "duties": [DUTY] }] })),
            Self::Decline => ("decline", json!({ "reason": "not_our_area", "text": "The address is elsewhere." })),
            Self::Withdraw => ("withdraw", json!({ "reason": "The child stays here." })),
            Self::Close => ("close", json!({})),
        }
    }
}

/// The contestants of a round: at least one of the giver and one of the receiver; the rest by chance, some of other boroughs.
fn contestants(cast: &Cast, offer: &Offer, chance: &mut Chance) -> Vec<(Client, Move, bool)> {
    let many = 2 + chance.below(15);
    let mut who = vec![(offer.from, Move::Withdraw, true), (offer.to, Move::Accept, true)];
    for _ in 2..many {
        who.push(match chance.below(8) {
            0 | 1 => (offer.from, Move::Withdraw, true),
            2 => (offer.from, Move::Close, true),
            3 => (offer.to, Move::Close, true),
            4 => (offer.to, Move::Decline, true),
            5 | 6 => (offer.to, Move::Accept, true),
            _ => (8 + usize::try_from(chance.below(2)).unwrap(), Move::Accept, false),
        });
    }
    who.into_iter().map(|(borough, what, party)| (chance.pick(&cast.boroughs[borough].1).clone(), what, party)).collect()
}

async fn fight(offer: &Offer, who: Vec<(Client, Move, bool)>, chance: &mut Chance) -> Vec<(Move, bool, Reply)> {
    let start = Arc::new(Barrier::new(who.len()));
    let mut all = JoinSet::new();
    for (client, what, party) in who {
        let (step, body) = what.body(&offer.child);
        let (path, version, key, start) = (format!("{}/{step}", offer.path), offer.version, chance.hex(), Arc::clone(&start));
        all.spawn(async move {
            start.wait().await;
            (what, party, client.change(&path, &key, version, &body).await.unwrap())
        });
    }
    all.join_all().await
}

/// One caller won; every loser was told the state and the holder, and a stranger nothing.
fn judge(offer: &Offer, cast: &Cast, told: &[(Move, bool, Reply)]) -> Move {
    let won: Vec<&(Move, bool, Reply)> = told.iter().filter(|(.., reply)| reply.status == 200).collect();
    assert_eq!(won.len(), 1, "{}: {told:?}", offer.path);
    let (winner, _, answer) = won[0];
    for (what, party, reply) in told.iter().filter(|(.., reply)| reply.status != 200) {
        if !party {
            assert_eq!(reply.status, 404, "a borough that is no party learns nothing: {what:?} {}", reply.body);
            continue;
        }
        assert!(matches!(reply.status, 409 | 412), "{what:?}: {} {}", reply.status, reply.body);
        let shown = |name: &str| reply.body.pointer(&format!("/state/{name}")).or_else(|| reply.body.get(name)).and_then(Value::as_str);
        let holder = shown("holder").unwrap_or_default();
        assert!([offer.from, offer.to].iter().any(|party| cast.boroughs[*party].0 == holder), "no holder for {what:?}: {}", reply.body);
        // Whoever lost to the winner sees its result. Only a close can be refused by the rules, and then before the winner came.
        let holds_now = if *winner == Move::Accept { offer.to } else { offer.from };
        if reply.status == 409 {
            assert_eq!((*what, holder), (Move::Close, cast.boroughs[offer.from].0.as_str()), "{}", reply.body);
        } else {
            assert_eq!(holder, cast.boroughs[holds_now].0, "{what:?}: {}", reply.body);
            assert_eq!(shown("state"), answer.body["state"].as_str(), "{what:?}: {}", reply.body);
        }
    }
    *winner
}

/// How many commands have changed the transfer since it was offered: events of one command share their trace.
async fn transitions(log: &PgPool, offer: &Offer) -> i64 {
    let stream = offer.path.trim_start_matches("/api/transfers/");
    let sql = "select count(distinct correlation) from log.event where stream = 'transfer-' || $1 and version > $2";
    let begun = tokio::time::Instant::now();
    loop {
        match sqlx::query_scalar(sql).bind(stream).bind(offer.version).fetch_one(log).await {
            // A crowded machine is asked again; what is counted is over and does not change.
            Err(sqlx::Error::PoolTimedOut) if begun.elapsed() < std::time::Duration::from_secs(40) => {}
            counted => return counted.unwrap(),
        }
    }
}

/// What some rounds came to.
#[derive(Default)]
struct Tally {
    winners: Vec<Move>,
    callers: usize,
    refused: usize,
}

async fn rounds(cast: Arc<Cast>, log: PgPool, lane: usize, mut chance: Chance) -> Tally {
    let mut tally = Tally::default();
    while tally.winners.len() < ROUNDS / LANES {
        let batch = tally.winners.len() * LANES + lane;
        for offer in offers(&cast, batch, &mut chance).await.into_iter().take(ROUNDS / LANES - tally.winners.len()) {
            let told = fight(&offer, contestants(&cast, &offer, &mut chance), &mut chance).await;
            let winner = judge(&offer, &cast, &told);
            assert_eq!(transitions(&log, &offer).await, 1, "{} has one transition", offer.path);
            let reader = &cast.boroughs[offer.from].1[0];
            let expected = if winner == Move::Accept { offer.to } else { offer.from };
            assert_eq!(responsibility(reader, &offer.child).await.as_deref(), Some(cast.boroughs[expected].0.as_str()));
            tally.callers += told.len();
            tally.refused += told.iter().filter(|(.., reply)| reply.status == 409).count();
            tally.winners.push(winner);
        }
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_accepts_withdrawals_and_closes_one_wins_and_the_others_see_who_holds_it() {
    let seed = chance::seed();
    println!("races: HUB_SEED={seed}");
    let mut chance = Chance::new(seed);
    let stand = Stand::start(&directory("races"), StandOptions::default()).await.unwrap();
    seed::desks(&stand.url(), &stand.ground.signer, Clock::system().now(), |_| ()).await.unwrap();
    let log = hub::setup::owner_pool(&stand.ground.owner, "transfers").await.unwrap();
    let cast = Arc::new(Cast::ready(&stand));
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        lanes.spawn(rounds(Arc::clone(&cast), log.clone(), lane, chance.fork()));
    }
    let lanes = lanes.join_all().await;
    let sum = |of: fn(&Tally) -> usize| lanes.iter().map(of).sum::<usize>();
    let won = |what: Move| lanes.iter().flat_map(|tally| &tally.winners).filter(|winner| **winner == what).count();
    println!(
        "races: {} callers in {} rounds; accepts won {}, withdrawals {}, declines {}; {} refused by the rules",
        sum(|tally| tally.callers),
        sum(|tally| tally.winners.len()),
        won(Move::Accept),
        won(Move::Withdraw),
        won(Move::Decline),
        sum(|tally| tally.refused),
    );
    assert_eq!(sum(|tally| tally.winners.len()), ROUNDS);
    assert!(won(Move::Accept) >= 25 && won(Move::Withdraw) >= 25, "one kind always wins: the callers do not race");
    stand.stop().await;
}
