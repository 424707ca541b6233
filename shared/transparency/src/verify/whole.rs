//! A whole log: every entry hashed again, and the tree over them compared with every checkpoint on the way.

use std::io::Read;

use super::{Trust, Which, Wrong};
use crate::{
    Checkpoint, Frontier, Note,
    entry::Entry,
    export::{Frame, Reader},
    tree,
};

/// The walk through the file.
struct Walk<'a> {
    trust: &'a Trust<'a>,
    service: &'a str,
    tree: Frontier,
    /// Up to here the record is the one of a checkpoint that the auditor held.
    held: u64,
    /// Up to here it is the one of a checkpoint in the file, which says nothing against the auditor's own.
    told: u64,
    /// How many of the held checkpoints are behind.
    passed: usize,
    last: Option<(Checkpoint, Note)>,
    /// The checkpoint before that.
    before: Option<Checkpoint>,
}

pub(super) fn verify<R: Read>(mut reader: Reader<R>, trust: &Trust<'_>, service: &str) -> Result<(u64, Note), Wrong> {
    let mut walk = Walk { trust, service, tree: Frontier::new(), held: 0, told: 0, passed: 0, last: None, before: None };
    walk.compare_held()?;
    loop {
        let after = walk.tree.size();
        match reader.frame().ok_or(Wrong::Unreadable { after })? {
            Frame::Leaf { index, kept, entry } => walk.leaf(index, kept, &entry)?,
            Frame::Checkpoint(note) => walk.checkpoint(&note)?,
            Frame::Consistency { older, proof } => walk.consistency(older, &proof)?,
            Frame::End(count) if count == after && reader.is_over() => return walk.end(),
            Frame::End(_) | Frame::Head { .. } | Frame::Inclusion(_) => return Err(Wrong::Unreadable { after }),
        }
    }
}

impl Walk<'_> {
    fn leaf(&mut self, index: u64, kept: tree::Hash, entry: &[u8]) -> Result<(), Wrong> {
        let position = self.tree.size() + 1;
        let hash = tree::leaf(entry);
        if hash != kept {
            return Err(Wrong::Altered { position });
        }
        let belongs = Entry::parse(entry).filter(|entry| entry.service == self.service).map_or(0, |entry| entry.position);
        if belongs != position || index.checked_add(1) != Some(position) {
            return Err(Wrong::Misplaced { position, belongs });
        }
        self.tree.push(hash);
        self.compare_held()
    }

    /// Compares with each checkpoint that the auditor holds, where it ends.
    fn compare_held(&mut self) -> Result<(), Wrong> {
        while let Some(held) = self.trust.held.get(self.passed).filter(|held| held.size == self.tree.size()) {
            let agrees = held.root == self.tree.root();
            self.agree(agrees, Which::Held)?;
            self.passed += 1;
        }
        Ok(())
    }

    fn agree(&mut self, agrees: bool, which: Which) -> Result<(), Wrong> {
        let to = self.tree.size();
        if !agrees {
            return Err(Wrong::Differs { from: self.sure(which).min(to.saturating_sub(1)) + 1, to, which });
        }
        match which {
            Which::Held => self.held = to,
            Which::Hub => self.told = to,
        }
        Ok(())
    }

    /// How far the record is sure when one of these does not agree.
    fn sure(&self, which: Which) -> u64 {
        match which {
            Which::Held => self.held,
            Which::Hub => self.held.max(self.told),
        }
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), Wrong> {
        let (checkpoint, note) = self.trust.open(note, self.tree.size())?;
        let ends = self.tree.size();
        if checkpoint.size > ends {
            return Err(Wrong::Shorter { sure: self.sure(Which::Hub), ends, size: checkpoint.size, which: Which::Hub });
        }
        self.agree(checkpoint.size == ends && checkpoint.root == self.tree.root(), Which::Hub)?;
        self.before = self.last.replace((checkpoint, note)).map(|(checkpoint, _)| checkpoint);
        Ok(())
    }

    /// The proofs between checkpoints are for those who hold nothing else; here the entries have said it already.
    fn consistency(&self, older: u64, proof: &[tree::Hash]) -> Result<(), Wrong> {
        let heads = self.before.as_ref().filter(|before| before.size == older).zip(self.last.as_ref());
        let holds = heads.is_some_and(|(before, (last, _))| {
            tree::consistency_holds((older, &before.root), (last.size, &last.root), proof) || (older == 0 && proof.is_empty())
        });
        if holds { Ok(()) } else { Err(Wrong::Unreadable { after: self.tree.size() }) }
    }

    fn end(self) -> Result<(u64, Note), Wrong> {
        let ends = self.tree.size();
        if let Some(held) = self.trust.held.last().filter(|held| held.size > ends) {
            return Err(Wrong::Shorter { sure: self.sure(Which::Held), ends, size: held.size, which: Which::Held });
        }
        match self.last {
            Some((last, note)) if last.size == ends => Ok((ends, note)),
            Some(_) | None => Err(Wrong::Unreadable { after: ends }),
        }
    }
}
