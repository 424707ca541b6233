//! What a witness decides: tlog-witness without its network and its disk.

use crate::{
    Checkpoint, Hash, Note, VerifierKey,
    checkpoint::{hash, number},
    tree,
};

/// The most lines of a proof.
const MOST: usize = 63;

/// A log asks for a cosignature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size of the checkpoint that the witness cosigned last, as the log believes.
    pub old: u64,
    /// The proof that the new tree begins with it.
    pub proof: Vec<Hash>,
    /// The new checkpoint as it came.
    pub note: Note,
    /// And what it says.
    pub checkpoint: Checkpoint,
}

/// No cosignature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request, or the older size is the larger.
    #[error("this is no request to add a checkpoint")]
    Malformed,
    /// The log is not one of this witness's.
    #[error("this log is not known here")]
    UnknownLog,
    /// The log's key did not sign it.
    #[error("the log's key did not sign this checkpoint")]
    Unsigned,
    /// The witness's last checkpoint has this size, or this size and another root.
    #[error("the checkpoint cosigned last has size {0}")]
    Conflict(u64),
    /// The proof does not hold.
    #[error("the proof does not show that the log only grew")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status that tlog-witness asks for.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl Request {
    /// Reads the body of `add-checkpoint`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(body: &str) -> Result<Self, Refusal> {
        let (head, note) = body.split_once("\n\n").ok_or(Refusal::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(number).ok_or(Refusal::Malformed)?;
        let proof: Vec<Hash> = lines.take(MOST + 1).map(hash).collect::<Option<_>>().ok_or(Refusal::Malformed)?;
        if proof.len() > MOST {
            return Err(Refusal::Malformed);
        }
        let note = Note::parse(note).map_err(|_| Refusal::Malformed)?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|_| Refusal::Malformed)?;
        Ok(Self { old, proof, note, checkpoint })
    }

    /// The body of `add-checkpoint`.
    #[must_use]
    pub fn body(&self) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let proof: String = self.proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old, self.note)
    }

    /// Decides, on the checkpoint that was cosigned last. It must not change until the new one is kept.
    ///
    /// # Errors
    /// Why there is no cosignature.
    pub fn weigh(&self, log: Option<&VerifierKey>, latest: Option<&Checkpoint>) -> Result<(), Refusal> {
        let log = log.ok_or(Refusal::UnknownLog)?;
        let new = &self.checkpoint;
        if !self.note.signatures.iter().any(|signature| log.signed(&self.note.text, signature)) {
            return Err(Refusal::Unsigned);
        }
        if self.old > new.size {
            return Err(Refusal::Malformed);
        }
        let (size, root) = latest.map_or((0, tree::empty()), |latest| (latest.size, latest.root));
        if self.old != size || (size == new.size && root != new.root) {
            return Err(Refusal::Conflict(size));
        }
        let holds = match size {
            0 => self.proof.is_empty(),
            _ => tree::consistency_holds((size, &root), (new.size, &new.root), &self.proof),
        };
        if holds { Ok(()) } else { Err(Refusal::Inconsistent) }
    }

    /// Whether the log has signed two different records of one length: this one, and the one that was cosigned last.
    #[must_use]
    pub fn contradicts(&self, latest: &Checkpoint) -> bool {
        latest.origin == self.checkpoint.origin && latest.size == self.checkpoint.size && latest.root != self.checkpoint.root
    }
}
