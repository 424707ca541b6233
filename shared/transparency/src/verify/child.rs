//! One child's part of a log: each entry with a proof that it is in the checkpoint. It cannot show that no entry about the child
//! was left out.

use std::io::Read;

use super::{Trust, Which, Wrong};
use crate::{
    Checkpoint, Hash, Note,
    entry::Entry,
    export::{Frame, Reader},
    tree,
};

pub(super) fn verify<R: Read>(mut reader: Reader<R>, trust: &Trust<'_>, service: &str) -> Result<(u64, Note), Wrong> {
    let Some(Frame::Checkpoint(note)) = reader.frame() else { return Err(Wrong::Unreadable { after: 0 }) };
    let (checkpoint, note) = trust.open(&note, 0)?;
    let (mut count, mut at, mut proved) = (0, 0, Vec::new());
    loop {
        let damaged = Wrong::Unreadable { after: at };
        match reader.frame().ok_or(damaged.clone())? {
            Frame::Consistency { older, proof } => proved.push((older, proof)),
            Frame::Leaf { index, kept, entry } => {
                let Some(Frame::Inclusion(proof)) = reader.frame() else { return Err(damaged) };
                leaf(&checkpoint, service, index, (&kept, &entry, &proof))?;
                if index < at {
                    return Err(Wrong::Misplaced { position: index + 1, belongs: index + 1 });
                }
                (count, at) = (count + 1, index + 1);
            }
            Frame::End(said) if said == count && reader.is_over() => break,
            Frame::End(_) | Frame::Head { .. } | Frame::Inclusion(_) | Frame::Checkpoint(_) => return Err(damaged),
        }
    }
    for held in &trust.held {
        compare(held, &checkpoint, &proved)?;
    }
    Ok((count, note))
}

fn leaf(checkpoint: &Checkpoint, service: &str, index: u64, (kept, entry, proof): (&Hash, &[u8], &[Hash])) -> Result<(), Wrong> {
    let position = index.saturating_add(1);
    let hash = tree::leaf(entry);
    if hash != *kept {
        return Err(Wrong::Altered { position });
    }
    let belongs = Entry::parse(entry).filter(|entry| entry.service == service).map_or(0, |entry| entry.position);
    if belongs != position {
        return Err(Wrong::Misplaced { position, belongs });
    }
    let holds = tree::inclusion_holds(index, checkpoint.size, &hash, proof, &checkpoint.root);
    if holds { Ok(()) } else { Err(Wrong::Altered { position }) }
}

fn compare(held: &Checkpoint, checkpoint: &Checkpoint, proved: &[(u64, Vec<Hash>)]) -> Result<(), Wrong> {
    if held.size > checkpoint.size {
        return Err(Wrong::Shorter { sure: 0, ends: checkpoint.size, size: held.size, which: Which::Held });
    }
    if held.size == checkpoint.size {
        let differs = Wrong::Differs { from: 1, to: held.size, which: Which::Held };
        return if held.root == checkpoint.root { Ok(()) } else { Err(differs) };
    }
    let proof = proved.iter().find(|(older, _)| *older == held.size).map(|(_, proof)| proof.as_slice());
    let holds = |proof| tree::consistency_holds((held.size, &held.root), (checkpoint.size, &checkpoint.root), proof);
    if held.size == 0 || proof.is_some_and(holds) { Ok(()) } else { Err(Wrong::Unproved { size: held.size }) }
}
