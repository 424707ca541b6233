//! Clocks: what starts them, how long they run, and on whose authority.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Time};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, CountsFrom, Due},
    edition::Priority,
};

macro_rules! clock_names {
    ($($(#[$doc:meta])* $name:ident from $start:literal,)*) => {
        /// The clocks that the services ask for. An edition without one of them cannot come into force.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ClockName {
            $($(#[$doc])* $name,)*
        }

        impl ClockName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What starts it, whatever an edition says: so an edition may say nothing else.
            #[must_use]
            pub const fn starts_on(self) -> &'static str {
                match self {
                    $(Self::$name => $start,)*
                }
            }
        }
    };
}

clock_names! {
    /// A referral is decided.
    DecideOnReferral from "referral received",
    /// A referral with somebody in danger, or perhaps in danger, is opened by a person of the duty desk.
    EmergencyReferralSeen from "referral received with danger now answered yes or not sure",
    /// The referrer is told what was decided.
    FeedbackToReferrer from "referral decided",
    /// A child and family assessment is complete.
    Assessment from "referral received",
    /// The initial child protection conference is held.
    InitialChildProtectionConference from "strategy discussion that began the section 47 enquiry",
    /// The transfer-in conference is held by the new borough.
    TransferInConference from "receiving borough notified of the move",
    /// Police protection ends by law.
    PoliceProtection from "power of police protection used",
    /// An emergency protection order ends.
    EmergencyProtectionOrder from "emergency protection order made",
    /// The one extension of an emergency protection order ends.
    EmergencyProtectionOrderExtension from "emergency protection order extended",
    /// A child who was missing has been offered and given a return home interview.
    ReturnHomeInterview from "missing child returned",
    /// The night team's record is with the day service.
    EdtRecordToDayService from "shift of the emergency duty team ended",
    /// Interim protection is agreed for a child on a plan who moved without notice.
    UnplannedMove from "worker learned of the move",
    /// A professional disagreement is settled.
    EscalationOverall from "professional disagreement recorded",
    /// A professional disagreement with a risk of harm is settled.
    EscalationOverallAtRisk from "professional disagreement with a risk of harm recorded",
    /// A serious incident is notified to the national panel.
    SeriousIncidentNotification from "authority became aware of the serious incident",
    /// A rapid review is complete.
    RapidReview from "authority became aware of the serious incident",
    /// An offered transfer is opened by a person of the receiving borough.
    SeenBy from "transfer offered",
    /// An offered transfer is answered.
    DecideBy from "transfer offered",
    /// A delivery route of the receiving borough has confirmed an offer; if not, the link counts as down.
    LinkDown from "transfer offered",
    /// The receiving desk has received what was accepted; if not, an alarm.
    ReceivedAlarm from "transfer accepted",
    /// As above; if not, the duty manager.
    ReceivedManager from "transfer accepted",
    /// The spoken handover of an accepted transfer is confirmed by both.
    HandoverBy from "transfer accepted",
    /// A declined transfer is offered again, redirected or kept.
    ReofferBy from "transfer declined",
    /// A spoken agreement is confirmed by the other side.
    AgreementConfirm from "spoken agreement recorded",
    /// An unanswered escalation goes up one level.
    EscalationStep from "escalation reached a level",
    /// Every case of the night is taken by a named day worker.
    NightCaseTaken from "case came while the day service was closed",
    /// A case of the night that nobody took goes to the day manager.
    NightCaseToManager from "case came while the day service was closed",
    /// A feed of known children counts as stale.
    FeedStale from "as-of time of the feed",
    /// The home borough is told that its child was looked up.
    LookupTold from "child looked up",
    /// Access by breaking the glass ends.
    BreakGlassEnds from "glass broken",
    /// Access by breaking the glass has been looked at by a manager.
    BreakGlassReview from "glass broken",
}

/// On whose authority a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// An Act, regulations or a court's order.
    Law,
    /// Statutory guidance.
    Guidance,
    /// The partnership's own procedure.
    Local,
}

/// A time of a working day: `opening`, `close`, or a local time such as `09:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum At {
    /// When the calendar's office opens.
    Opening,
    /// When the calendar's office closes.
    Close,
    /// A local time.
    Time(Time),
}

/// How long a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Time that passes, day and night.
    Elapsed(SignedDuration),
    /// To the same local time so many days later, working or not.
    CalendarDays(u16),
    /// Working days.
    WorkingDays {
        /// How many; at least one.
        days: u16,
        /// From when they are counted.
        counts_from: CountsFrom,
    },
    /// A time on the first working day whose office opens at or after the start.
    NextWorkingDay(At),
}

/// One entry of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Which clock.
    pub name: ClockName,
    /// The event that starts it, in the procedures' words.
    pub starts_on: String,
    /// How long it runs.
    pub length: Length,
    /// The calendar that it counts by.
    pub calendar: String,
    /// The priorities that it holds for; none means all, and whatever has no priority.
    pub priorities: Vec<Priority>,
    /// On whose authority.
    pub authority: Authority,
    /// The provision, or the reason, in words.
    pub basis: String,
}

impl Clock {
    /// Whether this entry holds for a priority.
    #[must_use]
    pub fn applies_to(&self, priority: Priority) -> bool {
        self.priorities.is_empty() || self.priorities.contains(&priority)
    }
}

impl Length {
    /// The end of this length from an instant, by a calendar.
    #[must_use]
    pub fn due(self, calendar: &Calendar, from: Timestamp) -> Due {
        match self {
            Self::Elapsed(time) => Due { at: from.checked_add(time).unwrap_or(Timestamp::MAX), covered: true },
            Self::CalendarDays(days) => {
                let local = calendar.local(from).saturating_add(i64::from(days).days());
                Due { covered: true, ..calendar.due(from, local) }
            }
            Self::WorkingDays { days, counts_from } => calendar.add_working_days(from, days, counts_from),
            Self::NextWorkingDay(at) => calendar.at_on_next_working_day(from, at.time(calendar)),
        }
    }
}

impl At {
    fn time(self, calendar: &Calendar) -> Time {
        match self {
            Self::Opening => calendar.hours().opens,
            Self::Close => calendar.hours().closes,
            Self::Time(time) => time,
        }
    }
}

impl TryFrom<String> for At {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        match text.as_str() {
            "opening" => Ok(Self::Opening),
            "close" => Ok(Self::Close),
            time => time.parse().map(Self::Time),
        }
    }
}
