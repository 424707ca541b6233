//! Board audit: takes every position of every service's log, sees that none is missing, and tells the story of a child
//! across boroughs, in order, with who and when.

mod alerts;
mod api;
mod chronology;
mod event;
mod glass;
mod handovers;
pub mod learning;
mod looks;
mod pack;
mod publish;
mod record;
mod reports;
pub mod sample;
mod schema;
mod service;
mod watch;
mod words;

pub use event::Event;
pub use schema::{forget, migrate};
pub use service::service;

/// The service's name in its log, in paths and on NATS.
pub const SERVICE: &str = "audit";

/// Who may do what here.
pub const POLICY: service_kit::Policy =
    service_kit::Policy { service: SERVICE, rules: include_str!("../policy.cedar"), schema: include_str!("../policy.cedarschema") };

/// The services whose logs it takes; its own too, because a look at a child's record is on the record.
pub const SOURCES: [&str; 4] = ["intake", "transfers", "procedures", SERVICE];
