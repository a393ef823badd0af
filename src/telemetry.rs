//! The log: on standard error, so that standard output holds answers only.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts the log. A second start in one process changes nothing.
///
/// # Errors
/// A filter that cannot be read, in its own words.
pub fn start(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // Tests start several commands in one process; the first one's log serves them all.
    drop(started);
    Ok(())
}
