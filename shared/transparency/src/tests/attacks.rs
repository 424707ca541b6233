//! T22 and T24 over exported bytes. `HUB_STORM=full` attacks ten times as often.

use super::{Chance, ORIGIN, checkpoint, cosigned, entries, entry, export, file, part, policy};
use crate::{
    Checkpoint, Policy,
    export::{Frame, Part},
    verify::{Found, Wrong, verify},
};

/// The checkpoints that the auditor has collected.
const HELD: [usize; 4] = [25, 50, 75, 100];

fn look(file: &[u8], held: &[String]) -> Result<Found, Wrong> {
    verify(file, &policy(), held)
}

/// Checkpoints of the true record.
fn held(sizes: &[usize]) -> Vec<String> {
    let entries = entries(100);
    sizes.iter().map(|&size| checkpoint(&entries[..size], 2).to_string()).collect()
}

fn attacks() -> usize {
    if std::env::var_os("HUB_STORM").is_some_and(|storm| storm == "full") { 2_000 } else { 200 }
}

#[test]
fn any_byte_of_any_entry_that_is_flipped_is_named_and_a_clean_record_never_is() {
    let all = entries(100);
    let good = export(&all, &[30, 60, 100]);
    let mut chance = Chance(22);
    // Where each entry's bytes stand in the file.
    let spots: Vec<usize> =
        all.iter().map(|entry| good.windows(entry.len()).position(|window| window == entry.as_slice()).unwrap()).collect();
    for _ in 0..1_000 {
        let position = chance.below(100);
        let (mut bad, at) = (good.clone(), spots[position] + chance.below(all[position].len()));
        bad[at] ^= 1 << chance.below(8);
        assert_eq!(look(&bad, &held(&[50])).map_err(|wrong| wrong.place()), Err(Some((position as u64 + 1, position as u64 + 1))));
    }
    for run in 0..1_000 {
        let found = look(&good, &held(&[1 + run % 100])).unwrap();
        assert_eq!((found.events, found.held, found.cosigned.len()), (100, Some(1 + run as u64 % 100), 2));
    }
}

#[test]
fn any_byte_of_the_file_that_is_flipped_is_noticed() {
    // With no cosignature more than the policy asks for: one that is not needed may be lost.
    let good = export(&entries(20), &[20]);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(look(&bad, &[]).is_err(), "byte {at}");
    }
    for length in 0..good.len() {
        assert!(look(&good[..length], &[]).is_err(), "cut off at {length}");
    }
    assert!(look(&[good, vec![0]].concat(), &[]).is_err(), "something behind the end");
}

/// One attack on the stored rows: what is then there, and the first position that is wrong. The hub's key signs whatever is there.
fn attack(chance: &mut Chance, kind: usize) -> (Vec<Vec<u8>>, usize) {
    let mut all = entries(100);
    let (a, b) = (chance.below(99), chance.below(98));
    let at = a.min(b);
    let other = a.max(b) + usize::from(a == b);
    match kind {
        0 => all.truncate(100 - 1 - at),
        1 => drop(all.remove(at)),
        2 => all.swap(at, other),
        3 => all.insert(at, entry(at as u64 + 1, "planted")),
        4 => all.insert(at + 1, all[at].clone()),
        5 => all[at] = entry(at as u64 + 2, "renumbered"),
        // Everything from here on is written again so that each entry fits its place.
        6 => all[at] = entry(at as u64 + 1, "rewritten"),
        7 => {
            all.truncate(at);
            all.extend((at as u64 + 1..=100).map(|position| entry(position, "rewritten")));
        }
        8 => {
            all.remove(at);
            all = all
                .iter()
                .take(at)
                .cloned()
                .chain((at as u64 + 1..=99).map(|position| entry(position, &format!("sealed {}", position + 1))))
                .collect();
        }
        _ => {
            all.truncate(at);
            all.extend((at as u64 + 1..=130).map(|position| entry(position, "after last night's copy")));
        }
    }
    let first = match kind {
        0 => all.len() + 1,
        4 => at + 2,
        _ => at + 1,
    };
    (all, first)
}

#[test]
fn every_structural_attack_is_found_and_its_first_position_lies_where_it_is_said_to() {
    let mut chance = Chance(24);
    let held = held(&HELD);
    for number in 0..attacks() {
        let kind = number % 10;
        let (rows, first) = attack(&mut chance, kind);
        let wrong = look(&export(&rows, &[rows.len()]), &held).expect_err("an attack that nobody noticed");
        let (from, to) = wrong.place().unwrap_or_else(|| panic!("attack {number} of kind {kind}: no place: {wrong}"));
        assert!((from..=to).contains(&(first as u64)), "attack {number} of kind {kind} at {first}: {wrong}");
        // Between two checkpoints that the auditor holds, at most.
        assert!(to - from < 100, "{wrong}");
    }
}

#[test]
fn what_the_hub_signs_itself_narrows_the_place_down() {
    let mut rows = entries(100);
    rows[41] = entry(42, "rewritten");
    let mut file_frames = vec![Frame::Head { origin: ORIGIN.to_owned(), service: "intake".to_owned(), part: Part::Whole }];
    let true_notes = held(&[40, 45]);
    for (index, entry) in (0..).zip(&rows) {
        file_frames.push(Frame::Leaf { index, kept: crate::tree::leaf(entry), entry: entry.clone() });
        if index == 39 {
            file_frames.push(Frame::Checkpoint(true_notes[0].clone()));
        }
        if index == 44 {
            file_frames.push(Frame::Checkpoint(true_notes[1].clone()));
        }
    }
    let wrong = look(&file(&file_frames), &[]).unwrap_err();
    assert_eq!(wrong.place(), Some((41, 45)), "{wrong}");
}

#[test]
fn a_wrong_origin_an_unknown_key_or_too_few_witnesses_are_refused() {
    let all = entries(10);
    let good = export(&all, &[10]);
    let nobody = Policy::parse("quorum none\n").unwrap();
    assert!(matches!(verify(good.as_slice(), &nobody, &[]), Err(Wrong::UnknownLog { .. })));
    let foreign = Checkpoint::new("hub.example/audit", 5, [0; 32]).signed(&super::log_key()).to_string();
    assert_eq!(look(&good, &[foreign]), Err(Wrong::ForeignHeld));
    let lone = |witnesses| {
        let head = Frame::Head { origin: ORIGIN.to_owned(), service: "intake".to_owned(), part: Part::Whole };
        file(&[head, Frame::Checkpoint(cosigned(&Checkpoint::new(ORIGIN, 0, crate::tree::empty()), witnesses).to_string()), Frame::End(0)])
    };
    assert_eq!(look(&lone(1), &[]), Err(Wrong::NotEnough { by: 1 }));
    assert_eq!(look(&lone(2), &[]).map(|found| found.events), Ok(0));
}

#[test]
fn a_childs_part_is_proved_event_by_event_and_against_what_the_auditor_holds() {
    let all = entries(100);
    let frames = part(&all, &[3, 17, 64, 99], &[50]);
    let found = look(&file(&frames), &held(&[50])).unwrap();
    assert_eq!((found.events, found.size, found.part), (4, 100, Part::Child("c1".to_owned())));
    assert_eq!(look(&file(&frames), &held(&[75])), Err(Wrong::Unproved { size: 75 }));
    for at in 0..frames.len() {
        let mut without = frames.clone();
        without.remove(at);
        assert!(look(&file(&without), &held(&[50])).is_err(), "without frame {at}");
    }
    let mut altered = frames;
    let bytes = entry(18, "another");
    altered[5] = Frame::Leaf { index: 17, kept: crate::tree::leaf(&bytes), entry: bytes };
    assert_eq!(look(&file(&altered), &[]), Err(Wrong::Altered { position: 18 }));
    let older = part(&all[..60], &[3], &[]);
    assert!(matches!(look(&file(&older), &held(&[75])), Err(Wrong::Shorter { .. })));
    let mut rewritten = all;
    rewritten[20] = entry(21, "rewritten");
    assert_eq!(look(&file(&part(&rewritten, &[3], &[50])), &held(&[50])), Err(Wrong::Unproved { size: 50 }));
}
