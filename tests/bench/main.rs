//! `cargo xtask bench`: how fast the hub is, as a ratio to a limit that is measured in the same run.
//!
//! Each line of output is one JSON object: what was measured, its figure, the limit, the ratio and the goal of the design.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be taken ends")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "real time is what is measured")]

mod access;
mod append;
mod decide;
mod limit;
mod look;
mod pages;
mod replay;
mod reports;
mod sample;
mod search;
mod server;
mod verify;
mod whole;

use std::time::Duration;

use serde_json::json;

/// How long each rate is measured.
const SPAN: Duration = Duration::from_secs(8);

/// One figure beside its limit.
pub(crate) fn report(what: &str, unit: &str, (figure, limit): (f64, f64), goal: &str) {
    let ratio = if limit > 0.0 { figure / limit } else { f64::NAN };
    println!(
        "{}",
        json!({ "what": what, "unit": unit, "figure": rounded(figure), "limit": rounded(limit), "ratio": rounded(ratio), "goal": goal })
    );
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[tokio::main]
async fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
    if wanted("verify") {
        verify::run();
    }
    if wanted("access") {
        access::run();
    }
    let server = server::Server::start("bench").await;
    let mut append_p99 = None;
    if wanted("append") {
        append_p99 = Some(append::run(&server).await);
    }
    if wanted("decide") {
        decide::run(&server).await;
    }
    if wanted("replay") {
        replay::run(&server).await;
    }
    if wanted("search") {
        search::run(&server).await;
    }
    server.stop().await;
    if wanted("reports") {
        reports::run().await;
    }
    if wanted("look") {
        look::run().await;
    }
    if wanted("pages") {
        pages::run().await;
    }
    if wanted("whole") {
        whole::run(append_p99).await;
    }
}

/// The time that so many of a hundred stay below.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}
