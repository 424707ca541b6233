//! The events of the service as they are kept. Their names and shapes are the storage format: `golden/` holds one of each.

#[cfg(test)]
pub(crate) mod tests;

use kernel::{Borough, ChildId, DecodeError, ReferralId, Sealed, StoredEvent, Stream, edition::EditionEvent};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_kit::editions::{self, Obeys};

use crate::{
    child::ChildEvent,
    desk::DeskEvent,
    referral::{ReferralEvent, WatchEvent},
    rules::{child_stream, desk_stream, referral_stream, watch_stream},
};

/// Everything that happens in referral intake.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a decision is the largest, and is what most of these are about")]
pub enum Event {
    /// To a referral.
    Referral(Of, ReferralEvent),
    /// Around a referral: looks, and clocks that ran out.
    Watch(Of, WatchEvent),
    /// To a child's record.
    Child(ChildId, ChildEvent),
    /// To a desk.
    Desk(Borough, DeskEvent),
    /// What the registry told about an edition.
    Edition(EditionEvent),
}

impl Obeys for Event {
    fn of_edition(event: EditionEvent) -> Self {
        Self::Edition(event)
    }

    fn edition(&self) -> Option<&EditionEvent> {
        match self {
            Self::Edition(event) => Some(event),
            Self::Referral(..) | Self::Watch(..) | Self::Child(..) | Self::Desk(..) => None,
        }
    }
}

impl Event {
    /// Every sealed field in it, for opening them together.
    #[must_use]
    pub fn sealed(&self) -> Vec<&Sealed> {
        match self {
            Self::Referral(_, event) => event.sealed(),
            Self::Child(_, event) => match event {
                ChildEvent::Linked { reason, .. } | ChildEvent::Unlinked { reason, .. } => vec![reason],
                ChildEvent::Born { birth, .. } => vec![birth],
                ChildEvent::DutyTaken { .. }
                | ChildEvent::DutyEnded { .. }
                | ChildEvent::PowerStarted { .. }
                | ChildEvent::PowerEnded { .. }
                | ChildEvent::ShieldSet { .. } => Vec::new(),
            },
            Self::Watch(..) | Self::Desk(..) | Self::Edition(..) => Vec::new(),
        }
    }
}

/// Which referral an event is about, and what whoever follows a child or a borough needs to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Of {
    /// The referral.
    pub referral: ReferralId,
    /// The children it is about.
    pub children: Vec<ChildId>,
    /// The borough that owns it.
    pub owner: Borough,
}

#[derive(Serialize)]
struct Kept<'a, E> {
    of: &'a Of,
    what: &'a E,
}

#[derive(Deserialize)]
struct Read<E> {
    of: Of,
    what: E,
}

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::Referral(of, _) => referral_stream(of.referral),
            Self::Watch(of, _) => watch_stream(of.referral),
            Self::Child(id, _) => child_stream(*id),
            Self::Desk(borough, _) => desk_stream(borough),
            Self::Edition(event) => editions::stream(event.number()),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Referral(_, event) => match event {
                ReferralEvent::Received(_) => "referral.received",
                ReferralEvent::Decided(_) => "referral.decided",
                ReferralEvent::Joined(_) => "referral.joined",
                ReferralEvent::InformationAdded { .. } => "referral.information_added",
                ReferralEvent::FeedbackGiven { .. } => "referral.feedback_given",
                ReferralEvent::Withdrawn { .. } => "referral.withdrawn",
                ReferralEvent::Withheld { .. } => "referral.withheld",
                ReferralEvent::ChecksMade { .. } => "referral.checks_made",
                ReferralEvent::CpisChecked { .. } => "referral.cpis_checked",
                ReferralEvent::Corrected { .. } => "referral.corrected",
            },
            Self::Watch(_, event) => match event {
                WatchEvent::Viewed { .. } => "referral.viewed",
                WatchEvent::HistoryOpened { .. } => "referral.history_opened",
                WatchEvent::NotSeen(_) => "referral.not_seen",
                WatchEvent::DecisionOverdue(_) => "referral.decision_overdue",
                WatchEvent::FeedbackOverdue(_) => "referral.feedback_overdue",
            },
            Self::Child(_, event) => match event {
                ChildEvent::Linked { .. } => "child.linked",
                ChildEvent::Unlinked { .. } => "child.unlinked",
                ChildEvent::Born { .. } => "child.born",
                ChildEvent::DutyTaken { .. } => "child.duty_taken",
                ChildEvent::DutyEnded { .. } => "child.duty_ended",
                ChildEvent::PowerStarted { .. } => "child.power_started",
                ChildEvent::PowerEnded { .. } => "child.power_ended",
                ChildEvent::ShieldSet { .. } => "child.shield_set",
            },
            Self::Desk(_, DeskEvent::Learnt(_)) => "desk.learnt",
            Self::Edition(event) => event.type_name(),
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        fn json(event: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
            serde_json::to_vec(event)
        }
        match self {
            Self::Referral(of, what) => json(&Kept { of, what }),
            Self::Watch(of, what) => json(&Kept { of, what }),
            Self::Child(_, event) => json(event),
            Self::Desk(_, event) => json(event),
            Self::Edition(event) => json(event),
        }
    }

    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let fault = |source| DecodeError { type_name: type_name.to_owned(), version, source };
        if version != 1 {
            return Err(fault(None));
        }
        fn json<T: DeserializeOwned>(data: &[u8]) -> Result<T, Option<serde_json::Error>> {
            serde_json::from_slice(data).map_err(Some)
        }
        let id = stream.id();
        let event = match stream.category() {
            "referral" => {
                let Read { of, what } = json(data).map_err(fault)?;
                Self::Referral(of, what)
            }
            "watch" => {
                let Read { of, what } = json(data).map_err(fault)?;
                Self::Watch(of, what)
            }
            "child" => Self::Child(id.parse().map_err(|_| fault(None))?, json(data).map_err(fault)?),
            "desk" => Self::Desk(id.parse().map_err(|_| fault(None))?, json(data).map_err(fault)?),
            "edition" => Self::Edition(json(data).map_err(fault)?),
            _ => return Err(fault(None)),
        };
        if event.type_name() == type_name && event.stream() == *stream { Ok(event) } else { Err(fault(None)) }
    }
}
