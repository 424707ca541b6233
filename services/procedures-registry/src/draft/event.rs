//! What happens to a draft. The names are the storage format.

use kernel::{Person, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Party;
use crate::document::{ContentHash, Document, Procedure, ProcedureId};

/// Something that happened to a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftEvent {
    /// It was begun with the document of an edition.
    Drafted { title: String, based_on: u32, content: Box<Document>, by: Person, at: Timestamp },
    /// A whole procedure was written.
    ProcedurePut { procedure: Box<Procedure>, by: Person, at: Timestamp },
    /// A procedure was taken out.
    ProcedureRemoved { procedure: ProcedureId, reason: String, by: Person, at: Timestamp },
    /// The parts that the services obey were written, as a whole.
    PartsPut { parts: Map<String, Value>, by: Person, at: Timestamp },
    /// Everything was written, on the footing of an edition.
    DocumentPut { content: Box<Document>, based_on: u32, by: Person, at: Timestamp },
    /// The boroughs are asked what they think, until an instant.
    ConsultationOpened { until: Timestamp, by: Person, at: Timestamp },
    /// Somebody said what they think.
    Commented { on: Option<ProcedureId>, text: String, by: Person, at: Timestamp },
    /// The authors answered a comment.
    CommentAnswered { number: u32, text: String, by: Person, at: Timestamp },
    /// The content was frozen for approval.
    Submitted {
        hash: ContentHash,
        /// Why the boroughs were not asked first. Events from before this was asked for have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unconsulted: Option<String>,
        by: Person,
        at: Timestamp,
    },
    /// An approver sent it back; approvals are void.
    Objected { party: Party, reason: String, by: Person, at: Timestamp },
    /// A person approved this content.
    Approved { party: Party, hash: ContentHash, by: Person, at: Timestamp },
    /// It has its number, and the instant from which it is in force everywhere.
    Scheduled { number: u32, in_force_from: Timestamp, hash: ContentHash, by: Person, at: Timestamp },
    /// It was taken back.
    Withdrawn { reason: String, by: Person, at: Timestamp },
}

impl DraftEvent {
    /// The stable type name.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Drafted { .. } => "draft.drafted",
            Self::ProcedurePut { .. } => "draft.procedure_put",
            Self::ProcedureRemoved { .. } => "draft.procedure_removed",
            Self::PartsPut { .. } => "draft.parts_put",
            Self::DocumentPut { .. } => "draft.document_put",
            Self::ConsultationOpened { .. } => "draft.consultation_opened",
            Self::Commented { .. } => "draft.commented",
            Self::CommentAnswered { .. } => "draft.comment_answered",
            Self::Submitted { .. } => "draft.submitted",
            Self::Objected { .. } => "draft.objected",
            Self::Approved { .. } => "draft.approved",
            Self::Scheduled { .. } => "draft.scheduled",
            Self::Withdrawn { .. } => "draft.withdrawn",
        }
    }
}
