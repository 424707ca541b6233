//! Tests of what crosses services, on real servers.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, and so may their helpers")]

mod access;
mod alerts;
mod architecture;
mod audit;
mod board;
mod canary;
mod cancelled;
mod editions;
mod flow;
mod glass;
mod history;
mod inputs;
mod looks;
mod main_job;
mod malformed;
mod nats;
mod openapi;
mod pages;
mod poison;
mod proofs;
mod publishing;
mod races;
mod replay;
mod revoked;
mod scenarios;
mod settings;
mod shield;
mod storm;
mod tokens;
