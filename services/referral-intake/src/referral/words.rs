//! The answers that a referral and its decisions are made of.

use std::{fmt, str::FromStr};

use kernel::{Borough, Sealed, Site};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether anyone is in danger now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// Somebody is.
    Yes,
    /// Nobody is.
    No,
    /// It cannot be told, or is not known.
    NotSure,
}

impl Danger {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotSure => "not_sure",
        }
    }
}

impl FromStr for Danger {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        [Self::Yes, Self::No, Self::NotSure].into_iter().find(|danger| danger.code() == code).ok_or(())
    }
}

/// Whether the parent knows and agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParentKnows {
    /// Knows and agrees.
    Yes,
    /// Does not know, or does not agree.
    No,
    /// Asking would put the child at risk: a whole answer.
    NotSafeToAsk,
    /// Not known.
    NotKnown,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The child is protected at once.
    ImmediateProtection,
    /// An enquiry under section 47 of the Children Act 1989.
    #[serde(rename = "section_47_enquiry")]
    Section47Enquiry,
    /// An assessment under section 17.
    ChildInNeedAssessment,
    /// Help without a social worker.
    EarlyHelp,
    /// Advice given, nothing further.
    NoFurtherAction,
}

impl Outcome {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ImmediateProtection => "immediate_protection",
            Self::Section47Enquiry => "section_47_enquiry",
            Self::ChildInNeedAssessment => "child_in_need_assessment",
            Self::EarlyHelp => "early_help",
            Self::NoFurtherAction => "no_further_action",
        }
    }

    /// Whether it is at or above the section 47 threshold, so that checks with other agencies need no agreement.
    #[must_use]
    pub fn is_child_protection(self) -> bool {
        matches!(self, Self::ImmediateProtection | Self::Section47Enquiry)
    }

    /// What becomes of the duty to act now, in words for the person who decides.
    #[must_use]
    pub fn what_happens_to_the_duty(self) -> &'static str {
        match self {
            Self::ImmediateProtection => {
                "emergency_action stays open until a person of the holder records that nothing more must be done at once; an enquiry opens at your borough, if no other holds one: look at responsibility"
            }
            Self::Section47Enquiry | Self::ChildInNeedAssessment => {
                "emergency_action ends if your borough holds it, no transfer of it is open and nothing else about the child is undecided; an enquiry opens at your borough, if no other holds one: look at responsibility"
            }
            Self::EarlyHelp | Self::NoFurtherAction => {
                "emergency_action ends if your borough holds it, no transfer of it is open and nothing else about the child is undecided: look at responsibility"
            }
        }
    }
}

/// On what footing other agencies were asked, below the section 47 threshold (AB and CD v Haringey, 2013).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The parent agrees.
    ParentAgrees,
    /// A reason in law for asking without agreement.
    LawfulReason(Sealed),
    /// A child protection decision stands: no agreement is needed.
    ChildProtection,
}

/// What the Child Protection Information Sharing service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CpisOutcome {
    /// It knows of a plan or of a child looked after.
    PlanShown,
    /// It shows nothing. That says nothing about the child.
    NothingShown,
    /// It did not answer.
    NoAnswer,
    /// It was not asked.
    NotAsked,
}

/// Where the child is, as far as it is known. All empty means not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The hospital site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// The borough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub borough: Option<Borough>,
    /// Address and postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Sealed>,
}

/// Why a borough owns the referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerBecause {
    /// The child is at a hospital there.
    ChildIsAtSite,
    /// The child is in the borough.
    ChildIsInBorough,
    /// Where the child is is not known, and the referral arrived there.
    ReferralArrivedThere,
}

/// The clocks of a referral that a timer watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Somebody is or may be in danger, and a person of the duty desk has not opened it.
    Seen,
    /// The decision.
    Decision,
    /// The answer to the referrer.
    Feedback,
}

impl ClockKind {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Decision => "decision",
            Self::Feedback => "feedback",
        }
    }
}

impl FromStr for ClockKind {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        [Self::Seen, Self::Decision, Self::Feedback].into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// One entry in a record, named by whoever sent it, so that a repetition is recognised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(Uuid);

impl EntryId {
    /// Wraps a UUID that came with the command.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ent_{}", self.0.simple())
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
