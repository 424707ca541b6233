//! What the shared extractors need, in one value that every service keeps in its state.

use std::{fmt, sync::Arc};

use crate::{access::Access, clock::Clock, ids::Ids, keys::Keys, limit::Limits, proofs::Proofs, revoked::Revoked, tasks::Tasks};

/// The shared parts of a service. A service's state gives it out by `impl FromRef<App> for Kit`.
#[derive(Clone)]
pub struct Kit {
    /// Where the time comes from.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: Ids,
    /// Whose tokens are believed.
    pub keys: Keys,
    /// Who may do what.
    pub access: Access,
    /// Work that a client which hangs up cannot cancel, and that a stop waits for.
    pub tasks: Tasks,
    /// How fast one caller may ask.
    pub limits: Arc<Limits>,
    /// Whose tokens hold no more.
    pub revoked: Revoked,
    /// With what the checkpoints of logs are signed; nothing where the hub was given no keys for it.
    pub proofs: Option<Arc<Proofs>>,
}

impl Kit {
    /// The shared parts, with a task set of their own and the usual limits.
    #[must_use]
    pub fn new(clock: Clock, keys: Keys, access: Access) -> Self {
        Self {
            clock,
            ids: Ids::new(),
            keys,
            access,
            tasks: Tasks::new(),
            limits: Arc::new(Limits::default()),
            revoked: Revoked::default(),
            proofs: None,
        }
    }
}

impl fmt::Debug for Kit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").field("clock", &self.clock).field("keys", &self.keys).finish_non_exhaustive()
    }
}
