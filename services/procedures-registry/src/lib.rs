//! The procedures registry: one procedure set that every borough and hospital follows, in editions that are in force everywhere
//! at the same instant.

mod api;
mod app;
mod carry;
pub mod desk;
pub mod difference;
pub mod document;
mod documents;
pub mod draft;
pub mod event;
pub mod field;
pub mod folder;
pub mod form_use;
pub mod print;
pub mod publish;
pub mod react;
pub mod reading;
pub mod register;
pub mod rules;
pub mod search;
mod service;
mod timers;
pub mod variation;
pub mod views;

pub use api::document as openapi;
pub use carry::{NotBrought, check_brought};
pub use service::service;
pub use views::views;

/// The service's name in its log, in paths and on NATS.
pub const SERVICE: &str = "procedures";

/// Who may do what here.
pub const POLICY: service_kit::Policy =
    service_kit::Policy { service: SERVICE, rules: include_str!("../policy.cedar"), schema: include_str!("../policy.cedarschema") };
