//! Transfers as they stand after some events, folded from their own streams, so that no view has rules of its own.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Recorded, Reference, StoredEvent as _, Stream, Timestamp, TransferId};
use sqlx::PgConnection;

use crate::{
    kept::Kept,
    rules::{Event, Situation, transfer_stream},
    transfer::{Talk, Transfer, TransferEvent},
};

/// One row of a stream: position, stream, type, version of its shape, data.
type Row = (String, String, i16, Vec<u8>);

/// A transfer as it stands.
pub(crate) struct Folded {
    pub(crate) id: TransferId,
    pub(crate) talk: Talk,
    pub(crate) reference: Reference,
    /// By when it had to be answered when it was offered.
    pub(crate) answer_by: Timestamp,
}

/// Every transfer that these events are about, as it stands after the last of them.
pub(crate) async fn touched(connection: &mut PgConnection, events: &[Recorded<Kept>]) -> Result<Vec<Folded>, sqlx::Error> {
    let ids: BTreeSet<TransferId> = events
        .iter()
        .filter_map(|recorded| match &recorded.event.event {
            Event::Transfer(id, _) => Some(*id),
            Event::Ledger(..)
            | Event::Desk(..)
            | Event::Board(..)
            | Event::Glass(..)
            | Event::Look(..)
            | Event::ChildLook(..)
            | Event::Edition(..) => None,
        })
        .collect();
    let Some(last) = events.last().filter(|_| !ids.is_empty()) else { return Ok(vec![]) };
    let streams: Vec<String> = ids.iter().map(|id| transfer_stream(*id).as_str().to_owned()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "select stream, type, schema_version, data from log.event where stream = any($1) and position <= $2 order by position",
    )
    .bind(streams)
    .bind(last.position)
    .fetch_all(connection)
    .await?;
    let mut situation = Situation::default();
    let mut begun: BTreeMap<TransferId, (Reference, Timestamp)> = BTreeMap::new();
    for (stream, type_name, version, data) in rows {
        let stream = Stream::from_stored(stream);
        let kept = Kept::from_data(&stream, &type_name, version, &data).map_err(|fault| sqlx::Error::Decode(Box::new(fault)))?;
        situation.take(&kept.event);
        if let (Event::Transfer(id, TransferEvent::Offered { clocks, .. }), Some(about)) = (&kept.event, &kept.about) {
            begun.insert(*id, (about.reference.clone(), clocks.decide_by));
        }
    }
    let folded = situation.transfers.into_iter().filter_map(|(id, transfer)| match transfer {
        Transfer::Offered(talk) => begun.remove(&id).map(|(reference, answer_by)| Folded { id, talk: *talk, reference, answer_by }),
        Transfer::NotOffered => None,
    });
    Ok(folded.collect())
}
