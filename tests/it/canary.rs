//! T10: three hundred planted strings (names, NHS numbers, addresses, postcodes, telephones, free text) go through every flow and
//! every failure of a running hub, and are found nowhere but where they are kept on purpose: sealed in the log, and in the index of
//! identities, without which nobody could look for a child.

mod flows;
mod harm;
mod scan;
mod wire;
mod words;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use futures_util::StreamExt as _;
use hub::{
    SERVICES, seed, setup,
    stand::{Ground, StandOptions},
};
use hub_tests::storm::{
    chance::{Chance, seed as chance_seed},
    process::{Service, port},
    settle,
};
use service_kit::Clock;
use sqlx::AssertSqlSafe;
use tokio::sync::Mutex;

use self::{scan::Scanner, wire::Wire, words::Canaries};
use crate::storm::directory;

/// Where names stand in plain form on purpose: the index that a search needs. It lives in the intake's own database and goes when a
/// child is erased.
const INDEX: [&str; 2] = ["view.identity", "view.identity_name"];

/// A hub of one process, started as an operator does, with everything that it writes and sends kept.
struct Place {
    ground: Ground,
    service: Service,
    wire: Wire,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Place {
    async fn start(directory: &Path) -> Self {
        let ground = Ground::ready(directory, &StandOptions::default()).await.unwrap();
        let port = port(&mut Chance::new(chance_seed()));
        let mut settings = ground.settings.clone();
        settings.insert("HUB_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
        // All that any operator could switch on while looking for a fault.
        settings.insert("HUB_LOG".to_owned(), "debug".to_owned());
        let url = format!("http://127.0.0.1:{port}");
        let mut service = Service::new("all", url.clone(), settings, directory);
        let heard = listen(&ground).await;
        service.start().await;
        seed::desks(&url, &ground.signer, Clock::system().now(), |_| ()).await.unwrap();
        let wire = Wire::new(&url, &ground.signer);
        Self { ground, service, wire, heard }
    }

    /// Everything that may hold no personal data, by its name.
    async fn everything(&self, directory: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut all = self.wire.seen().await;
        for path in ["/metrics", "/health", "/readyz", "/info", "/livez"] {
            let answer = reqwest::get(format!("{}{path}", self.service.url)).await.unwrap();
            all.insert(path.to_owned(), answer.bytes().await.unwrap().to_vec());
        }
        all.insert("what the hub wrote".to_owned(), fs::read(directory.join("all.log")).unwrap());
        all.insert("what was heard on NATS".to_owned(), self.heard.lock().await.clone());
        files(self.ground.stack.nats.directory(), &mut all);
        all.insert("PostgreSQL's log".to_owned(), fs::read(self.ground.stack.postgres.directory().join("log")).unwrap());
        for database in SERVICES.into_iter().chain(["vault", "looks"]) {
            rows(&self.ground, database, &mut all).await;
        }
        all
    }
}

/// Hears everything on NATS, what JetStream and its clients say to each other too.
async fn listen(ground: &Ground) -> Arc<Mutex<Vec<u8>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let nats = async_nats::connect(ground.stack.nats.url()).await.unwrap();
    let mut all = nats.subscribe(">").await.unwrap();
    nats.flush().await.unwrap();
    let keep = Arc::clone(&heard);
    #[expect(clippy::disallowed_methods, reason = "a test has no task set; it ends with the runtime")]
    tokio::spawn(async move {
        while let Some(message) = all.next().await {
            let mut heard = keep.lock().await;
            heard.extend(format!("\n{} {:?} {:?} ", message.subject, message.reply, message.headers).into_bytes());
            heard.extend(message.payload);
        }
    });
    heard
}

fn files(directory: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.insert(path.display().to_string(), fs::read(&path).unwrap_or_default());
        }
    }
}

/// Every row of every table of a service but the index.
async fn rows(ground: &Ground, service: &str, into: &mut BTreeMap<String, Vec<u8>>) {
    let pool = setup::owner_pool(&ground.owner, service).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.len() > 2 || service == "vault", "{tables:?}");
    for table in tables.iter().filter(|table| service != "intake" || !INDEX.contains(&table.as_str())) {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t"))).fetch_all(&pool).await.unwrap();
        into.insert(format!("{service}: {table}"), rows.join("\n").into_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_planted_strings_are_found_nowhere_after_every_flow_and_failure() {
    let directory = directory("canary");
    let mut place = Place::start(&directory).await;
    let canaries = Canaries::new();
    flows::play(&place.wire, &canaries).await;
    harm::malformed(&place.wire, &canaries).await;
    harm::refused(&place.wire, &canaries).await;
    harm::broken_row(&place.ground, &place.wire, &canaries).await;
    harm::without_nats(&mut place.ground, &place.wire, &canaries).await;
    harm::without_postgresql(&mut place, &canaries).await;
    assert_eq!(canaries.not_planted(), Vec::<&str>::new());
    settle::caught_up(&settle::pools(&place.ground).await).await;

    let routes = place.wire.succeeded().await;
    println!("canary: {} routes took planted strings: {routes:?}", routes.len());
    let scanner = Scanner::new(canaries.all());
    // The strings are where they should be, so that the search below is no search of nothing.
    let pool = setup::owner_pool(&place.ground.owner, "intake").await.unwrap();
    let index: Vec<String> = sqlx::query_scalar("select full_name from view.identity_name").fetch_all(&pool).await.unwrap();
    assert!(!scanner.find(index.join("\n").as_bytes()).is_empty(), "no name has reached the index");

    let everything = place.everything(&directory).await;
    let mut found = Vec::new();
    for (name, bytes) in &everything {
        found.extend(scanner.find(bytes).into_iter().map(|canary| format!("{canary:?} in {name}")));
    }
    let size: usize = everything.values().map(Vec::len).sum();
    println!("canary: {} places, {} kB, {} found", everything.len(), size / 1_024, found.len());
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found[..found.len().min(40)].join("\n"));
    for (name, least) in
        [("what the hub wrote", 100_000), ("what was heard on NATS", 10_000), ("problem bodies", 10_000), ("PostgreSQL's log", 100)]
    {
        assert!(everything[name].len() >= least, "{name} has only {} bytes, so nothing was proved", everything[name].len());
    }
    assert!(routes.len() >= 35, "only {} routes took planted strings", routes.len());
    place.service.kill().await;
    place.ground.stack.stop().await;
}

/// How a string may be written so that it is no longer seen at first sight.
type Form = fn(&str) -> String;

#[test]
fn the_search_finds_each_of_the_three_hundred_however_it_is_written() {
    let canaries = Canaries::new();
    let scanner = Scanner::new(canaries.all());
    assert_eq!(canaries.all().len(), 300);
    let line =
        |text: &str| format!("{{\"timestamp\":\"2026-11-23T02:14:00Z\",\"level\":\"INFO\",\"message\":\"a child {text} was seen\"}}\n");
    let forms: [(&str, Form); 6] = [
        ("as it is", str::to_owned),
        ("in small letters", str::to_lowercase),
        ("without spaces", |text| text.replace(' ', "")),
        ("in an address", |text| text.replace(' ', "%20")),
        ("in base64", scan::base64),
        ("in hexadecimal digits", scan::hexadecimal),
    ];
    for (name, form) in forms {
        let log: String = canaries.all().iter().map(|canary| line(&form(canary))).collect();
        assert_eq!(scanner.find(log.as_bytes()).len(), 300, "{name}");
    }
    assert_eq!(scanner.find(line("Example").as_bytes()), Vec::<&str>::new());
}
