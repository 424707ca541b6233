//! Log lines: JSON on standard output, one line a happening, without personal data.

use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;

/// The log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BadLog {
    /// The filter is not one.
    #[error("HUB_LOG is not a log filter; write for instance info or info,event_store=debug")]
    Filter,
    /// There is one already.
    #[error("the log was set up before")]
    Twice,
}

/// Writes log lines as JSON to standard output from now on, and panics as log lines too.
///
/// # Errors
/// When the filter is not one, or when it was called before.
pub fn start(filter: &str) -> Result<(), BadLog> {
    let filter = EnvFilter::try_new(filter).map_err(|_| BadLog::Filter)?;
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    lines.with_env_filter(filter).try_init().map_err(|_| BadLog::Twice)?;
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

/// Says where, and not with which words: a panic message may hold what the program was working on.
pub(crate) fn panicked(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
    let trace = crate::trace::Trace::current().map(|trace| trace.id());
    tracing::error!(place, trace, "a part of the program panicked");
}
