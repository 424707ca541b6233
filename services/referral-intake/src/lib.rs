//! Referral intake: a concern about a child arrives, gets an owner at once, and meets the child's earlier history.

mod app;
pub mod child;
pub mod desk;
pub mod event;
pub mod identity;
pub mod matching;
pub mod personal;
pub mod publish;
pub mod referral;
pub mod rules;
pub mod views;
