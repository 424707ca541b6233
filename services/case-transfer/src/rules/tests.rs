//! The rules, tried out.

mod arrivals;
mod chains;
mod decided;
mod disagreement;
mod glass;
mod golden;
mod guards;
mod handing_over;
mod identity;
mod machines;
mod model;
mod properties;
mod silence;
mod table;
mod two_sides;
pub(crate) mod world;
