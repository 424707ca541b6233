//! Setting up a service's database, and making its views again from the log.

use std::sync::Arc;

use kernel::{Recorded, StoredEvent};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

use crate::{StoreError, View, log::read_after};

/// Events taken at once while a view is rebuilt.
const PAGE: i64 = 2_000;

/// Brings a database to the present shape. Runs as the owner of the tables. A view whose shape changed is rebuilt.
///
/// # Errors
/// When the database refuses, or an old event cannot be read.
pub async fn migrate<E: StoredEvent>(owner: &PgPool, views: &[Arc<dyn View<E>>]) -> Result<(), StoreError> {
    let mut connection = owner.acquire().await?;
    // The list of migrations is not a view; this connection's path is its own.
    connection.close_on_drop();
    connection.execute("set search_path = public").await?;
    sqlx::migrate!("./migrations").run(&mut *connection).await.map_err(StoreError::Migrate)?;
    for view in views {
        let known: Option<Vec<u8>> =
            sqlx::query_scalar("select shape from log.view_shape where name = $1").bind(view.name()).fetch_optional(owner).await?;
        if known.as_deref() != Some(shape(view.ddl()).as_slice()) {
            rebuild(owner, view.as_ref(), |_| ()).await?;
        }
    }
    Ok(())
}

fn shape(ddl: &str) -> [u8; 32] {
    Sha256::digest(ddl.as_bytes()).into()
}

/// Makes a view again from the whole log, beside the live one, and swaps them when the new one has caught up.
///
/// Services go on meanwhile; only the last few events are taken with the head locked. `progress` is told each position reached.
///
/// # Errors
/// When the database refuses, or an event cannot be read. The live view is then as it was.
pub async fn rebuild<E: StoredEvent>(owner: &PgPool, view: &dyn View<E>, mut progress: impl FnMut(i64)) -> Result<(), StoreError> {
    let mut connection = owner.acquire().await?;
    // Its search path is changed below, so it must not go back to the pool.
    connection.close_on_drop();
    connection
        .execute("drop schema if exists view_next cascade; create schema view_next; grant usage on schema view_next to hub_app")
        .await?;
    connection
        .execute(
            "alter default privileges in schema view_next grant select, insert, update, delete on tables to hub_app;
             alter default privileges in schema view_next grant usage, select on sequences to hub_app;
             set search_path = view_next, log, public; set idle_in_transaction_session_timeout = 0",
        )
        .await?;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(view.ddl()))).await?;
    let mut last = 0;
    loop {
        let taken = take(&mut connection, view, last).await?;
        progress(taken);
        if taken - last < PAGE {
            last = taken;
            break;
        }
        last = taken;
    }
    let mut swap = connection.begin().await?;
    sqlx::query("select position from log.head for update").execute(&mut *swap).await?;
    loop {
        let taken = take(&mut swap, view, last).await?;
        if taken == last {
            break;
        }
        last = taken;
    }
    for table in view.tables() {
        swap.execute(AssertSqlSafe(format!("drop table if exists view.{table} cascade; alter table view_next.{table} set schema view")))
            .await?;
    }
    sqlx::query("insert into log.view_shape (name, shape) values ($1, $2) on conflict (name) do update set shape = excluded.shape")
        .bind(view.name())
        .bind(shape(view.ddl()).as_slice())
        .execute(&mut *swap)
        .await?;
    swap.commit().await?;
    connection.execute("drop schema view_next cascade").await?;
    Ok(())
}

async fn take<E: StoredEvent>(connection: &mut PgConnection, view: &dyn View<E>, last: i64) -> Result<i64, StoreError> {
    let mut page = connection.begin().await?;
    let rows = read_after(&mut *page, last, PAGE).await?;
    let recorded: Vec<Recorded<E>> = rows.into_iter().map(crate::Row::decode).collect::<Result<_, _>>()?;
    let reached = recorded.last().map_or(last, |event| event.position);
    if !recorded.is_empty() {
        view.apply(&mut page, &recorded).await?;
    }
    page.commit().await?;
    Ok(reached)
}

/// A digest over the rows of a view's tables, whatever their order on disk: equal exactly when the rows are.
///
/// # Errors
/// When the database does not answer.
pub async fn digest(pool: &PgPool, tables: &[&str]) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    for table in tables {
        let sql = format!("select coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '') from view.{table} t");
        let rows: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await?;
        hash.update(rows);
    }
    Ok(hex::encode(hash.finalize()))
}
