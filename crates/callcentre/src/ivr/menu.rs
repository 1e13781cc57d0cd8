//! Menus: silence and wrong keys are counted apart, and who does not manage is led on, not thrown out.

use super::Position;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{Menu, Node};
use careline_model::{CallId, Now};
use std::sync::Arc;

/// A question that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    node: Arc<str>,
    /// Keys so far.
    keys: String,
    silences: u32,
    wrong: u32,
}

impl Asking {
    pub(super) fn new(node: Arc<str>) -> Self {
        Self { node, keys: String::new(), silences: 0, wrong: 0 }
    }
}

impl Centre {
    /// Puts the question, with a word before it when it is put again.
    pub(super) fn ask(&mut self, id: CallId, asking: Asking, menu: &Menu, before: &[Arc<str>], now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(Stage::Flow(Position::Asking(asking)), now);
        let prompts: Vec<Arc<str>> = before.iter().chain(&menu.prompts).cloned().collect();
        if prompts.is_empty() {
            self.listen(id, now);
        } else {
            self.play(id, prompts, now);
        }
    }

    /// The question is put: the first key is awaited.
    pub(super) fn listen(&mut self, id: CallId, now: Now) {
        if let Some((_, menu)) = self.question(id) {
            self.deadlines.set(Due::Caller(id), now.instant + menu.first_timeout);
        }
    }

    pub(super) fn key(&mut self, id: CallId, digit: char, now: Now) {
        self.silence(id);
        let Some((mut asking, menu)) = self.question(id) else { return };
        asking.keys.push(digit);
        let longer =
            menu.keys.keys().any(|key| key.len() > asking.keys.len() && key.starts_with(&asking.keys));
        if longer {
            if let Some(call) = self.calls.get_mut(&id) {
                call.stage = Stage::Flow(Position::Asking(asking));
            }
            self.deadlines.set(Due::Caller(id), now.instant + menu.inter_digit);
        } else {
            self.decide(id, asking, &menu, now);
        }
    }

    pub(super) fn silence_after_question(&mut self, id: CallId, now: Now) {
        let Some((mut asking, menu)) = self.question(id) else { return };
        if !asking.keys.is_empty() {
            return self.decide(id, asking, &menu, now);
        }
        asking.silences += 1;
        if asking.silences >= menu.tries {
            self.run_flow(id, menu.otherwise.clone(), now);
        } else {
            self.ask(id, asking, &menu, &menu.no_input, now);
        }
    }

    fn decide(&mut self, id: CallId, mut asking: Asking, menu: &Menu, now: Now) {
        self.deadlines.stop(&Due::Caller(id));
        if let Some(node) = menu.keys.get(&asking.keys) {
            return self.run_flow(id, node.clone(), now);
        }
        asking.keys.clear();
        asking.wrong += 1;
        if asking.wrong >= menu.tries {
            self.run_flow(id, menu.otherwise.clone(), now);
        } else {
            self.ask(id, asking, menu, &menu.invalid, now);
        }
    }

    /// The question a call has before it.
    fn question(&self, id: CallId) -> Option<(Asking, Menu)> {
        let call = self.calls.get(&id)?;
        let Stage::Flow(Position::Asking(asking)) = &call.stage else { return None };
        match call.flow.as_ref()?.nodes.get(&asking.node)? {
            Node::Menu(menu) => Some((asking.clone(), menu.clone())),
            Node::Play { .. } | Node::Hours { .. } | Node::Queue { .. } | Node::Hangup { .. } => None,
        }
    }
}
