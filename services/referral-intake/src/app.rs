//! What the handlers of the service share.

use std::{collections::BTreeSet, sync::Arc};

use axum::extract::FromRef;
use event_store::{Context, Decided, Receipt, Request, Row, Store, StoreError};
use kernel::{Borough, Decider as _, Org, ReferralId, Stream, Timestamp, calendar::Calendar, edition::Edition};
use serde_json::Value;
use service_kit::{Kit, Parts, Problem};
use sqlx::PgPool;
use vault::{KeyHandle, Keys, OpenError, Vault, VaultError};

use crate::{
    event::Event,
    referral::Case,
    rules::{Command, Intake, Situation, child_stream, referral_stream, watch_stream},
    views::desks,
};

/// The calendar by which desks keep their holidays.
const CALENDAR: &str = "england-and-wales";

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) parts: Parts,
    pub(crate) store: Store<Event>,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.parts.kit.clone()
    }
}

/// A referral as the log has it, with everything that a decision about it looks at.
pub(crate) struct Loaded {
    pub(crate) id: ReferralId,
    pub(crate) situation: Situation,
    pub(crate) events: Vec<kernel::Recorded<Event>>,
    pub(crate) streams: Vec<Stream>,
}

impl Loaded {
    pub(crate) fn case(&self) -> Result<&Case, Problem> {
        self.situation.referral.case().ok_or_else(Problem::not_found)
    }

    /// The version of the referral itself.
    pub(crate) fn version(&self) -> i64 {
        let stream = referral_stream(self.id);
        self.events.iter().filter(|recorded| recorded.stream == stream).map(|recorded| recorded.version).max().unwrap_or(0)
    }
}

impl App {
    pub(crate) fn pool(&self) -> &PgPool {
        &self.parts.pool
    }

    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.parts.vault
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.kit.clock.now()
    }

    pub(crate) fn edition(&self, at: Timestamp) -> Arc<Edition> {
        self.parts.editions.in_force(at)
    }

    pub(crate) fn calendar(&self, at: Timestamp) -> Option<Arc<Calendar>> {
        self.edition(at).calendar(CALENDAR).cloned()
    }

    /// The boroughs for which an organisation's people act now; none for a hospital.
    pub(crate) async fn acting_for(&self, org: &Org, at: Timestamp) -> Result<BTreeSet<Borough>, Problem> {
        match org.borough() {
            Some(borough) => desks::acting_for(self.pool(), borough, at, self.calendar(at).as_deref()).await.map_err(|error| away(&error)),
            None => Ok(BTreeSet::new()),
        }
    }

    /// Reads a referral from the log: what it returns is as fresh as can be.
    pub(crate) async fn load(&self, id: ReferralId) -> Result<Option<Loaded>, Problem> {
        let mut streams = vec![referral_stream(id), watch_stream(id)];
        let mut events = self.read(&streams).await?;
        let situation = Intake::replay(events.iter().map(|recorded| &recorded.event));
        let Some(case) = situation.referral.case() else { return Ok(None) };
        let children: Vec<Stream> = case.children().map(child_stream).collect();
        let about_children = self.read(&children).await?;
        let situation = about_children.iter().fold(situation, |situation, recorded| Intake::evolve(situation, &recorded.event));
        events.extend(about_children);
        streams.extend(children);
        Ok(Some(Loaded { id, situation, events, streams }))
    }

    async fn read(&self, streams: &[Stream]) -> Result<Vec<kernel::Recorded<Event>>, Problem> {
        let rows = self.store.log().streams(streams).await.map_err(|error| not_read(&error))?;
        rows.into_iter().map(Row::decode).collect::<Result<_, _>>().map_err(|error| not_read(&error))
    }

    /// Whether this command was answered before, so that nothing need be prepared for it: the log gives the first answer again.
    pub(crate) async fn is_replay(&self, receipt: &Receipt) -> Result<bool, Problem> {
        sqlx::query_scalar("select exists (select from log.receipt where principal = $1 and key = $2)")
            .bind(&receipt.principal)
            .bind(&receipt.key)
            .fetch_one(self.pool())
            .await
            .map_err(|error| away(&error))
    }

    /// The next number for a reference. Numbers may be left out; none comes twice.
    pub(crate) async fn next_number(&self) -> Result<i64, Problem> {
        sqlx::query_scalar("select nextval('intake.reference_number')").fetch_one(self.pool()).await.map_err(|error| away(&error))
    }

    /// An earlier key, to seal more about the same children.
    pub(crate) async fn key(&self, id: &str) -> Result<KeyHandle, Problem> {
        self.vault().key(id).await.map_err(|error| not_opened(&error))
    }

    /// Keys to open one answer with.
    pub(crate) async fn keys_for(&self, sealed: &[&kernel::Sealed]) -> Result<Keys, Problem> {
        self.vault().keys_for(sealed).await.map_err(|error| no_keys(&error))
    }
}

/// A command for the log, decided by the rules of the service.
pub(crate) fn request(
    streams: Vec<Stream>,
    context: Context,
    command: Command,
    (status, body, resource): (u16, Value, Option<Stream>),
) -> Request<Event> {
    Request {
        streams,
        expect: None,
        receipt: None,
        context,
        advance: None,
        decide: Box::new(move |past| {
            let events = Intake::decide(&past.replay::<Intake>(), command.clone())?;
            Ok(Decided { events, status, body: body.clone(), resource: resource.clone() })
        }),
        describe: None,
    }
}

pub(crate) fn away(error: &sqlx::Error) -> Problem {
    tracing::warn!(kind = kind_of(error), "a view could not be read");
    Problem::unavailable("The record cannot be read now.", 1)
}

/// A word for the log; the error itself may quote a statement's data.
fn kind_of(error: &sqlx::Error) -> &'static str {
    let is_decode = matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. });
    let is_database = error.as_database_error().is_some();
    if is_decode {
        "a row is not of its shape"
    } else if is_database {
        "the database refused"
    } else {
        "no connection"
    }
}

fn not_read(error: &StoreError) -> Problem {
    match error {
        StoreError::Database(_) | StoreError::Unavailable | StoreError::Unknown => {
            Problem::unavailable("The record cannot be read now.", 1)
        }
        StoreError::Decode { .. } | StoreError::Bug { .. } | StoreError::Migrate(_) => Problem::internal("log", error),
    }
}

pub(crate) fn no_keys(error: &VaultError) -> Problem {
    match error {
        VaultError::Erased => Problem::refusal("erased", "The child's data was erased; nothing new is written about it."),
        VaultError::AboutNobody | VaultError::NoMaster(_) | VaultError::Damaged(_) | VaultError::Wrap(_) | VaultError::Database(_) => {
            tracing::error!(error = %error, "the vault did not answer");
            Problem::unavailable("Personal data cannot be read or written now. Telephone the duty desk.", 2)
        }
    }
}

pub(crate) fn not_opened(error: &OpenError) -> Problem {
    match error {
        OpenError::Erased => Problem::refusal("erased", "The children's data was erased; nothing new is written about them."),
        OpenError::Database(error) => no_keys(error),
        OpenError::Unknown | OpenError::Wrong => Problem::internal("vault", error),
    }
}
