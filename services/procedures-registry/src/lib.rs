//! The procedures registry: one procedure set that every borough and hospital follows, in editions that are in force everywhere
//! at the same instant.

pub mod difference;
pub mod document;
pub mod folder;

/// The service's name in its log, in paths and on NATS.
pub const SERVICE: &str = "procedures";
