//! W1: one command, one 400-byte event, its own stream, with receipt, leaf hash and own view in the transaction.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use event_store::{Outcome, Store};

use crate::{
    SPAN, limit, percentile, report,
    sample::{Sample, command},
    server::Server,
};

/// Gives the p99 at 64 clients.
pub(crate) async fn run(server: &Server) -> Duration {
    let limit_1 = limit::one_row_inserts(&server.postgres, 1).await;
    let (store, _owner) = server.log("bench_append_1").await;
    let (rate, _) = rate(&store, 1).await;
    report("W1 commands a second, 1 client, against pgbench one-row inserts", "1/s", (rate, limit_1), ">= 0.5");
    let limit_64 = limit::one_row_inserts(&server.postgres, 64).await;
    let (store, _owner) = server.log("bench_append_64").await;
    let (rate, p99) = self::rate(&store, 64).await;
    report("W1 commands a second, 64 clients, against pgbench one-row inserts", "1/s", (rate, limit_64), ">= 1.5");
    eprintln!("W1 at 64: p99 {:.2} ms", p99.as_secs_f64() * 1_000.0);
    p99
}

/// Commands a second from so many clients, and the slowest of a hundred.
pub(crate) async fn rate(store: &Store<Sample>, clients: u32) -> (f64, Duration) {
    let next = Arc::new(AtomicU64::new(1));
    let times = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (store, next, times) = (store.clone(), Arc::clone(&next), Arc::clone(&times));
            tokio::spawn(async move {
                let mut own = Vec::new();
                while start.elapsed() < SPAN {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    let asked = Instant::now();
                    let outcome = store.execute(command(id, id.to_string())).await.expect("the command is recorded");
                    assert!(matches!(outcome, Outcome::Done(_)));
                    own.push(asked.elapsed());
                }
                times.lock().expect("no panic before").extend(own);
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends");
    }
    let elapsed = start.elapsed();
    let mut times = times.lock().expect("no panic before").clone();
    (times.len() as f64 / elapsed.as_secs_f64(), percentile(&mut times, 99))
}
