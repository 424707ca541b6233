//! T26: what a witness answers, request by request.

use super::{ORIGIN, checkpoint, entries, log_key};
use crate::{
    Checkpoint, Frontier, Hash, Note, Signer,
    key::Kind,
    proof::consistency,
    tree::leaf,
    witness::{Refusal, Request},
};

/// What the witness knows: nothing, or the checkpoint over so many entries.
fn latest(size: usize) -> Option<Checkpoint> {
    (size > 0).then(|| Checkpoint::parse(&checkpoint(&entries(size as u64), 0).text).unwrap())
}

fn proof(older: usize, newer: usize) -> Vec<Hash> {
    let leaves: Vec<Hash> = entries(newer as u64).iter().map(|entry| leaf(entry)).collect();
    if older == 0 || older > newer { Vec::new() } else { consistency(Frontier::of(&leaves[..older]), &leaves[older..]) }
}

fn request(older: usize, newer: usize) -> Request {
    let note = checkpoint(&entries(newer as u64), 0);
    Request { old: older as u64, proof: proof(older, newer), checkpoint: Checkpoint::parse(&note.text).unwrap(), note }
}

/// Another record of the same length.
fn forked(older: usize, newer: usize) -> Request {
    let mut entries = entries(newer as u64);
    entries[0] = super::entry(1, "another");
    let note = checkpoint(&entries, 0);
    Request { checkpoint: Checkpoint::parse(&note.text).unwrap(), note, ..request(older, newer) }
}

fn signed_by(key: &Signer, request: Request) -> Request {
    let note = Note { signatures: vec![key.sign(&request.note.text)], ..request.note };
    Request { note, ..request }
}

fn answer(body: &str, known: usize) -> u16 {
    let weighed = Request::parse(body).and_then(|request| {
        let log = (request.checkpoint.origin == ORIGIN).then(|| log_key().verifier());
        request.weigh(log.as_ref(), latest(known).as_ref())
    });
    weighed.map_or_else(Refusal::status, |()| 200)
}

#[test]
fn every_request_is_answered_with_the_status_of_the_protocol() {
    let stranger = Signer::new(ORIGIN, Kind::Log, &[2; 32]).unwrap();
    let cosigner = Signer::new(ORIGIN, Kind::Witness, &[1; 32]).unwrap();
    let with = |request: Request, proof: Vec<Hash>| Request { proof, ..request }.body();
    let good = request(5, 9).body();
    let mut lines = vec![[7; 32]; 63];
    let cases: Vec<(&str, String, usize, u16)> = vec![
        ("the first checkpoint", request(0, 9).body(), 0, 200),
        ("the first checkpoint of a log without events", request(0, 0).body(), 0, 200),
        ("growth", good.clone(), 5, 200),
        ("growth by one", request(8, 9).body(), 8, 200),
        ("growth from a complete subtree", request(4, 9).body(), 4, 200),
        ("the same again", request(9, 9).body(), 9, 200),
        ("further signatures", checkpoint(&entries(9), 3).to_string().replacen(ORIGIN, &format!("old 0\n\n{ORIGIN}"), 1), 0, 200),
        ("the first checkpoint with a proof", with(request(0, 9), proof(5, 9)), 0, 422),
        ("no proof", with(request(5, 9), vec![]), 5, 422),
        ("the proof of another size", with(request(5, 9), proof(6, 9)), 5, 422),
        ("a proof that is too long", with(request(5, 9), [proof(5, 9), vec![[0; 32]]].concat()), 5, 422),
        ("63 lines of it", with(request(5, 9), lines.clone()), 5, 422),
        ("a proof where nothing has grown", with(request(9, 9), vec![[0; 32]]), 9, 422),
        ("another record, longer", forked(5, 9).body(), 5, 422),
        ("another record of the same length", forked(9, 9).body(), 9, 409),
        ("an older size than the witness has", request(3, 9).body(), 5, 409),
        ("a newer size than the witness has", request(6, 9).body(), 5, 409),
        ("zero where the witness has something", request(0, 9).body(), 5, 409),
        ("something where the witness has nothing", request(5, 9).body(), 0, 409),
        ("a smaller checkpoint", request(3, 4).body(), 9, 409),
        ("a smaller checkpoint from its size", request(9, 4).body(), 9, 400),
        ("a log that nobody knows", request(0, 9).body().replace(ORIGIN, "hub.example/other"), 0, 404),
        ("another key", signed_by(&stranger, request(0, 9)).body(), 0, 403),
        ("a key of another kind", signed_by(&cosigner, request(0, 9)).body(), 0, 403),
        ("a changed size", request(0, 9).body().replace("\n9\n", "\n8\n"), 0, 403),
        ("a body without a checkpoint", "old 0\n\n".to_owned(), 0, 400),
        ("nothing", String::new(), 0, 400),
        ("no older size", good.replacen("old 5", "", 1), 5, 400),
        ("a size with a zero in front", good.replacen("old 5", "old 05", 1), 5, 400),
        ("a size below zero", good.replacen("old 5", "old -5", 1), 5, 400),
        ("a size with a space", good.replacen("old 5", "old  5", 1), 5, 400),
        ("a line that is no hash", good.replacen("old 5\n", "old 5\nAAAA\n", 1), 5, 400),
        ("no empty line", good.replacen("\n\n", "\n", 1), 5, 400),
        ("a checkpoint cut off", good[..good.len() - 20].to_owned(), 5, 400),
    ];
    for (what, body, known, status) in &cases {
        assert_eq!(answer(body, *known), *status, "{what}");
    }
    lines.push([7; 32]);
    assert_eq!(answer(&with(request(5, 9), lines), 5), 400, "64 lines");
    assert!(cases.len() >= 30);
}

#[test]
fn a_conflict_says_the_size_that_the_witness_has() {
    let known = latest(5);
    assert_eq!(request(3, 9).weigh(Some(&log_key().verifier()), known.as_ref()), Err(Refusal::Conflict(5)));
    assert_eq!(request(3, 9).weigh(Some(&log_key().verifier()), None), Err(Refusal::Conflict(0)));
}

#[test]
fn a_request_is_read_as_it_was_written() {
    for (older, newer) in [(0, 0), (0, 9), (5, 9), (9, 9)] {
        let request = request(older, newer);
        assert_eq!(Request::parse(&request.body()), Ok(request));
    }
}
