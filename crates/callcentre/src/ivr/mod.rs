//! The IVR: walks a call through its flow (CF 1B, chapter 4). A call keeps the flow that it began with.
//!
//! ```text
//! run_flow: enter a node --takes no time--> the next one, and so on
//!               |
//!               +--> Saying, Asking, Waiting, LookingUp, or a queue --heard, key, deadline, answer--> go --> run_flow
//! ```
//!
//! Each node that is entered (`FlowNode`) is left once (`FlowLeft`), with the branch that was taken and the time in it.

mod ahead;
mod ask;
mod everywhere;
mod judge;
mod look_up;
mod secret;
mod sound;
mod speak;
mod state;
mod step;
mod variables;

pub(crate) use state::{Ivr, Position, Then};

use crate::action::HangUp;
use crate::call::Stage;
use crate::centre::Centre;
use crate::queue::millis;
use ahead::Key;
use careline_model::event::{EndCause, EventBody, Party};
use careline_model::{CallId, LegId, Now};
use state::At;
use std::sync::Arc;
use step::Step;

/// Nodes a call may enter. Who is still in the flow then is sent to an agent if the flow has one on key 0, and away
/// otherwise.
const STEPS_MAX: u32 = 500;
/// Nodes that are left for the way to that agent.
const STEPS_TO_AGENT: u32 = 20;

impl Centre {
    /// Enters a node, and those after it that take no time.
    pub(crate) fn run_flow(&mut self, id: CallId, mut name: Arc<str>, now: Now) {
        loop {
            let Some(call) = self.calls.get_mut(&id) else { return };
            if call.steps >= STEPS_MAX && !std::mem::replace(&mut call.ivr.overrun, true) {
                name = self.out_of_the_circle(id).unwrap_or(name);
            }
            let Some(call) = self.calls.get_mut(&id) else { return };
            call.steps += 1;
            let flow = call.flow.clone().filter(|_| call.steps <= STEPS_MAX);
            let Some((flow, node)) = flow.as_ref().and_then(|flow| Some((flow, flow.nodes.get(&name)?)))
            else {
                return self.end_flow(id, now);
            };
            if let Some(secret) = secret::secrecy_of(&name, flow) {
                self.hide_keys(id, secret);
            }
            self.enter_node(id, &name, now);
            match self.step(id, (&name, node), now) {
                Step::Stays => return,
                Step::On(branch, next) => {
                    self.leave_node(id, &branch, now);
                    name = next;
                }
            }
        }
    }

    /// Where an agent can be had, for a call that went through too many nodes: some are left for the way there.
    fn out_of_the_circle(&mut self, id: CallId) -> Option<Arc<str>> {
        let agent = self.agent_in_flow(id)?;
        self.calls.get_mut(&id)?.steps = STEPS_MAX - STEPS_TO_AGENT;
        Some(agent)
    }

    /// Leaves the node and enters another one.
    pub(super) fn go(&mut self, id: CallId, branch: &str, next: Arc<str>, now: Now) {
        self.leave_node(id, branch, now);
        self.run_flow(id, next, now);
    }

    fn enter_node(&mut self, id: CallId, name: &Arc<str>, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let told = match &call.flow {
            Some(flow) if !call.ivr.callers.is_empty() => format!("{}/{name}", flow.id),
            _ => name.to_string(),
        };
        call.ivr.at = Some(At { node: name.clone(), told: told.clone(), since: now.instant });
        self.tell(EventBody::FlowNode { call: id, node: told }, now);
    }

    /// Tells that the call left the node it was in, if it was in one.
    pub(crate) fn leave_node(&mut self, id: CallId, branch: &str, now: Now) {
        let Some(at) = self.calls.get_mut(&id).and_then(|call| call.ivr.at.take()) else { return };
        let ms = millis(now.instant.saturating_duration_since(at.since));
        self.tell(EventBody::FlowLeft { call: id, node: at.told, branch: branch.to_owned(), ms }, now);
    }

    /// All is said.
    pub(super) fn go_on(&mut self, id: CallId, then: Then, now: Now) {
        match then {
            Then::Node(node) => self.go(id, "next", node, now),
            Then::Queue { queue, exits } => {
                if let Step::On(branch, next) = self.join_queue(id, &queue, &exits, now) {
                    self.go(id, &branch, next, now);
                }
            }
            Then::HangUp => self.end_flow(id, now),
        }
    }

    fn end_flow(&mut self, id: CallId, now: Now) {
        self.leave_node(id, "end", now);
        self.end_call(id, EndCause::FlowFinished, Party::Switch, Some(HangUp::FlowFinished), now);
    }

    /// A key of the caller. It is told while the caller is with us alone; in conversation it is theirs.
    pub(crate) fn digit(&mut self, leg: LegId, digit: char, duration_ms: u32, now: Now) {
        let Some(call) = self.call_of_caller(leg) else {
            self.accept_key(leg, digit, now);
            return;
        };
        let id = call.id;
        match &call.stage {
            Stage::Answering
            | Stage::Connecting(..)
            | Stage::Talking(_)
            | Stage::Dialling(_)
            | Stage::Transferring(_)
            | Stage::Reaching(_) => return,
            Stage::Flow(_) | Stage::Queued(_) | Stage::Offered(..) => {}
        }
        let secret = call.keys_secret;
        let shown = if secret { '*' } else { digit };
        self.tell(EventBody::Digit { call: id, digit: shown, duration_ms }, now);
        if self.is_asked(id) {
            return self.callback_key(id, digit, now);
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if matches!(call.stage, Stage::Queued(_) | Stage::Offered(..)) {
            return self.exit_by_key(id, digit, now);
        }
        if matches!(call.stage, Stage::Flow(_)) && call.ivr.ahead.press(Key { digit, secret }, now.instant) {
            self.pressed(id, digit, now);
        }
    }

    /// A key waits to be taken. What must be heard is heard first.
    fn pressed(&mut self, id: CallId, digit: char, now: Now) {
        if let Some(help) = self.safety_key(id, digit) {
            self.silence(id);
            return self.go(id, "key", help, now);
        }
        let Some(Stage::Flow(position)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        match position {
            Position::Saying { interruptible: true, .. } => {
                self.silence(id);
                self.heard(id, now);
            }
            Position::Asking(asking) => {
                let speaks = self.calls.get(&id).is_some_and(|call| call.sound.playback.is_some());
                if asking.interruptible && speaks {
                    self.silence(id);
                    self.heard(id, now);
                } else if !speaks {
                    self.take_keys(id, now);
                }
            }
            Position::Waiting { interruptible: true, next } => {
                let next = next.clone();
                self.silence(id);
                self.deadlines.stop(&crate::deadlines::Due::Caller(id));
                if !self.jump(id, now) {
                    self.go(id, "key", next, now);
                }
            }
            Position::Leaving(_) => self.leaving_key(id, now),
            Position::Listening(_) => self.listener_key(id, now),
            Position::Saying { interruptible: false, .. }
            | Position::Waiting { interruptible: false, .. }
            | Position::LookingUp(_) => {}
        }
    }

    /// What was played has been heard, or cut short.
    pub(crate) fn heard(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        match &call.stage {
            Stage::Flow(Position::Saying { .. }) => {
                if !self.say_next(id, now) {
                    self.all_said(id, now);
                }
            }
            Stage::Flow(Position::Asking(_)) => {
                if !self.say_next(id, now) {
                    self.listen(id, now);
                }
            }
            Stage::Flow(Position::Leaving(_)) => self.leaving_heard(id, now),
            Stage::Flow(Position::Listening(_)) => self.listener_heard(id, now),
            Stage::Queued(_) if self.is_asked(id) => self.callback_asked(id, now),
            Stage::Queued(_) | Stage::Offered(..) => self.heard_while_waiting(id, now),
            Stage::Connecting(..) if self.is_whispering(id) => self.start_music(id),
            Stage::Reaching(_) => self.all_of_it_was_said(id, now),
            Stage::Flow(Position::Waiting { .. } | Position::LookingUp(_))
            | Stage::Answering
            | Stage::Connecting(..)
            | Stage::Talking(_)
            | Stage::Dialling(_)
            | Stage::Transferring(_) => {}
        }
    }

    fn all_said(&mut self, id: CallId, now: Now) {
        if let Some(Stage::Flow(Position::Saying { then, .. })) = self.calls.get(&id).map(|call| &call.stage)
        {
            let then = then.clone();
            self.go_on(id, then, now);
        }
    }

    /// The deadline on the caller's side has passed.
    pub(crate) fn caller_is_due(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        if let Stage::Answering = call.stage {
            return self.answer_is_overdue(id, now);
        }
        if call.sound.playback.is_some() {
            // Nobody told us of the end: the call goes on all the same.
            self.silence(id);
            return self.heard(id, now);
        }
        let Stage::Flow(position) = &call.stage else { return };
        match position {
            Position::Asking(_) => self.silence_after_question(id, now),
            Position::Waiting { next, .. } => {
                let next = next.clone();
                self.silence(id);
                self.go(id, "next", next, now);
            }
            Position::LookingUp(_) => self.look_up_is_due(id, now),
            Position::Leaving(_) => self.leaving_is_due(id, now),
            Position::Listening(_) => self.listener_is_silent(id, now),
            Position::Saying { .. } => {}
        }
    }
}
