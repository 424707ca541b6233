//! Referral intake: a concern about a child arrives, gets an owner at once, and meets the child's earlier history.

mod api;
mod app;
pub mod child;
pub mod desk;
pub mod event;
#[cfg(test)]
mod given;
mod history;
pub mod identity;
pub mod matching;
pub mod personal;
pub mod publish;
pub mod react;
pub mod referral;
pub mod rules;
mod service;
mod timers;
pub mod views;

pub use api::document;
pub use service::{NAME, POLICY, service};
pub use views::views;
