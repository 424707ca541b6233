//! Parts of answers that several of them share.

use jiff::{civil::Date, tz::TimeZone};
use kernel::{Borough, Timestamp, directory::Directory};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    desk::{Desk, Shift},
    matching::Strength,
    referral::{Owner, OwnerBecause},
    views::identities::PossibleMatch,
};

/// The borough that must act now, and whom to ring there.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnerDesk {
    /// The borough.
    #[schema(value_type = String)]
    borough: Borough,
    /// Its name.
    name: String,
    /// `MASH`, `EDT`, or `desk not set` when the borough has not told the hub.
    desk: &'static str,
    /// The telephone to ring now.
    phone: Option<String>,
    /// The borough whose night team answers, if another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    answered_by: Option<Borough>,
    /// Why this borough.
    because: OwnerBecause,
}

impl OwnerDesk {
    pub(crate) fn of(owner: &Owner, desk: Option<(&Desk, Shift)>) -> Self {
        Self {
            borough: owner.borough.clone(),
            name: name_of(&owner.borough),
            desk: desk.map_or("desk not set", |(_, shift)| shift.desk()),
            phone: desk.map(|(desk, shift)| desk.phone_now(shift).to_owned()),
            answered_by: desk.and_then(|(desk, shift)| desk.covered_on(shift)).cloned(),
            because: owner.because,
        }
    }
}

/// A borough that answers for the children of a referral now, and whom to ring there.
#[derive(Serialize, ToSchema)]
pub(crate) struct HolderDesk {
    /// The borough.
    #[schema(value_type = String)]
    borough: Borough,
    /// Its name.
    name: String,
    /// `MASH`, `EDT`, or `desk not set` when the borough has not told the hub.
    desk: &'static str,
    /// The telephone to ring now.
    phone: Option<String>,
    /// The borough whose night team answers, if another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    answered_by: Option<Borough>,
}

impl HolderDesk {
    pub(crate) fn of(borough: Borough, desk: Option<(&Desk, Shift)>) -> Self {
        Self {
            name: name_of(&borough),
            borough,
            desk: desk.map_or("desk not set", |(_, shift)| shift.desk()),
            phone: desk.map(|(desk, shift)| desk.phone_now(shift).to_owned()),
            answered_by: desk.and_then(|(desk, shift)| desk.covered_on(shift)).cloned(),
        }
    }
}

/// The name of a borough; its code where the directory does not have it.
pub(crate) fn name_of(borough: &Borough) -> String {
    Directory::get().borough(borough).map_or_else(|| borough.to_string(), |entry| entry.name.clone())
}

/// A record that may be about the same child.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PossibleMatchBody {
    /// The record.
    pub(crate) child_id: String,
    /// `likely` or `unsure`; never a score.
    pub(crate) strength: &'static str,
    /// Why, in words.
    pub(crate) why: Vec<String>,
}

impl From<PossibleMatch> for PossibleMatchBody {
    fn from(found: PossibleMatch) -> Self {
        let strength = match found.strength {
            Strength::Likely => "likely",
            Strength::Unsure => "unsure",
        };
        Self { child_id: found.child, strength, why: found.why }
    }
}

/// The local day of an instant.
pub(crate) fn date_in_london(at: Timestamp) -> Date {
    local(at).date()
}

/// The local year of an instant, for references.
pub(crate) fn year_of(at: Timestamp) -> i16 {
    local(at).year()
}

fn local(at: Timestamp) -> jiff::ZonedDateTime {
    at.to_zoned_datetime(TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC))
}

/// The same local time so many months earlier.
pub(crate) fn months_before(at: Timestamp, months: u8) -> Timestamp {
    let span = jiff::Span::new().months(i64::from(months));
    local(at).checked_sub(span).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}
