//! A local variation: how one borough does one procedure otherwise, for a time, with a reason and an owner.
//!
//! All variations of one procedure in one borough are one stream, so that two that overlap can never both be made. Whether one is
//! in force follows from its times alone; the timer only records.

mod refusal;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::{ToSpan as _, tz::TimeZone};
use kernel::{Borough, Org, Person, Role, Timestamp, VariationId};
use serde::{Deserialize, Serialize};

pub use refusal::Refusal;

use crate::document::ProcedureId;

/// The longest that a borough does otherwise, in months from the day on which it first said so.
///
/// It is here and not in the edition, because a ceiling that an edition could lift would not be one; an edition may set a lower one.
pub const MOST_MONTHS: u8 = 6;

/// How many months after the first variation was made the next begins a new count.
const COUNTED_MONTHS: u8 = 12;

/// Where something is done otherwise: a procedure in a borough.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The borough.
    pub borough: Borough,
    /// The procedure.
    pub procedure: ProcedureId,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.borough, self.procedure)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (borough, procedure) = text.split_once('.').ok_or(())?;
        Ok(Self { borough: borough.parse().map_err(|_| ())?, procedure: procedure.parse().map_err(|_| ())? })
    }
}

/// A variation as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its id.
    pub id: VariationId,
    /// What is done otherwise.
    pub text: String,
    /// Why.
    pub reason: String,
    /// The post that answers for it.
    pub owner: String,
    /// From when.
    pub from: Timestamp,
    /// Until when; at this instant it is over.
    pub until: Timestamp,
    /// When its borough is told that it ends.
    pub notice_at: Timestamp,
    /// The one that it renews.
    pub renews: Option<VariationId>,
    /// Who made it.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// Something that happened to a variation. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariationEvent {
    /// It was made.
    Made(Box<Made>),
    /// It was ended before its time.
    Ended { id: VariationId, reason: String, by: Person, at: Timestamp },
    /// Its end is near. A clock says so.
    ExpiresSoon { id: VariationId, until: Timestamp },
    /// Its time is over. A clock says so; it had ended by itself.
    Expired { id: VariationId, until: Timestamp },
}

impl VariationEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Made(_) => "variation.made",
            Self::Ended { .. } => "variation.ended",
            Self::ExpiresSoon { .. } => "variation.expires_soon",
            Self::Expired { .. } => "variation.expired",
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Do a procedure otherwise for a time.
    Make {
        /// How.
        made: Box<Made>,
        /// How many months after it is made it may end at the latest, by the edition in force; never more than [`MOST_MONTHS`].
        months: u8,
    },
    /// Do it as everybody does again.
    End {
        /// Which.
        id: VariationId,
        /// Why.
        reason: String,
        /// Who asks.
        by: Person,
        /// When the hub was told.
        at: Timestamp,
    },
    /// A clock looks at it.
    Look {
        /// Which.
        id: VariationId,
        /// When.
        at: Timestamp,
    },
}

/// A variation as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variation {
    made_at: Timestamp,
    from: Timestamp,
    until: Timestamp,
    notice_at: Timestamp,
    ended: Option<(Timestamp, String)>,
    notice_told: bool,
    expiry_told: bool,
}

/// All variations of one procedure in one borough.
pub type Variations = BTreeMap<VariationId, Variation>;

impl Variation {
    /// When it is over.
    #[must_use]
    pub fn over_at(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.until, |(at, _)| self.until.min(*at))
    }

    /// Whether it holds at an instant.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.over_at()
    }
}

/// Takes one event in.
pub fn evolve(all: &mut Variations, event: &VariationEvent) {
    match event {
        VariationEvent::Made(made) => {
            let Made { from, until, notice_at, at: made_at, .. } = **made;
            let made_now = Variation { made_at, from, until, notice_at, ended: None, notice_told: false, expiry_told: false };
            all.insert(made.id, made_now);
        }
        VariationEvent::Ended { id, reason, at, .. } => {
            all.entry(*id).and_modify(|variation| variation.ended = Some((*at, reason.clone())));
        }
        VariationEvent::ExpiresSoon { id, .. } => drop(all.entry(*id).and_modify(|variation| variation.notice_told = true)),
        VariationEvent::Expired { id, .. } => drop(all.entry(*id).and_modify(|variation| variation.expiry_told = true)),
    }
}

/// Decides one command.
///
/// # Errors
/// The refusal.
pub fn decide(all: &Variations, place: &Place, command: Command) -> Result<Vec<VariationEvent>, Refusal> {
    match command {
        Command::Make { made, months } => make(all, place, made, months),
        Command::End { id, reason, by, at } => {
            may_lead(&by, place)?;
            let variation = all.get(&id).ok_or(Refusal::NoSuchVariation)?;
            match &variation.ended {
                Some((_, before)) if *before == reason => Ok(vec![]),
                Some(_) => Err(Refusal::EndedAlready),
                None if variation.until <= at => Err(Refusal::OverAlready(variation.until)),
                None => Ok(vec![VariationEvent::Ended { id, reason, by, at }]),
            }
        }
        Command::Look { id, at } => Ok(all.get(&id).and_then(|variation| look(variation, id, at)).into_iter().collect()),
    }
}

/// Only a named leader of the borough itself does otherwise than all boroughs have agreed.
fn may_lead(by: &Person, place: &Place) -> Result<(), Refusal> {
    let actor = by.actor();
    if !matches!(actor.role, Role::HeadOfService | Role::Director) {
        return Err(Refusal::LeaderNeeded);
    }
    if actor.org == Org::Borough(place.borough.clone()) { Ok(()) } else { Err(Refusal::NotYourBorough) }
}

fn make(all: &Variations, place: &Place, made: Box<Made>, months: u8) -> Result<Vec<VariationEvent>, Refusal> {
    may_lead(&made.by, place)?;
    if all.contains_key(&made.id) {
        return Ok(vec![]);
    }
    if made.from < made.at {
        return Err(Refusal::BeginsInThePast);
    }
    if made.until <= made.from {
        return Err(Refusal::EndsBeforeItBegins);
    }
    let months = months.min(MOST_MONTHS);
    let latest = latest_end(made.at, months);
    if made.until > latest {
        return Err(Refusal::TooLong { months, latest });
    }
    let overlaps = |other: &Variation| other.from < made.until && made.from < other.over_at() && other.from < other.over_at();
    if let Some((id, other)) = all.iter().find(|(_, other)| overlaps(other)) {
        return Err(Refusal::Overlaps { id: *id, until: other.over_at() });
    }
    if let Some(latest) = of_all(all, made.at).filter(|latest| made.until > *latest) {
        return Err(Refusal::PutItToTheSet { latest });
    }
    match made.renews {
        Some(old) if !all.contains_key(&old) => return Err(Refusal::RenewsNone),
        None => {
            if let Some((id, _)) = all.iter().find(|(_, other)| goes_on(other, made.from)) {
                return Err(Refusal::NamesNoOld(*id));
            }
        }
        Some(_) => {}
    }
    Ok(vec![VariationEvent::Made(made)])
}

/// When the variations that were made in the last twelve months, and those that follow them, are over at the latest: what needs longer
/// than that is a matter of the set. One that was ended before it began counts for nothing.
fn of_all(all: &Variations, now: Timestamp) -> Option<Timestamp> {
    let held = all.values().filter(|other| other.from < other.over_at() && now < latest_end(other.made_at, COUNTED_MONTHS));
    held.map(|other| latest_end(other.made_at, MOST_MONTHS)).min()
}

/// Whether one that begins then only carries an old one on: it begins on the day on which that one is over, or the next.
fn goes_on(old: &Variation, from: Timestamp) -> bool {
    let (end, begin) = (london().to_datetime(old.over_at()).date(), london().to_datetime(from).date());
    old.from < old.over_at() && old.over_at() <= from && end.saturating_add(1.day()) >= begin
}

/// The last instant at which one that is made then may end: the same time of day, so many months later.
#[must_use]
pub fn latest_end(made_at: Timestamp, months: u8) -> Timestamp {
    let begin = made_at.to_zoned_datetime(london());
    begin.checked_add(i64::from(months).months()).map_or(made_at, |end| end.timestamp())
}

/// When the borough is told that one which ends then will be over.
#[must_use]
pub fn notice_at(until: Timestamp, days: u8) -> Timestamp {
    let end = until.to_zoned_datetime(london());
    end.checked_sub(i64::from(days).days()).map_or(until, |notice| notice.timestamp())
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}

/// A clock records what the time says. It ends nothing: that has happened by itself.
fn look(variation: &Variation, id: VariationId, at: Timestamp) -> Option<VariationEvent> {
    let until = variation.until;
    if variation.ended.is_some() || variation.expiry_told {
        return None;
    }
    if until <= at {
        return Some(VariationEvent::Expired { id, until });
    }
    (variation.notice_at <= at && !variation.notice_told).then_some(VariationEvent::ExpiresSoon { id, until })
}
