//! Views: tables made from events and nothing else, so that they can be thrown away and made again.

use std::{future::Future, pin::Pin};

use kernel::Recorded;
use sqlx::PgConnection;

/// What applying a view comes to.
pub type Applied<'a> = Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>>;

/// One view of a service's own log, written in the transaction of the command that it follows.
pub trait View<E>: Send + Sync + 'static {
    /// Its name, as `hub rebuild` takes it.
    fn name(&self) -> &'static str;

    /// The tables it owns, without a schema.
    fn tables(&self) -> &'static [&'static str];

    /// The statements that make its tables, without naming a schema, so that a second copy can be built beside the first.
    fn ddl(&self) -> &'static str;

    /// Takes events, in order, into the tables. Must depend on nothing but the events and the tables.
    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<E>]) -> Applied<'a>;
}
