//! Case transfer: who is responsible for a child now, and how a duty moves from one borough to another.

mod api;
mod app;
pub mod board;
pub mod clocks;
pub mod desk;
mod due;
#[cfg(test)]
mod flow;
pub mod glass;
mod kept;
pub mod ledger;
pub mod look;
pub mod publish;
mod react;
pub mod rules;
mod service;
mod shown;
mod sight;
mod text;
mod timers;
pub mod transfer;
mod views;
mod write;

pub use kept::{About, Kept};
pub use react::FromIntake;
pub use service::{NAME, POLICY, service};
pub use views::views;
