//! Tests of what crosses services, on real servers.

mod architecture;
mod history;
mod canary;
mod inputs;
mod malformed;
mod openapi;
mod tokens;
mod flow;
mod main_job;
mod replay;
mod scenarios;
mod cancelled;
mod nats;
mod poison;
mod races;
mod settings;
mod storm;
