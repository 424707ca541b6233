//! Every look is on the record: before an answer leaves that names a child, who is shown it, what it names and where it was asked stand in a
//! log of their own. No row, no answer.
//!
//! The log is one for all services, in a database of its own, so that looks never stand between the commands of a case (ADR 22). What an
//! answer names is read from the answer itself, so that no handler can forget it.

mod access;
mod event;
mod glass;
mod layer;
mod named;
mod view;

use axum::http::{HeaderValue, header};
use event_store::{Context, Decided, Request, Row, Store, StoreError};
use kernel::{Actor, EventId, GlassId, Org, Recorded, Role, Timestamp};
use sqlx::PgPool;
use uuid::Uuid;

pub use access::{AccessAsk, AccessEvent, Reason, Whose, decide as decide_access};
pub use event::{How, Look, LookEvent, Outcome, Purpose, Tie, Under};
pub use glass::{Glass, glass, glass_of, glasses, under};
pub(crate) use layer::Seen;
pub use layer::{Searched, layer};
pub use named::Named;
pub use view::views;

use crate::{
    Ids, Kit, command,
    problem::{Problem, types},
};

/// The name of the log of looks, and of its database.
pub const NAME: &str = "looks";

/// The answer to `HEAD` where looking is recorded, stops a clock or opens the way to a decision: nobody looks without being shown
/// anything. `allow` names the methods that the address takes.
#[must_use]
pub fn never_unseen(allow: &'static str) -> Problem {
    Problem::of(&types::METHOD_NOT_ALLOWED).header(header::ALLOW, HeaderValue::from_static(allow))
}

/// The way into the log of looks, for one service.
#[derive(Clone)]
pub struct Looks {
    service: &'static str,
    kit: Kit,
    store: Store<LookEvent>,
}

impl Looks {
    /// Opens the log for a service. The second value is the writer, which must be run.
    pub fn open(pool: PgPool, kit: Kit, service: &'static str) -> (Self, impl Future<Output = ()> + Send) {
        let (store, writer) = Store::open(pool, NAME, views());
        (Self { service, kit, store }, writer)
    }

    /// Puts a look on the record. What it is about may be given out only after that.
    ///
    /// # Errors
    /// When it is not on the record.
    pub async fn record(&self, by: Actor, correlation: String, look: Look) -> Result<(), Problem> {
        let context = Context { actor: by, occurred_at: None, recorded_at: self.kit.clock.now(), correlation, causation: None };
        let request = request(self.kit.ids.uuid(), context, look);
        command::run(&self.kit.tasks, &self.store, request).await.map(drop)
    }

    /// The way in for what is no look: whose tokens hold no more.
    #[must_use]
    pub fn store(&self) -> &Store<LookEvent> {
        &self.store
    }

    /// The log, for reading.
    #[must_use]
    pub fn log(&self) -> &event_store::Log {
        self.store.log()
    }
}

/// What puts a look on the record. Each has a stream of its own, so that the writer loads nothing for it.
fn request(id: Uuid, context: Context, look: Look) -> Request<LookEvent> {
    let event = LookEvent::Looked(EventId::from_uuid(id), look);
    Request {
        streams: vec![kernel::StoredEvent::stream(&event)],
        expect: None,
        unmoved: None,
        receipt: None,
        context,
        advance: None,
        decide: Box::new(move |_| Ok(Decided { events: vec![event.clone()], status: 200, body: serde_json::Value::Null, resource: None })),
        describe: None,
    }
}

/// Puts on the record that an operator exports, from outside the services. What it is about may be given out only after that.
///
/// # Errors
/// When it is not on the record.
pub async fn exported(pool: PgPool, ids: &Ids, at: Timestamp, (log, child): (&str, Option<&str>)) -> Result<(), StoreError> {
    let look = Look {
        service: log.to_owned(),
        action: "hub export".to_owned(),
        how: How::Exported,
        outcome: Outcome::Shown,
        children: child.map(str::to_owned).into_iter().collect(),
        cases: Vec::new(),
        roles: vec![Role::HubOperator],
        purpose: Purpose::Audit,
        glass: None,
        tie: None,
    };
    let actor = Actor { id: "hub-export".to_owned(), name: "whoever runs hub export".to_owned(), org: Org::Hub, role: Role::HubOperator };
    let context = Context { actor, occurred_at: None, recorded_at: at, correlation: String::new(), causation: None };
    let (store, writer) = Store::open(pool, NAME, views());
    let ((), done) = tokio::join!(writer, async move { store.execute(request(ids.uuid(), context, look)).await });
    done.map(drop)
}

/// Looks at any of these children or cases, the newest first, before a position.
///
/// # Errors
/// When the database does not answer, or a row cannot be read.
pub async fn about(pool: &PgPool, named: &[String], before: Option<i64>, most: i64) -> Result<Vec<Recorded<LookEvent>>, StoreError> {
    let positions: Vec<i64> = sqlx::query_scalar(
        "select distinct position from view.look_about where about = any($1) and ($2::bigint is null or position < $2)
         order by position desc limit $3",
    )
    .bind(named)
    .bind(before)
    .bind(most)
    .fetch_all(pool)
    .await?;
    at(pool, &positions).await
}

/// What was shown under a break-glass, the newest first, before a position.
///
/// # Errors
/// When the database does not answer, or a row cannot be read.
pub async fn shown_under(pool: &PgPool, glass: GlassId, before: Option<i64>, most: i64) -> Result<Vec<Recorded<LookEvent>>, StoreError> {
    let positions: Vec<i64> = sqlx::query_scalar(
        "select position from view.look_under where glass = $1 and ($2::bigint is null or position < $2) order by position desc limit $3",
    )
    .bind(glass.to_string())
    .bind(before)
    .bind(most)
    .fetch_all(pool)
    .await?;
    at(pool, &positions).await
}

/// Looks by their places, the newest first.
async fn at(pool: &PgPool, positions: &[i64]) -> Result<Vec<Recorded<LookEvent>>, StoreError> {
    let log = event_store::Log::new(pool.clone(), NAME);
    let rows = log.at(positions).await?;
    rows.into_iter().rev().map(Row::decode).collect()
}
