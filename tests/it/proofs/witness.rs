//! T26 with the real program, killed; and races on a real disk.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use hub::{keys::proof_key, witness::Witness};
use hub_tests::storm::process;
use service_kit::Clock;
use testkit::Scratch;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::Child,
};
use transparency::{Checkpoint, Frontier, Hash, Note, Policy, Signer, key::Kind, proof::consistency, tree::leaf, witness::Request};

const ORIGIN: &str = "hub.example/intake";

fn leaves(count: u64, story: u8) -> Vec<Hash> {
    (0..count).map(|number| leaf(&[&[story], number.to_be_bytes().as_slice()].concat())).collect()
}

/// A request that is right, of one story of the log.
fn request(log: &Signer, (old, new): (u64, u64), story: u8) -> Request {
    let leaves = leaves(new, story);
    let split = usize::try_from(old).unwrap();
    let proof = if old == 0 || old == new { Vec::new() } else { consistency(Frontier::of(&leaves[..split]), &leaves[split..]) };
    let checkpoint = Checkpoint::new(ORIGIN, new, Frontier::of(&leaves).root());
    let note = checkpoint.signed(log);
    Request { old, proof, note, checkpoint }
}

struct Place {
    scratch: Scratch,
    log: Signer,
    key: Signer,
}

impl Place {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let log = proof_key(&scratch.path().join("log.key"), ORIGIN, Kind::Log).unwrap();
        let key = proof_key(&scratch.path().join("witness.key"), "borough.example/witness", Kind::Witness).unwrap();
        std::fs::write(scratch.path().join("logs"), format!("log {}\nquorum none\n", log.verifier())).unwrap();
        Self { scratch, log, key }
    }

    fn dir(&self) -> &Path {
        self.scratch.path()
    }

    fn in_process(&self) -> Witness {
        let known = Policy::parse(&std::fs::read_to_string(self.dir().join("logs")).unwrap()).unwrap();
        let key = proof_key(&self.dir().join("witness.key"), "borough.example/witness", Kind::Witness).unwrap();
        Witness::new(key, known, &self.dir().join("state"), Clock::system()).unwrap()
    }

    /// The real program, and where it listens.
    async fn program(&self) -> (Child, String) {
        let [key, logs, state] = ["witness.key", "logs", "state"].map(|name| self.dir().join(name).display().to_string());
        let arguments = ["witness", "--key", &key, "--logs", &logs, "--dir", &state, "--listen", "127.0.0.1:0"];
        let mut child = process::hub(&std::collections::BTreeMap::new(), &arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()) {
                return (child, address.to_owned());
            }
        }
        panic!("the witness did not start");
    }

    /// What is on the disk.
    fn kept(&self) -> Option<Checkpoint> {
        let name: String = leaf(ORIGIN.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let text = std::fs::read_to_string(self.dir().join("state").join(name)).ok()?;
        Some(Checkpoint::open(&text, &self.log.verifier()).unwrap().0)
    }
}

async fn post(address: &str, body: String) -> (u16, String) {
    let answer = reqwest::Client::new().post(format!("http://{address}/add-checkpoint")).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_witness_that_is_killed_before_it_answers_still_knows_what_it_cosigned_and_never_a_smaller_head() {
    let place = Place::new("witness-killed");
    let mut reached = 0_u64;
    for number in 0..50_u64 {
        let (mut child, address) = place.program().await;
        let kept = place.kept().map_or(0, |head| head.size);
        assert!(kept >= reached, "{kept} after {reached}");
        let (code, body) = post(&address, request(&place.log, (kept, kept + 3), 0).body()).await;
        assert_eq!(code, 200, "{body}");
        let note = request(&place.log, (kept, kept + 3), 0).note;
        let line = transparency::note::Signature::parse(body.trim_end()).unwrap();
        assert!(place.key.verifier().cosigned(&note.text, &line).is_some());
        reached = kept + 3;
        assert_eq!(place.kept().unwrap().size, reached, "answered before it was kept");
        assert_eq!(post(&address, request(&place.log, (kept, kept + 1), 0).body()).await, (409, format!("{reached}\n")));
        assert_eq!(post(&address, request(&place.log, (reached, reached + 1), 1).body()).await.0, 422, "another story");
        // The last one is killed at some moment of its work, before anybody has read an answer.
        let body = request(&place.log, (reached, reached + 2), 0).body();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        let moment = Duration::from_micros(number % 10 * 400);
        drop(tokio::time::timeout(moment, std::future::pending::<()>()).await);
        child.kill().await.unwrap();
        let now = place.kept().unwrap().size;
        assert!(now == reached || now == reached + 2, "{now} after {reached}");
    }
}

#[test]
fn of_two_requests_at_once_neither_rolls_the_other_back() {
    let place = Place::new("witness-race");
    let witness = Arc::new(place.in_process());
    let mut size = 0;
    // A proof costs more the longer the log is: a thousand by the flag.
    let runs = if std::env::var_os("HUB_STORM").is_some_and(|storm| storm == "full") { 1_000 } else { 250 };
    for _ in 0..runs {
        let bodies = [1, 2].map(|more| request(&place.log, (size, size + more), 0).body());
        let answers = bodies.map(|body| {
            let witness = Arc::clone(&witness);
            std::thread::spawn(move || witness.answer(&body).unwrap())
        });
        let answers = answers.map(|answer| answer.join().unwrap());
        let kept = place.kept().unwrap().size;
        assert_eq!(answers.iter().filter(|(code, _)| *code == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().any(|(code, body)| *code == 409 && body == &format!("{kept}\n")), "{answers:?}");
        assert!(kept > size);
        size = kept;
    }
}

#[test]
fn a_hub_that_tells_two_boroughs_two_stories_leaves_evidence_with_the_first_witness_that_hears_both() {
    let place = Place::new("witness-split");
    let witness = place.in_process();
    for size in 1..=20 {
        let old = size - 1;
        assert_eq!(witness.answer(&request(&place.log, (old, size), 0).body()).unwrap().0, 200);
        assert_eq!(witness.answer(&request(&place.log, (size, size), 1).body()).unwrap().0, 409);
    }
    let known = Policy::parse(&std::fs::read_to_string(place.dir().join("logs")).unwrap()).unwrap();
    let files = std::fs::read_dir(place.dir().join("state")).unwrap().map(|entry| entry.unwrap().path());
    let evidence: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "evidence")).collect();
    assert_eq!(evidence.len(), 20);
    for path in &evidence {
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(transparency::evidence::check(&text, &known).unwrap().0, ORIGIN);
    }
    let logs = place.dir().join("logs");
    let said = super::hub_verify(&["evidence", evidence[0].to_str().unwrap(), "--policy", logs.to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("TWO STORIES"));
    assert!(Note::parse(&std::fs::read_to_string(&logs).unwrap()).is_err());
}
