//! Case transfer: who is responsible for a child now, and how a duty moves from one borough to another.

pub mod clocks;
pub mod desk;
pub mod ledger;
pub mod rules;
pub mod transfer;
