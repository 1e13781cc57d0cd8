//! Nodes about callbacks, and the questions of surveys.

use super::reader::Reader;
use crate::config::plan::{CallbackNode, CallbackOffer, Rate, ValueKind};

/// Highest key of a scale.
const SCALE_MAX: i64 = 9;

impl Reader<'_, '_, '_> {
    pub(super) fn callback_offer(&mut self) -> CallbackOffer {
        let queue = self.queue_of_callbacks();
        let into = self.is_written("into").then(|| self.variable("into", ValueKind::Text));
        self.optional("into");
        let offer = self.node("offer");
        let otherwise = self.node("otherwise");
        let unknown = self.optional_node("unknown").unwrap_or_else(|| otherwise.clone());
        CallbackOffer { queue, into, offer, unknown, otherwise }
    }

    pub(super) fn callback(&mut self) -> CallbackNode {
        let queue = self.queue_of_callbacks();
        let variable = self.is_written("variable").then(|| self.variable("variable", ValueKind::Text));
        self.optional("variable");
        let next = self.node("next");
        let otherwise = self.node("otherwise");
        let invalid = self.optional_node("invalid").unwrap_or_else(|| otherwise.clone());
        CallbackNode { queue, variable, next, invalid, otherwise }
    }

    fn queue_of_callbacks(&mut self) -> crate::id::QueueId {
        let queue = self.queue_id();
        let calls = |known: &crate::config::plan::Queue| known.callback.is_none();
        if self.check.known.queues.get(&queue).is_some_and(calls) {
            let what = format!("queue `{queue}` makes no callbacks");
            self.wrong_here("queue", what, "a queue with [queue.callback]");
        }
        queue
    }

    pub(super) fn rate(&mut self) -> Rate {
        let (ask, _) = self.whole_question();
        let question = self.name("question", "a question");
        let scale = self.needed_number("scale", 2, SCALE_MAX);
        let low = self.optional_within("low", 0, scale).unwrap_or(0);
        let key = |number| u8::try_from(number).unwrap_or(0);
        Rate { ask, question, scale: key(scale), low: key(low), next: self.node("next") }
    }
}
