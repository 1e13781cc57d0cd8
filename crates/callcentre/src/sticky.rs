//! Who called before is kept for a while for the agent whom she talked to (CF C16).

use crate::agent::{Phone, Work};
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::millis;
use careline_model::config::plan::Sticky;
use careline_model::event::{AgentIntent, EventBody};
use careline_model::{AgentId, CallId, Now, Number};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Callers of whom it is remembered whom they talked to; the one whose talk is longest ago makes room.
const CALLERS_MAX: usize = 100_000;

/// Who should have a call.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) agent: AgentId,
    /// How long it is kept for her, when its flow says that; otherwise the queue does, if it keeps callers at all.
    pub(crate) time: Option<Duration>,
}

/// Who talked to whom last, by the caller's number.
#[derive(Debug, Default)]
pub(crate) struct LastTalks {
    by_number: BTreeMap<Number, (i64, AgentId)>,
    by_time: BTreeSet<(i64, Number)>,
}

/// One conversation, to be kept over a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTalk {
    /// The caller.
    pub number: Number,
    /// Whom she talked to.
    pub agent: AgentId,
    /// When that ended, UTC microseconds.
    pub at_us: i64,
}

impl LastTalks {
    pub(crate) fn keep(&self, most: usize) -> Vec<KeptTalk> {
        let newest = self.by_time.iter().rev().take(most);
        let kept = newest.filter_map(|(at_us, number)| {
            let (_, agent) = self.by_number.get(number)?;
            Some(KeptTalk { number: number.clone(), agent: agent.clone(), at_us: *at_us })
        });
        kept.collect()
    }

    pub(crate) fn restore(&mut self, kept: Vec<KeptTalk>) {
        for talk in kept.into_iter().rev() {
            self.note(&talk.number, &talk.agent, talk.at_us);
        }
    }

    pub(crate) fn note(&mut self, number: &Number, agent: &AgentId, wall_us: i64) {
        if number.is_withheld() {
            return;
        }
        if let Some((before, _)) = self.by_number.insert(number.clone(), (wall_us, agent.clone())) {
            self.by_time.remove(&(before, number.clone()));
        }
        self.by_time.insert((wall_us, number.clone()));
        if self.by_number.len() > CALLERS_MAX
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.by_number.remove(&oldest);
        }
    }

    fn of(&self, number: &Number, now_us: i64, window: Duration) -> Option<&AgentId> {
        let (at_us, agent) = self.by_number.get(number)?;
        let window = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
        (now_us.saturating_sub(*at_us) <= window).then_some(agent)
    }
}

impl Centre {
    /// A flow says for whom its caller is.
    pub(crate) fn keep_for(&mut self, id: CallId, agent: &AgentId, time: Duration) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.wanted = Some(Wanted { agent: agent.clone(), time: Some(time) });
        }
    }

    /// Keeps a call that just came to its queue for the agent who knows the caller, if she can be had soon.
    pub(crate) fn reserve(&mut self, id: CallId, now: Now) {
        let Some((agent, time)) = self.knows_the_caller(id, now) else { return };
        let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) else { return };
        entry.reserved = Some(agent.clone());
        let entry = entry.id;
        self.deadlines.set(Due::Kept(id), now.instant + time);
        let for_ms = millis(time);
        self.tell(EventBody::QueueReserved { call: id, entry, agent, for_ms }, now);
    }

    fn knows_the_caller(&self, id: CallId, now: Now) -> Option<(AgentId, Duration)> {
        let call = self.calls.get(&id)?;
        let entry = call.stage.entry()?;
        let sticky: Option<Sticky> = self.plan.queues.get(&entry.queue)?.sticky;
        // Who is in danger, or just lost her agent, waits for nobody in particular.
        if entry.place.is_red() || entry.place.is_interrupted() {
            return None;
        }
        let soon = |agent: &crate::agent::Agent| agent.can_be_had_soon();
        if let Some(wanted) = &call.wanted {
            // Who is meant by name need not serve the queue: it only takes the call when she does not (CF C17).
            // What the directory knows counts only where the queue keeps callers at all.
            if let Some(agent) = self.agents.get(&wanted.agent).filter(|agent| soon(agent)) {
                let usual = sticky.map(|sticky| if agent.is_routable() { sticky.idle } else { sticky.busy });
                if let Some(time) = wanted.time.or(usual) {
                    return Some((agent.id.clone(), time));
                }
            }
        }
        let sticky = sticky?;
        let agent = self.agents.get(self.last_talks.of(&call.caller, now.wall_us, sticky.window)?)?;
        if !agent.seats.contains_key(&entry.queue) || !soon(agent) {
            return None;
        }
        let time = if agent.is_routable() { sticky.idle } else { sticky.busy };
        Some((agent.id.clone(), time))
    }

    /// Everybody may take it from now on.
    pub(crate) fn keep_no_longer(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        if call.stage.entry().is_none_or(|entry| entry.reserved.is_none()) {
            return;
        }
        let waits = matches!(call.stage, Stage::Queued(_));
        self.unlist(id);
        self.deadlines.stop(&Due::Kept(id));
        if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.reserved = None;
        }
        self.owner_lost(id, now);
        // While her phone rings the call is hers; should she not take it, everybody may.
        if waits {
            self.list(id);
            self.widen(id, now);
            self.waiting_anew.push(id);
        }
    }

    /// An agent cannot be had soon any more: what was kept for her is everybody's.
    pub(crate) fn release_kept(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id).filter(|agent| !agent.can_be_had_soon()) else { return };
        let kept = agent.kept.values().copied();
        // Who promised to call is waited for, though she is away.
        let kept: Vec<CallId> = kept.filter(|call| self.owner_of(*call).is_none()).collect();
        kept.into_iter().for_each(|call| self.keep_no_longer(call, now));
    }
}

impl crate::agent::Agent {
    /// She takes calls, now or when what she does is done.
    pub(crate) fn can_be_had_soon(&self) -> bool {
        let next = self.pending.as_ref().unwrap_or(&self.intent);
        let works_for_queues = match self.work {
            Work::Idle | Work::Dialing => !self.resting,
            Work::Reserved(_)
            | Work::Ringing(_)
            | Work::Connecting(_)
            | Work::Talking { .. }
            | Work::WrapUp(_)
            | Work::Preview(_) => true,
        };
        *next == AgentIntent::Ready && self.phone == Phone::Registered && works_for_queues
    }
}
