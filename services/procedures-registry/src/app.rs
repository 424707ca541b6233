//! What every handler has at hand.

use std::sync::Arc;

use axum::extract::FromRef;
use event_store::{Store, StoreError};
use kernel::{DraftId, Recorded, Role, Stream, Timestamp, edition::Edition};
use service_kit::{Caller, Fault as Pointed, Kit, Problem, clock::EARLIEST};
use sqlx::PgPool;

use crate::{
    api::{pointed, promised},
    document::Document,
    documents::Documents,
    draft::{Draft, Terms},
    field::{self, WasToGo},
    rules::{Event, Situation, bin_stream, draft_stream, register_stream},
    views::editions::{self, Known},
};

/// The state of the router.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) store: Store<Event>,
    pub(crate) documents: Documents,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// A draft with its version and history.
pub(crate) struct Loaded {
    pub(crate) id: DraftId,
    pub(crate) version: i64,
    pub(crate) situation: Situation,
    pub(crate) events: Vec<Recorded<Event>>,
}

impl Loaded {
    pub(crate) fn draft(&self) -> &Draft {
        self.situation.draft(self.id)
    }

    /// Everything that is wrong with it if it is handed in at an instant, with the places.
    pub(crate) fn faults(&self, at: Timestamp) -> Vec<Pointed> {
        let Some(work) = self.draft().work() else { return Vec::new() };
        let found = work.content.faults().into_iter().chain(work.content.overdue(at));
        found.map(|fault| pointed(&fault)).chain(self.broken_promises().iter().map(promised)).collect()
    }

    /// The fields that it still asks although they were to go by then.
    fn broken_promises(&self) -> Vec<WasToGo> {
        let (bin, number) = (&self.situation.bin, self.situation.register.next_number());
        self.draft().work().map(|work| field::broken(bin, &work.content, number)).unwrap_or_default()
    }
}

/// Who sees drafts that nobody was asked about yet.
const INSIDERS: [Role; 5] = [Role::ProcedureAuthor, Role::BoardApprover, Role::BoardAuditor, Role::HeadOfService, Role::Director];

impl App {
    pub(crate) fn pool(&self) -> &PgPool {
        self.store.log().pool()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.kit.clock.now()
    }

    /// The edition in force at an instant, with its document.
    pub(crate) async fn in_force(&self, at: Timestamp) -> Result<(Known, Arc<Document>), Problem> {
        // PostgreSQL cannot keep every instant that can be written; before the first edition the first holds anyway.
        let found = editions::in_force(self.pool(), at.max(EARLIEST)).await.map_err(away)?;
        let known = found.ok_or_else(|| Problem::unavailable("The first edition is being recorded. Try again.", 1))?;
        let document = match self.documents.get(&known.hash) {
            Some(document) => document,
            None => self.numbered(known.number).await?.ok_or_else(|| Problem::internal("editions", &"an edition in force is not there"))?.1,
        };
        Ok((known, document))
    }

    /// An edition by its number, with its document.
    pub(crate) async fn numbered(&self, number: u32) -> Result<Option<(Known, Arc<Document>)>, Problem> {
        let Some((known, bytes)) = editions::numbered(self.pool(), number).await.map_err(away)? else { return Ok(None) };
        let document = match self.documents.get(&known.hash) {
            Some(document) => document,
            None => self.documents.keep(&known.hash, editions::document(&bytes).map_err(away)?),
        };
        Ok(Some((known, document)))
    }

    /// The edition that a document is.
    pub(crate) fn edition(&self, known: &Known, document: &Document) -> Result<Edition, Problem> {
        let edition = document.edition(known.number, known.in_force_from);
        edition.map_err(|_| Problem::internal("editions", &"an edition in force has faults"))
    }

    /// What the edition in force says about how the next one comes about.
    pub(crate) async fn terms(&self, at: Timestamp) -> Result<Terms, Problem> {
        let (known, document) = self.in_force(at).await?;
        Ok(Terms::of(&self.edition(&known, &document)?))
    }

    /// A draft as the log has it, if the caller may know of it.
    pub(crate) async fn draft(&self, id: DraftId, caller: &Caller, terms: &Terms) -> Result<Loaded, Problem> {
        self.load(id, &[draft_stream(id), register_stream(), bin_stream()], (caller, terms)).await
    }

    /// The same without what it is decided on beside: the register holds every edition whole.
    pub(crate) async fn draft_alone(&self, id: DraftId, caller: &Caller, terms: &Terms) -> Result<Loaded, Problem> {
        self.load(id, &[draft_stream(id)], (caller, terms)).await
    }

    async fn load(&self, id: DraftId, streams: &[Stream], (caller, terms): (&Caller, &Terms)) -> Result<Loaded, Problem> {
        let rows = self.store.log().streams(streams).await.map_err(|error| unreadable(&error))?;
        let mut loaded = Loaded { id, version: 0, situation: Situation::default(), events: Vec::new() };
        for row in rows {
            let recorded: Recorded<Event> = row.decode().map_err(|error| unreadable(&error))?;
            loaded.situation.take(&recorded.event);
            if let Event::Draft(..) = recorded.event {
                loaded.version = recorded.version;
                loaded.events.push(recorded);
            }
        }
        if may_see(caller, loaded.draft(), terms) { Ok(loaded) } else { Err(Problem::not_found()) }
    }
}

/// Whether somebody takes part in the making of editions at all: people of the area, and nobody who only runs the software.
pub(crate) fn takes_part(caller: &Caller, terms: &Terms) -> bool {
    terms.includes(&caller.org) && caller.roles.iter().any(|role| *role != Role::HubOperator)
}

/// Whether somebody sees drafts before everybody is asked.
pub(crate) fn is_insider(caller: &Caller) -> bool {
    caller.is_any(&INSIDERS)
}

fn may_see(caller: &Caller, draft: &Draft, terms: &Terms) -> bool {
    let shown = match draft {
        Draft::NotDrafted => return false,
        Draft::Open(work) | Draft::Withdrawn(work, _) => work.consultation.is_some() || !work.objections.is_empty(),
        Draft::Submitted(..) | Draft::Scheduled(..) => true,
    };
    takes_part(caller, terms) && (shown || is_insider(caller))
}

fn unreadable(error: &StoreError) -> Problem {
    match error {
        StoreError::Database(_) | StoreError::Unavailable => {
            tracing::warn!(error = %error, "the record cannot be read");
            Problem::unavailable("The record cannot be read now. Try again.", 2)
        }
        StoreError::Unknown | StoreError::Decode { .. } | StoreError::Bug { .. } | StoreError::Migrate(_) => {
            Problem::internal("record", error)
        }
    }
}

/// The database did not answer a read.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(crate) fn away(error: sqlx::Error) -> Problem {
    if matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) {
        return Problem::internal("view", &"a row cannot be read");
    }
    tracing::warn!("a view cannot be read");
    Problem::unavailable("The record cannot be read now. Try again.", 2)
}
