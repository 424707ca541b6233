//! T22 and T29 on real rows: changed behind the triggers, restored from an older copy.

use hub::export;
use sqlx::{AssertSqlSafe, Executor as _, PgPool};
use testkit::{TestHub, until};

use super::{cosigned, place_of, policy, policy_of, status, verdict};

/// Waits until the hub refuses to sign a log, and gives its reason.
async fn refusal(hub: &TestHub, service: &str) -> String {
    until("the hub refuses to sign", async || !status(hub, service).await["refuses"].is_null()).await;
    status(hub, service).await["refuses"].as_str().unwrap().to_owned()
}

async fn signed(pool: &PgPool) -> Vec<(i64, Vec<u8>)> {
    sqlx::query_as("select size, root from log.checkpoint order by size").fetch_all(pool).await.unwrap()
}

async fn unguarded(pool: &PgPool) {
    for table in ["event", "checkpoint", "cosignature", "head"] {
        pool.execute(AssertSqlSafe(format!("alter table log.{table} disable trigger all"))).await.unwrap();
    }
}

#[tokio::test]
async fn a_row_changed_behind_the_triggers_is_named_in_the_export_and_the_hub_does_not_sign_it() {
    let mut hub = TestHub::start("proofs-tampered").await.with_desks().await;
    cosigned(&hub, "transfers").await;
    let pool = hub.owner("transfers").await;
    unguarded(&pool).await;
    let (file, policy) = (place_of(&hub).join("export"), policy(&hub));
    pool.execute("create table log.kept as select * from log.event").await.unwrap();
    let columns = [
        "data = set_byte(data, 5, get_byte(data, 5) # 1)",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "actor = replace(actor, 'manager', 'manageR')",
        "event_id = gen_random_uuid()",
        "correlation = correlation || 'x'",
        "type = type || 'x'",
        "leaf_hash = sha256(leaf_hash)",
    ];
    for (column, position) in columns.iter().zip(2_i64..) {
        pool.execute(AssertSqlSafe(format!("update log.event set {column} where position = {position}"))).await.unwrap();
        export::whole(&hub.stand.ground.owner, ("transfers", Some(&policy)), &file, |_, _| ()).await.unwrap();
        let (code, said) = verdict(&file, &policy_of(&hub), &[]);
        assert!(code == 1 && said.contains(&format!("the event at position {position} was ALTERED")), "{column}: {said}");
        pool.execute("delete from log.event; insert into log.event select * from log.kept").await.unwrap();
        export::whole(&hub.stand.ground.owner, ("transfers", Some(&policy)), &file, |_, _| ()).await.unwrap();
        assert_eq!(verdict(&file, &policy_of(&hub), &[]).0, 0, "a clean log");
    }
    let before = signed(&pool).await;
    // The row and its hash, so that every row fits its leaf: only the signed root knows.
    let row = hub_row(&pool, 3).await;
    pool.execute("update log.event set correlation = 'other' where position = 3").await.unwrap();
    let changed = hub_row(&pool, 3).await;
    sqlx::query("update log.event set leaf_hash = $1 where position = 3")
        .bind(event_store::leaf_hash("transfers", &changed).as_slice())
        .execute(&pool)
        .await
        .unwrap();
    assert_ne!(row, changed);
    hub.stand.restart_services().await.unwrap();
    let why = refusal(&hub, "transfers").await;
    assert!(why.contains("not those that were signed for"), "{why}");
    assert_eq!(signed(&pool).await, before, "nothing more was signed");
    pool.execute("delete from log.event; insert into log.event select * from log.kept").await.unwrap();
    hub.stand.restart_services().await.unwrap();
    until("the hub signs again", async || status(&hub, "transfers").await["refuses"].is_null()).await;
    hub.finish().await;
}

async fn hub_row(pool: &PgPool, position: i64) -> event_store::Row {
    event_store::Log::new(pool.clone(), "transfers").after(position - 1, 1).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_hub_restored_from_an_older_copy_refuses_to_sign_until_it_matches_what_the_witnesses_know() {
    let mut hub = TestHub::start("proofs-restored").await.with_desks().await;
    let whole = cosigned(&hub, "transfers").await["cosigned"].as_i64().unwrap();
    let pool = hub.owner("transfers").await;
    unguarded(&pool).await;
    let kept = ["event", "checkpoint", "cosignature", "head"];
    for table in kept {
        pool.execute(AssertSqlSafe(format!("create table log.kept_{table} as select * from log.{table}"))).await.unwrap();
    }
    // Last night's copy: everything after position 4 is gone, the checkpoints over it as well.
    for sql in [
        "delete from log.cosignature where size > 4",
        "delete from log.checkpoint where size > 4",
        "delete from log.event where position > 4",
        "update log.head set position = 4",
    ] {
        pool.execute(sql).await.unwrap();
    }
    let before = signed(&pool).await;
    hub.stand.restart_services().await.unwrap();
    let why = refusal(&hub, "transfers").await;
    assert!(why.contains("set back to an older copy") && why.contains(&format!("cosigned {whole} events")), "{why}");
    let after = signed(&pool).await;
    assert!(after.iter().all(|head| head.0 <= 4) && after.len() <= before.len() + 1, "only what begins with nothing: {after:?}");
    for table in ["cosignature", "checkpoint", "event", "head"] {
        pool.execute(AssertSqlSafe(format!("delete from log.{table}"))).await.unwrap();
    }
    for table in ["event", "checkpoint", "cosignature", "head"] {
        pool.execute(AssertSqlSafe(format!("insert into log.{table} select * from log.kept_{table}"))).await.unwrap();
    }
    hub.stand.restart_services().await.unwrap();
    until("the hub signs again", async || {
        let status = status(&hub, "transfers").await;
        status["refuses"].is_null() && status["cosigned"].as_i64() == Some(whole)
    })
    .await;
    hub.finish().await;
}
