//! "Everything after a position" misses nothing in the log, and would in a table with an identity column.

use std::time::Duration;

use futures_util::future::join_all;
use sqlx::PgPool;
use tokio::time::sleep;

use crate::{
    fixture::{Task, World, replica},
    world::{Said, say_one, say_refused},
};

/// Commands of two replicas, and the events that they come to.
const WRITERS: u32 = 16;
const EACH: u32 = 1_250;

/// The same with `HUB_STORM=full`: 100,000 events.
const EACH_IN_FULL: u32 = 6_250;

/// One event in fifty waits 0 to 50 ms in its transaction, when everything is written and nothing is committed.
const SLOW_COMMITS: &str = "
    create function log.wait() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.05); return null; end $$;
    create constraint trigger wait after insert on log.event deferrable initially deferred
        for each row when (new.position % 50 = 0) execute function log.wait()";

#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn each() -> u32 {
    if std::env::var("HUB_STORM").is_ok_and(|how| how == "full") { EACH_IN_FULL } else { EACH }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_all_of_20000_events_of_two_replicas_in_order() {
    let (world, each) = (World::start("reader").await, each());
    world.stack.postgres.sql("intake", SLOW_COMMITS).await.unwrap();
    let mut writers = Vec::new();
    let second = replica::<Said>(&world.stack, "intake", &mut writers).await;
    let stores = [world.speaker.clone(), second];
    let _writing: Vec<Task> = (0..WRITERS)
        .map(|writer| {
            let store = stores[writer as usize % 2].clone();
            Task::start(async move {
                for n in (0..each).step_by(25) {
                    let said = (n..n + 25).map(|n| say_one(&store, writer * each + n, "something"));
                    join_all(said).await;
                    say_refused(&store).await;
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    while seen.len() < (WRITERS * each) as usize {
        let last = seen.last().copied().unwrap_or(0);
        let rows = world.speaker.log().after(last, 500).await.unwrap();
        seen.extend(rows.iter().map(|row| row.position));
        assert!(seen.iter().zip(1..).skip(last as usize).all(|(position, expected)| *position == expected), "a hole after {last}");
    }
    assert_eq!(world.speaker.log().verify(|_| ()).await.unwrap(), None);
    assert_eq!(world.speaker.log().head().await.unwrap(), i64::from(WRITERS * each));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_reader_over_an_identity_column_misses_events() {
    let world = World::start("naive").await;
    let pool = world.owner.clone();
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("create table naive (id bigint generated always as identity primary key)").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let _writing: Vec<Task> = (0..3).map(|writer| Task::start(write(pool.clone(), writer))).collect();
    let mut seen = 0;
    let mut last: i64 = 0;
    loop {
        // Whether all is written is looked at first: the reader then has every chance to see it.
        let written: i64 = sqlx::query_scalar("select count(*) from naive").fetch_one(&pool).await.unwrap();
        let ids: Vec<i64> = sqlx::query_scalar("select id from naive where id > $1 order by id").bind(last).fetch_all(&pool).await.unwrap();
        seen += ids.len();
        last = ids.last().copied().unwrap_or(last);
        if written == 3 * 100 {
            break;
        }
    }
    assert!(seen < 3 * 100, "if this reader sees everything, the test above proves nothing");
}

async fn write(pool: PgPool, writer: u64) {
    for n in 0..100 {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("insert into naive default values").execute(&mut *transaction).await.unwrap();
        sleep(Duration::from_millis((n * 7 + writer * 5) % 4)).await;
        transaction.commit().await.unwrap();
    }
}
