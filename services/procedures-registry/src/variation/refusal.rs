//! Why a local variation is not made or ended.

use jiff::tz::TimeZone;
use kernel::{Timestamp, VariationId};

/// Why the answer is no. The codes are stable; the words may get better.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A leader decides it.
    #[error("Only the head of service or the director of the borough may do this. Ask one of them.")]
    LeaderNeeded,
    /// Each borough varies for itself.
    #[error("This is another borough's procedure. Only its own head of service or director may do this.")]
    NotYourBorough,
    /// There is no such variation.
    #[error("There is no such variation. Look at the list.")]
    NoSuchVariation,
    /// What was done is done.
    #[error("A variation begins now or later: what was done before was done by the procedure. Name a later beginning.")]
    BeginsInThePast,
    /// Its times are the wrong way round.
    #[error("A variation ends after it begins. Name a later end.")]
    EndsBeforeItBegins,
    /// It would last too long.
    #[error("A variation ends at most {months} months after it is made. This one may end on {} at the latest; what is needed for longer is put to the set, as a draft for everybody.", day(.latest))]
    TooLong {
        /// The most.
        months: u8,
        /// The latest end.
        latest: Timestamp,
    },
    /// It would carry on what has lasted long enough.
    #[error("Put it to the set: this borough has made variations of this procedure before, and they may not go on beyond {} together. Propose a draft for everybody.", day(.latest))]
    PutItToTheSet {
        /// The latest end.
        latest: Timestamp,
    },
    /// Two would hold at once.
    #[error(
        "The borough has another variation of this procedure in that time ({id}, until {until}). End that one first, or begin after it."
    )]
    Overlaps {
        /// The other.
        id: VariationId,
        /// When that is over.
        until: Timestamp,
    },
    /// It renews one that is not there.
    #[error("The borough has no such variation of this procedure to renew. Look at the list.")]
    RenewsNone,
    /// It carries one on without saying so.
    #[error("This carries the variation {0} on. Name it as the one that is renewed, and say why it is still needed.")]
    NamesNoOld(VariationId),
    /// It was ended.
    #[error("This variation was ended already, for another reason; both stay as they are.")]
    EndedAlready,
    /// Its time is over.
    #[error("This variation was over at {0} by itself. There is nothing to end.")]
    OverAlready(Timestamp),
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::LeaderNeeded => "leader_needed",
            Self::NotYourBorough => "not_your_borough",
            Self::NoSuchVariation => "no_such_variation",
            Self::BeginsInThePast => "begins_in_the_past",
            Self::EndsBeforeItBegins => "ends_before_it_begins",
            Self::TooLong { .. } => "variation_too_long",
            Self::PutItToTheSet { .. } => "put_it_to_the_set",
            Self::Overlaps { .. } => "variations_overlap",
            Self::RenewsNone => "renews_none",
            Self::NamesNoOld(_) => "names_no_old",
            Self::EndedAlready => "ended_already",
            Self::OverAlready(_) => "over_already",
        }
    }
}

fn day(at: &Timestamp) -> String {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    zone.to_datetime(*at).date().to_string()
}
