//! Tests of what crosses services, on real servers.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, and so may their helpers")]

mod architecture;
mod audit;
mod canary;
mod cancelled;
mod editions;
mod flow;
mod history;
mod inputs;
mod main_job;
mod malformed;
mod nats;
mod openapi;
mod poison;
mod proofs;
mod publishing;
mod races;
mod replay;
mod scenarios;
mod settings;
mod storm;
mod tokens;
