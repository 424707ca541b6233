//! The rules of a draft, each under its name.

mod approving;
mod lifecycle;
mod orders;
pub(crate) mod world;
mod writing;
