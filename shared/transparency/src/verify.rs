//! What an auditor finds in an export: whole and unaltered, or what is wrong and where.

mod child;
mod whole;

use std::{fmt, io::Read};

use crate::{
    Checkpoint, Note, Policy, VerifierKey,
    export::{Frame, Part, Reader},
    policy::Cosigned,
};

/// A log, or one child's part of it, is as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The log.
    pub origin: String,
    /// What of it was looked at.
    pub part: Part,
    /// How many events were looked at.
    pub events: u64,
    /// How many events the log had at its last checkpoint.
    pub size: u64,
    /// The size of the longest checkpoint that the auditor held before.
    pub held: Option<u64>,
    /// Who cosigned the last checkpoint, and when.
    pub cosigned: Cosigned,
    /// The last checkpoint, for the auditor to keep until the next time.
    pub checkpoint: String,
}

/// Something is wrong. Positions count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file cannot be read.
    #[error("the file cannot be read from the event at position {after} on: it is damaged or cut off", after = .after + 1)]
    Unreadable {
        /// The last position that could be read.
        after: u64,
    },
    /// The policy does not know the log.
    #[error("the file is of the log {origin}, which your policy file does not know")]
    UnknownLog {
        /// The log.
        origin: String,
    },
    /// A checkpoint that the auditor holds is not of this log.
    #[error("the checkpoint that you hold is not one of this log, signed by its key")]
    ForeignHeld,
    /// An event is not the one that was hashed.
    #[error("the event at position {position} was ALTERED: it is not what was recorded there")]
    Altered {
        /// Where.
        position: u64,
    },
    /// An event stands at another place than it was recorded at.
    #[error("an event at position {position} was REMOVED, MOVED or INSERTED: what stands there says that it belongs at {belongs}")]
    Misplaced {
        /// Where.
        position: u64,
        /// Where it says that it belongs; 0 where that cannot be read.
        belongs: u64,
    },
    /// The events up to here are not those of a checkpoint.
    #[error("an event from position {from} to {to} was ALTERED: the record up to there is not the one of {which} over {to} events")]
    Differs {
        /// The first that may be.
        from: u64,
        /// The last that may be.
        to: u64,
        /// Whose checkpoint says so.
        which: Which,
    },
    /// The log is shorter than it was.
    #[error("events are MISSING: the record ends at position {ends}, and {which} speaks of {size}; nothing after position {sure} is sure")]
    Shorter {
        /// Up to here it is the record of a checkpoint.
        sure: u64,
        /// Its last position.
        ends: u64,
        /// The size of the checkpoint.
        size: u64,
        /// Whose checkpoint says so.
        which: Which,
    },
    /// A checkpoint is not the log's.
    #[error("the checkpoint over {size} events is not signed by the log's own key")]
    Unsigned {
        /// Its size, as it says.
        size: u64,
    },
    /// Too few witnesses.
    #[error("the last checkpoint is cosigned by {by}, and your policy asks for more: nobody outside vouches that it is the only record")]
    NotEnough {
        /// How many of the known ones cosigned.
        by: usize,
    },
    /// There is no proof from the held checkpoint to this one.
    #[error("the file does not prove that the record begins with the {size} events of the checkpoint that you hold")]
    Unproved {
        /// Its size.
        size: u64,
    },
}

/// Whose checkpoint does not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// One that the auditor brought.
    Held,
    /// One in the file.
    Hub,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "the checkpoint that you hold",
            Self::Hub => "the hub's own signed checkpoint",
        })
    }
}

impl Wrong {
    /// The first position that is wrong, and up to which it may be, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<(u64, u64)> {
        match self {
            Self::Altered { position } => Some((*position, *position)),
            // Two that claim one place: either may be the one that was planted.
            Self::Misplaced { position, belongs: before } if (1..*position).contains(before) => Some((*before, *position)),
            Self::Misplaced { position, .. } => Some((*position, *position)),
            Self::Differs { from, to, .. } => Some((*from, *to)),
            Self::Shorter { sure, size, .. } => Some((sure + 1, *size)),
            Self::Unreadable { after } => Some((after + 1, after + 1)),
            Self::UnknownLog { .. } | Self::ForeignHeld | Self::Unsigned { .. } | Self::NotEnough { .. } | Self::Unproved { .. } => None,
        }
    }
}

/// What the auditor trusts: nothing of it comes from the file.
struct Trust<'a> {
    policy: &'a Policy,
    log: &'a VerifierKey,
    /// Checkpoints that the auditor held before, the shortest first.
    held: Vec<Checkpoint>,
}

impl Trust<'_> {
    fn open(&self, note: &str, count: u64) -> Result<(Checkpoint, Note), Wrong> {
        let size = Note::parse(note).ok().and_then(|note| Checkpoint::parse(&note.text).ok()).map_or(count, |checkpoint| checkpoint.size);
        Checkpoint::open(note, self.log).map_err(|_| Wrong::Unsigned { size })
    }

    fn enough(&self, note: &Note) -> Result<Cosigned, Wrong> {
        let by = self.policy.cosigned(note);
        if self.policy.is_enough(by.keys().map(String::as_str)) { Ok(by) } else { Err(Wrong::NotEnough { by: by.len() }) }
    }
}

/// Looks at an export with the auditor's own policy file and the checkpoints that the auditor held before. One pass; memory for one
/// event and one checkpoint.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(file: impl Read, policy: &Policy, held: &[String]) -> Result<Found, Wrong> {
    let damaged = Wrong::Unreadable { after: 0 };
    let mut reader = Reader::new(file).ok_or(damaged.clone())?;
    let Some(Frame::Head { origin, service, part }) = reader.frame() else { return Err(damaged) };
    let log = policy.log(&origin).ok_or(Wrong::UnknownLog { origin: origin.clone() })?;
    let open = |note: &String| Checkpoint::open(note, &log.key).map(|(checkpoint, _)| checkpoint).map_err(|_| Wrong::ForeignHeld);
    let mut held: Vec<Checkpoint> = held.iter().map(open).collect::<Result<_, _>>()?;
    held.sort_by_key(|checkpoint| checkpoint.size);
    let longest = held.last().map(|checkpoint| checkpoint.size);
    let trust = Trust { policy, log: &log.key, held };
    let (events, note) = match part {
        Part::Whole => whole::verify(reader, &trust, &service)?,
        Part::Child(_) => child::verify(reader, &trust, &service)?,
    };
    let cosigned = trust.enough(&note)?;
    let size = Checkpoint::parse(&note.text).map_or(events, |checkpoint| checkpoint.size);
    Ok(Found { origin, part, events, size, held: longest, cosigned, checkpoint: note.to_string() })
}
