//! The keys of one page, fetched together.

use std::collections::HashMap;

use kernel::{Private, Sealed};
use serde::de::DeserializeOwned;

use crate::{KeyHandle, OpenError};

/// What the vault knows of a key.
pub(crate) enum Slot {
    Open(KeyHandle),
    Erased,
    /// It does not come out of its wrapping: the row was changed.
    Damaged,
}

/// Keys to open many values with. Hold it for one answer only: erasing a child does not reach keys that are already out.
pub struct Keys(pub(crate) HashMap<String, Slot>);

impl Keys {
    /// Opens one value.
    ///
    /// # Errors
    /// `Erased` when the key was destroyed, `Unknown` when it was not among those fetched or never was, `Wrong` otherwise.
    pub fn open<T: DeserializeOwned>(&self, context: &str, sealed: &Sealed) -> Result<Private<T>, OpenError> {
        match self.0.get(&sealed.key) {
            Some(Slot::Open(key)) => key.0.open(context, sealed),
            Some(Slot::Erased) => Err(OpenError::Erased),
            Some(Slot::Damaged) => Err(OpenError::Wrong),
            None => Err(OpenError::Unknown),
        }
    }

    pub(crate) fn handle(&self, id: &str) -> Result<KeyHandle, OpenError> {
        match self.0.get(id) {
            Some(Slot::Open(key)) => Ok(key.clone()),
            Some(Slot::Erased) => Err(OpenError::Erased),
            Some(Slot::Damaged) => Err(OpenError::Wrong),
            None => Err(OpenError::Unknown),
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} data keys]", self.0.len())
    }
}
