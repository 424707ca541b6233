//! A referral: a concern about one or more children, from the moment it comes in.
//!
//! It always has an owner at once. What follows only adds: information, decisions that supersede each other, feedback, a
//! withdrawal. Looking at it and running out of time are kept beside it (see [`WatchEvent`]), so that neither makes the version
//! that somebody is deciding on stale.

mod clocks;
mod command;
mod decide;
mod event;
mod owner;
mod reach;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod words;

pub use clocks::{Clocks, priority_of};
pub use command::{Addition, Command, Contacts, Decide, JoinTo};
pub(crate) use decide::{Outcomes, decide};
pub use event::{AboutChild, Decision, Join, Received, ReferralEvent, Ring, RunOut, WatchEvent};
pub use owner::{Owner, owner_of};
pub use reach::Reach;
pub use refusal::Refusal;
pub use state::{Case, Given, Referral, Watch};
pub use words::{Basis, ClockKind, CpisOutcome, Danger, EntryId, Found, Outcome, OwnerBecause, ParentKnows};
