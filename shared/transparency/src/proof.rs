//! Making proofs in one pass over the leaves, with memory for the proofs alone.

use std::collections::BTreeMap;

use crate::tree::{Frontier, Hash};

/// The leaves that a subtree spans: from the first, up to and without the second.
type Span = (u64, u64);

/// Collects the hashes of wanted subtrees while leaves go by.
pub struct Recorder {
    tree: Frontier,
    found: BTreeMap<Span, Option<Hash>>,
}

impl Recorder {
    /// Goes on from a tree, whose own complete subtrees are known.
    fn new(tree: Frontier, wanted: impl IntoIterator<Item = Span>) -> Self {
        let mut found: BTreeMap<Span, Option<Hash>> = wanted.into_iter().map(|span| (span, None)).collect();
        for (span, hash) in tree.peaks() {
            found.entry(span).and_modify(|known| *known = Some(hash));
        }
        Self { tree, found }
    }

    /// For inclusion proofs of these leaves in a tree of this size.
    #[must_use]
    pub fn for_inclusion(indexes: &[u64], size: u64) -> Self {
        Self::new(Frontier::new(), indexes.iter().flat_map(|index| inclusion_spans(*index, size)))
    }

    /// For the proof that a tree of this size begins with an older one.
    #[must_use]
    pub fn for_consistency(older: Frontier, size: u64) -> Self {
        let wanted = consistency_spans(older.size(), size);
        Self::new(older, wanted)
    }

    /// Takes the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let Self { tree, found } = self;
        tree.push_telling(leaf, |span, hash| {
            if let Some(known) = found.get_mut(&span) {
                *known = Some(*hash);
            }
        });
    }

    /// The tree so far.
    #[must_use]
    pub fn tree(&self) -> &Frontier {
        &self.tree
    }

    fn hash(&self, span: Span) -> Option<Hash> {
        let known = self.found.get(&span).copied().flatten();
        // What is not complete reaches to the end of the tree.
        known.or_else(|| (span.1 == self.tree.size()).then(|| self.tree.hash_from(span.0)).flatten())
    }

    /// The proof that a leaf is in the tree. Nothing if it was not asked for, or leaves are missing.
    #[must_use]
    pub fn inclusion(&self, index: u64) -> Option<Vec<Hash>> {
        inclusion_spans(index, self.tree.size()).into_iter().map(|span| self.hash(span)).collect()
    }

    /// The proof that the tree begins with its first so many leaves. Nothing if it was not asked for.
    #[must_use]
    pub fn consistency(&self, older: u64) -> Option<Vec<Hash>> {
        consistency_spans(older, self.tree.size()).into_iter().map(|span| self.hash(span)).collect()
    }
}

/// The proof that a tree with these leaves after the older ones begins with the older ones.
#[must_use]
pub fn consistency(older: Frontier, leaves: &[Hash]) -> Vec<Hash> {
    let size = older.size();
    let mut recorder = Recorder::for_consistency(older, size + leaves.len() as u64);
    for leaf in leaves {
        recorder.push(*leaf);
    }
    recorder.consistency(size).unwrap_or_default()
}

/// The largest power of two below a size of two or more: where RFC 6962 splits a tree.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// `PATH(m, D[n])` of RFC 6962 section 2.1.1.
fn inclusion_spans(index: u64, size: u64) -> Vec<Span> {
    let (mut first, mut end, mut spans) = (0, size, Vec::new());
    while end - first > 1 && index < size {
        let middle = first + split(end - first);
        if index < middle {
            spans.push((middle, end));
            end = middle;
        } else {
            spans.push((first, middle));
            first = middle;
        }
    }
    spans.reverse();
    spans
}

/// `PROOF(m, D[n])` of RFC 6962 section 2.1.2.
fn consistency_spans(older: u64, size: u64) -> Vec<Span> {
    if older == 0 || older >= size {
        return Vec::new();
    }
    let (mut first, mut end, mut spans) = (0, size, Vec::new());
    while end > older {
        let middle = first + split(end - first);
        if older <= middle {
            spans.push((middle, end));
            end = middle;
        } else {
            spans.push((first, middle));
            first = middle;
        }
    }
    // The older tree itself need not be told when it is one complete subtree from the start.
    if first > 0 {
        spans.push((first, end));
    }
    spans.reverse();
    spans
}
