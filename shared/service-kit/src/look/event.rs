//! What the log of looks keeps. The names are the storage format.

use kernel::{ChildId, DecodeError, EventId, GlassId, Role, StoredEvent, Stream, Timestamp};
use serde::{Deserialize, Serialize};

use super::AccessEvent;

/// An event of the log of looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookEvent {
    /// Somebody looked, or was not let.
    Looked(EventId, Look),
    /// Somebody's tokens hold no more, or hold again. It stands here because every service reads here.
    Access(AccessEvent),
}

impl LookEvent {
    /// The look, if it is one.
    #[must_use]
    pub fn look(&self) -> Option<&Look> {
        match self {
            Self::Looked(_, look) => Some(look),
            Self::Access(_) => None,
        }
    }

    /// What has happened to somebody's tokens, if it is about that.
    #[must_use]
    pub fn access(&self) -> Option<&AccessEvent> {
        match self {
            Self::Access(event) => Some(event),
            Self::Looked(..) => None,
        }
    }
}

/// One look. Who, when and in which request stand beside it, as with every event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The service that was asked.
    pub service: String,
    /// What was asked: method and route, as the code has them.
    pub action: String,
    /// In which way.
    pub how: How,
    /// What came of it.
    pub outcome: Outcome,
    /// The children that the answer names, and the one that was asked for.
    pub children: Vec<String>,
    /// The referrals and transfers likewise.
    pub cases: Vec<String>,
    /// Every role that they hold there; none where they hold none that their organisation has.
    pub roles: Vec<Role>,
    /// What for, by the role acted in, or by the break-glass.
    pub purpose: Purpose,
    /// Under which break-glass. None in looks from before there was any, and where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glass: Option<Under>,
    /// What whoever looked seems to have to do with a child, by their token. None in looks from before anybody asked, and where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<Tie>,
}

/// What whoever looks seems to have to do with a child whom they are shown, by the name in their token and the names of the child. It denies
/// nothing: somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// The child bears their whole name: it may be their own record.
    OwnName,
    /// The child bears their surname.
    SameSurname,
}

/// What a look has to do with a break-glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Under {
    /// The person opened it now; from here on they may look under it.
    Opening {
        /// The break-glass.
        glass: GlassId,
        /// Whose record it opens.
        child: ChildId,
        /// Until when, at the latest.
        until: Timestamp,
    },
    /// They were shown something for no other reason.
    Looking(GlassId),
    /// They ended it.
    Ending(GlassId),
}

impl Under {
    /// The break-glass.
    #[must_use]
    pub fn glass(self) -> GlassId {
        match self {
            Self::Opening { glass, .. } | Self::Looking(glass) | Self::Ending(glass) => glass,
        }
    }
}

/// In which way somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// One record, asked for by its id.
    Opened,
    /// A page of a list.
    Listed,
    /// In the result of a search: it may be about the same child.
    Found,
    /// As it happened, on a screen that stays open.
    Followed,
    /// In the answer to a command.
    Told,
    /// In a file for an auditor: of one child, or the whole log where no child is named.
    Exported,
}

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was shown.
    Shown,
    /// It was not, and why, as a code. The caller may have been told less: what exists and is hidden is "not there" to them.
    Denied(String),
    /// The rules did not allow a command now, and the state was shown with the refusal.
    Refused(String),
}

/// What somebody looks for. It follows from the role that they act in; nobody types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Work on cases at a duty desk.
    Safeguarding,
    /// Raising a concern, and following it.
    FollowUp,
    /// Auditing for the board.
    Audit,
    /// An emergency, by somebody who has no other right to look.
    BreakGlass,
    /// A borough's own system.
    Machine,
    /// Anything else that the software is used for.
    Other,
}

impl Purpose {
    /// The purpose of somebody who acts in a role.
    #[must_use]
    pub fn of(role: Role) -> Self {
        match role {
            Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director => Self::Safeguarding,
            Role::Referrer => Self::FollowUp,
            Role::BoardAuditor => Self::Audit,
            Role::BoroughSystem => Self::Machine,
            Role::ProcedureAuthor | Role::BoardApprover | Role::HubOperator | Role::Hub => Self::Other,
        }
    }
}

impl StoredEvent for LookEvent {
    fn stream(&self) -> Stream {
        match self {
            Self::Looked(id, _) => Stream::new("look", id),
            Self::Access(event) => event.whose().stream(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Looked(..) => "look.looked",
            Self::Access(AccessEvent::Revoked { .. }) => "access.revoked",
            Self::Access(AccessEvent::Restored { .. }) => "access.restored",
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Looked(_, look) => serde_json::to_vec(look),
            Self::Access(event) => serde_json::to_vec(event),
        }
    }

    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let fault = |source| DecodeError { type_name: type_name.to_owned(), version, source };
        let event = match (type_name, version) {
            ("look.looked", 1) => {
                let id = stream.id().parse().map_err(|_| fault(None))?;
                Self::Looked(id, serde_json::from_slice(data).map_err(|error| fault(Some(error)))?)
            }
            ("access.revoked" | "access.restored", 1) => Self::Access(serde_json::from_slice(data).map_err(|error| fault(Some(error)))?),
            (_, _) => return Err(fault(None)),
        };
        if event.type_name() == type_name { Ok(event) } else { Err(fault(None)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored bytes as they were released: they decode for ever and are written the same.
    #[test]
    fn golden_looks_decode_and_are_written_byte_for_byte_the_same() {
        let stream = Stream::new("look", EventId::from_uuid(uuid::Uuid::from_u128(1)));
        let golden = [
            r#"{"service":"intake","action":"GET /api/intake/referrals/{id}","how":"opened","outcome":"shown","children":["chd_00000000000000000000000000000007"],"cases":["ref_00000000000000000000000000000001"],"roles":["duty_worker"],"purpose":"safeguarding"}"#,
            r#"{"service":"intake","action":"hub export","how":"exported","outcome":"shown","children":["chd_00000000000000000000000000000007"],"cases":[],"roles":["hub_operator"],"purpose":"audit"}"#,
            r#"{"service":"transfers","action":"GET /api/transfers","how":"listed","outcome":{"denied":"role"},"children":[],"cases":[],"roles":[],"purpose":"other"}"#,
            r#"{"service":"transfers","action":"POST /api/transfers/{id}/accept","how":"told","outcome":{"refused":"stale"},"children":[],"cases":["trf_00000000000000000000000000000001"],"roles":["duty_manager","duty_worker"],"purpose":"safeguarding"}"#,
            r#"{"service":"transfers","action":"POST /api/transfers/children/{child_id}/break-glass","how":"told","outcome":"shown","children":["chd_00000000000000000000000000000007"],"cases":[],"roles":["duty_worker"],"purpose":"break_glass","glass":{"opening":{"glass":"gls_00000000000000000000000000000001","child":"chd_00000000000000000000000000000007","until":"2026-11-24T14:00:00Z"}}}"#,
            r#"{"service":"intake","action":"GET /api/intake/referrals/{id}","how":"opened","outcome":"shown","children":[],"cases":["ref_00000000000000000000000000000001"],"roles":["duty_worker"],"purpose":"break_glass","glass":{"looking":"gls_00000000000000000000000000000001"}}"#,
            r#"{"service":"transfers","action":"POST /api/transfers/break-glass/{id}/end","how":"told","outcome":"shown","children":[],"cases":[],"roles":["duty_worker"],"purpose":"break_glass","glass":{"ending":"gls_00000000000000000000000000000001"}}"#,
            r#"{"service":"intake","action":"GET /api/intake/referrals/{id}","how":"opened","outcome":"shown","children":[],"cases":["ref_00000000000000000000000000000001"],"roles":["duty_worker"],"purpose":"safeguarding","tie":"same_surname"}"#,
        ];
        for data in golden {
            let event = LookEvent::from_data(&stream, "look.looked", 1, data.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(event.to_data().unwrap()).unwrap(), data);
            assert_eq!(event.stream(), stream);
        }
        for (type_name, data) in [
            (
                "access.revoked",
                r#"{"revoked":{"whose":{"subject":"ada","org":"E08000003"},"before":"2026-11-24T11:00:00Z","reason":"misuse"}}"#,
            ),
            ("access.restored", r#"{"restored":{"whose":{"subject":"ada"}}}"#),
        ] {
            let event = LookEvent::from_data(&stream, type_name, 1, data.as_bytes()).unwrap();
            assert_eq!((String::from_utf8(event.to_data().unwrap()).unwrap().as_str(), event.type_name()), (data, type_name));
        }
        assert!(LookEvent::from_data(&stream, "look.looked", 2, golden[0].as_bytes()).is_err());
    }
}
