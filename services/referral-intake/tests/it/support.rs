//! A running service with people who speak to it.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::{Later, Source, SourceError};
use embedded::{OWNER, Postgres, PostgresOptions};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Timestamp, edition::Book, edition::Editions};
use proto_events::{Envelope, PublicActor, Published as _, transfers::Transfers};
use serde_json::{Value, json};
use service_kit::{Clock, Keys, Kit, Parts, Service, service::Running};
use sqlx::PgPool;
use uuid::Uuid;
use vault::{MasterKey, Vault};

pub(crate) const MANCHESTER: &str = "E08000003";
pub(crate) const SALFORD: &str = "E08000006";
pub(crate) const OLDHAM: &str = "E08000004";
/// Salford Royal, which stands in Salford.
pub(crate) const SALFORD_ROYAL: &str = "RM301";

const ISSUER: &str = "https://tests.invalid";
const PATIENCE: Duration = Duration::from_secs(20);

/// A directory that goes with its test, also when the test fails.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The log of case transfer, as far as a test wrote it.
#[derive(Default)]
struct TransfersLog(Mutex<Vec<Envelope>>);

impl Source for TransfersLog {
    fn after(&self, position: i64, limit: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>> {
        let limit = usize::try_from(limit).unwrap();
        let page = self.0.lock().unwrap().iter().filter(|event| event.position > position).take(limit).cloned().collect();
        Box::pin(std::future::ready(Ok(page)))
    }
}

/// A running service.
pub(crate) struct World {
    pub(crate) clock: Clock,
    /// The service's database as its owner, to look behind the API.
    pub(crate) owner: PgPool,
    pub(crate) vault: Arc<Vault>,
    signing: EncodingKey,
    base: String,
    http: reqwest::Client,
    transfers: Arc<TransfersLog>,
    keys: AtomicU32,
    running: Option<Running>,
    postgres: Postgres,
    _scratch: Scratch, // the last, so that it goes after the server
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) position: Option<String>,
    pub(crate) replayed: bool,
    pub(crate) link: Option<String>,
    pub(crate) body: Value,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str().unwrap_or_default()), (status, code), "{}", self.body);
    }

    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.body)).to_owned()
    }

    /// The pointers of the faults.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let faults = self.body["errors"].as_array().cloned().unwrap_or_default();
        faults.iter().filter_map(|fault| fault["pointer"].as_str().map(str::to_owned)).collect()
    }
}

/// Somebody, by organisation and role.
#[derive(Clone, Copy)]
pub(crate) struct Who(pub(crate) &'static str, pub(crate) &'static str, pub(crate) &'static str);

pub(crate) const NURSE: Who = Who("nurse", SALFORD_ROYAL, "referrer");
pub(crate) const SALFORD_WORKER: Who = Who("sal", SALFORD, "duty_worker");
pub(crate) const MANCHESTER_WORKER: Who = Who("man", MANCHESTER, "duty_worker");
pub(crate) const OLDHAM_WORKER: Who = Who("old", OLDHAM, "duty_worker");
pub(crate) const AUDITOR: Who = Who("aud", "board", "board_auditor");

impl World {
    /// At 02:14 on a Monday night, under the first edition.
    pub(crate) async fn new(name: &str) -> Self {
        Self::under(name, Editions::first()).await
    }

    /// The same, under these editions.
    pub(crate) async fn under(name: &str, editions: Editions) -> Self {
        let scratch = Scratch(std::env::temp_dir().join(format!("intake-it-{name}-{}", std::process::id())));
        fs::create_dir_all(&scratch.0).unwrap();
        let postgres = Postgres::start(&scratch.0.join("pg"), PostgresOptions::default()).await.unwrap();
        postgres.create_role("hub_app").await.unwrap();
        for database in ["hub_vault", "hub_looks", "hub_intake"] {
            postgres.create_database(database).await.unwrap();
        }
        let pool = async |database: &str, user: &str| event_store::pool::connect(&postgres.url(database, user), 10).await.unwrap();
        vault::migrate(&pool("hub_vault", OWNER).await).await.unwrap();
        event_store::migrate(&pool("hub_looks", OWNER).await, &service_kit::look::views()).await.unwrap();
        let master = Arc::new(MasterKey::create_file(&scratch.0.join("master")).unwrap());
        let vault = Arc::new(Vault::new(pool("hub_vault", "hub_app").await, master));
        let owner = pool("hub_intake", OWNER).await;
        event_store::migrate(&owner, &referral_intake::views(Arc::clone(&vault))).await.unwrap();

        let (signing, keys) = issuer(&scratch.0).await;
        let clock = Clock::manual("2026-11-23T02:14:00Z".parse().unwrap());
        let transfers = Arc::new(TransfersLog::default());
        let source = Arc::clone(&transfers);
        let parts = Parts {
            kit: Kit::new(clock.clone(), keys, service_kit::Access::new(&[referral_intake::POLICY]).unwrap()),
            pool: pool("hub_intake", "hub_app").await,
            editions: Book::new(editions),
            vault: Arc::clone(&vault),
            looks: pool("hub_looks", "hub_app").await,
            bus: no_nats().await,
            sources: Arc::new(move |_: &str| -> Arc<dyn Source> { Arc::clone(&source) as _ }),
        };
        let services: Vec<Service> = vec![referral_intake::service(&parts)];
        let running = service_kit::service::start(services, &parts.kit.tasks, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base = format!("http://{}", running.address());
        let (http, keys, running) = (reqwest::Client::new(), AtomicU32::new(0), Some(running));
        Self { clock, owner, vault, signing, base, http, transfers, keys, running, postgres, _scratch: scratch }
    }

    pub(crate) async fn end(mut self) {
        self.running.take().unwrap().stop().await;
        self.owner.close().await;
        self.postgres.stop().await;
    }

    fn token(&self, Who(id, org, role): Who) -> String {
        let exp = self.clock.now().as_second() + 3_600;
        let claims = json!({ "iss": ISSUER, "aud": "safeguarding-hub", "exp": exp, "sub": id, "name": format!("Name of {id}"), "org": org, "roles": [role] });
        jsonwebtoken::encode(&Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::EdDSA) }, &claims, &self.signing).unwrap()
    }

    pub(crate) async fn get(&self, who: Who, path: &str) -> Reply {
        self.send(self.http.get(self.url(path)).bearer_auth(self.token(who))).await
    }

    /// What a desk's live events say from a position on, up to a word.
    pub(crate) async fn heard(&self, who: Who, path: &str, last: &str, wanted: &str) -> String {
        let request = self.http.get(self.url(path)).bearer_auth(self.token(who)).header("last-event-id", last);
        let mut response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
        let mut heard = String::new();
        let listening = async {
            while let Some(bytes) = response.chunk().await.unwrap() {
                heard.push_str(&String::from_utf8_lossy(&bytes));
                if heard.contains(wanted) {
                    break;
                }
            }
        };
        assert!(tokio::time::timeout(PATIENCE, listening).await.is_ok(), "{wanted} was not heard: {heard}");
        heard
    }

    pub(crate) async fn heard_status(&self, who: Who, path: &str, last: &str) -> u16 {
        let request = self.http.get(self.url(path)).bearer_auth(self.token(who)).header("last-event-id", last);
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn head(&self, who: Who, path: &str) -> Reply {
        self.send(self.http.head(self.url(path)).bearer_auth(self.token(who))).await
    }

    pub(crate) async fn get_after(&self, who: Who, path: &str, position: &str) -> Reply {
        self.send(self.http.get(self.url(path)).bearer_auth(self.token(who)).header("hub-after", position)).await
    }

    pub(crate) fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    /// A command with all its headers as a test wants them.
    pub(crate) async fn post_with(&self, who: Who, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let request = self.http.post(self.url(path)).bearer_auth(self.token(who)).json(body);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// A command that makes something new, under a key of its own.
    pub(crate) async fn post(&self, who: Who, path: &str, body: &Value) -> Reply {
        self.post_with(who, path, &[("idempotency-key", &self.key())], body).await
    }

    /// A command on a referral at the version that it has now.
    pub(crate) async fn change(&self, who: Who, referral: &str, what: &str, body: &Value) -> Reply {
        let version: i64 =
            sqlx::query_scalar("select version from referral where id = $1").bind(referral).fetch_one(&self.owner).await.unwrap();
        let etag = format!("\"{version}\"");
        let path = format!("/api/intake/referrals/{referral}/{what}");
        self.post_with(who, &path, &[("idempotency-key", &self.key()), ("if-match", &etag)], body).await
    }

    /// Opens the history and decides.
    pub(crate) async fn decide(&self, who: Who, referral: &str, body: &Value) -> Reply {
        self.get(who, &format!("/api/intake/referrals/{referral}/history")).await.expect(200);
        self.change(who, referral, "decisions", body).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (etag, position, replayed, link) =
            (header("etag"), header("hub-position"), header("idempotency-replayed").is_some(), header("link"));
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        Reply { status, etag, position, replayed, link, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    /// Case transfer records an event; this waits until the service has taken it.
    pub(crate) async fn transfers_say(&self, event: &Transfers) {
        let position = {
            let mut log = self.transfers.0.lock().unwrap();
            let position = i64::try_from(log.len()).unwrap() + 1;
            log.push(envelope(position, self.clock.now(), event));
            position
        };
        self.until("the inbox has taken it", async || {
            let taken: Option<i64> =
                sqlx::query_scalar("select position from log.inbox where source = 'transfers'").fetch_optional(&self.owner).await.unwrap();
            taken == Some(position)
        })
        .await;
    }

    /// Waits, bounded, until something is so.
    pub(crate) async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !is_so().await {
            assert!(tokio::time::Instant::now() < end, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many events of a type there are.
    pub(crate) async fn count(&self, type_name: &str) -> i64 {
        sqlx::query_scalar("select count(*) from log.event where type = $1").bind(type_name).fetch_one(&self.owner).await.unwrap()
    }
}

async fn issuer(directory: &std::path::Path) -> (EncodingKey, Keys) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let path = directory.join("jwks.json");
    fs::write(
        &path,
        json!({ "keys": [{ "kid": "test", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": x }] }).to_string(),
    )
    .unwrap();
    (EncodingKey::from_ed_der(pkcs8.as_ref()), Keys::load(&path, vec![ISSUER.to_owned()]).await.unwrap())
}

/// A connection to where no NATS is: everything must work all the same.
async fn no_nats() -> bus::Bus {
    let (url, monitor_url) = ("nats://127.0.0.1:9".to_owned(), "http://127.0.0.1:9".to_owned());
    bus::connect(bus::Options { url, monitor_url, name: "test".to_owned(), nkey: None, replicas: 1 }).await.unwrap()
}

fn envelope(position: i64, at: Timestamp, event: &Transfers) -> Envelope {
    Envelope {
        specversion: "1.0".to_owned(),
        id: Uuid::from_u128(u128::try_from(position).unwrap()),
        source: "/hub/transfers".to_owned(),
        kind: format!("uk.hub.transfers.{}.v1", event.kind()),
        subject: format!("test-{position}"),
        time: at,
        occurredat: at,
        datacontenttype: "application/json".to_owned(),
        position,
        leafhash: String::new(),
        traceid: "0".repeat(32),
        causation: None,
        actor: PublicActor { id: "x".to_owned(), org: SALFORD.to_owned(), role: "duty_manager".to_owned() },
        children: event.children(),
        data: serde_json::to_value(event).unwrap(),
    }
}

/// The first edition, and a second from an instant on.
pub(crate) fn second_edition(from: &str, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Editions {
    let first = Editions::first();
    let mut parts = first.iter().next().unwrap().written().clone();
    change(&mut parts);
    first.with(kernel::edition::Edition::numbered(parts, 2, instant(from)).unwrap()).unwrap()
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A referral with the four compulsory answers and one child. The people in it are made up.
pub(crate) fn referral(names: &[&str], date_of_birth: &str) -> Value {
    json!({
        "concern": "Bruises on both arms; the story does not fit.",
        "referrer": { "name": "Nora Nurse", "role": "A&E nurse", "phone": "0161 496 0100" },
        "child_is_now": { "site": SALFORD_ROYAL },
        "danger_now": "yes",
        "children": [{ "names": names, "date_of_birth": date_of_birth }],
    })
}

/// Sends a referral and gives its id and the id of its child.
pub(crate) async fn refer(world: &World, who: Who, body: &Value) -> (String, String) {
    let reply = world.post(who, "/api/intake/referrals", body).await.expect(201);
    (reply.text("/referral_id"), reply.text("/children/0/child_id"))
}

/// Office hours from Monday to Friday.
pub(crate) fn desk(borough: &str, covered_by: Option<&str>) -> Transfers {
    let hours = (1..=5).map(|weekday| proto_events::transfers::OfficeHours { weekday, from: "09:00".to_owned(), to: "17:00".to_owned() });
    Transfers::DeskSet {
        borough: borough.to_owned(),
        day_phone: "0161 496 0001".to_owned(),
        night_phone: "0161 496 0002".to_owned(),
        covered_by: covered_by.map(str::to_owned),
        hours: hours.collect(),
        closed_on: Vec::new(),
    }
}
