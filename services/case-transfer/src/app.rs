//! What every handler has at hand.

use std::sync::Arc;

use axum::extract::FromRef;
use bus::Lag;
use event_store::{Receipt, Store};
use kernel::{
    Borough, ChildId, GlassId, Recorded, Reference, Stream, Timestamp, TransferId, directory::Directory, edition::Book, edition::Edition,
};
use service_kit::{Kit, Problem};
use tokio::sync::watch;
use vault::Vault;

use crate::{
    board::BoardState,
    desk::Desk,
    glass::Glass,
    kept::Kept,
    rules::{Situation, board_stream, child_stream, glass_stream, transfer_stream},
    transfer::{Talk, Transfer},
    views::desks,
};

/// The state of the router.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) store: Store<Kept>,
    pub(crate) editions: Book,
    pub(crate) vault: Arc<Vault>,
    pub(crate) intake: watch::Receiver<Lag>,
    /// The database of the record of looks, which says for every service which break-glass is open.
    pub(crate) looks: sqlx::PgPool,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// A transfer with its whole history.
pub(crate) struct Loaded {
    pub(crate) id: TransferId,
    pub(crate) talk: Talk,
    pub(crate) history: Vec<Recorded<Kept>>,
}

/// A break-glass with its whole history.
pub(crate) struct OneGlass {
    pub(crate) id: GlassId,
    pub(crate) glass: Glass,
    pub(crate) history: Vec<Recorded<Kept>>,
}

impl Loaded {
    /// What people call it on the telephone. Every event of a transfer carries it.
    pub(crate) fn reference(&self) -> Reference {
        let about = self.history.first().and_then(|first| first.event.about.as_ref());
        about.map_or_else(|| Reference::transfer(0, 0), |about| about.reference.clone())
    }
}

impl App {
    pub(crate) fn pool(&self) -> &sqlx::PgPool {
        self.store.log().pool()
    }

    pub(crate) fn edition(&self, at: Timestamp) -> Arc<Edition> {
        self.editions.in_force(at)
    }

    /// Since when the referrals that are known here may be behind those that were made; nothing while they are not.
    pub(crate) fn stale_since(&self) -> Option<Timestamp> {
        self.intake.borrow().stale_since(self.kit.clock.now())
    }

    /// A transfer, from its own stream.
    pub(crate) async fn transfer(&self, id: TransferId) -> Result<Option<Loaded>, Problem> {
        let history = self.streams(&[transfer_stream(id)]).await?;
        let mut situation = Situation::default();
        history.iter().for_each(|recorded| situation.take(&recorded.event.event));
        Ok(match situation.transfers.remove(&id) {
            Some(Transfer::Offered(talk)) => Some(Loaded { id, talk: *talk, history }),
            Some(Transfer::NotOffered) | None => None,
        })
    }

    /// The histories of some transfers, in log order.
    pub(crate) async fn transfers(&self, ids: impl IntoIterator<Item = TransferId>) -> Result<Vec<Recorded<Kept>>, Problem> {
        let streams: Vec<Stream> = ids.into_iter().map(transfer_stream).collect();
        self.streams(&streams).await
    }

    /// The histories of some children, in log order.
    pub(crate) async fn children(&self, children: impl IntoIterator<Item = ChildId>) -> Result<Vec<Recorded<Kept>>, Problem> {
        let streams: Vec<Stream> = children.into_iter().map(child_stream).collect();
        self.streams(&streams).await
    }

    /// A break-glass, from its own stream.
    pub(crate) async fn glass(&self, id: GlassId) -> Result<Option<OneGlass>, Problem> {
        let history = self.streams(&[glass_stream(id)]).await?;
        let mut situation = Situation::default();
        history.iter().for_each(|recorded| situation.take(&recorded.event.event));
        Ok(situation.glasses.remove(&id).map(|glass| OneGlass { id, glass, history }))
    }

    async fn streams(&self, streams: &[Stream]) -> Result<Vec<Recorded<Kept>>, Problem> {
        let rows = self.store.log().streams(streams).await.map_err(|error| unreadable(&error))?;
        rows.into_iter().map(|row| row.decode().map_err(|error| unreadable(&error))).collect()
    }

    /// Whether this command was answered before: the log gives the first answer again.
    pub(crate) async fn is_replay(&self, receipt: &Receipt) -> Result<bool, Problem> {
        sqlx::query_scalar("select exists (select from log.receipt where principal = $1 and key = $2)")
            .bind(&receipt.principal)
            .bind(&receipt.key)
            .fetch_one(self.pool())
            .await
            .map_err(away)
    }

    /// The top of the ladder.
    pub(crate) async fn board(&self) -> Result<BoardState, Problem> {
        let mut situation = Situation::default();
        self.streams(&[board_stream()]).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        Ok(situation.board)
    }

    /// The desk of a borough, if it is connected.
    pub(crate) async fn desk(&self, borough: &Borough) -> Result<Option<Desk>, Problem> {
        let known = desks::of(self.pool(), [borough]).await.map_err(away)?;
        Ok(known.into_iter().next().map(|known| known.desk))
    }
}

/// The name of a borough; its code where it is not in the directory.
pub(crate) fn name_of(borough: &Borough) -> String {
    Directory::get().borough(borough).map_or_else(|| borough.to_string(), |entry| entry.name.clone())
}

fn unreadable(error: &event_store::StoreError) -> Problem {
    match error {
        event_store::StoreError::Database(_) | event_store::StoreError::Unavailable => {
            tracing::warn!(error = %error, "the record cannot be read");
            Problem::unavailable("The record cannot be read now. Try again, or telephone the duty desk.", 2)
        }
        event_store::StoreError::Unknown
        | event_store::StoreError::Decode { .. }
        | event_store::StoreError::Bug { .. }
        | event_store::StoreError::Migrate(_) => Problem::internal("record", error),
    }
}

/// The database did not answer a read.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(crate) fn away(error: sqlx::Error) -> Problem {
    // sqlx's own words may quote a value; its kind does not.
    if matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) {
        return Problem::internal("view", &"a row cannot be read");
    }
    let kind = if matches!(error, sqlx::Error::Database(_)) { "the database refused" } else { "the database is away" };
    tracing::warn!(kind, "a view cannot be read");
    Problem::unavailable("The record cannot be read now. Try again, or telephone the duty desk.", 2)
}
