//! A reader that asks for everything after a position misses nothing.

use futures_util::future::join_all;

use super::{add, database, open};

#[tokio::test]
async fn a_reader_sees_every_event_in_order_while_two_replicas_write() {
    let database = database("reader").await;
    let (one, _first) = open(&database.app);
    let (two, _second) = open(&database.app);
    let writing = async {
        for round in 0..50_u32 {
            let many = (0..40).map(|n| if n % 2 == 0 { &one } else { &two }.execute(add(round * 40 + n, 1, 10)));
            assert!(join_all(many).await.iter().all(Result::is_ok));
        }
    };
    let log = one.log().clone();
    let reading = async {
        let mut last = 0;
        while last < 2_000 {
            for row in log.after(last, 100).await.unwrap() {
                assert_eq!(row.position, last + 1);
                last = row.position;
            }
        }
        last
    };
    let ((), last) = tokio::join!(writing, reading);
    assert_eq!(last, 2_000);
}

#[tokio::test]
async fn however_many_follow_each_sees_every_event_once_and_in_order_wherever_they_begin() {
    const EVENTS: i64 = 1_600;
    let database = database("followers").await;
    let (one, _first) = open(&database.app);
    let (two, _second) = open(&database.app);
    let writing = async {
        for round in 0..40_u32 {
            let many = (0..40).map(|n| if n % 2 == 0 { &one } else { &two }.execute(add(round * 40 + n, 1, 10)));
            assert!(join_all(many).await.iter().all(Result::is_ok));
        }
    };
    // Those who begin later than the others, and those who fall behind what is remembered, are given the same.
    let followers = (0..60_i64).map(|number| {
        let store = if number % 2 == 0 { &one } else { &two };
        async move {
            let mut last = number % 3 * 300;
            while store.log().head().await.unwrap() < last + number * 10 {
                tokio::task::yield_now().await;
            }
            while last < EVENTS {
                for row in store.following(last).await.unwrap() {
                    assert_eq!(row.position, last + 1, "follower {number}");
                    last = row.position;
                }
                tokio::task::yield_now().await;
            }
            last
        }
    });
    let ((), ends) = tokio::join!(writing, join_all(followers));
    assert_eq!(ends, [EVENTS; 60]);
}
