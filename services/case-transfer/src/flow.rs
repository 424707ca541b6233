//! The service over its own addresses, on a real PostgreSQL, with NATS down.

mod hub;
mod main_job;
