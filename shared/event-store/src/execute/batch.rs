//! One transaction: lock the head, load what the commands need, decide each, number and append, bring the views up to date.

use std::{
    collections::{BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use kernel::{EventId, Recorded, StoredEvent, Stream};
use sqlx::{Executor, PgConnection, Row as _};
use uuid::Uuid;

use super::{Answer, Decided, MOVED, Outcome, Past, Receipt, Refused, Request, Unmoved, writer::Writer};
use crate::{PgTime, Row, StoreError, leaf_hash, log::read_streams};

type Outcomes = Vec<Result<Outcome, StoreError>>;

/// A transaction that did not go through.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was recorded.
    Before(StoreError),
    /// The commit was sent and not answered.
    AtCommit,
}

impl Failure {
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Before(error) => error,
            Self::AtCommit => StoreError::Unknown,
        }
    }

    /// Why, for the log: the codes and names of the database and never its words, which quote the row that it did not take.
    pub(super) fn cause(&self) -> String {
        let Self::Before(error) = self else { return "the commit was not answered".to_owned() };
        match error {
            StoreError::Database(sqlx::Error::Database(error)) => {
                let (code, table, constraint) = (error.code(), error.table(), error.constraint());
                let said = [code.as_deref(), table, constraint].map(|part| part.unwrap_or("none"));
                format!("the database refused: SQLSTATE {}, table {}, constraint {}", said[0], said[1], said[2])
            }
            StoreError::Database(sqlx::Error::Io(error)) => error.to_string(),
            StoreError::Database(_)
            | StoreError::Unknown
            | StoreError::Unavailable
            | StoreError::Decode { .. }
            | StoreError::Bug { .. }
            | StoreError::Migrate(_) => error.to_string(),
        }
    }

    pub(super) fn to_each(&self) -> StoreError {
        match self {
            Self::Before(_) => StoreError::Unavailable,
            Self::AtCommit => StoreError::Unknown,
        }
    }
}

impl<T: Into<StoreError>> From<T> for Failure {
    fn from(error: T) -> Self {
        Self::Before(error.into())
    }
}

/// What the batch will write.
struct Batch<E> {
    head: i64,
    rows: Vec<Row>,
    recorded: Vec<Recorded<E>>,
    receipts: HashMap<(String, String), (Vec<u8>, Answer)>,
    new_receipts: Vec<Receipt>,
    inbox: HashMap<String, i64>,
    moved: BTreeSet<String>,
    latest: HashMap<String, i64>,
}

pub(super) async fn run<E: StoredEvent>(
    writer: &mut Writer<E>,
    connection: &mut PgConnection,
    requests: &[&Request<E>],
) -> Result<(Outcomes, i64), Failure> {
    let begun = connection.fetch_all(sqlx::raw_sql("begin; select position from log.head where one for update")).await?;
    let head: i64 = begun.first().ok_or(StoreError::Bug { what: "no head row" })?.try_get(0)?;
    writer.memory.at_head(head);
    let mut batch = load(writer, connection, requests, head).await?;
    let outcomes = requests.iter().map(|request| decide(writer, &mut batch, request)).collect();
    if batch.rows.is_empty() && batch.new_receipts.is_empty() && batch.moved.is_empty() {
        connection.execute("rollback").await?;
        return Ok((outcomes, head));
    }
    append(connection, &batch).await?;
    if !batch.recorded.is_empty() {
        for view in &writer.views {
            view.apply(connection, &batch.recorded).await?;
        }
    }
    connection.execute("commit").await.map_err(|_| Failure::AtCommit)?;
    Ok((outcomes, batch.head))
}

async fn load<E: StoredEvent>(
    writer: &mut Writer<E>,
    connection: &mut PgConnection,
    requests: &[&Request<E>],
    head: i64,
) -> Result<Batch<E>, Failure> {
    let unknown: BTreeSet<Stream> =
        requests.iter().flat_map(|request| &request.streams).filter(|stream| !writer.memory.knows(stream)).cloned().collect();
    if !unknown.is_empty() {
        let unknown: Vec<Stream> = unknown.into_iter().collect();
        let rows = read_streams(&mut *connection, &unknown).await?;
        unknown.into_iter().for_each(|stream| writer.memory.learn(stream));
        for row in rows {
            writer.memory.add(row.decode()?);
        }
    }
    Ok(Batch {
        head,
        rows: Vec::new(),
        recorded: Vec::new(),
        receipts: load_receipts(connection, requests).await?,
        new_receipts: Vec::new(),
        inbox: load_inbox(connection, requests).await?,
        moved: BTreeSet::new(),
        latest: load_latest(connection, requests).await?,
    })
}

async fn load_receipts<E>(
    connection: &mut PgConnection,
    requests: &[&Request<E>],
) -> Result<HashMap<(String, String), (Vec<u8>, Answer)>, Failure> {
    let (principals, keys): (Vec<&str>, Vec<&str>) = requests
        .iter()
        .filter_map(|request| request.receipt.as_ref())
        .map(|receipt| (receipt.principal.as_str(), receipt.key.as_str()))
        .unzip();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(
        "select principal, key, fingerprint, status, body, position, version from log.receipt
         where (principal, key) in (select * from unnest($1::text[], $2::text[]))",
    )
    .bind(principals)
    .bind(keys)
    .fetch_all(connection)
    .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let body: Vec<u8> = row.try_get(4)?;
        let answer = Answer {
            status: u16::try_from(row.try_get::<i16, _>(3)?).unwrap_or(200),
            body: serde_json::from_slice(&body).map_err(|_| StoreError::Bug { what: "a kept answer is not JSON" })?,
            position: row.try_get(5)?,
            version: row.try_get(6)?,
            replayed: true,
        };
        found.insert((row.try_get(0)?, row.try_get(1)?), (row.try_get(2)?, answer));
    }
    Ok(found)
}

async fn load_inbox<E>(connection: &mut PgConnection, requests: &[&Request<E>]) -> Result<HashMap<String, i64>, Failure> {
    let sources: Vec<&str> =
        requests.iter().filter_map(|request| request.advance.as_ref()).map(|advance| advance.source.as_str()).collect();
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let rows =
        sqlx::query("select source, position from log.inbox where source = any($1) for update").bind(sources).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?)
}

/// The latest event of each type that a command must not have missed, since the earliest look.
async fn load_latest<E>(connection: &mut PgConnection, requests: &[&Request<E>]) -> Result<HashMap<String, i64>, Failure> {
    let looks: Vec<Unmoved> = requests.iter().filter_map(|request| request.unmoved).collect();
    let Some(since) = looks.iter().map(|look| look.since).min() else { return Ok(HashMap::new()) };
    let types: BTreeSet<&str> = looks.iter().flat_map(|look| look.types).copied().collect();
    let rows = sqlx::query("select type, max(position) from log.event where position > $1 and type = any($2) group by type")
        .bind(since)
        .bind(types.into_iter().collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?)
}

fn has_moved<E: StoredEvent>(batch: &Batch<E>, look: &Unmoved) -> bool {
    let earlier = look.types.iter().filter_map(|name| batch.latest.get(*name)).any(|position| *position > look.since);
    earlier || batch.rows.iter().any(|row| look.types.contains(&row.type_name.as_str()))
}

fn decide<E: StoredEvent>(writer: &mut Writer<E>, batch: &mut Batch<E>, request: &Request<E>) -> Result<Outcome, StoreError> {
    if let Some(receipt) = &request.receipt
        && let Some((fingerprint, answer)) = batch.receipts.get(&(receipt.principal.clone(), receipt.key.clone()))
    {
        return Ok(if *fingerprint == receipt.fingerprint { Outcome::Done(answer.clone()) } else { Outcome::KeyReused });
    }
    if let Some(advance) = &request.advance {
        let next = batch.inbox.get(&advance.source).copied().unwrap_or(0) + 1;
        if advance.position != next {
            return Ok(if advance.position < next { Outcome::Skipped } else { Outcome::Gap { next } });
        }
    }
    if request.unmoved.is_some_and(|look| has_moved(batch, &look)) {
        let detail = "What this rests on has changed since it was looked up: look again.".to_owned();
        return Ok(Outcome::Refused(Refused { code: MOVED, detail, state: None }));
    }
    let past = Past { streams: &request.streams, memory: &writer.memory };
    if let Some((stream, version)) = &request.expect
        && past.version(stream) != *version
    {
        return Ok(Outcome::Stale {
            version: past.version(stream),
            changed: past.of(stream).last().map(|last| (last.actor.clone(), last.recorded_at)),
            state: request.describe.as_ref().map(|describe| describe(&past)),
        });
    }
    let decided = catch_unwind(AssertUnwindSafe(|| (request.decide)(&past))).map_err(|_| StoreError::Bug { what: "a decider panicked" })?;
    match decided {
        Err(refused) => Ok(Outcome::Refused(refused)),
        Ok(decided) => record(writer, batch, request, decided),
    }
}

/// Numbers the events of one command and notes its answer.
fn record<E: StoredEvent>(
    writer: &mut Writer<E>,
    batch: &mut Batch<E>,
    request: &Request<E>,
    decided: Decided<E>,
) -> Result<Outcome, StoreError> {
    const NOT_JSON: StoreError = StoreError::Bug { what: "an event or answer cannot be written as JSON" };
    let data: Vec<Vec<u8>> = decided.events.iter().map(StoredEvent::to_data).collect::<Result<_, _>>().map_err(|_| NOT_JSON)?;
    let actor = serde_json::to_string(&request.context.actor).map_err(|_| NOT_JSON)?;
    for (event, data) in decided.events.into_iter().zip(data) {
        number(writer, batch, request, (event, data, actor.clone()));
    }
    let version = decided.resource.map(|stream| writer.memory.of(&stream).last().map_or(0, |last| last.version));
    let mut body = decided.body;
    if let (Some(version), Some(object)) = (version, body.as_object_mut()) {
        object.insert("version".to_owned(), version.into());
    }
    let answer = Answer { status: decided.status, body, position: batch.head, version, replayed: false };
    if let Some(receipt) = &request.receipt {
        let kept = Answer { replayed: true, ..answer.clone() };
        batch.receipts.insert((receipt.principal.clone(), receipt.key.clone()), (receipt.fingerprint.to_vec(), kept));
        batch.new_receipts.push(receipt.clone());
    }
    if let Some(advance) = &request.advance {
        batch.inbox.insert(advance.source.clone(), advance.position);
        batch.moved.insert(advance.source.clone());
    }
    Ok(Outcome::Done(answer))
}

fn number<E: StoredEvent>(writer: &mut Writer<E>, batch: &mut Batch<E>, request: &Request<E>, (event, data, actor): (E, Vec<u8>, String)) {
    batch.head += 1;
    let context = &request.context;
    let stream = event.stream();
    let version = writer.memory.of(&stream).last().map_or(0, |last| last.version) + 1;
    let recorded_at = PgTime::kept(context.recorded_at);
    let mut row = Row {
        position: batch.head,
        stream: stream.as_str().to_owned(),
        version,
        event_id: new_event_id(),
        type_name: event.type_name().to_owned(),
        schema_version: event.schema_version(),
        occurred_at: context.occurred_at.map_or(recorded_at, PgTime::kept),
        recorded_at,
        actor,
        correlation: context.correlation.clone(),
        causation: context.causation.map(EventId::uuid),
        data,
        leaf_hash: Vec::new(),
    };
    row.leaf_hash = leaf_hash(writer.log.service(), &row).to_vec();
    let recorded = Recorded {
        position: row.position,
        stream,
        version,
        event_id: EventId::from_uuid(row.event_id),
        occurred_at: row.occurred_at,
        recorded_at,
        actor: context.actor.clone(),
        correlation: context.correlation.clone(),
        causation: context.causation,
        event,
    };
    writer.memory.add(recorded.clone());
    batch.recorded.push(recorded);
    batch.rows.push(row);
}

#[expect(clippy::disallowed_methods, reason = "the id of the stored row; no rule sees it")]
fn new_event_id() -> Uuid {
    Uuid::now_v7()
}

async fn append<E>(connection: &mut PgConnection, batch: &Batch<E>) -> Result<(), Failure> {
    macro_rules! column {
        ($row:ident => $value:expr) => {
            batch.rows.iter().map(|$row| $value).collect::<Vec<_>>()
        };
    }
    let receipts: Vec<(&Receipt, &Answer)> = batch
        .new_receipts
        .iter()
        .filter_map(|receipt| Some((receipt, &batch.receipts.get(&(receipt.principal.clone(), receipt.key.clone()))?.1)))
        .collect();
    let bodies: Vec<Vec<u8>> = receipts
        .iter()
        .map(|(_, answer)| serde_json::to_vec(&answer.body))
        .collect::<Result<_, _>>()
        .map_err(|_| StoreError::Bug { what: "an answer cannot be written as JSON" })?;
    sqlx::query(include_str!("append.sql"))
        .bind(column!(row => row.position))
        .bind(column!(row => row.stream.as_str()))
        .bind(column!(row => row.version))
        .bind(column!(row => row.event_id))
        .bind(column!(row => row.type_name.as_str()))
        .bind(column!(row => row.schema_version))
        .bind(column!(row => PgTime(row.occurred_at)))
        .bind(column!(row => PgTime(row.recorded_at)))
        .bind(column!(row => row.actor.as_str()))
        .bind(column!(row => row.correlation.as_str()))
        .bind(column!(row => row.causation))
        .bind(column!(row => row.data.as_slice()))
        .bind(column!(row => row.leaf_hash.as_slice()))
        .bind(receipts.iter().map(|(receipt, _)| receipt.principal.as_str()).collect::<Vec<_>>())
        .bind(receipts.iter().map(|(receipt, _)| receipt.key.as_str()).collect::<Vec<_>>())
        .bind(receipts.iter().map(|(receipt, _)| receipt.fingerprint.as_slice()).collect::<Vec<_>>())
        .bind(receipts.iter().map(|(_, answer)| i16::try_from(answer.status).unwrap_or(200)).collect::<Vec<_>>())
        .bind(bodies)
        .bind(receipts.iter().map(|(_, answer)| answer.position).collect::<Vec<_>>())
        .bind(receipts.iter().map(|(_, answer)| answer.version).collect::<Vec<_>>())
        .bind(batch.moved.iter().map(String::as_str).collect::<Vec<_>>())
        .bind(batch.moved.iter().filter_map(|source| batch.inbox.get(source).copied()).collect::<Vec<_>>())
        .bind(batch.head)
        .execute(connection)
        .await?;
    Ok(())
}
