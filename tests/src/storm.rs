//! A hub whose processes are killed at random times, and clients that write down what they were told.

pub mod chance;
pub mod fault;
pub mod plot;
pub mod process;
pub mod settle;
pub mod stored;
pub mod town;
