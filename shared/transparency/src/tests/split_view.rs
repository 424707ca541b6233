//! T25: two stories under one key.

use super::{Chance, ORIGIN, checkpoint, entries, entry, log_key, policy};
use crate::{
    Checkpoint, Frontier, Hash, Signer,
    evidence::{self, NoEvidence},
    key::Kind,
    proof::consistency,
    tree::{consistency_holds, leaf},
};

#[test]
fn two_records_of_one_length_are_evidence_that_anybody_can_check() {
    let mut chance = Chance(25);
    for _ in 0..200 {
        let count = 1 + chance.below(60);
        let one = entries(count as u64);
        let mut other = one.clone();
        let at = chance.below(count);
        other[at] = entry(at as u64 + 1, "for the other borough");
        let file = evidence::write(&checkpoint(&one, 1).to_string(), &checkpoint(&other, 1).to_string());
        assert_eq!(evidence::check(&file, &policy()), Ok((ORIGIN.to_owned(), count as u64)));
    }
}

#[test]
fn no_proof_joins_two_records_that_part() {
    let mut chance = Chance(26);
    for _ in 0..200 {
        let parts = chance.below(40);
        let (shorter, longer) = (parts + 1 + chance.below(20), parts + 22 + chance.below(20));
        let one: Vec<Hash> = entries(shorter as u64).iter().map(|entry| leaf(entry)).collect();
        let other: Vec<Hash> = (1..=longer)
            .map(|at| leaf(&entry(at as u64, &if at > parts { format!("other {at}") } else { format!("sealed {at}") })))
            .collect();
        let (shown, kept) = (Frontier::of(&one).root(), Frontier::of(&other).root());
        let proof = consistency(Frontier::of(&other[..shorter]), &other[shorter..]);
        assert!(!consistency_holds((shorter as u64, &shown), (longer as u64, &kept), &proof), "{parts} {shorter} {longer}");
    }
}

#[test]
fn an_honest_hub_cannot_be_accused() {
    let note = |count: u64| checkpoint(&entries(count), 2).to_string();
    let check = |file: &str| evidence::check(file, &policy());
    assert_eq!(check(&evidence::write(&note(9), &note(9))), Err(NoEvidence::NoContradiction));
    assert_eq!(check(&evidence::write(&note(8), &note(9))), Err(NoEvidence::NoContradiction));
    let forged = Checkpoint::new(ORIGIN, 9, [0; 32]);
    let stranger = Signer::new(ORIGIN, Kind::Log, &[3; 32]).unwrap();
    assert_eq!(check(&evidence::write(&note(9), &forged.signed(&stranger).to_string())), Err(NoEvidence::Unsigned));
    let other_log = Signer::new("hub.example/other", Kind::Log, &[1; 32]).unwrap();
    let other = Checkpoint::new("hub.example/other", 9, [0; 32]).signed(&other_log).to_string();
    assert_eq!(check(&evidence::write(&other, &other)), Err(NoEvidence::UnknownLog));
    assert_eq!(check(&evidence::write(&note(9), &other)), Err(NoEvidence::Unsigned));
    assert_eq!(check("hub-evidence/1 5 5\nabc"), Err(NoEvidence::Unreadable));
    assert_eq!(check(&forged.signed(&log_key()).to_string()), Err(NoEvidence::Unreadable));
}
