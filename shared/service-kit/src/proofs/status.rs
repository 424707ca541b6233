//! How the checkpoints of a log are, in one sentence.

use jiff::tz::TimeZone;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// How the checkpoints of one log are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The service.
    pub service: String,
    /// The log's name in its checkpoints.
    pub origin: String,
    /// How many events the log had when it was last looked at.
    pub events: i64,
    /// How many of them are signed for.
    pub signed: Option<i64>,
    /// How many of them enough witnesses have cosigned.
    pub cosigned: Option<i64>,
    /// How many witnesses cosigned those.
    pub by: usize,
    /// How many witnesses there are.
    pub of: usize,
    /// When the last of them did.
    pub at: Option<Timestamp>,
    /// Since when something that is signed waits for enough witnesses.
    pub waiting_since: Option<Timestamp>,
    /// Why the hub does not sign, where it refuses to.
    pub refuses: Option<String>,
    /// All of it in words.
    pub sentence: String,
}

impl Status {
    /// Whether enough witnesses stand behind everything that is signed, and signing goes on.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.refuses.is_none() && self.waiting_since.is_none() && self.cosigned.is_some()
    }

    /// Puts it into words.
    pub(super) fn in_words(mut self) -> Self {
        self.sentence = match (&self.refuses, self.waiting_since, self.at) {
            (Some(why), _, _) => format!("NOT SIGNED: {why}"),
            (None, Some(since), _) => format!("not yet cosigned since {}", clock(since)),
            (None, None, Some(at)) => format!("cosigned by {} of {} at {}", self.by, self.of, clock(at)),
            (None, None, None) if self.signed.is_some() => "signed; no witness is asked for".to_owned(),
            (None, None, None) => "no checkpoint yet".to_owned(),
        };
        self
    }
}

/// The time of day in London, and the day where it is not obvious to whoever reads it in the morning.
fn clock(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    at.to_zoned_datetime(zone).strftime("%H:%M on %-d %B").to_string()
}
