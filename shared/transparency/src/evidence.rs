//! Evidence that anybody can check without asking anybody: two checkpoints of one log and one size, both signed by it, with
//! different roots.

use crate::{Checkpoint, Policy};

/// What the file begins with.
const LABEL: &str = "hub-evidence/1";

/// The two checkpoints as one file.
#[must_use]
pub fn write(one: &str, other: &str) -> String {
    format!("{LABEL} {} {}\n{one}{other}", one.len(), other.len())
}

/// It is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvidence {
    /// Not such a file.
    #[error("the file is not two checkpoints")]
    Unreadable,
    /// A log that the policy does not know, or two logs.
    #[error("the checkpoints are not of one log that the policy knows")]
    UnknownLog,
    /// One of them is not signed by the log.
    #[error("the log's key did not sign both of them")]
    Unsigned,
    /// They can both be true.
    #[error("the two checkpoints do not contradict each other")]
    NoContradiction,
}

/// Sees whether a file is evidence. Gives the log's origin and the size of which it told two stories.
///
/// # Errors
/// Why it is none.
pub fn check(file: &str, policy: &Policy) -> Result<(String, u64), NoEvidence> {
    let (one, other) = split(file).ok_or(NoEvidence::Unreadable)?;
    let origin = one.lines().next().unwrap_or_default();
    let log = policy.log(origin).ok_or(NoEvidence::UnknownLog)?;
    let open = |note| Checkpoint::open(note, &log.key).map_err(|_| NoEvidence::Unsigned);
    let ((one, _), (other, _)) = (open(one)?, open(other)?);
    if one.size == other.size && one.root != other.root { Ok((one.origin, one.size)) } else { Err(NoEvidence::NoContradiction) }
}

fn split(file: &str) -> Option<(&str, &str)> {
    let (head, notes) = file.split_once('\n')?;
    let (one, other) = head.strip_prefix(LABEL)?.strip_prefix(' ')?.split_once(' ')?;
    let (one, other): (usize, usize) = (one.parse().ok()?, other.parse().ok()?);
    let (first, second) = notes.split_at_checked(one)?;
    (second.len() == other).then_some((first, second))
}
