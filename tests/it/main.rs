//! Tests of what crosses services, on real servers.

mod architecture;
mod history;
mod flow;
mod main_job;
