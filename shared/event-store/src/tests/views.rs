//! Views can be thrown away and made again, also while commands go on.

use futures_util::future::join_all;
use sqlx::Executor;

use super::{add, counter::Tally, database, done, open, views};
use crate::{digest, migrate, rebuild};

#[tokio::test]
async fn a_view_is_written_with_its_command_and_equals_a_rebuild() {
    let database = database("view").await;
    let (store, _writer) = open(&database.app);
    join_all((0..300).map(|n| store.execute(add(n % 7, 1, 1_000)))).await;
    let live = digest(&database.app, &["tally"]).await.unwrap();
    rebuild(&database.owner, &Tally, |_| ()).await.unwrap();
    assert_eq!(digest(&database.app, &["tally"]).await.unwrap(), live);
    database.owner.execute("update view.tally set total = 0 where id = 3").await.unwrap();
    assert_ne!(digest(&database.app, &["tally"]).await.unwrap(), live, "the digest sees a changed row");
}

#[tokio::test]
async fn a_view_is_rebuilt_while_commands_go_on_and_misses_none() {
    let database = database("rebuild").await;
    let (store, _writer) = open(&database.app);
    let commands = async {
        for _ in 0..60 {
            let outcomes = join_all((0..20).map(|n| store.execute(add(n % 5, 1, 10_000)))).await;
            outcomes.into_iter().for_each(|outcome| {
                done(outcome.unwrap());
            });
        }
    };
    let rebuilding = async {
        for _ in 0..3 {
            rebuild(&database.owner, &Tally, |_| ()).await.unwrap();
        }
    };
    tokio::join!(commands, rebuilding);
    let total: i64 = sqlx::query_scalar("select sum(total)::bigint from tally").fetch_one(&database.app).await.unwrap();
    assert_eq!(total, 1_200);
}

#[tokio::test]
async fn a_second_migration_changes_nothing_and_a_changed_shape_is_rebuilt() {
    let database = database("migrate").await;
    let (store, _writer) = open(&database.app);
    done(store.execute(add(1, 4, 10)).await.unwrap());
    migrate(&database.owner, &views()).await.unwrap();
    database.owner.execute("update log.view_shape set shape = '\\x00'; update view.tally set total = 0").await.unwrap();
    migrate(&database.owner, &views()).await.unwrap();
    let total: i64 = sqlx::query_scalar("select total from tally where id = 1").fetch_one(&database.app).await.unwrap();
    assert_eq!(total, 4);
}
