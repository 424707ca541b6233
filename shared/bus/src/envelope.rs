//! From a row of the log to what others see of it.

use event_store::{Log, Row, StoreError};
use kernel::{Recorded, StoredEvent};
use proto_events::{Envelope, PublicActor, Published};
use serde_json::Value;

/// The kind of a position that concerns nobody outside.
const RECORDED: &str = "recorded";

/// The most events, and about the most bytes of their data, in one page.
const LARGEST: (i64, usize) = (500, 4 << 20);

/// What a service makes public of an event: one of its published events, or nothing where it concerns nobody outside.
pub(crate) type Publish<E, P> = fn(&Recorded<E>) -> Option<P>;

/// One position as others see it, and the NATS subject that it goes to.
pub(crate) fn of<E: StoredEvent, P: Published>(row: Row, publish: Publish<E, P>) -> Result<(String, Envelope), StoreError> {
    let leafhash = hex::encode(&row.leaf_hash);
    let recorded: Recorded<E> = row.decode()?;
    let published = publish(&recorded);
    let kind = published.as_ref().map_or(RECORDED, Published::kind);
    let subject = proto_events::subject::event(P::SERVICE, published.as_ref().and_then(Published::borough), kind);
    let data = published.as_ref().map_or(Ok(Value::Null), serde_json::to_value);
    let role = serde_json::to_value(recorded.actor.role);
    let (Ok(data), Ok(Value::String(role))) = (data, role) else {
        return Err(StoreError::Bug { what: "a published event cannot be written as JSON" });
    };
    let envelope = Envelope {
        specversion: "1.0".to_owned(),
        id: recorded.event_id.uuid(),
        source: format!("/hub/{}", P::SERVICE),
        kind: format!("uk.hub.{}.{kind}.v1", P::SERVICE),
        subject: recorded.stream.as_str().to_owned(),
        time: recorded.recorded_at,
        occurredat: recorded.occurred_at,
        datacontenttype: "application/json".to_owned(),
        position: recorded.position,
        leafhash,
        traceid: recorded.correlation,
        causation: recorded.causation.map(kernel::EventId::uuid),
        actor: PublicActor { id: recorded.actor.id, org: recorded.actor.org.to_string(), role },
        children: published.as_ref().map(Published::children).unwrap_or_default(),
        data,
    };
    Ok((subject, envelope))
}

/// The positions after one, contiguous and in order, as `GET /api/<service>/log?after=&limit=` gives them to another service.
/// For the hub's own machinery alone.
///
/// It may be shorter than `limit`, because it holds at most 500 events and some 4 MiB of data, and stops before a position
/// that this version of the program cannot read. An empty page is the end of the log.
///
/// # Errors
/// When the database does not answer, or the very next position cannot be read.
pub async fn page<E: StoredEvent, P: Published>(
    log: &Log,
    publish: fn(&Recorded<E>) -> Option<P>,
    after: i64,
    limit: i64,
) -> Result<Vec<Envelope>, StoreError> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for row in log.after(after, limit.clamp(1, LARGEST.0)).await? {
        bytes += row.data.len();
        if bytes > LARGEST.1 && !page.is_empty() {
            break;
        }
        match of(row, publish) {
            Ok((_, envelope)) => page.push(envelope),
            Err(fault) if page.is_empty() => return Err(fault),
            Err(_) => break,
        }
    }
    Ok(page)
}
