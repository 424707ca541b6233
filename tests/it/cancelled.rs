//! T2: callers who hang up at any byte and any moment leave nothing half done behind.

use std::{sync::Arc, time::Duration};

use hub::{
    people,
    stand::{Stand, StandOptions},
};
use hub_tests::storm::{
    chance::{self, Chance},
    settle,
};
use reqwest::StatusCode;
use serde_json::json;
use service_kit::Clock;
use sqlx::PgPool;
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::storm::directory;

const DROPPED: usize = 5_000;
const CALLERS: usize = 16;
const AFTERWARDS: usize = 1_000;

/// How long a caller stays at most.
const LONGEST: Duration = Duration::from_millis(200);

/// One request as bytes, and the key under which it is a command.
struct Call {
    key: String,
    bytes: Vec<u8>,
    /// After how many bytes the caller hangs up.
    cut: usize,
    /// How long after the last byte.
    wait: Duration,
}

/// A referral about nobody known, which needs the vault, the log and every view of the service all the same.
fn body() -> String {
    json!({
        "concern": "A made-up concern.", "referrer": { "anonymous": true }, "child_is_now": { "borough": "E08000003" }, "danger_now": "not_sure"
    })
    .to_string()
}

/// `usual` is how long an answer takes when nobody else asks; with everybody asking it takes longer.
fn calls(token: &str, chance: &mut Chance, usual: Duration) -> Vec<Call> {
    let body = body();
    let longest = u64::try_from((usual * 4).min(LONGEST).as_micros()).unwrap() + 1;
    let call = |chance: &mut Chance| {
        let (key, trace) = (chance.hex(), chance.hex());
        let head = format!(
            "POST /api/intake/referrals HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             traceparent: 00-{trace}-00f067aa0ba902b7-01\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let bytes = [head.as_bytes(), body.as_bytes()].concat();
        let whole = u64::try_from(bytes.len()).unwrap();
        // Half of them hang up before the last byte, half while the command is on its way.
        let cut = if chance.one_in(2) { chance.below(whole) } else { whole };
        let wait = Duration::from_micros(if cut == whole { chance.below(longest) } else { chance.below(500) });
        Call { key, bytes, cut: usize::try_from(cut).unwrap(), wait }
    };
    (0..DROPPED).map(|_| call(chance)).collect()
}

async fn hang_up(address: &str, call: &Call) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The hub may have hung up first; that is its right.
    drop(stream.write_all(&call.bytes[..call.cut]).await);
    sleep(call.wait).await;
}

async fn drop_all(address: &str, calls: Arc<Vec<Call>>) {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (calls, address) = (Arc::clone(&calls), address.to_owned());
        callers.spawn(async move {
            for call in calls.iter().skip(caller).step_by(CALLERS) {
                hang_up(&address, call).await;
            }
        });
    }
    callers.join_all().await;
}

/// Nobody may sit in a transaction for longer than a second. Looks for two seconds.
async fn nobody_sits_in_a_transaction(owner: &PgPool) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        let sql = "select datname || ': ' || query from pg_stat_activity where usename = 'hub_app' and state like 'idle in transaction%'
                   and state_change < clock_timestamp() - interval '1 second'";
        let sitting: Vec<String> = sqlx::query_scalar(sql).fetch_all(owner).await.unwrap();
        assert_eq!(sitting, Vec::<String>::new(), "connections left inside a transaction");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Sends whole requests, 8 at a time. Each must be answered 201.
async fn all_are_fine(url: &str, token: &str, keys: &[String]) {
    let http = reqwest::Client::new();
    let mut callers = JoinSet::new();
    for keys in keys.chunks(keys.len().div_ceil(8)) {
        let (http, url, token, keys) = (http.clone(), format!("{url}/api/intake/referrals"), token.to_owned(), keys.to_vec());
        callers.spawn(async move {
            for key in keys {
                let request = http.post(&url).bearer_auth(&token).header("Idempotency-Key", key).header("Content-Type", "application/json");
                let answer = request.body(body()).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::CREATED, "{:?}", answer.text().await);
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_callers_who_hang_up_leave_no_transaction_open_and_each_key_has_one_effect() {
    let seed = chance::seed();
    println!("cancelled: HUB_SEED={seed}");
    let mut chance = Chance::new(seed);
    let stand = Stand::start(&directory("cancelled"), StandOptions::default()).await.unwrap();
    let worker = people::by_id("manchester-duty").unwrap();
    let token = stand.ground.signer.person(&worker, Clock::system().now()).unwrap();
    let (begun, first) = (Instant::now(), (0..20).map(|_| chance.hex()).collect::<Vec<_>>());
    all_are_fine(&stand.url(), &token, &first).await;
    let calls = Arc::new(calls(&token, &mut chance, begun.elapsed() / 3));
    drop_all(stand.url().trim_start_matches("http://"), Arc::clone(&calls)).await;

    let pools = settle::pools(&stand.ground).await;
    let intake = &pools[0].1;
    nobody_sits_in_a_transaction(intake).await;
    let whole: Vec<String> = calls.iter().filter(|call| call.cut == call.bytes.len()).map(|call| call.key.clone()).collect();
    let recorded = count(intake, "select count(*) from log.receipt").await - 20;
    println!("cancelled: {DROPPED} dropped, {} of them whole, {recorded} of those recorded", whole.len());
    assert!(
        recorded >= 100 && recorded < i64::try_from(whole.len()).unwrap(),
        "hardly a command, or every one, was done when its caller hung up"
    );

    all_are_fine(&stand.url(), &token, &whole[..AFTERWARDS]).await;
    all_are_fine(&stand.url(), &token, &whole[AFTERWARDS..]).await;
    let (receipts, effects) = (
        count(intake, "select count(*) from log.receipt").await,
        count(intake, "select count(*) from log.event where type = 'referral.received'").await,
    );
    let commands = i64::try_from(whole.len() + first.len()).unwrap();
    assert_eq!((receipts, effects), (commands, commands), "each key has one receipt and one effect, and half a request has none");
    settle::caught_up(&pools).await;
    stand.stop().await;
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}
