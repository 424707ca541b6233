//! W3: a million events into a real view, against reading the same rows with sqlx.

use std::time::Instant;

use event_store::rebuild;
use futures_util::TryStreamExt as _;
use kernel::StoredEvent as _;
use sqlx::{AssertSqlSafe, Executor, Row as _};

use crate::{
    report,
    sample::{Latest, Sample},
    server::Server,
};

/// How many events.
const EVENTS: i64 = 1_000_000;

pub(crate) async fn run(server: &Server) {
    let (_store, owner) = server.log("bench_replay").await;
    let data = hex(&Sample::new(7).to_data().expect("a sample is JSON"));
    let actor = serde_json::to_string(&kernel::Actor::hub("bench")).expect("an actor is JSON");
    let fill = format!(
        "insert into log.event select n, 'sample-' || n % 50000, 1 + n / 50000, gen_random_uuid(), 'sample', 1, now(), now(), '{actor}', '',
                null, decode('{data}', 'hex'), sha256('') from generate_series(1, {EVENTS}) n; update log.head set position = {EVENTS}"
    );
    owner.execute(AssertSqlSafe(fill)).await.expect("the log is filled");
    owner.execute("analyze log.event").await.expect("the log is analysed");
    let start = Instant::now();
    let mut rows = sqlx::query("select * from log.event order by position").fetch(&owner);
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await.expect("the log is read") {
        bytes += row.get::<Vec<u8>, _>("data").len();
    }
    drop(rows);
    assert!(bytes > 0);
    let read = EVENTS as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    rebuild(&owner, &Latest, |_| ()).await.expect("the view is rebuilt");
    let rebuilt = EVENTS as f64 / start.elapsed().as_secs_f64();
    report("W3 replay of 1 M events into a real view, against a sqlx stream read", "events/s", (rebuilt, read), ">= 1");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
