//! Tests of what crosses services, on real servers.

mod architecture;
mod history;
