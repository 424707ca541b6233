//! The rows of the vault's database.

use std::collections::BTreeMap;

use kernel::{ChildId, Timestamp};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::VaultError;

/// A wrapped key as it is kept.
#[derive(FromRow)]
pub(crate) struct KeyRow {
    pub(crate) id: String,
    pub(crate) subject: String,
    /// Nothing once destroyed.
    pub(crate) wrapped: Option<Vec<u8>>,
    pub(crate) master_key: String,
    pub(crate) commitment: Vec<u8>,
}

/// A key as those may know it who answer a request for erasure: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The id of the key.
    pub id: String,
    /// What it is for.
    pub subject: String,
    /// Every child that it is about, in order.
    pub about: Vec<ChildId>,
    /// When it was destroyed, if it was.
    pub destroyed_at: Option<Timestamp>,
}

/// What an erasure did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Keys destroyed now.
    pub destroyed: u64,
    /// Keys that live on, because they are also about a sibling who is not erased.
    pub waiting: u64,
}

pub(crate) async fn fetch(pool: &PgPool, ids: &[&str]) -> Result<Vec<KeyRow>, VaultError> {
    let sql = "select id, subject, wrapped, master_key, commitment from vault.data_key where id = any($1)";
    Ok(sqlx::query_as(sql).bind(ids).fetch_all(pool).await?)
}

/// Adds keys and whom they are about, in one transaction.
pub(crate) async fn insert(pool: &PgPool, keys: &[KeyRow], about: &[(String, ChildId)]) -> Result<(), VaultError> {
    let mut tx = pool.begin().await?;
    sqlx::query(
        "insert into vault.data_key (id, subject, wrapped, master_key, commitment)
         select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bytea[])",
    )
    .bind(keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.subject.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.wrapped.as_deref()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.master_key.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.commitment.as_slice()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    sqlx::query("insert into vault.data_key_about (key_id, child_id) select * from unnest($1::text[], $2::text[])")
        .bind(about.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>())
        .bind(about.iter().map(|(_, child)| child.to_string()).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

pub(crate) async fn erase(pool: &PgPool, child: ChildId, now: Timestamp) -> Result<Erasure, VaultError> {
    let mut tx = pool.begin().await?;
    let (destroyed, waiting): (i64, i64) = sqlx::query_as("select destroyed, waiting from vault.erase($1, $2::timestamptz)")
        .bind(child.to_string())
        .bind(now.to_string())
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Erasure { destroyed: destroyed.unsigned_abs(), waiting: waiting.unsigned_abs() })
}

/// Every key about a child, oldest first, with everybody else that it is about.
pub(crate) async fn about(pool: &PgPool, child: ChildId) -> Result<Vec<KeyRecord>, VaultError> {
    let rows: Vec<(String, String, Option<i64>, Vec<String>)> = sqlx::query_as(
        "select k.id, k.subject, (extract(epoch from k.destroyed_at) * 1000000)::bigint, array_agg(a.child_id order by a.child_id)
         from vault.data_key k join vault.data_key_about a on a.key_id = k.id
         where k.id in (select key_id from vault.data_key_about where child_id = $1)
         group by k.id order by k.created_at, k.id",
    )
    .bind(child.to_string())
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(record).collect()
}

fn record((id, subject, destroyed_at, about): (String, String, Option<i64>, Vec<String>)) -> Result<KeyRecord, VaultError> {
    let about = about.iter().map(|child| child.parse()).collect::<Result<_, _>>().map_err(|_| VaultError::Damaged(id.clone()))?;
    let destroyed_at = destroyed_at.map(Timestamp::from_microsecond).transpose().map_err(|_| VaultError::Damaged(id.clone()))?;
    Ok(KeyRecord { id, subject, about, destroyed_at })
}

/// Some of the living keys that another master key wraps, locked until the transaction ends.
pub(crate) async fn not_wrapped_by(tx: &mut PgConnection, master: &str, most: i64) -> Result<Vec<KeyRow>, VaultError> {
    let sql = "select id, subject, wrapped, master_key, commitment from vault.data_key
               where wrapped is not null and master_key <> $1 order by id limit $2 for update";
    Ok(sqlx::query_as(sql).bind(master).bind(most).fetch_all(tx).await?)
}

/// Exchanges the wrapping of keys. Only the owner of the database may.
pub(crate) async fn rewrap(tx: &mut PgConnection, master: &str, wrapped: &BTreeMap<String, Vec<u8>>) -> Result<u64, VaultError> {
    let sql = "update vault.data_key k set wrapped = n.wrapped, master_key = $1
               from unnest($2::text[], $3::bytea[]) as n (id, wrapped) where k.id = n.id";
    let ids: Vec<_> = wrapped.keys().map(String::as_str).collect();
    let keys: Vec<_> = wrapped.values().map(Vec::as_slice).collect();
    Ok(sqlx::query(sql).bind(master).bind(ids).bind(keys).execute(tx).await?.rows_affected())
}
