//! The pure part that every service shares: how a rule is written, who acts, what an id looks like, and how
//! personal data is kept from being printed. Nothing in here reads a clock, a disk or a network.

#![warn(missing_docs)]

mod actor;
pub mod calendar;
mod decider;
pub mod directory;
pub mod edition;
mod event;
mod id;
mod org;
mod private;
mod reference;
pub mod scenario;

pub use actor::{Actor, NotAPerson, Person, Role};
pub use decider::{Decider, Refusal};
pub use directory::Directory;
pub use edition::Priority;
pub use event::{DecodeError, Recorded, StoredEvent, Stream};
pub use id::{BadId, ChildId, DraftId, EventId, GlassId, QuestionId, ReferralId, TransferId, VariationId};
pub use jiff::Timestamp;
pub use org::{BadCode, Borough, Org, Site};
pub use private::{Private, Sealed};
pub use reference::{BadReference, Reference};
