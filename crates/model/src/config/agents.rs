//! What holds for all agents, as it is written: reason codes, dispositions, limits.

use super::audio::Words;
use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[[not_ready_code]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotReadyCodeConfig {
    /// The code.
    pub id: Spanned<String>,
    /// Its name on screens.
    pub name: String,
    /// Counts as working time.
    #[serde(default)]
    pub productive: bool,
    /// Who is in it counts as staff of her queues.
    #[serde(default)]
    pub staffed: bool,
    /// Longest time in it, in seconds.
    #[serde(default)]
    pub max_s: Option<Spanned<u32>>,
    /// From when on the agent is warned, in seconds.
    #[serde(default)]
    pub warn_s: Option<Spanned<u32>>,
    /// What follows on the longest time: `none`, `alert` or `logout`.
    #[serde(default)]
    pub at_max: Option<Spanned<String>>,
    /// How often an agent may choose it in a counting day.
    #[serde(default)]
    pub quota: Option<Spanned<u32>>,
    /// Who may set it: `agent`, `supervisor`, `rule`.
    #[serde(default)]
    pub set_by: Option<Words>,
}

/// `[[disposition]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispositionConfig {
    /// The code.
    pub id: Spanned<String>,
    /// Its name on screens.
    pub name: String,
}

/// `[limits]`: what an agent can have too much of. 0 is no limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Calls of queues in a counting day.
    pub calls_max: Spanned<u32>,
    /// The number of calls that is told as a warning.
    pub calls_warn: Spanned<u32>,
    /// What follows on the last one: `none`, `alert` or `logout`.
    pub at_calls_max: Option<Spanned<String>>,
    /// Time ready without a call, in seconds.
    pub idle_max_s: Spanned<u32>,
    /// The time that is told as a warning, in seconds.
    pub idle_warn_s: Spanned<u32>,
    /// What follows on it: `none`, `alert` or `logout`.
    pub at_idle_max: Option<Spanned<String>>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            calls_max: unwritten(0),
            calls_warn: unwritten(0),
            at_calls_max: None,
            idle_max_s: unwritten(0),
            idle_warn_s: unwritten(0),
            at_idle_max: None,
        }
    }
}
