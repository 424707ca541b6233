//! Issue 4, section D of the test bar: checkpoints on real servers, with real witnesses.

mod attacks;
mod auditor;
mod liveness;
mod witness;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use hub_tests::storm::process;
use serde_json::Value;
use testkit::{TestHub, until};
use transparency::{Checkpoint, Note, Policy};

/// The program beside the hub's.
fn hub_verify(arguments: &[&str]) -> Output {
    let program = process::program().with_file_name("hub-verify");
    assert!(program.exists(), "{} is not there: run `cargo build -p hub-verify` first", program.display());
    Command::new(program).args(arguments).env_clear().output().unwrap()
}

/// What it said, and how it ended.
fn verdict(file: &Path, policy: &Path, held: &[&Path]) -> (i32, String) {
    let mut arguments = vec!["export", file.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
    for path in held {
        arguments.extend(["--held", path.to_str().unwrap()]);
    }
    let output = hub_verify(&arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), said)
}

/// A setting that is a path.
fn path(settings: &BTreeMap<String, String>, name: &str) -> PathBuf {
    settings[name].clone().into()
}

fn policy_of(hub: &TestHub) -> PathBuf {
    path(&hub.stand.ground.settings, "HUB_PROOF_POLICY_FILE")
}

/// The directory of the hub, for this test's own files.
fn place_of(hub: &TestHub) -> PathBuf {
    policy_of(hub).ancestors().nth(2).unwrap().to_owned()
}

fn policy(hub: &TestHub) -> Policy {
    Policy::parse(&std::fs::read_to_string(policy_of(hub)).unwrap()).unwrap()
}

async fn ask(hub: &TestHub, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}{path}", hub.stand.url())).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn status(hub: &TestHub, service: &str) -> Value {
    let (code, body) = ask(hub, &format!("/api/{service}/checkpoint/status")).await;
    if code == 200 { serde_json::from_str(&body).unwrap() } else { Value::Null }
}

/// Waits until everything that a service has recorded is cosigned by enough witnesses.
async fn cosigned(hub: &TestHub, service: &str) -> Value {
    let pool = hub.owner(service).await;
    until(&format!("the log of {service} is cosigned to its end"), async || {
        let head: i64 = sqlx::query_scalar("select position from log.head").fetch_one(&pool).await.unwrap();
        let status = status(hub, service).await;
        status["cosigned"].as_i64() == Some(head) && status["waiting_since"].is_null()
    })
    .await;
    status(hub, service).await
}

#[tokio::test]
async fn everything_recorded_is_cosigned_by_the_witnesses_and_anybody_may_fetch_the_checkpoint() {
    let hub = TestHub::start("proofs-cosigned").await.with_desks().await;
    let status = cosigned(&hub, "transfers").await;
    assert!(status["sentence"].as_str().unwrap().starts_with("cosigned by "), "{status}");
    let (code, note) = ask(&hub, "/api/transfers/checkpoint").await;
    assert_eq!(code, 200);
    let policy = policy(&hub);
    let log = &policy.log(status["origin"].as_str().unwrap()).unwrap().key;
    let (checkpoint, note): (Checkpoint, Note) = Checkpoint::open(&note, log).unwrap();
    assert_eq!(Some(checkpoint.size), status["events"].as_u64());
    assert!(policy.is_enough(policy.cosigned(&note).keys().map(String::as_str)));
    for log in hub::LOGS {
        cosigned(&hub, log).await;
    }
    let told = hub.person("board-auditor").get("/api/audit/proofs").await.unwrap();
    let all = told.body.as_array().unwrap();
    assert_eq!((told.status, all.len()), (200, 5));
    for proof in all {
        assert_eq!(proof["refuses"], false, "{proof}");
        assert!(proof["sentence"].as_str().unwrap().contains("osigned"), "{proof}");
    }
    hub.finish().await;
}
