//! Checkpoints: which log, how many entries, and the root of the tree over them.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Hash, Note, Signer, VerifierKey, note::BadNote};

/// A checkpoint that cannot be read or is not signed by the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// The note is no checkpoint.
    #[error("the note is no checkpoint: origin, size and root, each on a line")]
    Shape,
    /// The log's key did not sign it.
    #[error("the log's own key did not sign it")]
    Unsigned,
}

/// What a log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, for ever.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// Further lines, as they came.
    pub more: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without further lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, more: Vec::new() }
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(BadCheckpoint::Shape)?.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).ok_or(BadCheckpoint::Shape);
        let (origin, size, root) =
            (next()?.to_owned(), number(next()?).ok_or(BadCheckpoint::Shape)?, hash(next()?).ok_or(BadCheckpoint::Shape)?);
        let more: Vec<String> = lines.map(str::to_owned).collect();
        if more.iter().any(String::is_empty) { Err(BadCheckpoint::Shape) } else { Ok(Self { origin, size, root, more }) }
    }

    /// Reads a whole note and sees that the log's key signed it.
    ///
    /// # Errors
    /// When it is no checkpoint, or the key did not.
    pub fn open(note: &str, log: &VerifierKey) -> Result<(Self, Note), BadCheckpoint> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse(&note.text)?;
        let signed = checkpoint.origin == log.name() && note.signatures.iter().any(|signature| log.signed(&note.text, signature));
        if signed { Ok((checkpoint, note)) } else { Err(BadCheckpoint::Unsigned) }
    }

    /// The note, signed by the log.
    #[must_use]
    pub fn signed(&self, signer: &Signer) -> Note {
        let text = self.to_string();
        let signature = signer.sign(&text);
        Note { text, signatures: vec![signature] }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))?;
        self.more.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A decimal number in its one spelling.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
