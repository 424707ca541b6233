//! T2 in small: a `begin` that is dropped half-way leaves nothing open behind it. The services' and the vault's pools are made by
//! [`crate::pool::connect`].

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use sqlx::{Executor as _, PgPool};
use tokio::time::{Instant, sleep};

use super::database;
use crate::pool;

/// Begins a transaction, as the writer does, and hangs up after so many polls, each after the connection had something to say.
async fn begin_and_hang_up(pool: &PgPool, polls: u32) {
    let mut begun = 0;
    let mut connection = pool.acquire().await.unwrap();
    let mut begin = pin!(connection.execute("begin"));
    poll_fn(|context| {
        begun += 1;
        match begin.as_mut().poll(context) {
            Poll::Pending if begun < polls => Poll::Pending,
            Poll::Pending | Poll::Ready(_) => Poll::Ready(()),
        }
    })
    .await;
}

#[tokio::test]
async fn a_begin_that_is_dropped_half_way_leaves_no_transaction_open_and_what_comes_next_is_committed() {
    let database = database("begin-dropped").await;
    let app = pool::connect(&database.postgres.url("hub_test", embedded::OWNER), 1).await.unwrap();
    let mut connection = app.acquire().await.unwrap();
    sqlx::query("create table public.kept (n int)").execute(&mut *connection).await.unwrap();
    drop(connection);
    for n in 0..200_i32 {
        begin_and_hang_up(&app, 1 + n.unsigned_abs() % 6).await;
        // The one connection there is: a transaction that was left open on it would swallow this.
        let mut next = app.acquire().await.unwrap();
        sqlx::query("insert into public.kept values ($1)").bind(n).execute(&mut *next).await.unwrap();
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from public.kept").fetch_one(&database.owner).await.unwrap();
    assert_eq!(kept, 200);
    let begun = Instant::now();
    let open = "select count(*) from pg_stat_activity where state like 'idle in transaction%'";
    while sqlx::query_scalar::<_, i64>(open).fetch_one(&database.owner).await.unwrap() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "a transaction stayed open");
        sleep(Duration::from_millis(20)).await;
    }
}
