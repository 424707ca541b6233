//! What was signed stays, and there is one story.

use transparency::{entry::Entry, tree};

use super::{add, database, done, open, time};
use crate::{Cosignature, SignedHead, leaf_bytes};

fn head(size: i64, root: u8) -> SignedHead {
    SignedHead { size, root: [root; 32], note: format!("note {size}\n"), signed_at: time(), cosignatures: Vec::new() }
}

#[tokio::test]
async fn a_checkpoint_goes_on_from_the_last_one_or_is_not_kept() {
    let database = database("heads").await;
    let (store, _writer) = open(&database.app);
    let heads = store.log().heads();
    assert_eq!(heads.last().await.unwrap(), None);
    assert!(heads.keep(&head(0, 0), None).await.unwrap());
    assert!(!heads.keep(&head(3, 1), None).await.unwrap(), "another replica was first");
    assert!(heads.keep(&head(3, 1), Some(0)).await.unwrap());
    assert!(heads.keep(&head(3, 2), Some(3)).await.is_err(), "a second story of the same length");
    for (witness, line) in [("b", "two"), ("a", "one"), ("a", "one again")] {
        let cosignature = Cosignature { size: 3, witness: witness.to_owned(), line: line.to_owned(), at: time() };
        heads.cosign(&cosignature).await.unwrap();
    }
    let last = heads.last().await.unwrap().unwrap();
    assert_eq!((last.cosigned_note().as_str(), last.root), ("note 3\none\ntwo\n", [1; 32]));
    assert_eq!(heads.before(3, 9).await.unwrap(), [head(0, 0)]);
    assert_eq!(heads.after(0, 9).await.unwrap(), [last]);
}

#[tokio::test]
async fn the_entry_that_an_auditor_is_given_hashes_to_the_leaf_beside_the_row() {
    let database = database("entries").await;
    let (store, _writer) = open(&database.app);
    for id in 0..5 {
        done(store.execute(add(id, 1, 10)).await.unwrap());
    }
    let rows = store.log().after(0, 10).await.unwrap();
    let hashes = store.log().leaf_hashes(0, 10).await.unwrap();
    assert_eq!((rows.len(), hashes.len()), (5, 5));
    for (row, hash) in rows.iter().zip(hashes) {
        let bytes = leaf_bytes("test", row);
        assert_eq!((tree::leaf(&bytes), row.leaf_hash.as_slice()), (hash, hash.as_slice()));
        let entry = Entry::parse(&bytes).unwrap();
        assert_eq!((entry.service, entry.position as i64, entry.stream, entry.version), ("test", row.position, row.stream.as_str(), 1));
    }
    assert_eq!(store.log().leaf_hashes(3, 1).await.unwrap().len(), 1);
}
