//! The tree against a second implementation.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use proptest::prelude::*;
use sha2::{Sha256, digest::Output};

use crate::{
    Frontier, Hash,
    proof::{Recorder, consistency},
    tree::{consistency_holds, inclusion_holds, leaf},
};

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_be_bytes().to_vec()).collect()
}

fn second(entries: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    entries.iter().for_each(|entry| tree.push(entry.clone()));
    tree
}

fn bytes(hash: &Output<Sha256>) -> Hash {
    (*hash).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn roots_and_proofs_are_those_of_the_second_implementation(size in 1_u64..300, at in 0_u64..300, older in 1_u64..300) {
        let (at, older) = (at % size, older % size + 1);
        let entries = entries(size);
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf(entry)).collect();
        let other = second(&entries);
        let root = Frontier::of(&leaves).root();
        prop_assert_eq!(root, bytes(other.root().as_bytes()));

        let mut recorder = Recorder::for_inclusion(&[at], size);
        leaves.iter().for_each(|leaf| recorder.push(*leaf));
        let proof = recorder.inclusion(at).unwrap();
        prop_assert_eq!(proof.concat(), other.prove_inclusion(at as usize).as_bytes().to_vec());
        prop_assert!(inclusion_holds(at, size, &leaf(&entries[at as usize]), &proof, &root));
        let theirs = InclusionProof::<Sha256>::try_from_bytes(proof.concat()).unwrap();
        prop_assert!(other.root().verify_inclusion(&entries[at as usize], at, &theirs).is_ok());

        let old = Frontier::of(&leaves[..older as usize]);
        let proof = consistency(old.clone(), &leaves[older as usize..]);
        prop_assert!(consistency_holds((older, &old.root()), (size, &root), &proof));
        prop_assert_eq!(proof.concat(), other.prove_consistency((size - older) as usize).as_bytes().to_vec());
        let theirs = ConsistencyProof::<Sha256>::try_from_bytes(proof.concat()).unwrap();
        let old_root = RootHash::<Sha256>::new(old.root().into(), older);
        prop_assert!(other.root().verify_consistency(&old_root, &theirs).is_ok());
    }

    #[test]
    fn a_proof_with_any_byte_changed_does_not_hold(size in 2_u64..200, older in 1_u64..200, byte in 0_usize..10_000, bit in 0_u8..8) {
        let older = older % (size - 1) + 1;
        let leaves: Vec<Hash> = entries(size).iter().map(|entry| leaf(entry)).collect();
        let (old, new) = (Frontier::of(&leaves[..older as usize]), Frontier::of(&leaves));
        let mut proof = consistency(old.clone(), &leaves[older as usize..]);
        let at = byte % (proof.len() * 32);
        proof[at / 32][at % 32] ^= 1 << bit;
        prop_assert!(!consistency_holds((older, &old.root()), (size, &new.root()), &proof));
        proof[at / 32][at % 32] ^= 1 << bit;
        proof.push([0; 32]);
        prop_assert!(!consistency_holds((older, &old.root()), (size, &new.root()), &proof));
    }
}

#[test]
fn every_proof_of_every_small_tree_holds_for_its_own_leaf_and_no_other() {
    let leaves: Vec<Hash> = entries(40).iter().map(|entry| leaf(entry)).collect();
    for size in 1..=leaves.len() {
        let indexes: Vec<u64> = (0..size as u64).collect();
        let mut recorder = Recorder::for_inclusion(&indexes, size as u64);
        leaves[..size].iter().for_each(|leaf| recorder.push(*leaf));
        let root = recorder.tree().root();
        for &index in &indexes {
            let proof = recorder.inclusion(index).unwrap();
            for &other in &indexes {
                let holds = inclusion_holds(other, size as u64, &leaves[other as usize], &proof, &root);
                assert_eq!(holds, other == index, "{index} of {size} as {other}");
            }
        }
        for older in 1..=size {
            let old = Frontier::of(&leaves[..older]);
            let proof = consistency(old.clone(), &leaves[older..size]);
            assert!(consistency_holds((older as u64, &old.root()), (size as u64, &root), &proof), "{older} of {size}");
        }
    }
}
