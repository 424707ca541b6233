//! What operators do: rebuild views, verify logs, look at parked events.

use std::sync::Arc;

use event_store::{Fault, Log, StoreError, View, rebuild};
use kernel::Private;
use service_kit::look;
use vault::Vault;

use crate::{
    LOGS,
    setup::{SetupError, owner_pool},
};

/// An operator's command did not go through.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// The database does not answer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The log or a view cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such view.
    #[error("there is no view {wanted}: the views are {}", .known.join(", "))]
    NoSuchView {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<String>,
    },
}

impl From<sqlx::Error> for OperateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The name of the audit's copy of all logs, which is rebuilt by taking them again.
const RECORD: &str = "audit.record";

/// Makes one view again from its log, or every view when `wanted` is `all`. `progress` is told the view and the position.
///
/// # Errors
/// When there is no such view, or the database refuses.
pub async fn rebuild_views(
    owner: &Private<String>,
    vault: &Arc<Vault>,
    wanted: &str,
    mut progress: impl FnMut(&str, i64),
) -> Result<(), OperateError> {
    let intake = referral_intake::views(Arc::clone(vault));
    let transfers = case_transfer::views();
    let procedures = procedures_registry::views();
    let mut known: Vec<String> = intake.iter().map(|view| format!("intake.{}", view.name())).collect();
    known.extend(transfers.iter().map(|view| format!("transfers.{}", view.name())));
    known.extend(procedures.iter().map(|view| format!("procedures.{}", view.name())));
    let looks = look::views();
    known.extend(looks.iter().map(|view| format!("{}.{}", look::NAME, view.name())));
    known.push(RECORD.to_owned());
    if wanted != "all" && !known.iter().any(|name| name == wanted) {
        return Err(OperateError::NoSuchView { wanted: wanted.to_owned(), known });
    }
    rebuild_some(owner, "intake", &intake, wanted, &mut progress).await?;
    rebuild_some(owner, "transfers", &transfers, wanted, &mut progress).await?;
    rebuild_some(owner, "procedures", &procedures, wanted, &mut progress).await?;
    rebuild_some(owner, look::NAME, &looks, wanted, &mut progress).await?;
    if wanted == "all" || wanted == RECORD {
        board_audit::forget(&owner_pool(owner, "audit").await?).await?;
        progress(RECORD, 0);
    }
    Ok(())
}

async fn rebuild_some<E: kernel::StoredEvent>(
    owner: &Private<String>,
    service: &str,
    views: &[Arc<dyn View<E>>],
    wanted: &str,
    progress: &mut impl FnMut(&str, i64),
) -> Result<(), OperateError> {
    let pool = owner_pool(owner, service).await?;
    for view in views {
        let name = format!("{service}.{}", view.name());
        if wanted == "all" || wanted == name {
            rebuild(&pool, view.as_ref(), |position| progress(&name, position)).await?;
        }
    }
    Ok(())
}

/// Recomputes every leaf of every log and looks for holes. The first fault of each log is given by service.
///
/// # Errors
/// When a database does not answer.
pub async fn verify(
    owner: &Private<String>,
    mut progress: impl FnMut(&str, i64),
) -> Result<Vec<(&'static str, i64, Option<Fault>)>, OperateError> {
    let mut found = Vec::new();
    for service in LOGS {
        let log = Log::new(owner_pool(owner, service).await?, service);
        let fault = log.verify(|position| progress(service, position)).await?;
        found.push((service, log.head().await?, fault));
    }
    Ok(found)
}
