//! Whether a callback helps (CF E3): it is offered to who would wait long and still be served today, or would be served
//! by nobody now, and to nobody else.

use crate::centre::Centre;
use careline_model::config::plan::{CallbackOffer, Node, Value};
use careline_model::event::QueueOutcome;
use careline_model::{CallId, Now, QueueId};
use std::sync::Arc;

impl Centre {
    /// A queue that is closed, or where nobody works, calls back later; else the wait must be long, and end before
    /// closing time. A full list helps nobody.
    pub(crate) fn callback_helps(&self, id: CallId, queue: &QueueId, now: Now) -> bool {
        let Some(rules) = self.callback_rules(queue) else { return false };
        if self.callbacks.of_queue(queue) >= rules.open_max {
            return false;
        }
        if self.is_closed(queue, now) {
            return true;
        }
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        let waits_there = entry.is_some_and(|entry| entry.queue == *queue);
        let wait = if waits_there { self.further_wait(id) } else { self.wait_on_coming(id, queue) };
        let Some(wait) = wait else { return true };
        let ends_us = now.after(wait).wall_us;
        wait > rules.wait_over && self.closes_at(queue, now).is_none_or(|closes_us| ends_us < closes_us)
    }

    /// Entering the node: the way on, and her number for the reading back.
    pub(crate) fn offer_callback(
        &mut self,
        id: CallId,
        node: &CallbackOffer,
        now: Now,
    ) -> (&'static str, Arc<str>) {
        if !self.callback_helps(id, &node.queue, now) {
            return ("otherwise", node.otherwise.clone());
        }
        let Some(number) = self.calls.get(&id).map(|call| call.caller.clone()) else {
            return ("otherwise", node.otherwise.clone());
        };
        if self.plan.may_call_back(&node.queue, &number).is_err() {
            return ("unknown", node.unknown.clone());
        }
        if let Some(into) = &node.into {
            let value = Value::text(&self.plan.as_dialled(&number));
            self.set_variable(id, into, value, now);
        }
        ("offer", node.offer.clone())
    }

    /// The queue whose callback a node of the call's flow leads to, when nothing is asked before.
    fn leads_to_callback(&self, id: CallId, node: &Arc<str>) -> Option<&QueueId> {
        let flow = self.calls.get(&id)?.flow.as_ref()?;
        let mut name = node;
        for _ in 0..flow.nodes.len() {
            match flow.nodes.get(name)? {
                Node::CallbackOffer(offer) => return Some(&offer.queue),
                Node::Callback(callback) => return Some(&callback.queue),
                other => name = other.straight_on()?,
            }
        }
        None
    }

    /// A key of a waiting caller leads to a callback that would not help her: it changes nothing, and she keeps waiting.
    pub(crate) fn is_idle_key(&self, id: CallId, node: &Arc<str>, now: Now) -> bool {
        self.leads_to_callback(id, node).is_some_and(|queue| !self.callback_helps(id, queue, now))
    }

    /// What leaving a queue for a node counts as: who is asked whether she wants to be called back leaves for that.
    pub(crate) fn outcome_towards(
        &self,
        id: CallId,
        node: &Arc<str>,
        outcome: QueueOutcome,
        now: Now,
    ) -> QueueOutcome {
        let queue = self.leads_to_callback(id, node);
        match queue.is_some_and(|queue| self.callback_helps(id, queue, now)) {
            true => QueueOutcome::FlowOutCallback,
            false => outcome,
        }
    }

    /// What a waiting caller hears about callbacks at her turn.
    pub(crate) fn say_callback(&self, id: CallId, prompts: &mut Vec<Arc<str>>, now: Now) {
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return };
        let Some(rules) = self.callback_rules(&entry.queue).filter(|rules| !rules.offer.is_empty()) else {
            return;
        };
        let leads = |node: &Arc<str>| {
            let queue = self.leads_to_callback(id, node);
            queue.is_some_and(|queue| self.callback_helps(id, queue, now))
        };
        if entry.exits.keys.values().any(leads) {
            prompts.extend(rules.offer.iter().cloned());
        }
    }
}
