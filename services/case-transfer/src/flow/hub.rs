//! A hub of three boroughs for one test.

use std::{path::PathBuf, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
    middleware::from_fn_with_state,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::{Handler as _, Inbox, Later, Source, SourceError};
use embedded::{OWNER, Postgres, PostgresOptions};
use event_store::{Store, pool};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{ChildId, Recorded, ReferralId, Timestamp, edition::Book, edition::Editions};
use proto_events::{Envelope, PublicActor, Published as _, intake::Intake};
use serde_json::{Value, json};
use service_kit::{Clock, Ids, Keys, Kit, Parts, fresh, wiring::Reached};
use sqlx::PgPool;
use tower::ServiceExt as _;
use vault::{MasterKey, Vault};

use crate::{FromIntake, NAME, api, app::App, kept::Kept, timers::Timers, views::views};

pub(super) const SALFORD: &str = "E08000006";
pub(super) const MANCHESTER: &str = "E08000003";
pub(super) const TRAFFORD: &str = "E08000009";
pub(super) const HOSPITAL: &str = "RM301";

const ISSUER: &str = "https://test.invalid";

/// Somebody, by organisation and role.
#[derive(Clone, Copy)]
pub(super) struct Who(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

pub(super) const ASHA: Who = Who("asha", MANCHESTER, "duty_worker");
pub(super) const MANAGER: Who = Who("mara", MANCHESTER, "duty_manager");
pub(super) const BEN: Who = Who("ben", SALFORD, "duty_worker");
pub(super) const BOSS: Who = Who("bola", SALFORD, "duty_manager");
pub(super) const TESS: Who = Who("tess", TRAFFORD, "duty_worker");
pub(super) const CHIEF: Who = Who("tariq", TRAFFORD, "duty_manager");
pub(super) const NURSE: Who = Who("nora", HOSPITAL, "referrer");
pub(super) const OTHER_NURSE: Who = Who("omar", "RW3MR", "referrer");
pub(super) const AUDITOR: Who = Who("ada", "board", "board_auditor");
pub(super) const OPERATOR: Who = Who("otto", "hub", "hub_operator");
pub(super) const SERVICE: Who = Who("service:audit", "hub", "hub_operator");
pub(super) const SYSTEM: Who = Who("salford-system", SALFORD, "borough_system");

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Reply {
    #[track_caller]
    pub(super) fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub(super) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        self
    }

    pub(super) fn version(&self) -> i64 {
        self.body["version"].as_i64().unwrap()
    }

    pub(super) fn id(&self) -> String {
        self.body["transfer_id"].as_str().unwrap().to_owned()
    }
}

/// The logs of others are away in these tests; their events are handed over one by one.
struct Away;

impl Source for Away {
    fn after(&self, _: i64, _: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>> {
        Box::pin(async { Err(SourceError::Away) })
    }
}

pub(super) struct Hub {
    pub(super) router: Router,
    pub(super) app: App,
    pub(super) parts: Parts,
    pub(super) clock: Clock,
    pub(super) owner: PgPool,
    pub(super) timers: Timers,
    key: EncodingKey,
    handler: FromIntake,
    taken: i64,
    keys_used: std::cell::Cell<u32>,
    _postgres: Postgres,
    directory: PathBuf,
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

/// A Monday, 02:14 in England: the night.
pub(super) fn night() -> Timestamp {
    "2026-11-23T02:14:00Z".parse().unwrap()
}

impl Hub {
    pub(super) async fn start(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("hub-transfers-{}-{name}", std::process::id()));
        let postgres = Postgres::start(&directory, PostgresOptions::default()).await.unwrap();
        postgres.create_role("hub_app").await.unwrap();
        for database in ["hub_transfers", "hub_vault", "hub_looks"] {
            postgres.create_database(database).await.unwrap();
        }
        let owner = pool::connect(&postgres.url("hub_transfers", OWNER), 4).await.unwrap();
        event_store::migrate(&owner, &views()).await.unwrap();
        let vault_owner = pool::connect(&postgres.url("hub_vault", OWNER), 2).await.unwrap();
        vault::migrate(&vault_owner).await.unwrap();
        event_store::migrate(&pool::connect(&postgres.url("hub_looks", OWNER), 2).await.unwrap(), &service_kit::look::views())
            .await
            .unwrap();
        let app_pool = pool::connect(&postgres.url("hub_transfers", "hub_app"), 16).await.unwrap();
        let vault_pool = pool::connect(&postgres.url("hub_vault", "hub_app"), 8).await.unwrap();
        let secrets = directory.with_extension("secrets");
        std::fs::create_dir_all(&secrets).unwrap();
        let vault = Arc::new(Vault::new(vault_pool, Arc::new(MasterKey::create_file(&secrets.join("master.key")).unwrap())));
        let (key, keys) = signing(&secrets).await;
        std::fs::remove_dir_all(&secrets).unwrap();
        let clock = Clock::manual(night());
        let kit = Kit::new(clock.clone(), keys, service_kit::Access::new(&[crate::POLICY]).unwrap());
        let editions = Book::new(Editions::first());
        let (store, writer) = Store::<Kept>::open(app_pool.clone(), NAME, views());
        drop(kit.tasks.spawn(writer));
        let handler = FromIntake::new(store.clone(), editions.clone());
        let options = bus::Options {
            url: "nats://127.0.0.1:1".to_owned(),
            monitor_url: "http://127.0.0.1:1".to_owned(),
            name: "test".to_owned(),
            nkey: None,
            replicas: 1,
        };
        let down = bus::connect(options).await.unwrap();
        let away: Arc<dyn Source> = Arc::new(Away);
        let intake = Inbox::new(down.clone(), app_pool.clone(), "intake", Arc::clone(&away), Arc::new(handler.clone())).lag();
        let parts = Parts {
            kit: kit.clone(),
            pool: app_pool,
            editions: editions.clone(),
            vault: Arc::clone(&vault),
            looks: pool::connect(&postgres.url("hub_looks", "hub_app"), 4).await.unwrap(),
            bus: down,
            sources: Arc::new(move |_| Arc::clone(&away)),
        };
        let app = App { kit, store: store.clone(), editions, vault, intake, looks: parts.looks.clone() };
        let reached: Arc<dyn fresh::Freshness> = Arc::new(Reached { own: store.log().clone(), sources: vec!["intake"] });
        let router = api::router(app.clone()).layer(from_fn_with_state(reached, fresh::layer));
        let timers = Timers::new(app.clone());
        let keys_used = std::cell::Cell::new(0);
        Self { router, app, parts, clock, owner, timers, key, handler, taken: 0, keys_used, _postgres: postgres, directory }
    }

    pub(super) fn token(&self, who: Who) -> String {
        let now = self.clock.now().as_second();
        let claims = json!({
            "iss": ISSUER, "aud": "safeguarding-hub", "exp": now + 3_600, "sub": who.0, "name": format!("Name of {}", who.0),
            "org": who.1, "roles": [who.2],
        });
        let header = Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }

    pub(super) async fn send(&self, who: Who, (method, path): (Method, &str), headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/api/transfers{path}"));
        request = request.header("authorization", format!("Bearer {}", self.token(who)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR.as_u16(), "{path}: {body}");
        Reply { status, headers, body }
    }

    pub(super) fn key(&self) -> String {
        self.keys_used.set(self.keys_used.get() + 1);
        format!("key-{}", self.keys_used.get())
    }

    pub(super) async fn get(&self, who: Who, path: &str) -> Reply {
        self.send(who, (Method::GET, path), &[], None).await
    }

    pub(super) async fn create(&self, who: Who, path: &str, body: &Value) -> Reply {
        self.send(who, (Method::POST, path), &[("idempotency-key", &self.key())], Some(body)).await
    }

    pub(super) async fn post(&self, who: Who, path: &str, on: i64, body: &Value) -> Reply {
        let (key, on) = (self.key(), format!("\"{on}\""));
        self.send(who, (Method::POST, path), &[("idempotency-key", &key), ("if-match", &on)], Some(body)).await
    }

    /// What referral intake publishes, handed over by the inbox's own handler.
    pub(super) async fn told(&mut self, who: Who, data: &Intake) {
        let now = self.clock.now();
        let event = self.envelope(who, data, now);
        self.taken = self.handler.take(&[event]).await.unwrap();
    }

    pub(super) fn envelope(&self, who: Who, data: &Intake, at: Timestamp) -> Envelope {
        Envelope {
            specversion: "1.0".to_owned(),
            id: Ids::new().uuid(),
            source: "/hub/intake".to_owned(),
            kind: format!("uk.hub.intake.{}.v1", data.kind()),
            subject: "referral-x".to_owned(),
            time: at,
            occurredat: at,
            datacontenttype: "application/json".to_owned(),
            position: self.taken + 1,
            leafhash: "00".repeat(32),
            traceid: "0".repeat(32),
            causation: None,
            actor: PublicActor { id: who.0.to_owned(), org: who.1.to_owned(), role: who.2.to_owned() },
            children: data.children(),
            data: serde_json::to_value(data).unwrap(),
        }
    }

    pub(super) async fn take(&mut self, events: &[Envelope]) -> Result<i64, bus::Trouble> {
        let taken = self.handler.take(events).await?;
        self.taken = taken;
        Ok(taken)
    }

    /// A referral about these children, found in a borough.
    pub(super) async fn referral(&mut self, owner: &str, children: &[ChildId]) -> ReferralId {
        let referral = Ids::new().referral();
        let now = self.clock.now();
        let received = Intake::ReferralReceived {
            referral: referral.to_string(),
            children: children.iter().map(ToString::to_string).collect(),
            owner: owner.to_owned(),
            home: None,
            received_at: now,
            decide_by: now,
            out_of_hours: true,
            edition: 1,
            filled: Vec::new(),
        };
        self.told(NURSE, &received).await;
        referral
    }

    pub(super) async fn decision(&mut self, who: Who, referral: ReferralId, children: &[ChildId], outcome: &str) {
        let decided = Intake::ReferralDecided {
            referral: referral.to_string(),
            children: children.iter().map(ToString::to_string).collect(),
            borough: who.1.to_owned(),
            outcome: outcome.to_owned(),
            edition: 1,
            read: Vec::new(),
        };
        self.told(who, &decided).await;
    }

    /// A desk open from nine to five on working days, with somebody on call at every level.
    pub(super) async fn desk(&self, manager: Who, covered_by: Option<&str>) {
        let hours: Vec<Value> = (1..=5).map(|day| json!({ "weekday": day, "from": "09:00", "to": "17:00" })).collect();
        let turn = |level: u8, name: &str| {
            let name = format!("{name} of {}", manager.1);
            json!({ "level": level, "name": name, "phone": "0161 496 0100", "from": "2026-01-01T00:00:00Z", "to": "2027-12-31T00:00:00Z" })
        };
        let body = json!({
            "hours": hours,
            "phones": { "day": "0161 496 0001", "night": "0161 496 0002" },
            "covered_by": covered_by,
            "rota": [turn(1, "Manager"), turn(2, "Head"), turn(3, "Director")],
        });
        self.send(manager, (Method::PUT, &format!("/desks/{}", manager.1)), &[], Some(&body)).await.ok();
    }

    /// An offer of emergency action from Manchester to Salford.
    pub(super) async fn offered(&self, children: &[ChildId]) -> Reply {
        self.create(ASHA, "", &offer(SALFORD, children)).await.ok()
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.clock.set(self.clock.now() + jiff::SignedDuration::from_secs(seconds));
    }

    pub(super) async fn log(&self) -> Vec<Recorded<Kept>> {
        let rows = self.app.store.log().after(0, 10_000).await.unwrap();
        rows.into_iter().map(|row| row.decode().unwrap()).collect()
    }

    pub(super) async fn types(&self) -> Vec<String> {
        self.app.store.log().after(0, 10_000).await.unwrap().into_iter().map(|row| row.type_name).collect()
    }
}

pub(super) fn child() -> ChildId {
    Ids::new().child()
}

pub(super) fn offer(to: &str, children: &[ChildId]) -> Value {
    let items: Vec<Value> = children.iter().map(|child| json!({ "child_id": child, "duties": ["emergency_action"] })).collect();
    json!({
        "to": to,
        "priority": "P1",
        "items": items,
        "sheet": {
            "situation": "Seen at 01:50 with a bruise that nobody explains.",
            "assessment": "Seen by the registrar.",
            "child_says": "He fell on me.",
            "not_known": ["who else lives there"],
        },
    })
}

pub(super) fn items(children: &[ChildId]) -> Value {
    let items: Vec<Value> = children.iter().map(|child| json!({ "child_id": child, "duties": ["emergency_action"] })).collect();
    json!({ "items": items })
}

async fn signing(directory: &std::path::Path) -> (EncodingKey, Keys) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": x }] });
    let path = directory.join("jwks.json");
    std::fs::write(&path, set.to_string()).unwrap();
    (EncodingKey::from_ed_der(pkcs8.as_ref()), Keys::load(&path, vec![ISSUER.to_owned()]).await.unwrap())
}

/// The holder of a duty in an answer about responsibility.
pub(super) fn holder<'a>(answer: &'a Value, duty: &str) -> Option<&'a str> {
    let duties = answer["duties"].as_array()?;
    duties.iter().find(|held| held["duty"] == duty)?["holder"].as_str()
}
