//! The vault on a real PostgreSQL.

mod erasure;
mod places;
mod rights;
mod rotation;
mod support;
