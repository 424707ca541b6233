//! The program: runs the services, sets them up, and lets their operators look after them.

pub mod assemble;
pub mod client;
pub mod export;
pub mod keys;
pub mod night;
pub mod operate;
mod pages;
pub mod people;
pub mod procedures;
pub mod seed;
pub mod setup;
pub mod stand;
pub mod token;
pub mod witness;

/// The services that keep a log, by their names in paths.
pub const SERVICES: [&str; 4] = ["intake", "transfers", "procedures", "audit"];

/// Who may do what, service by service.
pub const POLICIES: [service_kit::Policy; 4] =
    [referral_intake::POLICY, case_transfer::POLICY, procedures_registry::POLICY, board_audit::POLICY];

/// The logs: one for each service, and that of looks, which the audit signs.
pub const LOGS: [&str; 5] = ["intake", "transfers", "procedures", "audit", service_kit::look::NAME];

/// Who takes whose events: the consumer, then the source.
pub const INBOXES: [(&str, &str); 10] = [
    ("intake", "transfers"),
    ("intake", "procedures"),
    ("transfers", "intake"),
    ("transfers", "procedures"),
    ("procedures", "transfers"),
    ("procedures", "intake"),
    ("audit", "intake"),
    ("audit", "transfers"),
    ("audit", "procedures"),
    ("audit", "audit"),
];

/// The database of a service.
#[must_use]
pub fn database(service: &str) -> String {
    format!("hub_{service}")
}
