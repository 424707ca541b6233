//! The Merkle tree of RFC 6962 section 2.1, and the two proofs about it as RFC 9162 section 2.1 verifies them.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf. The zero byte in front keeps a leaf from passing for a node.
#[must_use]
pub fn leaf(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of a node over its two halves.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// As much of a tree as is needed to add to it: the complete subtrees from left to right, one for each bit of its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree over these leaf hashes.
    #[must_use]
    pub fn of(leaves: &[Hash]) -> Self {
        let mut tree = Self::new();
        for leaf in leaves {
            tree.push(*leaf);
        }
        tree
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_telling(leaf, |_, _| ());
    }

    /// Adds a leaf, and tells each complete subtree that it closes: the leaves it spans, and its hash.
    pub(crate) fn push_telling(&mut self, leaf: Hash, mut tell: impl FnMut((u64, u64), &Hash)) {
        let (mut hash, mut first) = (leaf, self.size);
        let end = self.size + 1;
        tell((first, end), &hash);
        let mut bits = self.size;
        while bits & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node(&left, &hash);
            first -= end - first;
            tell((first, end), &hash);
            bits >>= 1;
        }
        self.peaks.push(hash);
        self.size = end;
    }

    /// The complete subtrees, from left to right: the leaves that each spans, and its hash.
    pub(crate) fn peaks(&self) -> impl DoubleEndedIterator<Item = ((u64, u64), Hash)> + '_ {
        let mut first = 0;
        let sizes = (0..64).rev().map(|bit| 1_u64 << bit).filter(|size| self.size & size != 0);
        let spans: Vec<(u64, u64)> = sizes
            .map(|size| {
                let span = (first, first + size);
                first += size;
                span
            })
            .collect();
        spans.into_iter().zip(self.peaks.iter().copied())
    }

    /// The hash over the leaves from one of the complete subtrees' first leaves to the end.
    pub(crate) fn hash_from(&self, first: u64) -> Option<Hash> {
        let peaks: Vec<Hash> = self.peaks().filter(|((start, _), _)| *start >= first).map(|(_, hash)| hash).collect();
        let begins = self.peaks().any(|((start, _), _)| start == first);
        begins.then(|| fold(&peaks))
    }
}

fn fold(peaks: &[Hash]) -> Hash {
    peaks.iter().rev().copied().reduce(|right, left| node(&left, &right)).unwrap_or_else(empty)
}

/// Whether a proof shows that a leaf is at this index of the tree of this size and root.
#[must_use]
pub fn inclusion_holds(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &[u8]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash.as_slice() == root
}

/// The size and root of a tree.
pub type Head<'a> = (u64, &'a [u8]);

/// Whether a proof shows that the newer tree begins with the whole of the older one. Nothing can be shown of a tree without
/// leaves: every tree begins with it.
#[must_use]
pub fn consistency_holds((old, old_root): Head<'_>, (new, new_root): Head<'_>, proof: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut steps = proof.iter();
    let start = if old.is_power_of_two() { old_root.try_into().ok() } else { steps.next().copied() };
    // An older tree that is a complete subtree of the newer one is proved by itself, and needs steps all the same.
    let Some(start) = start.filter(|_| !proof.is_empty()) else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut before, mut after): (Hash, Hash) = (start, start);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node(step, &before);
            after = node(step, &after);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            after = node(&after, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && before.as_slice() == old_root && after.as_slice() == new_root
}
