//! Proof that a log is whole and unaltered, for whoever does not trust the one who keeps it.
//!
//! Pure: no clock, disk or network. The tree is that of RFC 6962; notes, checkpoints, cosignatures, the witness protocol and the
//! policy file are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness, tlog-policy).

#![warn(missing_docs)]

pub mod checkpoint;
pub mod entry;
pub mod evidence;
pub mod export;
pub mod key;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tree;
pub mod verify;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use key::{Signer, VerifierKey};
pub use note::Note;
pub use policy::Policy;
pub use tree::{Frontier, Hash};

#[cfg(test)]
mod tests;
