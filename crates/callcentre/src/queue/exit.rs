//! Ways out of a queue without an agent: each ends the entry as a flow-out and goes on in the caller's flow, with the same
//! call (CF C25, 1.11).

use crate::action::{HangUp, StopRinging};
use crate::call::Stage;
use crate::centre::Centre;
use crate::ivr::{Position, Then};
use crate::offer::Leg;
use careline_model::event::{OfferOutcome, QueueOutcome};
use careline_model::{CallId, Now};
use std::sync::Arc;

impl Centre {
    /// A waiting caller pressed a key; most lead nowhere. A phone that rings for her is not rung any longer: she does
    /// not want an agent now.
    pub(crate) fn exit_by_key(&mut self, id: CallId, digit: char, now: Now) {
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        let Some(node) = entry.and_then(|entry| entry.exits.keys.get(&digit)).cloned() else { return };
        if !self.is_idle_key(id, &node, now) {
            self.flow_out(id, node, QueueOutcome::FlowOutKey, now);
        }
    }

    /// Takes a call out of its queue, and on to a node of its flow. Whatever the reason, who is led to a mailbox counts as
    /// such.
    pub(crate) fn flow_out(&mut self, id: CallId, node: Arc<str>, outcome: QueueOutcome, now: Now) {
        let flow = self.calls.get(&id).and_then(|call| call.flow.as_ref());
        let outcome = match flow.is_some_and(|flow| flow.leads_to_mailbox(&node)) {
            true => QueueOutcome::FlowOutVoicemail,
            false => self.outcome_towards(id, &node, outcome, now),
        };
        self.take_phones_back(id, now);
        self.silence(id);
        if self.leave_queue(id, outcome, now).is_some() {
            self.go_on_in_flow(id, node, now);
        }
    }

    /// A call that stands in no queue goes on at a node of its flow.
    pub(crate) fn go_on_in_flow(&mut self, id: CallId, node: Arc<str>, now: Now) {
        if let Some(call) = self.calls.get_mut(&id) {
            let then = Then::Node(node.clone());
            call.enter(Stage::Flow(Position::Saying { interruptible: false, then }), now);
        }
        self.run_flow(id, node, now);
    }

    fn take_phones_back(&mut self, id: CallId, now: Now) {
        let leased = self.calls.get(&id).map(|call| call.stage.leased()).unwrap_or_default();
        for agent in leased {
            let leg = Leg::End(StopRinging::CallerLeft, HangUp::CallerLeft);
            self.end_offer(&agent, OfferOutcome::CallerLeft, leg, now);
        }
    }
}
