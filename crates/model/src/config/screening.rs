//! `[[caller_list]]`, `[caller_rate]`, `[emergency]` and the caps of lines as they are written.

use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[[caller_list]]`: one entry of the white, the black or the protected list. Exactly one of `number` and `prefix`;
/// of `line` and `queue` at most one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntryConfig {
    /// white, black or protected.
    pub list: Spanned<String>,
    /// One number.
    #[serde(default)]
    pub number: Option<Spanned<String>>,
    /// The beginning of numbers in normal form.
    #[serde(default)]
    pub prefix: Option<Spanned<String>>,
    /// Why it is there.
    pub reason: Spanned<String>,
    /// The last day on which it counts.
    #[serde(default)]
    pub until: Option<Spanned<String>>,
    /// The line for which it counts; all when absent.
    #[serde(default)]
    pub line: Option<Spanned<String>>,
    /// The queue for which it counts; all when absent.
    #[serde(default)]
    pub queue: Option<Spanned<String>>,
    /// Black list: busy, message, voicemail or low_priority.
    #[serde(default)]
    pub action: Option<Spanned<String>>,
    /// The flow of message and voicemail.
    #[serde(default)]
    pub flow: Option<Spanned<String>>,
}

/// `[caller_rate]`: calls that one number may make within a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallerRateConfig {
    /// So many calls; the next one meets the action. 0: no limit.
    pub calls_max: Spanned<u32>,
    /// Within so many seconds.
    pub within_s: Spanned<u32>,
    /// busy, message, voicemail or low_priority.
    pub action: Spanned<String>,
    /// The flow of message and voicemail.
    pub flow: Option<Spanned<String>>,
}

impl Default for CallerRateConfig {
    fn default() -> Self {
        Self {
            calls_max: unwritten(0),
            within_s: unwritten(60),
            action: unwritten("busy".into()),
            flow: None,
        }
    }
}

/// `total_max` and `waiting_max` of a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapConfig {
    /// So many calls; the next one meets the action.
    pub calls: Spanned<u32>,
    /// busy, message or voicemail.
    #[serde(default = "busy")]
    pub action: Spanned<String>,
    /// The flow of message and voicemail.
    #[serde(default)]
    pub flow: Option<Spanned<String>>,
}

fn busy() -> Spanned<String> {
    unwritten("busy".into())
}

/// `[emergency]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyConfig {
    /// The flow that callers of all lines hear in emergency mode.
    pub flow: Spanned<String>,
}
