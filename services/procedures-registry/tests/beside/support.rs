//! A running service with people who speak to it.

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
use kernel::{Directory, Timestamp, edition::Book, edition::Editions};
use proto_events::{Envelope, PublicActor, Published, intake::Intake, transfers::Transfers};
use serde_json::{Value, json};
use service_kit::{Clock, Keys, Kit, Parts, Service, service::Running};
use sqlx::PgPool;
use uuid::Uuid;
use vault::{MasterKey, Vault};

pub(crate) const MANCHESTER: &str = "E08000003";
pub(crate) const SALFORD: &str = "E08000006";
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

/// The log of another service, as far as a test wrote it.
#[derive(Default)]
struct OtherLog(Mutex<Vec<Envelope>>);

impl Source for OtherLog {
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
    signing: EncodingKey,
    base: String,
    http: reqwest::Client,
    intake: Arc<OtherLog>,
    transfers: Arc<OtherLog>,
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
pub(crate) const SALFORD_MANAGER: Who = Who("sam", SALFORD, "duty_manager");
pub(crate) const SALFORD_HEAD: Who = Who("sah", SALFORD, "head_of_service");
pub(crate) const MANCHESTER_WORKER: Who = Who("man", MANCHESTER, "duty_worker");
pub(crate) const MANCHESTER_MANAGER: Who = Who("mam", MANCHESTER, "duty_manager");
pub(crate) const AUTHOR: Who = Who("aut", MANCHESTER, "procedure_author");
pub(crate) const APPROVER: Who = Who("bap", "board", "board_approver");
pub(crate) const AUDITOR: Who = Who("bau", "board", "board_auditor");

impl World {
    /// At 02:14 on a Monday night.
    pub(crate) async fn new(name: &str) -> Self {
        let scratch = Scratch(std::env::temp_dir().join(format!("registry-beside-{name}-{}", std::process::id())));
        fs::create_dir_all(&scratch.0).unwrap();
        let postgres = Postgres::start(&scratch.0.join("pg"), PostgresOptions::default()).await.unwrap();
        postgres.create_role("hub_app").await.unwrap();
        for database in ["hub_vault", "hub_looks", "hub_procedures"] {
            postgres.create_database(database).await.unwrap();
        }
        let pool = async |database: &str, user: &str| event_store::pool::connect(&postgres.url(database, user), 10).await.unwrap();
        vault::migrate(&pool("hub_vault", OWNER).await).await.unwrap();
        event_store::migrate(&pool("hub_looks", OWNER).await, &service_kit::look::views()).await.unwrap();
        let master = Arc::new(MasterKey::create_file(&scratch.0.join("master")).unwrap());
        let vault = Arc::new(Vault::new(pool("hub_vault", "hub_app").await, master));
        let owner = pool("hub_procedures", OWNER).await;
        event_store::migrate(&owner, &procedures_registry::views()).await.unwrap();

        let (signing, keys) = issuer(&scratch.0).await;
        let clock = Clock::manual("2026-11-23T02:14:00Z".parse().unwrap());
        let (intake, transfers) = (Arc::new(OtherLog::default()), Arc::new(OtherLog::default()));
        let (of_intake, of_transfers) = (Arc::clone(&intake), Arc::clone(&transfers));
        let parts = Parts {
            kit: Kit::new(clock.clone(), keys, service_kit::Access::new(&[procedures_registry::POLICY]).unwrap()),
            pool: pool("hub_procedures", "hub_app").await,
            editions: Book::new(Editions::first()),
            vault: Arc::clone(&vault),
            looks: pool("hub_looks", "hub_app").await,
            bus: no_nats().await,
            sources: Arc::new(move |name: &str| -> Arc<dyn Source> {
                Arc::clone(if name == "intake" { &of_intake } else { &of_transfers }) as _
            }),
        };
        let services: Vec<Service> = vec![procedures_registry::service(&parts)];
        let running = service_kit::service::start(services, &parts.kit.tasks, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base = format!("http://{}", running.address());
        let (http, keys, running) = (reqwest::Client::new(), AtomicU32::new(0), Some(running));
        let world = Self { clock, owner, signing, base, http, intake, transfers, keys, running, postgres, _scratch: scratch };
        world.until("the first edition is there", async || world.get(NURSE, "/api/procedures/editions/in-force").await.status == 200).await;
        world
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

    /// A command on something at the version that it has now.
    pub(crate) async fn change(&self, who: Who, at: &str, what: &str, body: &Value) -> Reply {
        let etag = self.get(who, at).await.expect(200).etag.unwrap();
        self.post_with(who, &format!("{at}/{what}"), &[("idempotency-key", &self.key()), ("if-match", &etag)], body).await
    }

    /// Drafts an edition with these procedures besides those of earlier tests' editions, and changes of its parts, and submits it.
    pub(crate) async fn submit(&self, procedures: &[Value], parts: impl Fn(&mut Value)) -> (String, Reply) {
        let draft = self.post(AUTHOR, "/api/procedures/drafts", &json!({ "title": "Next" })).await.expect(201);
        let at = format!("/api/procedures/drafts/{}", draft.text("/draft_id"));
        let mut document = self.get(AUTHOR, &at).await.expect(200).body["document"].clone();
        parts(&mut document["parts"]);
        let all = document["procedures"].as_array_mut().unwrap();
        // What the program brings is not what these tests are about.
        if draft.body["based_on"] == 1 {
            all.clear();
        }
        all.retain(|one| !procedures.iter().any(|new| new["id"] == one["id"]));
        all.extend_from_slice(procedures);
        self.change(AUTHOR, &at, "document", &json!({ "document": document })).await.expect(200);
        let submitted = self.change(AUTHOR, &at, "submission", &json!({ "unconsulted": "It cannot wait." })).await;
        (at, submitted)
    }

    /// Drafts an edition, has everybody approve it, schedules it, and lets it come into force.
    pub(crate) async fn adopt(&self, procedures: &[Value]) {
        self.schedule(procedures).await;
        self.clock.set(self.clock.now() + std::time::Duration::from_secs(2 * 3_600));
    }

    /// The same without waiting until it is in force.
    pub(crate) async fn schedule(&self, procedures: &[Value]) {
        let (at, submitted) = self.submit(procedures, |_| ()).await;
        submitted.expect(200);
        self.approve(&at).await;
    }

    /// Submits a draft, has everybody approve it, and schedules it.
    pub(crate) async fn approve_and_schedule(&self, at: &str) {
        self.change(AUTHOR, at, "submission", &json!({ "unconsulted": "It cannot wait." })).await.expect(200);
        self.approve(at).await;
    }

    /// Has everybody approve a submitted draft, and schedules it.
    pub(crate) async fn approve(&self, at: &str) {
        let hash = self.get(AUTHOR, at).await.expect(200).text("/hash");
        let boroughs = Directory::get().boroughs_of_area("Greater Manchester Combined Authority");
        let leaders = boroughs.map(|entry| (entry.code.to_string(), "head_of_service"));
        for (org, role) in leaders.chain([("board".to_owned(), "board_approver")]) {
            let who = Who(Box::leak(format!("leads-{org}").into_boxed_str()), Box::leak(org.into_boxed_str()), role);
            self.change(who, at, "approvals", &json!({ "hash": hash })).await.expect(200);
        }
        let from = self.clock.now() + std::time::Duration::from_secs(3_600);
        self.change(APPROVER, at, "schedule", &json!({ "in_force_from": from, "hash": hash })).await.expect(200);
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let etag = header("etag");
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        Reply { status, etag, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    /// Intake records events; this waits until the service has taken them.
    pub(crate) async fn intake_says(&self, events: &[Intake]) {
        self.says("intake", &self.intake, events).await;
    }

    /// Case transfer records events; this waits until the service has taken them.
    pub(crate) async fn transfers_say(&self, events: &[Transfers]) {
        self.says("transfers", &self.transfers, events).await;
    }

    async fn says(&self, source: &str, log: &OtherLog, events: &[impl Published]) {
        let last = {
            let mut log = log.0.lock().unwrap();
            for event in events {
                let position = i64::try_from(log.len()).unwrap() + 1;
                log.push(envelope(source, position, self.clock.now(), event));
            }
            i64::try_from(log.len()).unwrap()
        };
        self.until("the inbox has taken them", async || {
            let taken: Option<i64> = sqlx::query_scalar("select position from log.inbox where source = $1")
                .bind(source)
                .fetch_optional(&self.owner)
                .await
                .unwrap();
            taken == Some(last)
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

fn envelope(source: &str, position: i64, at: Timestamp, event: &impl Published) -> Envelope {
    Envelope {
        specversion: "1.0".to_owned(),
        id: Uuid::from_u128((u128::try_from(position).unwrap() << 8) | u128::from(source == "transfers")),
        source: format!("/hub/{source}"),
        kind: format!("uk.hub.{source}.{}.v1", event.kind()),
        subject: format!("test-{position}"),
        time: at,
        occurredat: at,
        datacontenttype: "application/json".to_owned(),
        position,
        leafhash: String::new(),
        traceid: "0".repeat(32),
        causation: None,
        actor: PublicActor { id: "x".to_owned(), org: SALFORD.to_owned(), role: "duty_worker".to_owned() },
        children: event.children(),
        data: serde_json::to_value(event).unwrap(),
    }
}

/// A procedure of this id and title.
pub(crate) fn procedure(id: &str, title: &str) -> Value {
    json!({
        "id": id, "title": title, "summary": "What follows when police take a child to a safe place.",
        "change": "First text.", "review_by": "2027-06-30", "legal_basis": ["Children Act 1989, section 46"], "learning": [],
        "contacts": ["duty_desk"], "search": [],
        "applies_to": { "roles": ["duty_worker", "referrer"], "organisations": ["borough", "hospital"] },
        "steps": [
            { "who": "duty_worker", "what": "Ring the police station.", "by": "at once", "force": "should" },
            { "who": "duty_manager", "what": "Decide what follows.", "clock": "police_protection", "force": "must",
              "basis": "Children Act 1989, section 46(6)" }
        ],
        "short": "1. Ring.", "full": "Ring, then decide."
    })
}
