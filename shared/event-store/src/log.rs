//! Reading the log.

use kernel::{Actor, EventId, Recorded, StoredEvent, Stream, Timestamp};
use sqlx::{PgExecutor, PgPool, Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{PgTime, StoreError, leaf_hash};

/// A row of the log, exactly as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Place in the log.
    pub position: i64,
    /// Stream name.
    pub stream: String,
    /// Place in the stream.
    pub version: i64,
    /// Id of the event.
    pub event_id: Uuid,
    /// Type name.
    pub type_name: String,
    /// Version of the shape of the data.
    pub schema_version: i16,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the hub was told.
    pub recorded_at: Timestamp,
    /// Who did it, as JSON.
    pub actor: String,
    /// Trace id.
    pub correlation: String,
    /// The event that led to it.
    pub causation: Option<Uuid>,
    /// The event, as JSON.
    pub data: Vec<u8>,
    /// RFC 6962 leaf hash over all of the above.
    pub leaf_hash: Vec<u8>,
}

impl Row {
    fn from_pg(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            position: row.try_get(0)?,
            stream: row.try_get(1)?,
            version: row.try_get(2)?,
            event_id: row.try_get(3)?,
            type_name: row.try_get(4)?,
            schema_version: row.try_get(5)?,
            occurred_at: row.try_get::<PgTime, _>(6)?.0,
            recorded_at: row.try_get::<PgTime, _>(7)?.0,
            actor: row.try_get(8)?,
            correlation: row.try_get(9)?,
            causation: row.try_get(10)?,
            data: row.try_get(11)?,
            leaf_hash: row.try_get(12)?,
        })
    }

    /// The event in it.
    ///
    /// # Errors
    /// When this version of the program does not know it.
    pub fn decode<E: StoredEvent>(self) -> Result<Recorded<E>, StoreError> {
        let fault = |source| StoreError::Decode { position: self.position, source };
        let stream = Stream::from_stored(self.stream);
        let event = E::from_data(&stream, &self.type_name, self.schema_version, &self.data).map_err(fault)?;
        let actor: Actor = serde_json::from_str(&self.actor).map_err(|error| {
            fault(kernel::DecodeError { type_name: "actor".to_owned(), version: self.schema_version, source: Some(error) })
        })?;
        Ok(Recorded {
            position: self.position,
            stream,
            version: self.version,
            event_id: EventId::from_uuid(self.event_id),
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            actor,
            correlation: self.correlation,
            causation: self.causation.map(EventId::from_uuid),
            event,
        })
    }
}

/// Something in the log is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The first position concerned.
    pub position: i64,
    /// What is wrong with it, in words.
    pub what: String,
}

/// The log of one service, for reading.
#[derive(Clone, Debug)]
pub struct Log {
    pool: PgPool,
    service: String,
}

const COLUMNS: &str = "position, stream, version, event_id, type, schema_version, occurred_at, recorded_at, actor, correlation,
    causation, data, leaf_hash";

impl Log {
    /// The log behind a pool.
    #[must_use]
    pub fn new(pool: PgPool, service: &str) -> Self {
        Self { pool, service: service.to_owned() }
    }

    /// The service whose log it is.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The pool behind it.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Position of the last event; 0 when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn head(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("select position from log.head").fetch_one(&self.pool).await?)
    }

    /// Up to `most` rows after a position, in order. An empty answer means that there are none yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn after(&self, position: i64, most: i64) -> Result<Vec<Row>, StoreError> {
        read_after(&self.pool, position, most).await
    }

    /// The whole history of some streams, in log order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn streams(&self, streams: &[Stream]) -> Result<Vec<Row>, StoreError> {
        read_streams(&self.pool, streams).await
    }

    /// The rows at some positions, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn at(&self, positions: &[i64]) -> Result<Vec<Row>, StoreError> {
        let sql = format!("select {COLUMNS} from log.event where position = any($1) order by position");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(positions).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(Row::from_pg).collect::<Result<_, _>>()?)
    }

    /// Recomputes every leaf and checks that positions and versions have no hole. `progress` is told each position reached.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify(&self, mut progress: impl FnMut(i64)) -> Result<Option<Fault>, StoreError> {
        let mut last = 0;
        let mut versions = std::collections::HashMap::<String, i64>::new();
        loop {
            let rows = self.after(last, 5_000).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let position = row.position;
                let fault = |what: &str| Ok(Some(Fault { position, what: what.to_owned() }));
                if position != last + 1 {
                    return Ok(Some(Fault { position: last + 1, what: "the position is missing".to_owned() }));
                }
                if row.leaf_hash != leaf_hash(&self.service, &row) {
                    return fault("what is stored is not what was hashed when it was written");
                }
                let version = versions.entry(row.stream).or_default();
                if row.version != *version + 1 {
                    return fault("an earlier event of the same stream is missing");
                }
                *version = row.version;
                last = position;
            }
            progress(last);
        }
        let head = self.head().await?;
        if head == last {
            Ok(None)
        } else {
            Ok(Some(Fault { position: last + 1, what: format!("the log ends at {last} and its head says {head}") }))
        }
    }
}

pub(crate) async fn read_after(executor: impl PgExecutor<'_>, position: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    let sql = format!("select {COLUMNS} from log.event where position > $1 order by position limit $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(position).bind(most).fetch_all(executor).await?;
    Ok(rows.iter().map(Row::from_pg).collect::<Result<_, _>>()?)
}

pub(crate) async fn read_streams(executor: impl PgExecutor<'_>, streams: &[Stream]) -> Result<Vec<Row>, StoreError> {
    let names: Vec<&str> = streams.iter().map(Stream::as_str).collect();
    // Sorted here: asked for by position, the planner may walk the whole log in that order instead of looking streams up.
    let sql = format!("select {COLUMNS} from log.event where stream = any($1)");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(names).fetch_all(executor).await?;
    let mut rows: Vec<Row> = rows.iter().map(Row::from_pg).collect::<Result<_, _>>()?;
    rows.sort_unstable_by_key(|row| row.position);
    Ok(rows)
}
