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
