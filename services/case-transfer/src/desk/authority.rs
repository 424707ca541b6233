//! Who may act for a borough, and when.

use kernel::{Borough, Person, Role, Timestamp};

use super::Desk;

/// Whether the role works a duty desk, at whatever level.
#[must_use]
pub fn has_duty_role(person: &Person) -> bool {
    match person.actor().role {
        Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director => true,
        Role::Referrer
        | Role::ProcedureAuthor
        | Role::BoardApprover
        | Role::BoardAuditor
        | Role::BoroughSystem
        | Role::HubOperator
        | Role::Hub => false,
    }
}

/// Whether the role answers for a duty desk or stands above it.
#[must_use]
pub fn is_manager(person: &Person) -> bool {
    has_duty_role(person) && person.actor().role != Role::DutyWorker
}

/// Whether this person may act for the borough now: as one of its own, or as one of the emergency duty team that covers it
/// out of hours.
#[must_use]
pub fn may_act_for(person: &Person, borough: &Borough, desk: Option<&Desk>, at: Timestamp) -> bool {
    let Some(own) = person.actor().org.borough() else { return false };
    has_duty_role(person) && (own == borough || desk.and_then(|desk| desk.covering(at)) == Some(own))
}
