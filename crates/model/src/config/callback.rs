//! `[queue.callback]` and `[queue.survey]`, as they are written.

use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[queue.callback]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackConfig {
    /// agent_first or customer_first: whose phone rings first.
    pub mode: Option<Spanned<String>>,
    /// Offered to who would wait for more seconds.
    pub wait_over_s: Spanned<u32>,
    /// Attempts for one callback, 1 to 10.
    pub attempts: Spanned<u32>,
    /// Seconds from an attempt that reached nobody to the next.
    pub spacing_s: Spanned<u32>,
    /// Seconds from the offer to the agent until the person is called.
    pub preview_s: Spanned<u32>,
    /// The person's phone rings for so many seconds.
    pub ring_s: Spanned<u32>,
    /// Nobody is called before this time of day, `HH:MM`, 08:00 or later.
    pub from: Spanned<String>,
    /// Nor from this time on, 21:00 or earlier.
    pub until: Spanned<String>,
    /// Hours whose days are business days: a callback ends with the next one. The queue's `closing.hours`, else every
    /// day, when absent.
    pub days: Option<Spanned<String>>,
    /// customer_first: called when she would wait for no more seconds.
    pub lead_s: Spanned<u32>,
    /// customer_first: said to whoever answers, who then presses 1.
    pub answer: Vec<Spanned<String>>,
    /// Said at a waiting caller's turns when a callback helps and a key of hers leads to one.
    pub offer: Vec<Spanned<String>>,
    /// Repeated to the agent while the person's phone rings.
    pub ringback: Option<Spanned<String>>,
    /// Seconds for which an agent who promised a callback may be away.
    pub owner_absent_s: Spanned<u32>,
    /// Class of service of what may be dialled.
    pub class: Option<Spanned<String>>,
    /// Beginnings and lengths of numbers that may be called; any when absent.
    pub numbers: Vec<CallbackNumbersConfig>,
    /// Open callbacks at most.
    pub open_max: Spanned<u32>,
}

impl Default for CallbackConfig {
    fn default() -> Self {
        Self {
            mode: None,
            wait_over_s: unwritten(120),
            attempts: unwritten(2),
            spacing_s: unwritten(600),
            preview_s: unwritten(10),
            ring_s: unwritten(45),
            from: unwritten("08:00".into()),
            until: unwritten("21:00".into()),
            days: None,
            lead_s: unwritten(25),
            answer: Vec::new(),
            offer: Vec::new(),
            ringback: None,
            owner_absent_s: unwritten(300),
            class: None,
            numbers: Vec::new(),
            open_max: unwritten(500),
        }
    }
}

/// One of `numbers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackNumbersConfig {
    /// Their beginning, as they are dialled here.
    pub prefix: Spanned<String>,
    /// Fewest digits.
    pub min: Spanned<u32>,
    /// Most digits.
    pub max: Spanned<u32>,
}

/// `[queue.survey]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyConfig {
    /// The flow that asks.
    pub flow: Spanned<String>,
    /// So many of a hundred callers.
    #[serde(default = "all_percent")]
    pub percent: Spanned<u32>,
    /// Not after conversations of fewer seconds.
    #[serde(default = "min_talk_s")]
    pub min_talk_s: Spanned<u32>,
}

fn all_percent() -> Spanned<u32> {
    unwritten(100)
}

fn min_talk_s() -> Spanned<u32> {
    unwritten(10)
}
