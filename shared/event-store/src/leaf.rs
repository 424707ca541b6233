//! The leaf of an event in the tamper-evident tree (RFC 6962): a hash over exactly what is stored.

use sha2::{Digest, Sha256};

use crate::Row;

/// RFC 6962 section 2.1: a leaf is hashed behind a zero byte, so that no leaf can pass for a node.
const LEAF: u8 = 0;

/// The leaf hash of a stored row of a service's log. Every column counts, each behind its length, so that no byte can move
/// from one column to the next unseen.
#[must_use]
pub fn leaf_hash(service: &str, row: &Row) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([LEAF]);
    each_part(service, row, |bytes| hash.update(bytes));
    hash.finalize().into()
}

/// The bytes that are hashed, without the zero byte: what an auditor is given as the entry of the tree.
#[must_use]
pub fn leaf_bytes(service: &str, row: &Row) -> Vec<u8> {
    let mut entry = Vec::with_capacity(256 + row.data.len() + row.actor.len());
    each_part(service, row, |bytes| entry.extend_from_slice(bytes));
    entry
}

fn each_part(service: &str, row: &Row, mut take: impl FnMut(&[u8])) {
    let causation = row.causation.map(uuid::Uuid::into_bytes);
    let fields: [&[u8]; 14] = [
        transparency::entry::LABEL,
        service.as_bytes(),
        &row.position.to_be_bytes(),
        row.stream.as_bytes(),
        &row.version.to_be_bytes(),
        row.event_id.as_bytes(),
        row.type_name.as_bytes(),
        &row.schema_version.to_be_bytes(),
        &row.occurred_at.as_microsecond().to_be_bytes(),
        &row.recorded_at.as_microsecond().to_be_bytes(),
        row.actor.as_bytes(),
        row.correlation.as_bytes(),
        causation.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        &row.data,
    ];
    for field in fields {
        // A field is at most a row's size, which PostgreSQL holds below 4 GiB.
        take(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        take(field);
    }
}
