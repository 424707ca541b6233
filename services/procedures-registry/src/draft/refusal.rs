//! Why the answer is no, with what to do instead.

use kernel::{Borough, Timestamp};

use crate::document::ProcedureId;

/// Why the answer is no. The codes are stable; the words may get better.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such draft.
    #[error("This draft was never begun. Begin one first.")]
    NotDrafted,
    /// The id belongs to another draft.
    #[error("This id already belongs to another draft. Take a new one.")]
    IdTaken,
    /// Only authors write.
    #[error("Only a procedure author of the area may do this. Ask one.")]
    AuthorNeeded,
    /// Another area's organisation.
    #[error("Your organisation is not of the area that these procedures are for.")]
    NotInTheArea,
    /// The content cannot be changed any more.
    #[error("This draft was submitted: its content is frozen. An approver's objection sends it back; or begin another draft.")]
    ContentFrozen,
    /// It was scheduled.
    #[error("This draft was scheduled as edition {0} already. Begin another draft.")]
    AlreadyScheduled(u32),
    /// It was taken back.
    #[error("This draft was withdrawn. Begin another one.")]
    DraftWithdrawn,
    /// There is no such procedure in it.
    #[error("The draft has no procedure \"{0}\". Look at its list.")]
    NoSuchProcedure(ProcedureId),
    /// The consultation would end too early.
    #[error("A consultation runs for at least {days} days from its opening, and ends later than now. Name a later instant.")]
    ConsultationTooShort {
        /// The least, by the edition in force.
        days: u16,
    },
    /// Nobody is asked now.
    #[error("This draft is not in consultation now. Write to its authors, or comment while it is open.")]
    NotInConsultation,
    /// There is no such comment.
    #[error("There is no comment {0}. Look at their numbers.")]
    NoSuchComment(u32),
    /// The comment has another answer.
    #[error("Comment {0} was answered already; both stay as they are.")]
    AnsweredAlready(u32),
    /// The boroughs were not asked, and nobody said why.
    #[error(
        "The boroughs are asked before this, for at least {days} days. Open a consultation; or, where it cannot wait, say why in `unconsulted`."
    )]
    NotConsulted {
        /// The least.
        days: u16,
    },
    /// Something else is handed in than what the boroughs were asked about.
    #[error(
        "The content was changed after the boroughs were asked. Say what and why in `unconsulted`, for whoever approves; or ask them again."
    )]
    ChangedSinceConsultation,
    /// The consultation goes on.
    #[error("The consultation runs until {0}. Submit the draft after that.")]
    ConsultationRunning(Timestamp),
    /// They have said enough for now.
    #[error("{0} of your comments on this draft wait for an answer. Say the rest in one of them when they are answered, or to an author.")]
    CommentsWait(usize),
    /// Comments wait.
    #[error("These comments have no answer yet: {}. Answer them first.", numbers(.0))]
    CommentsUnanswered(Vec<u32>),
    /// The content has faults.
    #[error("The draft has {0} faults. Mend every one that its list of faults names.")]
    Faulty(usize),
    /// It builds on what is no longer the last edition.
    #[error(
        "This draft builds on edition {based_on}, and edition {last} was scheduled since. Bring its changes in, and put the whole document on the footing of {last}."
    )]
    BasedOnOlder {
        /// What it builds on.
        based_on: u32,
        /// What it must build on.
        last: u32,
    },
    /// There is no such edition.
    #[error("There is no edition {0} to build on.")]
    NoSuchEdition(u32),
    /// It is not before its approvers.
    #[error("This draft was not submitted. Its authors submit it first.")]
    NotSubmitted,
    /// Another content was read.
    #[error("This is another content than the one submitted. Read it again, and name its hash.")]
    OtherContent,
    /// Their role does not approve.
    #[error("An approver of the board, or a head of service or director of a borough, does this.")]
    ApproverNeeded,
    /// For somebody else.
    #[error("You act for your own organisation alone.")]
    NotYourParty,
    /// An author.
    #[error("You have written in this draft. Somebody who has not approves it.")]
    AuthorsDoNotApprove,
    /// They have approved for another organisation.
    #[error("You have approved this draft for another organisation. A person approves once.")]
    ApprovedForAnother,
    /// Not enough have approved.
    #[error("{}", missing_words(*.board, .boroughs, *.more))]
    QuorumMissing {
        /// How many of the board are missing.
        board: u8,
        /// The boroughs that have not approved.
        boroughs: Vec<Borough>,
        /// How many of them are needed.
        more: usize,
    },
    /// The board schedules.
    #[error("An approver of the board does this. Ask one.")]
    BoardNeeded,
    /// Too close.
    #[error("An edition is scheduled at least {0} minutes before it comes into force, so that everybody has it. Name a later instant.")]
    TooSoon(u16),
    /// Before or at the time of another.
    #[error("Edition {number} comes into force at {from}. Name a later instant.")]
    NotAfterTheLast {
        /// The last edition.
        number: u32,
        /// From when it is in force.
        from: Timestamp,
    },
    /// Not taken back in time.
    #[error("Edition {number} is in force, or is so within {minutes} minutes, and services have it. Draft the next one.")]
    TooLateToWithdraw {
        /// Its number.
        number: u32,
        /// How long ahead it could be taken back.
        minutes: u16,
    },
    /// A later edition builds on it.
    #[error("Edition {0} is scheduled after this one and builds on it. Withdraw that one first.")]
    LaterEditionScheduled(u32),
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotDrafted => "no_such_draft",
            Self::IdTaken => "id_taken",
            Self::AuthorNeeded => "author_needed",
            Self::NotInTheArea => "not_in_the_area",
            Self::ContentFrozen => "content_frozen",
            Self::AlreadyScheduled(_) => "already_scheduled",
            Self::DraftWithdrawn => "draft_withdrawn",
            Self::NoSuchProcedure(_) => "no_such_procedure",
            Self::ConsultationTooShort { .. } => "consultation_too_short",
            Self::NotInConsultation => "not_in_consultation",
            Self::NoSuchComment(_) => "no_such_comment",
            Self::AnsweredAlready(_) => "answered_already",
            Self::NotConsulted { .. } => "not_consulted",
            Self::ChangedSinceConsultation => "changed_since_consultation",
            Self::ConsultationRunning(_) => "consultation_running",
            Self::CommentsWait(_) => "comments_wait",
            Self::CommentsUnanswered(_) => "comments_unanswered",
            Self::Faulty(_) => "faulty",
            Self::BasedOnOlder { .. } => "based_on_older",
            Self::NoSuchEdition(_) => "no_such_edition",
            Self::NotSubmitted => "not_submitted",
            Self::OtherContent => "other_content",
            Self::ApproverNeeded => "approver_needed",
            Self::NotYourParty => "not_your_party",
            Self::AuthorsDoNotApprove => "authors_do_not_approve",
            Self::ApprovedForAnother => "approved_for_another",
            Self::QuorumMissing { .. } => "quorum_missing",
            Self::BoardNeeded => "board_needed",
            Self::TooSoon(_) => "too_soon",
            Self::NotAfterTheLast { .. } => "not_after_the_last",
            Self::TooLateToWithdraw { .. } => "too_late_to_withdraw",
            Self::LaterEditionScheduled(_) => "later_edition_scheduled",
        }
    }
}

fn numbers(of: &[u32]) -> String {
    of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn missing_words(board: u8, boroughs: &[Borough], more: usize) -> String {
    let codes = boroughs.iter().map(Borough::code).collect::<Vec<_>>().join(", ");
    match (board, more) {
        (0, more) => format!("Approvals are missing: {more} of the boroughs {codes}."),
        (board, 0) => format!("Approvals are missing: {board} of the board."),
        (board, more) => format!("Approvals are missing: {board} of the board, and {more} of the boroughs {codes}."),
    }
}
