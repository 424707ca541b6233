//! What a service is put together from. The program that runs it makes these; the service opens nothing by itself.

use std::{fmt, sync::Arc};

use bus::{Bus, Source};
use kernel::edition::Book;
use sqlx::PgPool;
use vault::Vault;

use crate::Kit;

/// Gives the log of another service, by its name.
pub type Sources = Arc<dyn Fn(&str) -> Arc<dyn Source> + Send + Sync>;

/// The parts of one service.
#[derive(Clone)]
pub struct Parts {
    /// Clock, ids, keys of callers, tasks and limits.
    pub kit: Kit,
    /// The service's own database, as the role that may not change the past.
    pub pool: PgPool,
    /// The procedures that are in force. The service learns later ones while it runs.
    pub editions: Book,
    /// The keys of personal data.
    pub vault: Arc<Vault>,
    /// The database of the record of looks, which all services share.
    pub looks: PgPool,
    /// The fast path to the other services.
    pub bus: Bus,
    /// The logs of the other services.
    pub sources: Sources,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("kit", &self.kit).finish_non_exhaustive()
    }
}
