//! Entering a node: what it does at once, and whether the call stays there.

use super::ask::Asking;
use super::state::Frame;
use super::{Position, Then};
use crate::action::Action;
use crate::call::Stage;
use crate::callback::NotPromised;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::rank::{NewRank, POINTS_MAX};
use crate::screening::BeforeQueue;
use careline_model::config::plan::{Exits, Node, Prompt};
use careline_model::hours::Opening;
use careline_model::{CallId, FlowId, Now, QueueId};
use rand_core::RngCore;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What comes of entering a node.
pub(super) enum Step {
    /// It was left by this branch to this node.
    On(Cow<'static, str>, Arc<str>),
    /// The call waits there, or went elsewhere.
    Stays,
}

impl Step {
    pub(super) fn on(branch: &'static str, next: &Arc<str>) -> Self {
        Self::On(Cow::Borrowed(branch), next.clone())
    }
}

impl Centre {
    /// Carries out a node that was just entered.
    pub(super) fn step(&mut self, id: CallId, (name, node): (&Arc<str>, &Node), now: Now) -> Step {
        match node {
            Node::Play { prompts, short, next } => {
                let words = self.wording(id, name, prompts, short.as_ref());
                self.said_or_on(id, words, next, now)
            }
            Node::Safety(safety) => self.said_or_on(id, &safety.prompts, &safety.next, now),
            Node::Menu(_) => {
                self.pass_menu(id, name);
                self.ask(id, Asking::new(name.clone()), &[], now);
                Step::Stays
            }
            Node::Collect(_) | Node::Confirm(_) | Node::Rate(_) => {
                self.ask(id, Asking::new(name.clone()), &[], now);
                Step::Stays
            }
            Node::Hours { hours, open, closed, emergency } => match self.opening_now(hours, now) {
                Opening::Open => Step::on("open", open),
                Opening::Closed => Step::on("closed", closed),
                Opening::Emergency => Step::on("emergency", emergency),
            },
            Node::Queue { queue, agent, prompts, exits } => {
                if let Some((agent, time)) = agent {
                    self.keep_for(id, agent, *time);
                }
                self.before_joining(id, (queue, prompts), exits, now)
            }
            Node::Hangup { prompts } => {
                if !self.say(id, prompts, Then::HangUp, now) {
                    self.end_flow(id, now);
                }
                Step::Stays
            }
            Node::Set { values, next } => {
                self.set_values(id, values, now);
                Step::on("next", next)
            }
            Node::Switch { value, cases, otherwise } => self.switch(id, value, (cases, otherwise)),
            Node::QueueState { queue, cases, otherwise } => {
                let figures = self.queue_figures(queue, now);
                let fits = cases.iter().position(|(figure, limit, _)| limit.holds(figures.figure(*figure)));
                let next = fits.and_then(|at| cases.get(at)).map_or(otherwise, |(_, _, next)| next);
                Step::On(branch_of(fits), next.clone())
            }
            Node::Percent { parts } => self.draw(id, name, parts),
            Node::Loop { times, again, otherwise } => self.pass_loop(id, name, *times, (again, otherwise)),
            Node::Priority { points, class, red_flag, next } => {
                self.raise(id, (*points, *class, *red_flag), now);
                Step::on("next", next)
            }
            Node::Language { language, next } => {
                self.set_language(id, language, now);
                Step::on("next", next)
            }
            Node::Wait { time, music, interruptible, next } => {
                self.wait(id, (*time, music.as_ref(), *interruptible), next, now)
            }
            Node::Subflow { flow, next } => self.call_flow(id, flow, next),
            Node::Return => self.return_from_flow(id, now),
            Node::ScreenData { items, next } => {
                self.pin(id, items, now);
                Step::on("next", next)
            }
            Node::CallbackOffer(_) | Node::Callback(_) => self.callback_node(id, node, now),
            Node::LookUp(question) => {
                self.ask_program(id, name, question, now);
                Step::Stays
            }
            Node::Voicemail(leave) => {
                self.leave_message(id, leave, now);
                Step::Stays
            }
        }
    }

    fn callback_node(&mut self, id: CallId, node: &Node, now: Now) -> Step {
        match node {
            Node::CallbackOffer(offer) => {
                let (branch, next) = self.offer_callback(id, offer, now);
                Step::On(Cow::Borrowed(branch), next)
            }
            Node::Callback(callback) => match self.promise_to_caller(id, callback, now) {
                Ok(()) => Step::on("promised", &callback.next),
                Err(NotPromised::BadNumber) => Step::on("invalid", &callback.invalid),
                Err(NotPromised::NoRoom) => Step::on("no_room", &callback.otherwise),
            },
            _ => Step::Stays,
        }
    }

    fn said_or_on(&mut self, id: CallId, prompts: &[Prompt], next: &Arc<str>, now: Now) -> Step {
        if self.say(id, prompts, Then::Node(next.clone()), now) {
            Step::Stays
        } else {
            Step::on("next", next)
        }
    }

    /// Whoever may not join the queue is led on, or to another flow for good.
    fn before_joining(
        &mut self,
        id: CallId,
        (queue, prompts): (&QueueId, &[Prompt]),
        exits: &Arc<Exits>,
        now: Now,
    ) -> Step {
        match self.before_queue(id, queue, now) {
            BeforeQueue::Enter => {}
            BeforeQueue::Full => return Step::on("full", &exits.full),
            BeforeQueue::Elsewhere(start) => {
                if let Some(call) = self.calls.get_mut(&id) {
                    call.ivr.forget_way();
                }
                return Step::on("sent_away", &start);
            }
        }
        let then = Then::Queue { queue: queue.clone(), exits: exits.clone() };
        if self.say(id, prompts, then, now) {
            return Step::Stays;
        }
        self.join_queue(id, queue, exits, now)
    }

    /// Keys that still wait are of no use any more: who comes back from a queue has waited since.
    pub(super) fn join_queue(&mut self, id: CallId, queue: &QueueId, exits: &Arc<Exits>, now: Now) -> Step {
        if let Some((branch, node)) = self.enqueue(id, queue, exits, now) {
            return Step::on(branch, &node);
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.ivr.ahead.flush();
        }
        self.leave_node(id, "queued", now);
        Step::Stays
    }

    /// The lot decides once for each call (CF A12).
    fn draw(&mut self, id: CallId, name: &Arc<str>, parts: &[(u32, Arc<str>)]) -> Step {
        let place = self.node_place(id, name);
        let Some(call) = self.calls.get_mut(&id) else { return Step::Stays };
        let rng = &mut self.rng;
        let drawn = *call.ivr.drawn.entry(place).or_insert_with(|| {
            let total: u64 = parts.iter().map(|(weight, _)| u64::from(*weight)).sum();
            let mut lot = rng.next_u64() % total.max(1);
            let hit = parts.iter().position(|(weight, _)| {
                let hit = lot < u64::from(*weight);
                lot = lot.saturating_sub(u64::from(*weight));
                hit
            });
            hit.unwrap_or(0)
        });
        match parts.get(drawn).or_else(|| parts.first()) {
            Some((_, next)) => Step::On(branch_of(Some(drawn)), next.clone()),
            None => Step::Stays,
        }
    }

    fn pass_loop(
        &mut self,
        id: CallId,
        name: &Arc<str>,
        times: u32,
        (again, otherwise): (&Arc<str>, &Arc<str>),
    ) -> Step {
        let passes = self.counted(id, name);
        if passes < times {
            self.count(id, name, passes + 1);
            Step::on("again", again)
        } else {
            self.count(id, name, 0);
            Step::on("otherwise", otherwise)
        }
    }

    /// What the node leaves out stays as it is.
    fn raise(&mut self, id: CallId, (points, class, red_flag): (i32, Option<u8>, bool), now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let rank = NewRank {
            red_flag: call.red_flag || red_flag,
            class: class.or(call.class),
            points: call.priority_points.saturating_add(points).clamp(-POINTS_MAX, POINTS_MAX),
        };
        self.rank_call(id, rank, now);
    }

    fn wait(
        &mut self,
        id: CallId,
        (time, music, interruptible): (Duration, Option<&Arc<str>>, bool),
        next: &Arc<str>,
        now: Now,
    ) -> Step {
        let Some(call) = self.calls.get_mut(&id) else { return Step::Stays };
        call.enter(Stage::Flow(Position::Waiting { interruptible, next: next.clone() }), now);
        if interruptible && !call.ivr.ahead.is_empty() {
            return if self.jump(id, now) { Step::Stays } else { Step::on("key", next) };
        }
        self.music_in_flow(id, music);
        self.deadlines.set(Due::Caller(id), now.instant + time);
        Step::Stays
    }

    /// Music outside of queues.
    pub(super) fn music_in_flow(&mut self, id: CallId, music: Option<&Arc<str>>) {
        let (Some(call), Some(item)) = (self.calls.get_mut(&id), music) else { return };
        call.sound.music = true;
        let item = self.plan.prompts.named(call.language.as_deref(), item);
        self.actions.push_back(Action::Music { leg: call.leg, item: Some(item) });
    }

    fn call_flow(&mut self, id: CallId, called: &FlowId, next: &Arc<str>) -> Step {
        let Some(call) = self.calls.get_mut(&id) else { return Step::Stays };
        let flow = call.flow.clone();
        let inner = flow.as_ref().and_then(|flow| flow.subflows.get(called)).cloned();
        let (Some(flow), Some(inner)) = (flow, inner) else { return Step::on("next", next) };
        let start = inner.start.clone();
        call.ivr.callers.push(Frame { flow, next: next.clone() });
        call.flow = Some(inner);
        Step::on("called", &start)
    }

    fn return_from_flow(&mut self, id: CallId, now: Now) -> Step {
        let Some(call) = self.calls.get(&id) else { return Step::Stays };
        let Some(next) = call.ivr.callers.last().map(|frame| frame.next.clone()) else {
            self.end_flow(id, now);
            return Step::Stays;
        };
        let depth = call.ivr.callers.len() - 1;
        self.return_to_depth(id, depth);
        Step::on("returned", &next)
    }
}

/// The name of a case: its number, from 1.
pub(super) fn branch_of(at: Option<usize>) -> Cow<'static, str> {
    match at {
        Some(at) => Cow::Owned(format!("case {}", at + 1)),
        None => Cow::Borrowed("otherwise"),
    }
}
