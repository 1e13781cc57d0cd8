//! Keys that mean the same everywhere: 0 an agent, `*` the menu before, as far as the flow has them, and the key of a
//! safety line. They never take a key from a question that it may be meant for.

use super::judge::{self, Everywhere};
use super::{Position, Then};
use crate::call::Stage;
use crate::centre::Centre;
use careline_model::config::plan::Node;
use careline_model::{CallId, Now};
use std::sync::Arc;

impl Centre {
    /// Which of them the call's flows have now.
    pub(super) fn everywhere(&self, id: CallId) -> Everywhere {
        let Some(call) = self.calls.get(&id) else { return Everywhere { agent: false, up: false } };
        let Some(flow) = &call.flow else { return Everywhere { agent: false, up: false } };
        let outer = call.ivr.callers.iter().any(|frame| frame.flow.agent_key.is_some());
        Everywhere {
            agent: flow.agent_key.is_some() || outer,
            up: flow.star_is_up && !call.ivr.menus.is_empty(),
        }
    }

    /// Whether key 0 leads to a person.
    pub(crate) fn has_agent_key(&self, id: CallId) -> bool {
        self.everywhere(id).agent
    }

    /// The first waiting key leads elsewhere while something is said or awaited that is no question. Gives false, and
    /// changes nothing, when it does not.
    pub(super) fn jump(&mut self, id: CallId, now: Now) -> bool {
        let Some(call) = self.calls.get(&id) else { return false };
        let Some(key) = call.ivr.ahead.first() else { return false };
        let next = match &call.stage {
            Stage::Flow(Position::Saying { then: Then::Node(next), .. } | Position::Waiting { next, .. }) => {
                Some(next)
            }
            Stage::Flow(Position::Saying { then: Then::HangUp, .. }) => None,
            _ => return false,
        };
        let question = next.and_then(|next| call.flow.as_ref()?.next_question(next));
        if question.is_some_and(|node| judge::may_answer(node, key.digit)) {
            return false;
        }
        let Some(verdict) = self.everywhere(id).verdict(key.digit) else { return false };
        if let Some(call) = self.calls.get_mut(&id) {
            call.ivr.ahead.take();
        }
        if verdict == judge::Verdict::Agent {
            self.lead_to_agent(id, now);
        } else {
            self.back_to_menu(id, now);
        }
        true
    }

    /// Key 0: where the innermost flow that has it says.
    pub(crate) fn lead_to_agent(&mut self, id: CallId, now: Now) {
        self.leave_node(id, "agent", now);
        if let Some(node) = self.agent_in_flow(id) {
            self.run_flow(id, node, now);
        }
    }

    /// The node of key 0; the call is in the flow that has it then.
    pub(super) fn agent_in_flow(&mut self, id: CallId) -> Option<Arc<str>> {
        let call = self.calls.get_mut(&id)?;
        if let Some(node) = call.flow.as_ref().and_then(|flow| flow.agent_key.clone()) {
            return Some(node);
        }
        let depth = call.ivr.callers.iter().rposition(|frame| frame.flow.agent_key.is_some())?;
        self.return_to_depth(id, depth);
        self.calls.get(&id)?.flow.as_ref()?.agent_key.clone()
    }

    /// Key `*` in a menu: the menu before; the first one is heard again.
    pub(super) fn up(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let in_menu = call.ivr.at.as_ref().is_some_and(|at| {
            call.ivr
                .menus
                .last()
                .is_some_and(|(depth, node)| *node == at.node && *depth == call.ivr.callers.len())
        });
        if in_menu && call.ivr.menus.len() > 1 {
            call.ivr.menus.pop();
        }
        self.back_to_menu(id, now);
    }

    /// To the latest menu of those that led here.
    fn back_to_menu(&mut self, id: CallId, now: Now) {
        let Some((depth, menu)) = self.calls.get(&id).and_then(|call| call.ivr.menus.last().cloned()) else {
            return;
        };
        self.leave_node(id, "up", now);
        self.return_to_depth(id, depth);
        self.run_flow(id, menu, now);
    }

    /// Leaves the flows that are called deeper than this.
    pub(super) fn return_to_depth(&mut self, id: CallId, depth: usize) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(frame) = call.ivr.callers.get(depth) {
            call.flow = Some(frame.flow.clone());
            call.ivr.callers.truncate(depth);
            call.ivr.menus.retain(|(of, _)| *of <= depth);
        }
    }

    /// A menu is put: it is the last of those that led here, and what came behind it before is forgotten.
    pub(super) fn pass_menu(&mut self, id: CallId, menu: &Arc<str>) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let here = (call.ivr.callers.len(), menu.clone());
        if let Some(before) = call.ivr.menus.iter().position(|other| *other == here) {
            call.ivr.menus.truncate(before);
        }
        call.ivr.menus.push(here);
    }

    /// Where the key of the safety line that is being said leads; the key is taken then.
    pub(super) fn safety_key(&mut self, id: CallId, digit: char) -> Option<Arc<str>> {
        let call = self.calls.get_mut(&id)?;
        let Stage::Flow(Position::Saying { .. }) = call.stage else { return None };
        let at = call.ivr.at.as_ref()?;
        let Some(Node::Safety(safety)) = call.flow.as_ref()?.nodes.get(&at.node) else { return None };
        let help = safety.key.as_ref().filter(|(key, _)| *key == digit).map(|(_, node)| node.clone())?;
        call.ivr.ahead.take_newest();
        Some(help)
    }
}
