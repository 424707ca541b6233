//! The tree over a log, always from the rows on disk.

use std::collections::BTreeMap;

use event_store::{Log, Row, StoreError, leaf_hash};
use transparency::{Frontier, Hash, proof::Recorder, tree::consistency_holds};

/// Rows read at once.
const PAGE: i64 = 2_000;

/// The rows are not what they must be.
#[derive(Debug)]
pub(super) enum Broken {
    /// The database does not answer.
    Away(StoreError),
    /// What is stored is not what was hashed or signed.
    Altered(String),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Away(error)
    }
}

/// Adds the rows up to a size to a tree. Each leaf is hashed again from its row.
pub(super) async fn grow(log: &Log, tree: &mut Frontier, size: i64) -> Result<(), Broken> {
    while at(tree) < size {
        let page = log.after(at(tree), PAGE.min(size - at(tree))).await?;
        if page.is_empty() {
            return Err(Broken::Altered(format!("the log ends at position {} and its head says {size}", at(tree))));
        }
        for row in &page {
            tree.push(checked(log, row, at(tree) + 1)?);
        }
    }
    Ok(())
}

fn checked(log: &Log, row: &Row, position: i64) -> Result<Hash, Broken> {
    if row.position != position {
        return Err(Broken::Altered(format!("position {position} of the log is missing")));
    }
    let hash = leaf_hash(log.service(), row);
    if row.leaf_hash == hash {
        Ok(hash)
    } else {
        Err(Broken::Altered(format!("what is stored at position {position} is not what was recorded there")))
    }
}

/// Trees at sizes that were signed, so that a proof need not begin at the first row.
pub(super) type Marks = BTreeMap<i64, Frontier>;

/// The proof from an older size to a signed one, from the hashes beside the rows; they must come to the root that was signed.
pub(super) async fn proof(log: &Log, marks: &Marks, older: i64, (size, root): (i64, &Hash)) -> Result<Vec<Hash>, Broken> {
    if older <= 0 || older >= size {
        return Ok(Vec::new());
    }
    let mut tree = marks.range(..=older).next_back().map(|(_, tree)| tree.clone()).unwrap_or_default();
    walk(log, at(&tree), older, |hash| tree.push(hash)).await?;
    let (began, old_root) = (tree.size(), tree.root());
    let mut recorder = Recorder::for_consistency(tree, u64::try_from(size).unwrap_or_default());
    walk(log, older, size, |hash| recorder.push(hash)).await?;
    let proof = recorder.consistency(began).unwrap_or_default();
    let holds = recorder.tree().root() == *root && consistency_holds((began, &old_root), (recorder.tree().size(), root), &proof);
    if holds { Ok(proof) } else { Err(Broken::Altered(format!("a hash beside the first {size} rows was changed"))) }
}

async fn walk(log: &Log, mut from: i64, to: i64, mut take: impl FnMut(Hash)) -> Result<(), Broken> {
    while from < to {
        let page = log.leaf_hashes(from, (to - from).min(PAGE * 10)).await?;
        if page.is_empty() {
            return Err(Broken::Altered(format!("the log ends at position {from} and {to} events of it are signed for")));
        }
        from += i64::try_from(page.len()).unwrap_or(i64::MAX);
        page.into_iter().for_each(&mut take);
    }
    Ok(())
}

/// How many leaves a tree has, as the log counts.
pub(super) fn at(tree: &Frontier) -> i64 {
    i64::try_from(tree.size()).unwrap_or(i64::MAX)
}
