//! How fast an auditor's export is verified, against SHA-256 over the same bytes.

use std::time::Instant;

use sha2::{Digest as _, Sha256};
use transparency::{
    Checkpoint, Frontier, Policy, Signer,
    entry::LABEL,
    export::{Frame, Part, Writer},
    key::Kind,
    tree::leaf,
    verify::verify,
};

use crate::report;

/// How many events, of some 600 bytes each.
const EVENTS: u64 = 100_000;

const ORIGIN: &str = "bench.invalid/sample";

fn entry(position: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(700);
    let (place, data) = (position.to_be_bytes(), [7; 520]);
    let fields: [&[u8]; 14] = [LABEL, b"sample", &place, b"stream", &place, b"", b"", b"", b"", b"", b"", b"", b"", &data];
    for field in fields {
        bytes.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(field);
    }
    bytes
}

pub(crate) fn run() {
    let log = Signer::new(ORIGIN, Kind::Log, &[9; 32]).expect("a key");
    let policy = Policy::parse(&format!("log {}\nquorum none\n", log.verifier())).expect("a policy");
    let (mut writer, mut tree, mut raw) = (Writer::new(Vec::new()).expect("memory"), Frontier::new(), Vec::new());
    let head = Frame::Head { origin: ORIGIN.to_owned(), service: "sample".to_owned(), part: Part::Whole };
    writer.add(&head).expect("memory");
    for index in 0..EVENTS {
        let entry = entry(index + 1);
        let kept = leaf(&entry);
        tree.push(kept);
        raw.extend_from_slice(&entry);
        writer.add(&Frame::Leaf { index, kept, entry }).expect("memory");
    }
    let checkpoint = Checkpoint::new(ORIGIN, EVENTS, tree.root()).signed(&log);
    writer.add(&Frame::Checkpoint(checkpoint.to_string())).expect("memory");
    writer.add(&Frame::End(EVENTS)).expect("memory");
    let file = writer.into_inner();
    let (verified, hashed) =
        (best(|| assert!(verify(file.as_slice(), &policy, &[]).is_ok())), best(|| assert_ne!(Sha256::digest(&raw).as_slice(), [0; 32])));
    let rate = |seconds: f64| EVENTS as f64 / seconds;
    report("T28 events verified a second, against SHA-256 over the same bytes", "1/s", (rate(verified), rate(hashed)), ">= 0.3");
}

/// The shortest of five, in seconds.
fn best(mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..5).map(time).fold(f64::INFINITY, f64::min)
}
