//! Why the rules say no.

use std::collections::BTreeSet;

use kernel::Borough;

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
            Self::NotTheReferrer => "not_the_referrer",
            Self::NotShared => "not_shared",
            Self::NobodyToTell => "nobody_to_tell",
            Self::AgreementOrLawfulReasonNeeded => "agreement_or_lawful_reason_needed",
        }
    }
}
