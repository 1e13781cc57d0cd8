//! Work after a conversation: one clock for each agent, whatever queues she serves (CF 1.5).

use super::{Agent, Work};
use crate::centre::Centre;
use crate::command::{CommandError, in_range, listed};
use crate::deadlines::Due;
use crate::queue::millis;
use careline_model::config::{TIMEOUT_DISPOSITION, plan};
use careline_model::event::{EventBody, WrapUpMode};
use careline_model::{AgentId, CallId, Now, QueueId};
use std::time::{Duration, Instant};

/// Most that is added at once, and by a call in all, in seconds.
const ADDED_MAX_S: u32 = 3600;

/// Work after a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrapUp {
    pub(crate) call: CallId,
    pub(crate) queue: QueueId,
    pub(crate) mode: WrapUpMode,
    since: Instant,
    ends: Instant,
    /// The same on the clock on the wall.
    pub(crate) ends_at_us: i64,
    /// What she said came of the call.
    pub(crate) disposition: Option<String>,
    /// She asked for more time once.
    extended: bool,
    /// What was added to it in all.
    added: Duration,
}

impl WrapUp {
    fn add(&mut self, seconds: u32) -> Result<(), CommandError> {
        let time = within(self.added, seconds)?;
        self.added += time;
        self.ends += time;
        self.ends_at_us = later(self.ends_at_us, time);
        Ok(())
    }
}

/// Some seconds more, when so much was added before.
fn within(added: Duration, seconds: u32) -> Result<Duration, CommandError> {
    let left = u64::from(ADDED_MAX_S).saturating_sub(added.as_secs());
    in_range("seconds", i64::from(seconds), (1, i64::try_from(left).unwrap_or(0)))?;
    Ok(Duration::from_secs(u64::from(seconds)))
}

fn later(wall_us: i64, by: Duration) -> i64 {
    wall_us.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}

impl Agent {
    pub(crate) fn wraps_up(&self, call: CallId) -> bool {
        matches!(&self.work, Work::WrapUp(wrap_up) if wrap_up.call == call)
    }

    pub(super) fn wrap_up(&mut self) -> Option<&mut WrapUp> {
        match &mut self.work {
            Work::WrapUp(wrap_up) => Some(wrap_up),
            _ => None,
        }
    }
}

impl Centre {
    /// A conversation is over: wrap-up, or straight back to work.
    pub(crate) fn wrap_up(&mut self, id: &AgentId, call: CallId, queue: &QueueId, now: Now) {
        let own = self.plan.agents.get(id).and_then(|agent| agent.wrap_up);
        let rules = own.or_else(|| self.plan.queues.get(queue).map(|queue| queue.wrap_up));
        let none = plan::WrapUp { mode: WrapUpMode::None, time: Duration::ZERO };
        let plan::WrapUp { mode, time } = rules.unwrap_or(none);
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.handled_a_call();
        let added = std::mem::take(&mut agent.added);
        let time = time + added;
        if time.is_zero() {
            agent.undisposed = (mode == WrapUpMode::Optional).then(|| (call, queue.clone()));
            agent.release(now.instant);
            return self.agent_changed(id, now);
        }
        let mode = match mode {
            // There is none by itself, but this call asked for some.
            WrapUpMode::None | WrapUpMode::Optional => WrapUpMode::Timed,
            mode => mode,
        };
        let (ends, ends_at_us) = (now.instant + time, later(now.wall_us, time));
        agent.work = Work::WrapUp(WrapUp {
            call,
            queue: queue.clone(),
            mode,
            since: now.instant,
            ends,
            ends_at_us,
            disposition: None,
            extended: false,
            added,
        });
        self.deadlines.set(Due::Work(id.clone()), ends);
        self.agent_changed(id, now);
        let (agent, queue) = (id.clone(), queue.clone());
        self.tell(EventBody::WrapUpStarted { agent, call, queue, mode, ends_at_us }, now);
    }

    /// The work after a call is over. `asked` when she owes an answer what came of the call: then the lack of one is told.
    pub(crate) fn end_wrap_up(&mut self, id: &AgentId, asked: bool, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let Some(wrap_up) = agent.wrap_up().cloned() else { return };
        agent.release(now.instant);
        self.deadlines.stop(&Due::Work(id.clone()));
        if asked && wrap_up.disposition.is_none() {
            let (call, agent, queue) = (wrap_up.call, id.clone(), wrap_up.queue.clone());
            let code = TIMEOUT_DISPOSITION.to_owned();
            self.tell(EventBody::Disposition { call, agent, queue, code }, now);
        }
        let wrap_up_ms = millis(now.instant.duration_since(wrap_up.since));
        self.tell(EventBody::WrapUpEnded { agent: id.clone(), call: wrap_up.call, wrap_up_ms }, now);
        self.agent_changed(id, now);
    }

    /// An agent says what came of her last call; that ends the wrap-up, unless its time has to pass. In a queue whose
    /// wrap-up is optional she may say it until her next call.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], [`CommandError::NoWrapUp`], and [`CommandError::UnknownDisposition`], which names
    /// what is allowed.
    pub fn wrap_up_done(&mut self, id: &AgentId, code: &str, now: Now) -> Result<(), CommandError> {
        self.known_agent(id)?;
        let known = &self.plan.dispositions;
        if code == TIMEOUT_DISPOSITION || !(known.is_empty() || known.contains_key(code)) {
            let allowed = if known.is_empty() {
                "any other".to_owned()
            } else {
                listed(known.keys().map(|code| &**code))
            };
            return Err(CommandError::UnknownDisposition { code: code.to_owned(), allowed });
        }
        let none = || CommandError::NoWrapUp { agent: id.clone() };
        let agent = self.agents.get_mut(id).ok_or_else(none)?;
        let (call, queue, ends) = if let Some(wrap_up) = agent.wrap_up() {
            wrap_up.disposition = Some(code.to_owned());
            (wrap_up.call, wrap_up.queue.clone(), wrap_up.mode != WrapUpMode::TimedFixed)
        } else {
            let (call, queue) = agent.undisposed.take().ok_or_else(none)?;
            (call, queue, false)
        };
        self.wake(now);
        self.tell(EventBody::Disposition { call, agent: id.clone(), queue, code: code.to_owned() }, now);
        if ends {
            self.end_wrap_up(id, true, now);
        }
        self.settle(now);
        Ok(())
    }

    /// An agent in wrap-up asks for more time, once for each call.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], [`CommandError::NoWrapUp`], [`CommandError::ExtendedAlready`], and
    /// [`CommandError::OutOfRange`] for seconds that are not 1 to 3600.
    pub fn extend_wrap_up(&mut self, id: &AgentId, seconds: u32, now: Now) -> Result<(), CommandError> {
        self.known_agent(id)?;
        let wrap_up = self.agents.get_mut(id).and_then(Agent::wrap_up);
        let wrap_up = wrap_up.ok_or_else(|| CommandError::NoWrapUp { agent: id.clone() })?;
        if wrap_up.extended {
            return Err(CommandError::ExtendedAlready { agent: id.clone() });
        }
        wrap_up.add(seconds)?;
        wrap_up.extended = true;
        self.wrap_up_moved(id, now);
        Ok(())
    }

    /// A call asks for more work after it than others do: now, or when its conversation is over.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`] when it is neither live nor wrapped up just now, and [`CommandError::OutOfRange`] for
    /// seconds that are not 1 to 3600, of all orders for the call together.
    pub fn add_wrap_up(&mut self, id: CallId, seconds: u32, now: Now) -> Result<(), CommandError> {
        if let Some(call) = self.calls.get_mut(&id) {
            call.wrap_up_added += within(call.wrap_up_added, seconds)?;
            return Ok(());
        }
        let unknown = CommandError::UnknownCall { call: id };
        let agent = self.agents.values_mut().find(|agent| agent.wraps_up(id)).ok_or(unknown.clone())?;
        let of = agent.id.clone();
        agent.wrap_up().ok_or(unknown)?.add(seconds)?;
        self.wrap_up_moved(&of, now);
        Ok(())
    }

    fn wrap_up_moved(&mut self, id: &AgentId, now: Now) {
        let Some(wrap_up) = self.agents.get_mut(id).and_then(Agent::wrap_up) else { return };
        let (call, ends, ends_at_us) = (wrap_up.call, wrap_up.ends, wrap_up.ends_at_us);
        self.deadlines.set(Due::Work(id.clone()), ends);
        self.tell(EventBody::WrapUpMoved { agent: id.clone(), call, ends_at_us }, now);
        self.settle(now);
    }
}
