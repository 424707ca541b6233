//! The smaller parts of an edition.

use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};

use crate::edition::Authority;

/// The area of the first edition, where an edition does not name one.
const AREA: &str = "Greater Manchester Combined Authority";

/// Who must approve the next edition before it can be scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// How many people of the board.
    pub board: u8,
    /// How many boroughs, each by a person of its own.
    pub boroughs: Boroughs,
    /// The combined authority whose boroughs they are.
    pub area: String,
    /// How many days the boroughs have at least for their comments; with 0 its authors say how long.
    #[serde(default)]
    pub consultation_days: u16,
}

/// How many boroughs must approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boroughs {
    /// Every borough of the area.
    Each,
    /// So many of them.
    #[serde(untagged)]
    AtLeast(u8),
}

impl Default for Approval {
    fn default() -> Self {
        Self { board: 1, boroughs: Boroughs::Each, area: AREA.to_owned(), consultation_days: 0 }
    }
}

/// Who is called when nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The duty manager.
    DutyManager,
    /// The head of service on call.
    HeadOfService,
    /// The director on call.
    Director,
    /// The chair of the safeguarding board.
    BoardChair,
}

/// Whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The giving and the receiving borough, both.
    Both,
    /// The safeguarding board.
    Board,
}

/// One level of the escalation ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// Its number, from 1.
    pub level: u8,
    /// Who is called.
    pub who: Who,
    /// Whose.
    pub of: Of,
    /// Whether they may settle the matter, or are only informed.
    pub decides: bool,
}

/// A reason for which a transfer may be declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclineReason {
    /// The stable code.
    pub code: String,
    /// What the screen says.
    pub text: String,
    /// Whether the reason must be told in words as well.
    pub words_needed: bool,
}

/// One thing that a referral asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Its stable name.
    pub name: String,
    /// The question.
    pub question: String,
    /// Whether a referral cannot be sent without it; "not known" is an answer everywhere.
    pub compulsory: bool,
    /// The decision that uses the answer. A field that serves none is not asked.
    #[serde(default)]
    pub decision_served: String,
    /// By when the board looks whether it is still needed.
    pub review_by: Date,
}

/// From when a record's time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFrom {
    /// The child's birth.
    Birth,
    /// The closure of the record.
    Closure,
}

/// How long records are kept, by outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The class.
    pub class: String,
    /// The outcomes and plans that it holds for.
    pub outcomes: Vec<String>,
    /// From when it is counted.
    pub starts_on: KeptFrom,
    /// How many years.
    pub years: u16,
    /// On whose authority.
    pub authority: Authority,
    /// The provision, or the reason, in words.
    pub basis: String,
}

impl Retention {
    /// The day on which the time of a record is over; none where it counts from a birth that is not known.
    #[must_use]
    pub fn until(&self, closed_on: Date, born_on: Option<Date>) -> Option<Date> {
        let first = match self.starts_on {
            KeptFrom::Closure => closed_on,
            KeptFrom::Birth => born_on?,
        };
        first.checked_add(Span::new().try_years(i64::from(self.years)).ok()?).ok()
    }
}

/// When a decider is asked to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// So many contacts about a child …
    pub repeat_contacts: u8,
    /// … within so many months raise a prompt.
    pub repeat_within_months: u8,
    /// The months of history that a decider reads first.
    pub history_months: u8,
}

/// Ceilings that are not clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The longest that a local variation may last, in months.
    pub local_variation_months: u8,
    /// How long a feed goes on naming a child whose plan has ended, in months.
    pub feed_ended_months: u8,
    /// How long before it begins an empty level of a rota is an alert, in hours.
    pub rota_notice_hours: u16,
    /// How often an emergency protection order may be extended.
    pub emergency_protection_extensions: u8,
    /// From how many declines of one transfer on there is a dispute.
    pub declines_until_dispute: u8,
    /// How long before it comes into force an edition is scheduled at the latest, in minutes.
    #[serde(default = "edition_notice")]
    pub edition_notice_minutes: u16,
    /// How long before it comes into force an edition can still be taken back, in minutes: everybody must have heard of it by then.
    #[serde(default = "edition_withdrawal")]
    pub edition_withdrawal_minutes: u16,
    /// How long before a local variation ends its borough is told, in days.
    #[serde(default = "variation_notice")]
    pub variation_notice_days: u8,
}

fn edition_notice() -> u16 {
    60
}

fn edition_withdrawal() -> u16 {
    10
}

fn variation_notice() -> u8 {
    14
}
