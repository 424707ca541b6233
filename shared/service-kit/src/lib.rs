//! What the HTTP side of every service shares: who is calling, what they sent, how an answer and an error look, and how a
//! service is started, watched and stopped.

#![warn(missing_docs)]

pub mod caller;
pub mod clock;
pub mod command;
pub mod ids;
pub mod json;
pub mod keys;
pub mod kit;
pub mod limit;
pub mod parts;
pub mod problem;
pub mod tasks;
pub mod token;
pub mod trace;

pub use caller::{As, Authority, Caller};
pub use clock::Clock;
pub use command::{Answered, Change, Create, IdempotencyKey, IfMatch};
pub use ids::Ids;
pub use json::Body;
pub use keys::Keys;
pub use kit::Kit;
pub use parts::{Parts, Sources};
pub use problem::{Fault, PROBLEMS, Problem, ProblemType};
pub use tasks::Tasks;
pub use trace::Trace;
