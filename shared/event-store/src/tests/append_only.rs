//! Nobody alters the record unseen.

use sqlx::{AssertSqlSafe, Executor};

use super::{add, database, done, open, time};
use crate::{Fault, settings::unsafe_settings};

#[tokio::test]
async fn the_service_role_can_change_nothing_that_is_recorded() {
    let database = database("append-only").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 1, 10)).await.unwrap());
    for statement in [
        "update log.event set data = data",
        "delete from log.event",
        "truncate log.event",
        "drop table log.event",
        "alter table log.event disable trigger all",
        "set session_replication_role = replica",
        "drop trigger event_is_append_only on log.event",
        "update log.receipt set status = 200",
        "delete from log.receipt",
        "update log.head set position = 0",
        "delete from log.head",
        "insert into log.event select * from log.event",
        "update log.checkpoint set root = root",
        "delete from log.checkpoint",
        "truncate log.checkpoint cascade",
        "update log.cosignature set line = ''",
        "delete from log.cosignature",
        "insert into log.view_shape values ('x', '')",
        "create table log.mine (x int)",
    ] {
        assert!(database.app.execute(statement).await.is_err(), "{statement}");
    }
    assert_eq!(store.log().verify(|_| ()).await.unwrap(), None);
}

#[tokio::test]
async fn even_the_owner_is_refused_until_the_triggers_are_dropped() {
    let database = database("owner").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 1, 10)).await.unwrap());
    for statement in [
        "update log.event set data = data",
        "delete from log.event",
        "truncate log.event",
        "begin; set local session_replication_role = replica; delete from log.event; commit",
    ] {
        assert!(database.owner.acquire().await.unwrap().execute(statement).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn a_change_behind_the_triggers_is_named_by_its_position() {
    let database = database("tamper").await;
    let (store, _writer) = open(&database.app);
    for _ in 0..20 {
        done(store.execute(add(1, 1, 100)).await.unwrap());
    }
    database.owner.execute("alter table log.event disable trigger all").await.unwrap();
    let columns = [
        "data = set_byte(data, 0, get_byte(data, 0) # 1)",
        "type = type || 'x'",
        "actor = replace(actor, 'hub', 'hup')",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "correlation = ''",
        "causation = event_id",
        "schema_version = 2",
        "stream = stream || '0'",
        "leaf_hash = sha256(leaf_hash)",
    ];
    for (column, position) in columns.iter().zip(3_i64..) {
        let log = store.log();
        database.owner.execute("create table log.kept as select * from log.event").await.unwrap();
        let change = format!("update log.event set {column} where position = {position}");
        database.owner.execute(AssertSqlSafe(change)).await.unwrap();
        assert_eq!(log.verify(|_| ()).await.unwrap().map(|fault| fault.position), Some(position), "{column}");
        database.owner.execute("delete from log.event; insert into log.event select * from log.kept; drop table log.kept").await.unwrap();
        assert_eq!(log.verify(|_| ()).await.unwrap(), None);
    }
    database.owner.execute("delete from log.event where position = 20").await.unwrap();
    let fault = store.log().verify(|_| ()).await.unwrap();
    assert_eq!(fault, Some(Fault { position: 20, what: "the log ends at 19 and its head says 20".to_owned() }));
    database.owner.execute("delete from log.event where position = 7").await.unwrap();
    assert_eq!(store.log().verify(|_| ()).await.unwrap().map(|fault| fault.position), Some(7));
}

#[tokio::test]
async fn a_safe_database_has_nothing_to_complain_of_and_an_unsafe_one_is_named() {
    let database = database("settings").await;
    let now = sqlx::query_scalar::<_, crate::PgTime>("select clock_timestamp()").fetch_one(&database.app).await.unwrap().0;
    let mut app = database.app.acquire().await.unwrap();
    assert_eq!(unsafe_settings(&mut app, now).await.unwrap(), Vec::<String>::new());
    app.execute("set synchronous_commit = off").await.unwrap();
    let named = unsafe_settings(&mut app, now).await.unwrap().join(" ");
    assert!(named.contains("synchronous_commit is off"), "{named}");
    app.execute("reset synchronous_commit").await.unwrap();
    let named = unsafe_settings(&mut app, time()).await.unwrap().join(" ");
    assert!(named.contains("clocks"), "{named}");
    let mut owner = database.owner.acquire().await.unwrap();
    let named = unsafe_settings(&mut owner, now).await.unwrap().join(" ");
    assert!(named.contains("a superuser") && named.contains("the owner of the log"), "{named}");
}
