//! What can be wrong with a history.

/// A promise that was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// A command was acknowledged and is not in the record.
    #[error("lost: {key} was acknowledged at {service}:{position} and is not there")]
    Lost {
        /// Its key.
        key: String,
        /// Whose log.
        service: String,
        /// What was acknowledged.
        position: i64,
    },
    /// One key has had more than one effect, or two different answers.
    #[error("duplicate: {key} took effect or was answered more than once: {positions:?}")]
    Duplicate {
        /// The key.
        key: String,
        /// Where.
        positions: Vec<i64>,
    },
    /// A client was told no, and the command is recorded.
    #[error("refused and yet recorded: {key}")]
    RefusedButRecorded {
        /// Its key.
        key: String,
    },
    /// Nobody knows how a command ended.
    #[error("unresolved: {key} was never answered")]
    Unresolved {
        /// Its key.
        key: String,
    },
    /// A command that began after another had been acknowledged stands before it.
    #[error("out of order: {key} began after {service}:{after} was acknowledged and stands before it")]
    OutOfOrder {
        /// Its key.
        key: String,
        /// Whose log.
        service: String,
        /// What was acknowledged before.
        after: i64,
    },
    /// Two boroughs hold a duty, or one gives what another holds.
    #[error("two holders of {duty} towards {child} at position {position}")]
    TwoHolders {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Where it shows.
        position: i64,
    },
    /// Nobody holds a duty that somebody must hold. Position 0: nobody ever did.
    #[error("no holder of {duty} towards {child} at position {position}")]
    NoHolder {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Where it shows.
        position: i64,
    },
    /// A duty moved without an acceptance by the borough that got it.
    #[error("moved by a stranger: {duty} towards {child} at position {position}")]
    MovedByStranger {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Where it shows.
        position: i64,
    },
    /// A position is missing or stands twice in a log.
    #[error("the log of {service} is not contiguous at {position}")]
    Skipped {
        /// Whose log.
        service: String,
        /// The position that should be there.
        position: i64,
    },
    /// A position is missing in a copy of a log.
    #[error("the copy of {service} in {by} is not contiguous at {position}")]
    CopySkipped {
        /// Who keeps the copy.
        by: String,
        /// Whose log.
        service: String,
        /// The position that should be there.
        position: i64,
    },
    /// A reader was shown, as the present, what had been over before the question.
    #[error("stale read shown as fresh: question {look} about {duty} of {child} was answered with {holder:?}")]
    StaleShownAsFresh {
        /// Number of the question.
        look: u64,
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who was shown.
        holder: Option<String>,
    },
    /// A view is not what its log makes of it.
    #[error("the view {view} differs from a rebuild: {first}")]
    ViewDiffers {
        /// Which.
        view: String,
        /// The first rows that only one of the two has.
        first: String,
    },
}
