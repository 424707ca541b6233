//! What the record of looks costs a read: who is responsible, asked of a hub with it and of the same hub without.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use hub::{
    client::Client,
    people, seed,
    stand::{Stand, StandOptions},
};
use kernel::Timestamp;
use serde_json::json;
use service_kit::{Tasks, service};

use crate::{percentile, report};

/// How many reads are measured each way.
const READS: usize = 1_000;

pub(crate) async fn run() {
    let directory = std::env::temp_dir().join(format!("hub-bench-look-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("the directory is made");
    let stand = Stand::start(&directory, StandOptions::default()).await.expect("the hub starts");
    let mut services = stand.plan.services(&[]).await.expect("the services are put together");
    services.iter_mut().for_each(|service| service.looks = None);
    let tasks = Tasks::new();
    let bare = service::start(services, &tasks, (Ipv4Addr::LOCALHOST, 0).into()).await.expect("it listens");
    let with = clients(&stand, &stand.url());
    let without = clients(&stand, &format!("http://{}", bare.address()));
    let path = child(&with[0]).await;
    let (mut off, mut on) = (reads(&without, &path).await, reads(&with, &path).await);
    for (name, percent) in [("p50", 50), ("p99", 99)] {
        let ms = |times: &mut [Duration]| percentile(times, percent).as_secs_f64() * 1_000.0;
        let what = format!("look: who is responsible, one after the other, {name}, with the record of looks against without");
        report(&what, "ms", (ms(&mut on), ms(&mut off)), "<= 2");
    }
    bare.stop().await;
    stand.stop().await;
    drop(std::fs::remove_dir_all(&directory));
}

fn clients(stand: &Stand, url: &str) -> Vec<Client> {
    let workers = people::everybody().into_iter().filter(|someone| someone.id.ends_with("-duty"));
    workers.map(|someone| seed::client(url, &stand.ground.signer, &someone, Timestamp::now()).expect("a token is signed")).collect()
}

/// A child whom the ledger knows.
async fn child(worker: &Client) -> String {
    let body = json!({
        "concern": "Seen alone outside school.", "referrer": { "name": "Caller", "role": "school", "phone": "0161 496 0901" },
        "child_is_now": { "borough": "E08000003" }, "danger_now": "not_sure", "children": [{ "names": ["Ada Example"] }],
    });
    let made = worker.post("/api/intake/referrals", "bench-look", &body).await.expect("it is answered");
    let path = format!("/api/transfers/children/{}/responsibility", made.text("/children/0/child_id"));
    let end = Instant::now() + Duration::from_secs(20);
    while worker.get(&path).await.expect("it is answered").status != 200 {
        assert!(Instant::now() < end, "the ledger does not know the child");
    }
    path
}

async fn reads(clients: &[Client], path: &str) -> Vec<Duration> {
    let mut times = Vec::with_capacity(READS);
    for client in clients.iter().cycle().take(READS) {
        let asked = Instant::now();
        let reply = client.get(path).await.expect("it is answered");
        times.push(asked.elapsed());
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    times
}
