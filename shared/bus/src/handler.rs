//! What a service does with the events of another one.

use event_store::StoreError;
use proto_events::Envelope;
use sqlx::{PgConnection, PgExecutor};

use crate::Later;

/// What a service does with the events of another one.
///
/// The checkpoint is the row of the source in `log.inbox` of the service's own database. An implementation moves it in the
/// transaction that writes the effects (by [`step`], or by `Request.advance`), so that each event has its effects once.
pub trait Handler: Send + Sync {
    /// The last position taken; 0 before the first.
    fn checkpoint(&self) -> Later<'_, Result<i64, StoreError>>;

    /// Takes contiguous events that follow the checkpoint, and gives the new checkpoint. On [`Trouble::Poison`] everything
    /// before the position named has been taken. Events at or before the checkpoint have no effect.
    fn take<'a>(&'a self, batch: &'a [Envelope]) -> Later<'a, Result<i64, Trouble>>;

    /// Takes an event that was parked, whatever the checkpoint. The same event taken twice has its effects once.
    fn replay<'a>(&'a self, event: &'a Envelope) -> Later<'a, Result<(), Trouble>>;
}

/// An event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It will fail again whenever it is tried: a person must look at it.
    #[error("position {position} cannot be taken: {cause}")]
    Poison {
        /// Where it is.
        position: i64,
        /// Why, without any data of the event.
        cause: String,
    },
    /// It will be tried again.
    #[error("it cannot be taken now")]
    Later(#[source] StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Later(error)
    }
}

/// The last position of a source that has been taken; 0 before the first.
///
/// # Errors
/// When the database does not answer.
pub async fn checkpoint(executor: impl PgExecutor<'_>, source: &str) -> Result<i64, StoreError> {
    let position: Option<i64> =
        sqlx::query_scalar("select position from log.inbox where source = $1").bind(source).fetch_optional(executor).await?;
    Ok(position.unwrap_or(0))
}

/// Moves the checkpoint of a source from one position to another inside the caller's transaction. `false` means that it is not
/// at `from`: somebody else has taken these events, and the caller rolls back.
///
/// # Errors
/// When the database does not answer.
pub async fn step(connection: &mut PgConnection, source: &str, from: i64, to: i64) -> Result<bool, StoreError> {
    let sql = if from == 0 {
        "insert into log.inbox (source, position) values ($1, $3)
         on conflict (source) do update set position = excluded.position where log.inbox.position = $2"
    } else {
        "update log.inbox set position = $3 where source = $1 and position = $2"
    };
    let done = sqlx::query(sql).bind(source).bind(from).bind(to).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
