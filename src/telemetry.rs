//! Logging to standard error, so that standard output contains only results.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging. A second call in the same process does nothing.
///
/// # Errors
/// A message from the filter parser if the filter is invalid.
pub fn start(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // Tests start several commands in one process; the log of the first one serves all of them.
    drop(started);
    Ok(())
}
