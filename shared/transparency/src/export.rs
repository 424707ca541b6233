//! The file that an auditor is given: `hub-export/1`, then frames of a tag, a length in four bytes and the content.
//!
//! A whole log is its entries in order, each with the hash that the hub keeps beside it, and each checkpoint behind the last entry
//! that it speaks for. One child's part is a checkpoint, then entries with proofs that they are in it.

use std::io::{self, Read, Write};

use crate::Hash;

/// What the file begins with.
const LABEL: &[u8] = b"hub-export/1\n";

/// The largest frame: far above the largest event, and what the memory of a reader is bounded by.
const LARGEST: usize = 16 << 20;

/// Which part of a log a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, up to the last checkpoint.
    Whole,
    /// The events about one child.
    Child(String),
}

/// One piece of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The first: the log's origin, its service, and what of it is here.
    Head {
        /// The log's name in its checkpoints.
        origin: String,
        /// The service's name in its entries.
        service: String,
        /// What is here.
        part: Part,
    },
    /// An entry.
    Leaf {
        /// Its place, from 0.
        index: u64,
        /// The hash that the hub keeps beside it.
        kept: Hash,
        /// The bytes.
        entry: Vec<u8>,
    },
    /// A checkpoint, as a note.
    Checkpoint(String),
    /// The proof that the last entry is in the checkpoint.
    Inclusion(Vec<Hash>),
    /// The proof that the last checkpoint begins with an older one.
    Consistency {
        /// Its size.
        older: u64,
        /// The proof.
        proof: Vec<Hash>,
    },
    /// The last: how many entries there were.
    End(u64),
}

impl Frame {
    fn tag(&self) -> u8 {
        match self {
            Self::Head { .. } => b'H',
            Self::Leaf { .. } => b'L',
            Self::Checkpoint(_) => b'C',
            Self::Inclusion(_) => b'I',
            Self::Consistency { .. } => b'P',
            Self::End(_) => b'E',
        }
    }

    fn content(&self) -> Vec<u8> {
        match self {
            Self::Head { origin, service, part: Part::Whole } => format!("{origin}\n{service}\nwhole").into_bytes(),
            Self::Head { origin, service, part: Part::Child(id) } => format!("{origin}\n{service}\nchild {id}").into_bytes(),
            Self::Leaf { index, kept, entry } => [index.to_be_bytes().as_slice(), kept, entry].concat(),
            Self::Checkpoint(note) => note.clone().into_bytes(),
            Self::Inclusion(proof) => proof.concat(),
            Self::Consistency { older, proof } => [older.to_be_bytes().as_slice(), &proof.concat()].concat(),
            Self::End(count) => count.to_be_bytes().to_vec(),
        }
    }

    fn read(tag: u8, mut content: Vec<u8>) -> Option<Self> {
        match tag {
            b'H' => {
                let text = String::from_utf8(content).ok()?;
                let (origin, rest) = text.split_once('\n')?;
                let (service, part) = rest.split_once('\n')?;
                let part = if part == "whole" { Part::Whole } else { Part::Child(part.strip_prefix("child ")?.to_owned()) };
                Some(Self::Head { origin: origin.to_owned(), service: service.to_owned(), part })
            }
            b'L' => {
                let entry = (content.len() >= 40).then(|| content.split_off(40))?;
                Some(Self::Leaf { index: number(content.get(..8)?)?, kept: content.get(8..)?.try_into().ok()?, entry })
            }
            b'C' => String::from_utf8(content).ok().map(Self::Checkpoint),
            b'I' => hashes(&content).map(Self::Inclusion),
            b'P' => Some(Self::Consistency { older: number(content.get(..8)?)?, proof: hashes(content.get(8..)?)? }),
            b'E' => number(&content).map(Self::End),
            _ => None,
        }
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// Writes the file.
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut to: W) -> io::Result<Self> {
        to.write_all(LABEL)?;
        Ok(Self(to))
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// When it cannot be written, or is larger than any reader takes.
    pub fn add(&mut self, frame: &Frame) -> io::Result<()> {
        let content = frame.content();
        let length = u32::try_from(content.len()).ok().filter(|_| content.len() <= LARGEST).ok_or(io::ErrorKind::FileTooLarge)?;
        self.0.write_all(&[frame.tag()])?;
        self.0.write_all(&length.to_be_bytes())?;
        self.0.write_all(&content)
    }

    /// Gives back what was written to.
    pub fn into_inner(self) -> W {
        self.0
    }
}

/// Reads the file, a frame at a time.
pub struct Reader<R>(R);

impl<R: Read> Reader<R> {
    /// Begins. Nothing when it is no such file.
    pub fn new(mut from: R) -> Option<Self> {
        let mut label = [0; LABEL.len()];
        from.read_exact(&mut label).ok()?;
        (label == LABEL).then_some(Self(from))
    }

    /// The next frame. Nothing when there is none, or it cannot be read.
    pub fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 5];
        self.0.read_exact(&mut head).ok()?;
        let [tag, length @ ..] = head;
        let length = usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| *length <= LARGEST)?;
        let mut content = Vec::new();
        // What is there decides how much memory is taken, not what is said.
        self.0.by_ref().take(length as u64).read_to_end(&mut content).ok().filter(|read| *read == length)?;
        Frame::read(tag, content)
    }

    /// Whether nothing follows.
    pub fn is_over(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}
