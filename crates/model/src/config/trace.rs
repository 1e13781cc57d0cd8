//! `[trace]`: how much of the SIP traffic is kept for whoever has to explain a call afterwards.

use super::check::Check;
use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::time::Duration;

/// Longest time that messages are kept, in days: what is kept for ever belongs into the journal.
const KEEP_DAYS_MAX: u32 = 366;
/// Smallest size in MiB: below it a busy minute would not fit.
const LIMIT_MB_MIN: u64 = 16;

/// `[trace]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceConfig {
    /// SIP messages are kept.
    pub enabled: bool,
    /// How long, in days.
    pub keep_days: Spanned<u32>,
    /// The largest size of their file, in MiB; the oldest go first.
    pub limit_mb: Spanned<u64>,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self { enabled: true, keep_days: unwritten(7), limit_mb: unwritten(1024) }
    }
}

/// What is kept of the SIP traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// SIP messages are kept.
    pub enabled: bool,
    /// How long.
    pub keep: Duration,
    /// The largest size of their file, in bytes.
    pub limit_bytes: u64,
}

impl Check<'_> {
    pub(super) fn trace(&mut self, config: &TraceConfig) -> Trace {
        let days = self.amount("trace.keep_days", &config.keep_days, 1, KEEP_DAYS_MAX);
        let limit_mb = self.at_least("trace.limit_mb", &config.limit_mb, LIMIT_MB_MIN);
        Trace {
            enabled: config.enabled,
            keep: Duration::from_secs(u64::from(days) * 86_400),
            limit_bytes: limit_mb.saturating_mul(1024 * 1024),
        }
    }
}
