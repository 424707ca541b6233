//! The queue of a desk with 200 referrals that nobody has decided: the whole page, at a steady rate, beside the longest of the lists
//! that it is made of.

use std::time::{Duration, Instant};

use hub::{
    people, seed,
    stand::{Stand, StandOptions},
};
use kernel::Timestamp;
use reqwest::{Client, redirect::Policy};
use serde_json::json;

use crate::{SPAN, percentile, report};

/// How many referrals stand in the queue.
const ITEMS: usize = 200;

/// Pages that are asked for in a second.
const RATE: u32 = 50;

/// The posts whose queue it is. A person asks for far fewer pages, so they take turns.
const WORKERS: [&str; 5] = ["manchester-duty", "manchester-night", "manchester-manager", "manchester-head", "manchester-director"];

/// The list behind the page.
const LIST: &str = "/api/intake/referrals?state=undecided&limit=200";

pub(crate) async fn run() {
    let directory = std::env::temp_dir().join(format!("hub-bench-pages-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("the directory is made");
    let stand = Stand::start(&directory, StandOptions { pages: true, ..StandOptions::default() }).await.expect("the hub starts");
    let url = stand.url();
    seed::desks(&url, &stand.ground.signer, Timestamp::now(), |_| ()).await.expect("the desks are set");
    fill(&stand).await;
    let http = Client::builder().redirect(Policy::none()).build().expect("a client is made");
    let mut sessions = Vec::new();
    for worker in WORKERS {
        sessions.push(("cookie", session(&http, &url, worker).await));
    }
    let page = at_rate(&http, &format!("{url}/desk"), &sessions).await;
    let someone = people::by_id(WORKERS[0]).expect("there is such a post");
    let token = stand.ground.signer.person(&someone, Timestamp::now()).expect("a token is signed");
    let list = at_rate(&http, &format!("{url}{LIST}"), &[("authorization", format!("Bearer {token}"))]).await;
    for (name, percent) in [("p50", 50), ("p99", 99)] {
        let ms = |times: &[Duration]| percentile(&mut times.to_vec(), percent).as_secs_f64() * 1_000.0;
        let what = format!("pages: the queue of a desk with {ITEMS} referrals at {RATE} requests/s, {name}, beside its longest list");
        report(&what, "ms", (ms(&page), ms(&list)), "p99 <= 50 ms");
    }
    stand.stop().await;
    drop(std::fs::remove_dir_all(&directory));
}

/// Referrals that Manchester is to decide.
async fn fill(stand: &Stand) {
    let nurse = people::by_id("north-manchester-nurse").expect("there is such a post");
    let nurse = seed::client(&stand.url(), &stand.ground.signer, &nurse, Timestamp::now()).expect("a token is signed");
    for number in 0..ITEMS {
        let body = json!({
            "concern": "A bruise that the account does not explain.", "danger_now": "not_sure", "child_is_now": { "site": "RW602" },
            "referrer": { "name": "Nurse in charge", "role": "A&E nurse", "phone": "0161 496 0900" },
            "children": [{ "names": [format!("Child{number} Example")], "age_about": number % 17 }],
        });
        let mut made = nurse.post("/api/intake/referrals", &format!("bench-page-{number}"), &body).await.expect("it is answered");
        while made.status == 429 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            made = nurse.post("/api/intake/referrals", &format!("bench-page-{number}"), &body).await.expect("it is answered");
        }
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

async fn session(http: &Client, url: &str, who: &str) -> String {
    let form = http.post(format!("{url}/sign-in")).header("origin", url).header("content-type", "application/x-www-form-urlencoded");
    let answer = form.body(format!("who={who}&next=/")).send().await.expect("it is answered");
    let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// How long each answer took from the instant at which it was to be asked for, so that waiting in line counts.
async fn at_rate(http: &Client, address: &str, headers: &[(&'static str, String)]) -> Vec<Duration> {
    let number = usize::try_from(SPAN.as_secs()).unwrap_or(1) * usize::try_from(RATE).unwrap_or(1);
    let begun = Instant::now();
    let mut asked = Vec::new();
    for (count, (name, value)) in (0_u32..).zip(headers.iter().cycle().take(number)) {
        let due = begun + Duration::from_secs(1) / RATE * count;
        tokio::time::sleep_until(due.into()).await;
        let request = http.get(address).header(*name, value);
        asked.push(tokio::spawn(async move {
            let answer = request.send().await.expect("it is answered");
            assert_eq!(answer.status().as_u16(), 200);
            answer.bytes().await.expect("the page comes whole");
            due.elapsed()
        }));
    }
    let mut times = Vec::new();
    for one in asked {
        times.push(one.await.expect("it is measured"));
    }
    times
}
