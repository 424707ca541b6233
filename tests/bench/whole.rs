//! The whole hub under load: an HTTP command with token, idempotency and one referral's events, and how long it takes until
//! another service's view has it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hub::{
    client::Client,
    people, seed,
    stand::{Stand, StandOptions},
};
use kernel::Timestamp;
use serde_json::{Value, json};

use crate::{SPAN, percentile, report};

/// Referrals a second while the way to the other service is measured.
const PER_SECOND: u64 = 200;

pub(crate) async fn run(append_p99: Option<Duration>) {
    let directory = std::env::temp_dir().join(format!("hub-bench-whole-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("the directory is made");
    let stand = Stand::start(&directory, StandOptions::default()).await.expect("the hub starts");
    let clients: Vec<Client> = people::everybody()
        .iter()
        .filter(|someone| someone.id.ends_with("-duty") || someone.id.ends_with("-manager") || someone.id.ends_with("-night"))
        .map(|someone| seed::client(&stand.url(), &stand.ground.signer, someone, Timestamp::now()).expect("a token is signed"))
        .collect();
    at_64(&clients, append_p99).await;
    delivery(&stand, &clients).await;
    stand.stop().await;
    drop(std::fs::remove_dir_all(&directory));
}

/// A referral with what a desk that takes a telephone call knows.
fn referral(number: u64) -> Value {
    json!({
        "concern": "Seen alone outside school, said nobody is at home.",
        "referrer": { "name": "Caller", "role": "school", "phone": "0161 496 0901" },
        "child_is_now": { "borough": "E08000003", "address": format!("{number} Example Street") },
        "danger_now": "not_sure",
        "children": [{ "names": [format!("{} {}", name(number), name(number / 3 + 77_777))], "age_about": 3 + number % 12 }]
    })
}

/// A made-up name. As unlike the others as names are, so that looking for the same child is as much work as in life.
fn name(number: u64) -> String {
    const SYLLABLES: [&str; 24] = [
        "ka", "mi", "tor", "bel", "an", "shu", "ri", "lo", "pet", "gwen", "fa", "dus", "yo", "hen", "cra", "vi", "oz", "ter", "nel", "qui",
        "ba", "sel", "wo", "jem",
    ];
    let mut rest = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let mut name = String::new();
    for _ in 0..3 {
        name.push_str(SYLLABLES[usize::try_from(rest % 24).unwrap_or(0)]);
        rest /= 24;
    }
    name
}

/// The slowest of a hundred HTTP commands from 64 clients, against the same without HTTP.
async fn at_64(clients: &[Client], append_p99: Option<Duration>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let tasks: Vec<_> = (0..64_u64)
        .map(|one| {
            let (client, times) = (clients[usize::try_from(one).expect("small") % clients.len()].clone(), Arc::clone(&times));
            tokio::spawn(async move {
                let mut number = one;
                while start.elapsed() < SPAN {
                    number += 64;
                    let asked = Instant::now();
                    let reply =
                        client.post("/api/intake/referrals", &format!("http-{number}"), &referral(number)).await.expect("the hub answers");
                    if reply.status == 201 {
                        times.lock().expect("no panic before").push(asked.elapsed());
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends");
    }
    let mut times = times.lock().expect("no panic before").clone();
    assert!(!times.is_empty(), "no referral was accepted");
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    let p99 = percentile(&mut times, 99);
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    eprintln!("HTTP referrals: {rate:.0}/s, p99 {:.2} ms", millis(p99));
    let limit = append_p99.map_or(0.0, millis);
    report(
        "HTTP referral with token, keys, matching and receipt, 64 clients, p99, against W1 p99 at 64",
        "ms",
        (millis(p99), limit),
        "<= 3",
    );
}

/// From the answer of a referral until case transfer has taken it, at 200 a second.
async fn delivery(stand: &Stand, clients: &[Client]) {
    let pool = hub::setup::owner_pool(&stand.ground.owner, "transfers").await.expect("the database answers");
    let waiting = Arc::new(Mutex::new(BTreeMap::<i64, Instant>::new()));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let watching = {
        let (waiting, taken) = (Arc::clone(&waiting), Arc::clone(&taken));
        tokio::spawn(async move {
            loop {
                let position: Option<i64> = sqlx::query_scalar("select position from log.inbox where source = 'intake'")
                    .fetch_optional(&pool)
                    .await
                    .expect("the inbox is read");
                let done = {
                    let mut waiting = waiting.lock().expect("no panic before");
                    let later = waiting.split_off(&(position.unwrap_or(0) + 1));
                    std::mem::replace(&mut *waiting, later)
                };
                taken.lock().expect("no panic before").extend(done.values().map(Instant::elapsed));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    };
    let start = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    let mut sent = Vec::new();
    for number in 0.. {
        if start.elapsed() > SPAN {
            break;
        }
        tick.tick().await;
        let (client, waiting) = (clients[number % clients.len()].clone(), Arc::clone(&waiting));
        sent.push(tokio::spawn(async move {
            let body = referral(1_000_000 + u64::try_from(number).expect("small"));
            let reply = client.post("/api/intake/referrals", &format!("way-{number}"), &body).await.expect("the hub answers");
            let position =
                reply.position.as_deref().and_then(|token| token.split_once(':')).and_then(|(_, position)| position.parse().ok());
            if let Some(position) = position {
                waiting.lock().expect("no panic before").insert(position, Instant::now());
            }
        }));
    }
    for one in sent {
        one.await.expect("a client ends");
    }
    while !waiting.lock().expect("no panic before").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    watching.abort();
    let mut times = taken.lock().expect("no panic before").clone();
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (half, most) = (percentile(&mut times, 50), percentile(&mut times, 99));
    eprintln!("answer to other service's view: p50 {:.2} ms over {} referrals", millis(half), times.len());
    report("answer of a referral until case transfer has taken it, 200/s, p99", "ms", (millis(most), 5.0), "<= 1 (5 ms)");
}
