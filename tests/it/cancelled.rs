//! T2: callers who hang up at any byte and any moment leave nothing half done behind.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

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
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::storm::directory;

const DROPPED: usize = 5_000;
const CALLERS: usize = 8;
const AFTERWARDS: usize = 1_000;

/// One request as bytes, and the key under which it is a command.
struct Call {
    key: String,
    bytes: Vec<u8>,
    /// After how many bytes the caller hangs up.
    cut: usize,
    /// How long after the last byte, in thousandths of what an answer takes just now; nothing: when the answer begins.
    wait: Option<u64>,
}

/// A referral about nobody known, which needs the vault, the log and every view of the service all the same.
fn body() -> String {
    json!({
        "concern": "A made-up concern.", "referrer": { "anonymous": true }, "child_is_now": { "borough": "E08000003" }, "danger_now": "not_sure"
    })
    .to_string()
}

fn calls(token: &str, chance: &mut Chance) -> Vec<Call> {
    let body = body();
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
        let wait = if chance.one_in(8) { None } else { Some(chance.below(1_500)) };
        Call { key, bytes, cut: usize::try_from(cut).unwrap(), wait }
    };
    (0..DROPPED).map(|_| call(chance)).collect()
}

/// `usual` is what an answer takes just now, in microseconds: it depends on everybody else who asks.
async fn hang_up(address: &str, call: &Call, usual: &AtomicU64) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The hub may have hung up first; that is its right.
    drop(stream.write_all(&call.bytes[..call.cut]).await);
    let begun = Instant::now();
    match call.wait {
        _ if call.cut < call.bytes.len() => {}
        Some(part) => sleep(Duration::from_micros(usual.load(Ordering::Relaxed) * part / 1_000)).await,
        None => {
            let begins = timeout(Duration::from_secs(20), stream.read_u8()).await;
            assert!(begins.is_ok_and(|byte| byte.is_ok()), "no answer began");
            let took = u64::try_from(begun.elapsed().as_micros()).unwrap();
            usual.store((usual.load(Ordering::Relaxed) * 3 + took) / 4, Ordering::Relaxed);
        }
    }
}

async fn drop_all(address: &str, calls: Arc<Vec<Call>>) {
    let mut callers = JoinSet::new();
    let usual = Arc::new(AtomicU64::new(20_000));
    for caller in 0..CALLERS {
        let (calls, address, usual) = (Arc::clone(&calls), address.to_owned(), Arc::clone(&usual));
        callers.spawn(async move {
            for call in calls.iter().skip(caller).step_by(CALLERS) {
                hang_up(&address, call, &usual).await;
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

/// How often a caller sends again what the hub could not answer for the moment.
const AGAIN: u32 = 10;

/// Sends whole requests, 8 at a time. Each must be answered 201; what is answered 503 is sent again under its key, as the answer asks.
async fn all_are_fine(url: &str, token: &str, keys: &[String]) {
    let http = reqwest::Client::new();
    let mut callers = JoinSet::new();
    for keys in keys.chunks(keys.len().div_ceil(8)) {
        let (http, url, token, keys) = (http.clone(), format!("{url}/api/intake/referrals"), token.to_owned(), keys.to_vec());
        callers.spawn(async move {
            for key in keys {
                let request =
                    || http.post(&url).bearer_auth(&token).header("Idempotency-Key", &key).header("Content-Type", "application/json");
                let mut answer = request().body(body()).send().await.unwrap();
                for _ in 0..AGAIN {
                    if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                        break;
                    }
                    sleep(Duration::from_secs(1)).await;
                    answer = request().body(body()).send().await.unwrap();
                }
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
    let calls = Arc::new(calls(&token, &mut chance));
    drop_all(stand.url().trim_start_matches("http://"), Arc::clone(&calls)).await;

    let pools = settle::pools(&stand.ground).await;
    let intake = &pools[0].1;
    nobody_sits_in_a_transaction(intake).await;
    let whole: Vec<String> = calls.iter().filter(|call| call.cut == call.bytes.len()).map(|call| call.key.clone()).collect();
    let recorded = count(intake, "select count(*) from log.receipt").await;
    println!("cancelled: {DROPPED} dropped, {} of them whole, {recorded} of those recorded", whole.len());
    assert!(
        recorded >= 250 && recorded < i64::try_from(whole.len()).unwrap(),
        "hardly a command, or every one, was done when its caller hung up"
    );

    all_are_fine(&stand.url(), &token, &whole[..AFTERWARDS]).await;
    all_are_fine(&stand.url(), &token, &whole[AFTERWARDS..]).await;
    let (receipts, effects) = (
        count(intake, "select count(*) from log.receipt").await,
        count(intake, "select count(*) from log.event where type = 'referral.received'").await,
    );
    let commands = i64::try_from(whole.len()).unwrap();
    assert_eq!((receipts, effects), (commands, commands), "each key has one receipt and one effect, and half a request has none");
    settle::caught_up(&pools).await;
    stand.stop().await;
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}
