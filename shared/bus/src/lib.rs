//! What goes between the services.
//!
//! NATS may lose, repeat, delay or reorder everything, and nothing is lost: the logs are the truth and NATS is the fast path.
//! A [`Relay`] publishes every position of a service's log and a [`Heartbeat`] says how far the log reaches. An [`Inbox`]
//! takes each position of another service once and in order, and fetches from the other service's log ([`Source`]) whatever
//! NATS did not bring. Nothing is ever derived from a sequence, a count or a consumer state of JetStream.

#![warn(missing_docs)]

mod condition;
mod connect;
mod envelope;
mod feed;
mod handler;
mod health;
mod heartbeat;
mod http;
mod inbox;
mod lease;
pub mod parked;
mod reactions;
mod relay;
mod source;
mod stream;

use std::{future::Future, pin::Pin};

pub use connect::{Bus, NotSafe, Options, connect};
pub use envelope::page;
pub use handler::{Handler, Trouble, checkpoint, step};
pub use health::{Lag, relay_lag};
pub use heartbeat::{Head, Heartbeat};
pub use http::HttpSource;
pub use inbox::Inbox;
pub use reactions::Reactions;
pub use relay::Relay;
pub use source::{Source, SourceError, Unreadable};
pub use stream::{MonitorSilent, check_settings};

/// A future behind a trait object.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
