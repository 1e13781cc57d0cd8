//! `[queue.comfort]` and the tables beside it, as they are written: what becomes of those who wait.

use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[queue.comfort]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComfortConfig {
    /// Seconds from the entry to the first word; also for position and wait.
    pub first_s: Spanned<u32>,
    /// Seconds from one turn to the next; also for position and wait.
    pub every_s: Spanned<u32>,
    /// One of these at each turn.
    pub prompts: Vec<Spanned<String>>,
    /// listed or random.
    pub order: Option<Spanned<String>>,
}

impl Default for ComfortConfig {
    fn default() -> Self {
        Self { first_s: unwritten(5), every_s: unwritten(30), prompts: Vec::new(), order: None }
    }
}

/// `[queue.announce_position]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionConfig {
    /// One for each place from 1 to 10.
    pub prompts: Spanned<Vec<Spanned<String>>>,
    /// For all places behind.
    pub more: Spanned<String>,
}

/// `[queue.announce_wait]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitConfig {
    /// For less than 1 minute, 1 to 2, 3 to 5, 6 to 10, and more than 10.
    pub prompts: Spanned<Vec<Spanned<String>>>,
    /// Said before a longer wait than was said before.
    #[serde(default)]
    pub busier: Option<Spanned<String>>,
}

/// `[queue.empty]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmptyConfig {
    /// available, staffed or online: nobody is let in while no agent is.
    pub join: Option<Spanned<String>>,
    /// The same: who waits leaves when no agent is.
    pub leave: Option<Spanned<String>>,
    /// Seconds for which no agent may be there before those who wait leave.
    pub grace_s: Spanned<u32>,
    /// Seconds for which no agent may be signed in before those who wait leave.
    pub max_wait_s: Option<Spanned<u32>>,
}

impl Default for EmptyConfig {
    fn default() -> Self {
        Self { join: None, leave: None, grace_s: unwritten(30), max_wait_s: None }
    }
}

/// `[[queue.overflow]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverflowConfig {
    /// So many wait beside her.
    pub size: Option<Spanned<u32>>,
    /// Seconds that her further wait is predicted to be.
    pub predicted_s: Option<Spanned<u32>>,
    /// Seconds that she has waited in this queue.
    pub age_s: Option<Spanned<u32>>,
    /// Nobody is ready or works.
    pub no_staff: bool,
    /// Her class is this or a higher number.
    pub class: Option<Spanned<u32>>,
    /// The queue where she goes; the flow's `overflow` node when absent.
    pub queue: Option<Spanned<String>>,
}

/// `[queue.closing]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingConfig {
    /// Which hours.
    pub hours: Spanned<String>,
    /// serve or leave: what becomes of those who wait at closing time.
    #[serde(default)]
    pub waiting: Option<Spanned<String>>,
}

/// `[queue.whisper]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhisperConfig {
    /// One after the other.
    pub prompts: Spanned<Vec<Spanned<String>>>,
    /// A caller who has waited for more seconds is joined at once.
    #[serde(default = "unless_waited_s")]
    pub unless_waited_s: Spanned<u32>,
}

fn unless_waited_s() -> Spanned<u32> {
    unwritten(20)
}

/// `[queue.agent_number]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentNumberConfig {
    /// Said first.
    #[serde(default)]
    pub before: Option<Spanned<String>>,
    /// The digits from 0 to 9.
    pub digits: Spanned<Vec<Spanned<String>>>,
    /// Said last.
    #[serde(default)]
    pub after: Option<Spanned<String>>,
}
