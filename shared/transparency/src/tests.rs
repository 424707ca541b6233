//! The published vectors, a second opinion, and attacks.

mod attacks;
mod notes;
mod split_view;
mod tree;
mod vectors;
mod witness;

use crate::{
    Checkpoint, Frontier, Hash, Note, Policy, Signer,
    entry::LABEL,
    export::{Frame, Part, Writer},
    key::Kind,
    proof::Recorder,
    tree::leaf,
};

const ORIGIN: &str = "hub.example/intake";

fn log_key() -> Signer {
    Signer::new(ORIGIN, Kind::Log, &[1; 32]).unwrap()
}

fn witness_key(number: u8) -> Signer {
    Signer::new(&format!("borough-{number}.example/witness"), Kind::Witness, &[number + 10; 32]).unwrap()
}

/// Two of three witnesses.
fn policy() -> Policy {
    let mut text = format!("log {}\n", log_key().verifier());
    for number in 0..3 {
        text += &format!("witness w{number} {}\n", witness_key(number).verifier());
    }
    Policy::parse(&(text + "group all-witnesses 2 w0 w1 w2\nquorum all-witnesses\n")).unwrap()
}

/// A field behind its length.
fn field(entry: &mut Vec<u8>, bytes: &[u8]) {
    entry.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    entry.extend(bytes);
}

/// An entry as the log of a service hashes it.
fn entry(position: u64, data: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in
        [LABEL, b"intake", &position.to_be_bytes(), format!("referral-{}", position % 7).as_bytes(), &(position / 7 + 1).to_be_bytes()]
    {
        field(&mut bytes, part);
    }
    for part in ["id", "type", "v", "occurred", "recorded", "actor", "trace", "", data] {
        field(&mut bytes, part.as_bytes());
    }
    bytes
}

/// A log of so many entries.
fn entries(count: u64) -> Vec<Vec<u8>> {
    (1..=count).map(|position| entry(position, &format!("sealed {position}"))).collect()
}

/// A checkpoint over the first entries, cosigned by the first so many witnesses.
fn checkpoint(entries: &[Vec<u8>], witnesses: u8) -> Note {
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf(entry)).collect();
    cosigned(&Checkpoint::new(ORIGIN, entries.len() as u64, Frontier::of(&leaves).root()), witnesses)
}

fn cosigned(checkpoint: &Checkpoint, witnesses: u8) -> Note {
    let mut note = checkpoint.signed(&log_key());
    for number in 0..witnesses {
        let cosignature = witness_key(number).cosign(&note.text, 1_764_236_460);
        note.add(cosignature);
    }
    note
}

/// A whole export with a checkpoint after each of these sizes.
fn export(entries: &[Vec<u8>], checkpoints: &[usize]) -> Vec<u8> {
    let head = Frame::Head { origin: ORIGIN.to_owned(), service: "intake".to_owned(), part: Part::Whole };
    let mut frames = vec![head];
    let mut tree = Frontier::new();
    for (index, entry) in (0..).zip(entries) {
        let hash = leaf(entry);
        frames.push(Frame::Leaf { index, kept: hash, entry: entry.clone() });
        tree.push(hash);
        if checkpoints.contains(&(usize::try_from(index).unwrap() + 1)) {
            frames.push(Frame::Checkpoint(cosigned(&Checkpoint::new(ORIGIN, index + 1, tree.root()), 2).to_string()));
        }
    }
    frames.push(Frame::End(entries.len() as u64));
    file(&frames)
}

fn file(frames: &[Frame]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for frame in frames {
        writer.add(frame).unwrap();
    }
    writer.into_inner()
}

/// The part of these indexes, with proofs from these older sizes.
fn part(entries: &[Vec<u8>], indexes: &[u64], older: &[u64]) -> Vec<Frame> {
    let mut frames = vec![
        Frame::Head { origin: ORIGIN.to_owned(), service: "intake".to_owned(), part: Part::Child("c1".to_owned()) },
        Frame::Checkpoint(checkpoint(entries, 2).to_string()),
    ];
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf(entry)).collect();
    for &older in older {
        let split = usize::try_from(older).unwrap();
        let proof = crate::proof::consistency(Frontier::of(&leaves[..split]), &leaves[split..]);
        frames.push(Frame::Consistency { older, proof });
    }
    let mut recorder = Recorder::for_inclusion(indexes, leaves.len() as u64);
    leaves.iter().for_each(|leaf| recorder.push(*leaf));
    for &index in indexes {
        let at = usize::try_from(index).unwrap();
        frames.push(Frame::Leaf { index, kept: leaves[at], entry: entries[at].clone() });
        frames.push(Frame::Inclusion(recorder.inclusion(index).unwrap()));
    }
    frames.push(Frame::End(indexes.len() as u64));
    frames
}

/// Numbers from a seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % limit as u64).unwrap()
    }
}
