//! The record as the databases have it, read as their owner when nothing runs any more.

use std::sync::Arc;

use event_store::{Log, Row, digest};
use hub::{operate, setup, stand::Ground};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _, PgPool};
use vault::Vault;

use crate::history::{Copied, Fact, Kept, Record, Stored, Viewed};

/// Reads everything that the history is compared with. Views are made again on the way.
///
/// # Panics
/// When a database does not answer, or a stored event is not what it should be.
pub async fn read(ground: &Ground, pools: &[(&'static str, PgPool)]) -> Record {
    let mut record = Record::default();
    for (service, pool) in pools {
        record.logs.insert((*service).to_owned(), log(service, pool).await);
        record.receipts.extend(receipts(service, pool).await);
    }
    let audit = pools.iter().find(|(service, _)| *service == "audit").map(|(_, pool)| pool);
    for (service, _) in pools {
        let positions = sqlx::query_scalar("select position from audit.record where service = $1 order by position");
        let Some(audit) = audit else { continue };
        let positions = positions.bind(*service).fetch_all(audit).await.unwrap_or_else(|error| panic!("the audit's copy: {error}"));
        record.copies.push(Copied { by: "audit".to_owned(), service: (*service).to_owned(), positions });
    }
    record.views = views(ground, pools).await;
    record
}

async fn log(service: &str, pool: &PgPool) -> Vec<Stored> {
    let log = Log::new(pool.clone(), service);
    let (mut all, mut last) = (Vec::new(), 0);
    loop {
        let rows = log.after(last, 5_000).await.unwrap_or_else(|error| panic!("the log of {service} cannot be read: {error}"));
        let Some(end) = rows.last() else { return all };
        last = end.position;
        all.extend(rows.into_iter().map(|row| stored(service, &row)));
    }
}

fn stored(service: &str, row: &Row) -> Stored {
    let actor: Value = serde_json::from_str(&row.actor).unwrap_or_default();
    let data: Value = serde_json::from_slice(&row.data).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (_, child) = row.stream.split_once('-').unwrap_or_default();
    let duty = |inner: &Value| (child.to_owned(), text(&inner["duty"]));
    let fact = match (service, row.type_name.as_str()) {
        ("transfers", "duty.opened") => {
            let inner = &data["duty_opened"];
            let (child, duty) = duty(inner);
            Fact::Opened { child, duty, holder: text(&inner["holder"]) }
        }
        ("transfers", "duty.moved") => {
            let inner = &data["duty_moved"];
            let (child, duty) = duty(inner);
            Fact::Moved { child, duty, from: text(&inner["from"]), to: text(&inner["to"]) }
        }
        ("transfers", "duty.ended") => {
            let inner = &data["duty_ended"];
            let (child, duty) = duty(inner);
            Fact::Ended { child, duty, holder: text(&inner["holder"]) }
        }
        ("intake", "referral.received") => Fact::Referred(data["of"]["children"].as_array().into_iter().flatten().map(text).collect()),
        _ => Fact::Other,
    };
    Stored { position: row.position, trace: row.correlation.clone(), actor: text(&actor["id"]), org: text(&actor["org"]), fact }
}

async fn receipts(service: &str, pool: &PgPool) -> Vec<Kept> {
    let rows: Result<Vec<(String, String, i64)>, _> =
        sqlx::query_as("select principal, key, position from log.receipt").fetch_all(pool).await;
    let rows = rows.unwrap_or_else(|error| panic!("the receipts of {service} cannot be read: {error}"));
    rows.into_iter().map(|(principal, key, position)| Kept { service: service.to_owned(), principal, key, position }).collect()
}

/// Tables of every view, by its name.
fn tables(vault: &Arc<Vault>) -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let intake = referral_intake::views(Arc::clone(vault)).into_iter().map(|view| ("intake", view.name(), view.tables().to_vec()));
    let transfers = case_transfer::views().into_iter().map(|view| ("transfers", view.name(), view.tables().to_vec()));
    intake.chain(transfers).collect()
}

async fn views(ground: &Ground, pools: &[(&'static str, PgPool)]) -> Vec<Viewed> {
    let vault = vault(ground).await;
    let mut live = Vec::new();
    for (service, view, tables) in tables(&vault) {
        let Some((_, pool)) = pools.iter().find(|(name, _)| *name == service) else { continue };
        let pool = pool.clone();
        keep(&pool, &tables).await.unwrap_or_else(|error| panic!("the view {service}.{view} cannot be kept: {error}"));
        live.push((format!("{service}.{view}"), digested(&pool, &tables).await, pool, tables));
    }
    let made = operate::rebuild_views(&ground.owner, &vault, "all", |_, _| ()).await;
    made.unwrap_or_else(|error| panic!("the views cannot be made again: {error}"));
    let mut views = Vec::new();
    for (name, live, pool, tables) in live {
        let rebuilt = digested(&pool, &tables).await;
        let first = if live == rebuilt { String::new() } else { differences(&pool, &tables).await };
        views.push(Viewed { name, live, rebuilt, first });
    }
    views
}

async fn digested(pool: &PgPool, tables: &[&str]) -> String {
    digest(pool, tables).await.unwrap_or_else(|error| panic!("{tables:?} cannot be read: {error}"))
}

/// Keeps the rows as they were, to be compared afterwards.
async fn keep(pool: &PgPool, tables: &[&str]) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    transaction.execute("create schema if not exists judged").await?;
    for table in tables {
        transaction.execute(AssertSqlSafe(format!("create table judged.{table} as select t::text as row from view.{table} t"))).await?;
    }
    transaction.commit().await
}

async fn differences(pool: &PgPool, tables: &[&str]) -> String {
    let mut found = Vec::new();
    for table in tables {
        let (live, rebuilt) = (format!("select row from judged.{table}"), format!("select t::text from view.{table} t"));
        for (who, only, other) in [("only live", &live, &rebuilt), ("only rebuilt", &rebuilt, &live)] {
            let sql = format!("select * from ({only} except all {other}) as t order by 1 limit 3");
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap_or_default();
            found.extend(rows.into_iter().map(|row| format!("{table}, {who}: {row}")));
        }
    }
    found.join("\n")
}

/// The vault of a hub, as its services have it.
///
/// # Panics
/// When the keys cannot be read.
pub async fn vault(ground: &Ground) -> Arc<Vault> {
    let config = ground.config().unwrap_or_else(|error| panic!("{error}"));
    let pool = event_store::pool::connect(config.database_url(&hub::database("vault")).expose(), 4).await;
    let pool = pool.unwrap_or_else(|error| panic!("the keys' database does not answer: {error}"));
    setup::vault(pool, &config.master_key_file).unwrap_or_else(|error| panic!("{error}"))
}
