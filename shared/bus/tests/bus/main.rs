//! The promises of the bus, on a real PostgreSQL and a real nats-server.

#![expect(clippy::unwrap_used, reason = "a test may be blunt")]

mod delivery;
mod fixture;
mod http;
mod outage;
mod parking;
mod reader;
mod relay;
mod world;
