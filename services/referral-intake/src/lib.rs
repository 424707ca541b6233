//! Referral intake: a concern about a child arrives, gets an owner at once, and meets the child's earlier history.

pub mod identity;
pub mod matching;
