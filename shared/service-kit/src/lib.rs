//! What the HTTP side of every service shares: who is calling, what they sent, how an answer and an error look, and how a
//! service is started, watched and stopped.

#![warn(missing_docs)]

pub mod access;
pub mod caller;
pub mod clock;
pub mod command;
pub mod config;
pub mod editions;
pub mod fresh;
pub mod health;
pub mod ids;
#[cfg(test)]
mod issuer;
pub mod json;
pub mod keys;
pub mod kit;
pub mod limit;
pub mod live;
pub mod logs;
pub mod look;
pub mod metrics;
pub mod observe;
pub mod openapi;
pub mod page;
pub mod pages;
pub mod params;
pub mod parts;
pub mod problem;
pub mod proofs;
pub mod put_off;
pub mod retention;
mod revoked;
pub mod service;
pub mod tasks;
pub mod token;
pub mod trace;
pub mod wiring;

pub use access::{Access, Policy};
pub use caller::{As, Authority, Caller};
pub use clock::Clock;
pub use command::{Answered, Change, Create, IdempotencyKey, IfMatch};
pub use config::Config;
pub use health::{Check, Component};
pub use ids::Ids;
pub use json::Body;
pub use keys::Keys;
pub use kit::Kit;
pub use page::{List, Page};
pub use params::{Path, Query};
pub use parts::{Parts, Sources};
pub use problem::{Fault, PROBLEMS, Problem, ProblemType};
pub use proofs::Proofs;
pub use put_off::PutOff;
pub use revoked::{Revocation, Revoked};
pub use service::{Running, Service, Worker};
pub use tasks::{Stop, Tasks};
pub use trace::Trace;
