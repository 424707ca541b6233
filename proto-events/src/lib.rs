//! The published language: what services tell each other.
//!
//! Events are thin (ids, codes and times) and hold no personal data, neither in their data nor in subjects or headers.
//! Whoever needs more comes back to the service with a token of their own. Shapes only grow: a released field never
//! changes its meaning, and `golden/` holds one file per type that was ever released.

#![warn(missing_docs)]

pub mod audit;
mod envelope;
pub mod intake;
pub mod procedures;
pub mod subject;
pub mod transfers;

pub use envelope::{BadEnvelope, Envelope, PublicActor};

/// A service's own published events.
pub trait Published: serde::Serialize + serde::de::DeserializeOwned {
    /// The service that publishes them, as in `/api/<service>/`.
    const SERVICE: &'static str;

    /// The last part of the CloudEvents type and of the subject, for instance `referral_received`.
    fn kind(&self) -> &'static str;

    /// Every child that the event is about.
    fn children(&self) -> Vec<String>;

    /// The borough that it concerns first, for the subject.
    fn borough(&self) -> Option<&str>;
}

#[cfg(test)]
mod tests;
