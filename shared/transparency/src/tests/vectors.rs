//! T23: the published vectors.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::VerifyingKey;
use serde_json::Value;

use crate::{Checkpoint, Hash, Note, VerifierKey, key, tree};

fn vectors(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap_or_default()).unwrap()
}

/// Hashes; a proof with anything else in it is no proof.
fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |all| all.iter().map(|hash| bytes(hash).try_into().ok()).collect())
}

#[test]
fn the_98_published_inclusion_vectors_are_answered_as_published() {
    let file = vectors(include_str!("../../vectors/merkle-inclusion.json"));
    let all = file["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 98);
    for vector in all {
        let leaf: Option<Hash> = bytes(&vector["leafHash"]).try_into().ok();
        let (index, size) = (vector["leafIdx"].as_u64().unwrap(), vector["treeSize"].as_u64().unwrap());
        let holds = leaf
            .zip(hashes(&vector["proof"]))
            .is_some_and(|(leaf, proof)| tree::inclusion_holds(index, size, &leaf, &proof, &bytes(&vector["root"])));
        assert_eq!(holds, !vector["wantErr"].as_bool().unwrap(), "{}", vector["name"]);
    }
}

#[test]
fn the_98_published_consistency_vectors_are_answered_as_published() {
    let file = vectors(include_str!("../../vectors/merkle-consistency.json"));
    let all = file["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 98);
    for vector in all {
        let (older, newer) = (bytes(&vector["root1"]), bytes(&vector["root2"]));
        let size = |name: &str| vector[name].as_u64().unwrap();
        let holds =
            hashes(&vector["proof"]).is_some_and(|proof| tree::consistency_holds((size("size1"), &older), (size("size2"), &newer), &proof));
        assert_eq!(holds, !vector["wantErr"].as_bool().unwrap(), "{}", vector["name"]);
    }
}

#[test]
fn the_tree_without_leaves_and_the_trees_of_the_eight_known_leaves_have_the_published_roots() {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = crate::Frontier::new();
    assert_eq!(hex::encode(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (leaf, root) in leaves.iter().zip(roots) {
        tree.push(tree::leaf(&hex::decode(leaf).unwrap()));
        assert_eq!(hex::encode(tree.root()), root);
    }
}

#[test]
fn the_worked_examples_of_notes_checkpoints_and_cosignatures_are_read_and_written_as_published() {
    let file = vectors(include_str!("../../vectors/tlog-notes.json"));
    let text = |at: &str| file.pointer(at).and_then(Value::as_str).unwrap();
    let key = VerifierKey::parse(text("/signed_note/vkey")).unwrap();
    assert_eq!((key.to_string().as_str(), hex::encode(key.id()).as_str()), (text("/signed_note/vkey"), "530d903a"));
    let note = Note::parse(text("/signed_note/note")).unwrap();
    assert!(key.signed(&note.text, &note.signatures[0]));
    for at in ["/checkpoint/note", "/cosigned_checkpoint/note"] {
        let note = Note::parse(text(at)).unwrap();
        let checkpoint = Checkpoint::parse(&note.text).unwrap();
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(checkpoint.to_string(), note.text);
        assert_eq!(note.to_string(), text(at));
    }
    let cosigned = Note::parse(text("/cosigned_checkpoint/note")).unwrap();
    let time = u64::from_be_bytes(cosigned.signatures[1].bytes[..8].try_into().unwrap());
    assert_eq!((time, cosigned.signatures[1].bytes.len()), (1_679_315_147, 72));
    assert_eq!(key::cosigned_message(time, &cosigned.text), text("/cosigned_checkpoint/signed_message"));
}

#[test]
fn a_signature_of_low_order_or_of_a_second_spelling_is_refused_and_every_other_known_one_is_taken() {
    let file = vectors(include_str!("../../vectors/ed25519-cctv.json"));
    let all = file["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 914);
    let (mut taken, unsafe_flags) =
        (0, ["low_order_A", "low_order_R", "low_order_residue", "non_canonical_A", "non_canonical_R", "reencoded_k"]);
    for vector in all {
        let decode = |name: &str| hex::decode(vector[name].as_str().unwrap()).unwrap();
        let key = VerifyingKey::from_bytes(&decode("key").try_into().unwrap());
        let holds = key.is_ok_and(|key| key::strictly(key, vector["msg"].as_str().unwrap().as_bytes(), &decode("sig")));
        let flags = vector["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_safe = !flags.iter().any(|flag| unsafe_flags.contains(&flag.as_str().unwrap()));
        assert_eq!(holds, is_safe, "{}: {flags:?}", vector["number"]);
        taken += usize::from(holds);
    }
    assert!(taken > 0);
}
