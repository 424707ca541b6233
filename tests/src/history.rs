//! What clients saw, one line of JSON each, and whether what is stored can have given it.
//!
//! Clients write a line before they ask and one when they know more. When everything has settled, [`Record`] is read from the
//! databases and [`check()`] compares the two. A checker that finds nothing proves nothing, so it is itself tested first, on
//! planted histories.

mod check;
mod fault;
mod holders;
mod record;

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    sync::Mutex,
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use check::check;
pub use fault::Fault;
pub use record::{Copied, Fact, Kept, Record, Stored, Viewed};

/// One thing that a client did or learnt. `at` is in microseconds on the one clock of the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// A command is about to be sent, for the first time or again.
    Invoke {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// To which service.
        service: String,
        /// Its idempotency key.
        key: String,
        /// The trace id that it carries.
        trace: String,
        /// The subject of the token.
        principal: String,
        /// Method and kind of path.
        what: String,
    },
    /// It was acknowledged.
    Ok {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// Its idempotency key.
        key: String,
        /// `Hub-Position`.
        position: i64,
        /// Whether the answer speaks of something new, so that an event must stand at that position.
        adds: bool,
    },
    /// It was refused for good: nothing may have been recorded.
    Fail {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// Its idempotency key.
        key: String,
        /// The HTTP status.
        status: u16,
    },
    /// No answer, or one that leaves it open.
    Unknown {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// Its idempotency key.
        key: String,
    },
    /// Who is responsible is about to be asked.
    Look {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// Number of the question.
        look: u64,
        /// About which child.
        child: String,
        /// About which duty.
        duty: String,
    },
    /// The answer to it.
    Saw {
        /// When.
        at: u64,
        /// By which client.
        client: u16,
        /// Number of the question.
        look: u64,
        /// Who was shown as responsible.
        holder: Option<String>,
        /// Whether the answer says of itself that it may be out of date.
        stale: bool,
    },
}

/// Everything that clients did and learnt, in the order in which it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(pub Vec<Line>);

impl History {
    /// Reads a history, one JSON object a line.
    ///
    /// # Errors
    /// When a line is not one of ours.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().map(Self)
    }

    /// Writes it down as it is read.
    ///
    /// # Errors
    /// When a line is no JSON.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        self.0.iter().map(|line| Ok(serde_json::to_string(line)? + "\n")).collect()
    }
}

/// Takes lines from all clients, keeps them and writes them to a file at once.
pub struct Book {
    start: Instant,
    inner: Mutex<(Vec<Line>, BufWriter<File>)>,
}

impl Book {
    /// Begins a history in a file.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self { start: Instant::now(), inner: Mutex::new((Vec::new(), file)) })
    }

    /// Microseconds since the history began.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Adds a line. `line` is told the time, taken while nobody else can write, so that times never run backwards in it.
    pub fn add(&self, line: impl FnOnce(u64) -> Line) {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let line = line(self.now());
        // The copy in memory is what is judged; the file is for whoever looks at a failed run.
        if serde_json::to_writer(&mut inner.1, &line).is_ok() {
            drop(inner.1.write_all(b"\n"));
        }
        inner.0.push(line);
    }

    /// Everything so far.
    #[must_use]
    pub fn history(&self) -> History {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(inner.1.flush());
        History(inner.0.clone())
    }
}
