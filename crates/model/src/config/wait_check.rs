//! What becomes of those who wait: what is written makes sense together.

use super::check::Check;
use super::plan::{
    AgentNumber, Comfort, ComfortOrder, POSITION_MAX, PositionPrompts, Strategy, WAITS, WaitPrompts, Whisper,
};
use super::queue::QueueConfig;
use super::wait::{AgentNumberConfig, ComfortConfig, PositionConfig, WaitConfig, WhisperConfig};
use serde_spanned::Spanned;
use std::sync::Arc;

/// Most comfort messages of one queue.
const MESSAGES_MAX: usize = 20;
/// Shortest time between two turns, in seconds: who waits wants to hear music, too.
const EVERY_S_MIN: u32 = 10;

impl Check<'_> {
    /// Nothing when a caller is told nothing.
    pub(super) fn comfort(&mut self, config: &QueueConfig, strategy: Strategy) -> Option<Comfort> {
        let position = config.announce_position.as_ref().map(|config| self.position(config));
        let wait = config.announce_wait.as_ref().map(|config| self.wait(config));
        self.place_is_true(config, strategy);
        let comfort = match (&config.comfort, &position, &wait) {
            (Some(comfort), ..) => comfort.clone(),
            (None, None, None) => return None,
            (None, ..) => ComfortConfig::default(),
        };
        if let Some(first) = comfort.prompts.get(MESSAGES_MAX) {
            self.wrong("queue.comfort.prompts", first, "one message too many", format!("{MESSAGES_MAX}"));
        }
        let prompts = self.all_prompts("queue.comfort.prompts", &comfort.prompts);
        Some(Comfort {
            first: self.seconds("queue.comfort.first_s", &comfort.first_s, 1),
            every: self.seconds("queue.comfort.every_s", &comfort.every_s, EVERY_S_MIN),
            order: self.comfort_order(comfort.order.as_ref()),
            prompts,
            position,
            wait,
        })
    }

    /// Where all phones ring, or where others may be served first because they ask for less, a place promises what
    /// does not come.
    fn place_is_true(&mut self, config: &QueueConfig, strategy: Strategy) {
        let Some(position) = &config.announce_position else { return };
        let relaxes = config.step.iter().any(|step| !step.drop.is_empty() || !step.lower.is_empty());
        let why = match (strategy, relaxes) {
            (Strategy::RingAll, _) => "misleads in a queue that rings all",
            (_, true) => "misleads in a queue whose steps relax skills",
            (_, false) => return,
        };
        self.wrong("queue.announce_position", &position.prompts, why, "announce_wait or comfort messages");
    }

    fn comfort_order(&mut self, written: Option<&Spanned<String>>) -> ComfortOrder {
        match written.map(|word| word.get_ref().as_str()) {
            None | Some("listed") => ComfortOrder::Listed,
            Some("random") => ComfortOrder::Random,
            Some(other) => {
                let what = format!("`{other}` is no order");
                if let Some(at) = written {
                    self.wrong("queue.comfort.order", at, what, "listed, random");
                }
                ComfortOrder::Listed
            }
        }
    }

    fn position(&mut self, config: &PositionConfig) -> PositionPrompts {
        let each = self.so_many("queue.announce_position.prompts", &config.prompts, POSITION_MAX);
        let more = self.prompt("queue.announce_position.more", Some(&config.more));
        PositionPrompts { each, more: more.unwrap_or_default() }
    }

    fn wait(&mut self, config: &WaitConfig) -> WaitPrompts {
        let each = self.so_many("queue.announce_wait.prompts", &config.prompts, WAITS);
        WaitPrompts { each, busier: self.prompt("queue.announce_wait.busier", config.busier.as_ref()) }
    }

    pub(super) fn whisper(&mut self, config: &WhisperConfig) -> Whisper {
        if config.prompts.get_ref().is_empty() {
            self.wrong("queue.whisper.prompts", &config.prompts, "is empty", "one prompt or more");
        }
        Whisper {
            prompts: self.all_prompts("queue.whisper.prompts", config.prompts.get_ref()),
            unless_waited: self.seconds("queue.whisper.unless_waited_s", &config.unless_waited_s, 0),
        }
    }

    pub(super) fn agent_number(&mut self, config: &AgentNumberConfig) -> AgentNumber {
        AgentNumber {
            before: self.prompt("queue.agent_number.before", config.before.as_ref()),
            digits: self.so_many("queue.agent_number.digits", &config.digits, 10),
            after: self.prompt("queue.agent_number.after", config.after.as_ref()),
        }
    }

    pub(super) fn all_prompts(&mut self, key: &str, written: &[Spanned<String>]) -> Vec<Arc<str>> {
        written.iter().filter_map(|prompt| self.prompt(key, Some(prompt))).collect()
    }

    fn so_many(&mut self, key: &str, written: &Spanned<Vec<Spanned<String>>>, count: usize) -> Vec<Arc<str>> {
        let there = written.get_ref().len();
        if there != count {
            self.wrong(key, written, format!("{there} prompts"), format!("{count} prompts"));
        }
        self.all_prompts(key, written.get_ref())
    }
}
