//! Why the rules say no.

use std::collections::BTreeSet;

use kernel::{Borough, ReferralId};

/// A refusal about a referral.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such referral.
    #[error("there is no such referral")]
    NotReceived,
    /// A professional wrote "anonymous".
    #[error("a professional must give a name; only a member of the public may stay unnamed, and then a duty worker records the call")]
    ProfessionalMustBeNamed,
    /// The history was not opened by this person.
    #[error("open the history of the children first: a decision is taken by somebody who has seen every earlier contact")]
    HistoryNotRead,
    /// There is a contact that this person has not seen.
    #[error("the history has changed since you opened it: open it again")]
    HistoryChanged,
    /// The prompt about repeated contacts was not answered.
    #[error("these children have had {contacts} contacts lately: say in `repeat_prompt` why this outcome is right all the same")]
    RepeatPromptNeeded {
        /// How many, this one included.
        contacts: u32,
    },
    /// Another borough decides.
    #[error("this referral is decided by the borough that answers for the child now: {}", codes(by))]
    NotYoursToDecide {
        /// Who: the owner, or whoever has taken the duties over from it.
        by: BTreeSet<Borough>,
    },
    /// A referral was joined to itself.
    #[error("a referral is not joined to itself: name the other one")]
    SameReferral,
    /// It is decided.
    #[error("this referral is decided already, so nothing is left to join: add what is new as information to the other one")]
    AlreadyDecided,
    /// The other one is joined to a third.
    #[error("that referral is joined to another itself: join this one to {to}")]
    JoinedElsewhere {
        /// The third.
        to: ReferralId,
    },
    /// The children of the two are not said to be the same.
    #[error("first say by a link which child of the other referral each child of this one is: a child that is in neither would be lost")]
    ChildrenNotLinked,
    /// Another organisation referred.
    #[error("only whoever raised it can take it back; you can add information")]
    NotTheReferrer,
    /// Neither owner, home, sharing borough nor referrer.
    #[error("this referral is not shared with you")]
    NotShared,
    /// There is nobody to tell.
    #[error("the referrer stayed unnamed: there is nobody to tell")]
    NobodyToTell,
    /// Checks with other agencies without a footing.
    #[error("below a section 47 enquiry, other agencies may be asked only when the parent agrees or a lawful reason is recorded")]
    AgreementOrLawfulReasonNeeded,
}

fn codes(boroughs: &BTreeSet<Borough>) -> String {
    boroughs.iter().map(Borough::code).collect::<Vec<_>>().join(", ")
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotReceived => "no_such_referral",
            Self::ProfessionalMustBeNamed => "professional_must_be_named",
            Self::HistoryNotRead => "history_not_read",
            Self::HistoryChanged => "history_changed",
            Self::RepeatPromptNeeded { .. } => "repeat_prompt_needed",
            Self::NotYoursToDecide { .. } => "not_yours_to_decide",
            Self::SameReferral => "same_referral",
            Self::AlreadyDecided => "already_decided",
            Self::JoinedElsewhere { .. } => "joined_elsewhere",
            Self::ChildrenNotLinked => "children_not_linked",
            Self::NotTheReferrer => "not_the_referrer",
            Self::NotShared => "not_shared",
            Self::NobodyToTell => "nobody_to_tell",
            Self::AgreementOrLawfulReasonNeeded => "agreement_or_lawful_reason_needed",
        }
    }
}
