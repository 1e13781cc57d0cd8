//! Logs: one line each, to standard error, filtered by the environment.

use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The environment variable with the filter, such as `info,careline_switch=debug`.
pub const LOG_VARIABLE: &str = "CARELINE_LOG";

/// What is logged when [`LOG_VARIABLE`] is not set. A statement of the database is nobody's news.
const DEFAULT_FILTER: &str = "info,sqlx=warn";

/// Starts logging with the filter of [`LOG_VARIABLE`]; without it, everything from INFO up. Panics are logged too, by
/// their place alone.
///
/// # Errors
/// When the filter cannot be read, or logging was started before.
pub fn start() -> anyhow::Result<()> {
    let text = std::env::var(LOG_VARIABLE).unwrap_or_else(|_| DEFAULT_FILTER.to_owned());
    let filter =
        EnvFilter::try_new(&text).with_context(|| format!("{LOG_VARIABLE}={text} is no log filter"))?;
    tracing_subscriber::fmt()
        .compact()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging was started before: {error}"))?;
    crate::panics::log();
    Ok(())
}
