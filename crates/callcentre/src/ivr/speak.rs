//! What is said, prompt by prompt: prompts in a row that a key may cut short are one playback, those that must be heard
//! another, so that no prompt has the rule of its neighbour (CF B2).

use super::{Position, Then};
use crate::call::Stage;
use crate::centre::Centre;
use careline_model::config::plan::{Node, Prompt};
use careline_model::{CallId, Now};
use std::sync::Arc;

impl Centre {
    /// Says prompts, then goes on. Gives false when there is nothing to say: the caller of this goes on at once.
    pub(crate) fn say(&mut self, id: CallId, prompts: &[Prompt], then: Then, now: Now) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return true };
        call.ivr.to_say = prompts.iter().cloned().collect();
        call.enter(Stage::Flow(Position::Saying { interruptible: false, then }), now);
        self.say_next(id, now)
    }

    /// Plays the next prompts. Keys that wait skip those that they would cut short. Gives false when nothing is left to
    /// say; true also when the call went elsewhere.
    pub(super) fn say_next(&mut self, id: CallId, now: Now) -> bool {
        self.drop_stray_keys(id);
        let Some(call) = self.calls.get_mut(&id) else { return true };
        let mut skipped = call.ivr.to_say.is_empty();
        if !call.ivr.ahead.is_empty() {
            while call.ivr.to_say.pop_front_if(|prompt| prompt.interruptible).is_some() {
                skipped = true;
            }
            if skipped && self.jump(id, now) {
                return true;
            }
        }
        let Some(call) = self.calls.get_mut(&id) else { return true };
        let Some(interruptible) = call.ivr.to_say.front().map(|prompt| prompt.interruptible) else {
            return false;
        };
        let mut prompts: Vec<Arc<str>> = Vec::new();
        while let Some(prompt) = call.ivr.to_say.pop_front_if(|prompt| prompt.interruptible == interruptible)
        {
            prompts.push(prompt.id);
        }
        match &mut call.stage {
            Stage::Flow(Position::Saying { interruptible: now, .. }) => *now = interruptible,
            Stage::Flow(Position::Asking(asking)) => asking.interruptible = interruptible,
            _ => {}
        }
        self.play(id, prompts, now);
        true
    }

    /// A question that flushes drops also what was pressed while something was said that had to be heard.
    fn drop_stray_keys(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (Stage::Flow(Position::Asking(asking)), Some(at)) = (&call.stage, &call.ivr.at) else { return };
        let ask = call.flow.as_ref().and_then(|flow| flow.nodes.get(&at.node)).and_then(Node::ask);
        if !asking.interruptible && ask.is_some_and(|ask| !ask.keeps_ahead) {
            call.ivr.ahead.flush();
        }
    }

    /// The long wording the first time in this call, the short one later (CF B3).
    pub(super) fn wording<'p>(
        &mut self,
        id: CallId,
        node: &Arc<str>,
        long: &'p [Prompt],
        short: Option<&'p Vec<Prompt>>,
    ) -> &'p [Prompt] {
        let Some(call) = self.calls.get_mut(&id) else { return long };
        let Some(flow) = &call.flow else { return long };
        let first = call.ivr.heard.insert((flow.id.clone(), node.clone()));
        if first { long } else { short.map_or(long, Vec::as_slice) }
    }
}
