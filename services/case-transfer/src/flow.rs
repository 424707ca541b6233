//! The service over its own addresses, on a real PostgreSQL, with NATS down.

mod children;
mod commands;
mod conventions;
mod desks;
mod disputes;
mod editions;
mod guards;
mod hub;
mod intake;
mod main_job;
mod publishing;
mod sight;
mod timers;
