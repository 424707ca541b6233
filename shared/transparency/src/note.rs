//! Signed notes: a text, and lines that say who signed it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The largest note that is read.
const LARGEST: usize = 64 << 10;

/// The most signatures that are read.
const MOST: usize = 100;

/// One signature line. Who made it is what it says, until a key has verified it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: [u8; 4],
    /// The signature, as the kind of the key has it.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Reads `— <name> <base64>`.
    ///
    /// # Errors
    /// When it is no such line.
    pub fn parse(line: &str) -> Result<Self, BadNote> {
        let (name, data) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(BadNote)?;
        let data = STANDARD.decode(data).map_err(|_| BadNote)?;
        let (id, bytes) = data.split_first_chunk::<4>().ok_or(BadNote)?;
        if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == '+') || bytes.is_empty() {
            return Err(BadNote);
        }
        Ok(Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [self.id.as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(data))
    }
}

/// A text that is no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no signed note: a text, an empty line, and signature lines")]
pub struct BadNote;

/// A text and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text, with its last newline.
    pub text: String,
    /// Whoever says to have signed it.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn parse(note: &str) -> Result<Self, BadNote> {
        if note.len() > LARGEST || note.contains(|letter: char| letter.is_control() && letter != '\n') {
            return Err(BadNote);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(BadNote)?;
        let lines = lines.strip_suffix('\n').ok_or(BadNote)?;
        let signatures: Vec<Signature> = lines.split('\n').take(MOST + 1).map(Signature::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MOST || text.is_empty() {
            return Err(BadNote);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// Adds a signature, unless one by the same key is there.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.iter().any(|known| known.name == signature.name && known.id == signature.id) {
            self.signatures.push(signature);
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}
