//! The IVR: walks a call through its flow. Keys pressed ahead of a question are dropped.

mod menu;
mod secret;
mod sound;

pub(crate) use menu::Asking;

use crate::action::HangUp;
use crate::call::Stage;
use crate::centre::Centre;
use crate::screening::BeforeQueue;
use careline_model::config::plan::Node;
use careline_model::event::{EndCause, EventBody, Party};
use careline_model::hours::Opening;
use careline_model::{CallId, LegId, Now, QueueId};
use std::sync::Arc;

/// Nodes a call may enter; a caller who is still in the flow after that is sent away.
const STEPS_MAX: u32 = 500;

/// Where in its flow a call is.
#[derive(Debug)]
pub(crate) enum Position {
    /// Something is said.
    Saying { interruptible: bool, then: Then },
    /// A question was put.
    Asking(Asking),
}

/// What follows when all is said.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    Node(Arc<str>),
    Queue { queue: QueueId, timeout: Arc<str>, full: Arc<str> },
    HangUp,
}

impl Centre {
    /// Enters a node, and those after it that take no time.
    pub(crate) fn run_flow(&mut self, id: CallId, mut name: Arc<str>, now: Now) {
        loop {
            let Some(call) = self.calls.get_mut(&id) else { return };
            call.steps += 1;
            let flow = call.flow.clone();
            let node =
                flow.as_ref().and_then(|flow| flow.nodes.get(&name)).filter(|_| call.steps <= STEPS_MAX);
            let (Some(node), Some(flow)) = (node, &flow) else { return self.end_flow(id, now) };
            if let Some(secret) = secret::secrecy_of(node, flow) {
                self.hide_keys(id, secret);
            }
            self.tell(EventBody::FlowNode { call: id, node: name.to_string() }, now);
            name = match node {
                Node::Play { prompts, next, interruptible } => {
                    if !prompts.is_empty() {
                        return self.say(id, prompts, *interruptible, Then::Node(next.clone()), now);
                    }
                    next.clone()
                }
                Node::Menu(menu) => return self.ask(id, Asking::new(name), menu, &[], now),
                Node::Hours { hours, open, closed, emergency } => match self.opening_now(hours, now) {
                    Opening::Open => open.clone(),
                    Opening::Closed => closed.clone(),
                    Opening::Emergency => emergency.clone(),
                },
                Node::Queue { queue, prompts, timeout, full } => {
                    match self.before_queue(id, queue, now) {
                        BeforeQueue::Enter => {}
                        BeforeQueue::Full => {
                            name = full.clone();
                            continue;
                        }
                        BeforeQueue::Elsewhere(start) => {
                            name = start;
                            continue;
                        }
                    }
                    let (timeout, full) = (timeout.clone(), full.clone());
                    if !prompts.is_empty() {
                        let then = Then::Queue { queue: queue.clone(), timeout, full };
                        return self.say(id, prompts, false, then, now);
                    }
                    if self.enqueue(id, queue, &timeout, now) {
                        return;
                    }
                    full
                }
                Node::Hangup { prompts } if prompts.is_empty() => return self.end_flow(id, now),
                Node::Hangup { prompts } => return self.say(id, prompts, false, Then::HangUp, now),
            };
        }
    }

    fn say(&mut self, id: CallId, prompts: &[Arc<str>], interruptible: bool, then: Then, now: Now) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.enter(Stage::Flow(Position::Saying { interruptible, then }), now);
            self.play(id, prompts.to_vec(), now);
        }
    }

    fn go_on(&mut self, id: CallId, then: Then, now: Now) {
        match then {
            Then::Node(node) => self.run_flow(id, node, now),
            Then::Queue { queue, timeout, full } => {
                if !self.enqueue(id, &queue, &timeout, now) {
                    self.run_flow(id, full, now);
                }
            }
            Then::HangUp => self.end_flow(id, now),
        }
    }

    fn end_flow(&mut self, id: CallId, now: Now) {
        self.end_call(id, EndCause::FlowFinished, Party::Switch, Some(HangUp::FlowFinished), now);
    }

    /// A key of the caller. It is told while the caller is with us alone; in conversation it is theirs.
    pub(crate) fn digit(&mut self, leg: LegId, digit: char, duration_ms: u32, now: Now) {
        let Some(call) = self.call_of_caller(leg) else { return };
        let id = call.id;
        match &call.stage {
            Stage::Answering
            | Stage::Connecting(..)
            | Stage::Talking(_)
            | Stage::Dialling(_)
            | Stage::Transferring(_) => return,
            Stage::Flow(_) | Stage::Queued(_) | Stage::Offered(..) => {}
        }
        let shown = if call.keys_secret { '*' } else { digit };
        self.tell(EventBody::Digit { call: id, digit: shown, duration_ms }, now);
        let Some(Stage::Flow(position)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        match position {
            Position::Saying { interruptible: false, .. } => {}
            Position::Saying { interruptible: true, then } => {
                let then = then.clone();
                self.silence(id);
                self.go_on(id, then, now);
            }
            Position::Asking(_) => self.key(id, digit, now),
        }
    }

    /// What was played has been heard.
    pub(crate) fn heard(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        match &call.stage {
            Stage::Flow(Position::Saying { then, .. }) => {
                let then = then.clone();
                self.go_on(id, then, now);
            }
            Stage::Flow(Position::Asking(_)) => self.listen(id, now),
            Stage::Queued(_) | Stage::Offered(..) => self.start_music(id),
            Stage::Answering
            | Stage::Connecting(..)
            | Stage::Talking(_)
            | Stage::Dialling(_)
            | Stage::Transferring(_) => {}
        }
    }

    /// The deadline on the caller's side has passed.
    pub(crate) fn caller_is_due(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        if let Stage::Answering = call.stage {
            self.answer_is_overdue(id, now);
        } else if call.sound.playback.is_some() {
            // Nobody told us of the end: the call goes on all the same.
            self.silence(id);
            self.heard(id, now);
        } else if let Stage::Flow(Position::Asking(_)) = call.stage {
            self.silence_after_question(id, now);
        }
    }
}
