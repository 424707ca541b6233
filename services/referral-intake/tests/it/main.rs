//! The service over HTTP, on a real PostgreSQL, without NATS: what it needs of case transfer it fetches from a log.

mod access;
mod bodies;
mod children;
mod decisions;
mod earlier;
mod form;
mod joins;
mod lists;
mod live;
mod main_job;
mod openapi;
mod rebuilt;
mod retention;
mod shield;
mod support;
mod timers;
