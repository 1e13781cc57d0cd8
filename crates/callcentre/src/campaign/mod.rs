//! Campaigns: calls that the house makes for one purpose, with the agents who serve a queue (CF 1K).
//!
//! ```text
//! given --> later <--> ready --preview--> an agent looks --accepts--> her phone rings --> the person's phone rings
//!             ^                              | skips, her time is over, a caller waits           |        |
//!             +------------------------------+---------------(next time, next number)------------+        v
//!                                                                                    talk --> ended, once
//! ```
//!
//! The agent is on the line before anybody is dialled: nobody answers to an empty chair. When people may be called, and
//! how often, is decided in one place ([`Campaigns::when`]); whether agents are to be had, in `serve.rs`.
//!
//! Memory is bounded: `TASKS_MAX` tasks over all campaigns (more are refused), [`ENDED_MAX`] ids of tasks that ended (the
//! oldest is forgotten), `DO_NOT_CALL_MAX` entries (more are refused), and the numbers of a week (see `guard.rs`).

mod guard;
mod keep;
mod list;
mod orders;
mod preview;
mod serve;
mod task;

pub use orders::{CampaignOrder, CampaignReply};
pub(crate) use preview::Preview;
pub(crate) use task::{Hand, Task};

use careline_model::config::plan::{Campaign, Plan};
use careline_model::outbound::{CampaignState, DialResult, DoNotCall, Purpose, TaskOutcome};
use careline_model::{AgentId, CampaignId, Number, QueueId, TaskId};
use guard::Guard;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

/// So many ids of tasks that ended are remembered, so that they change nothing when they are given again.
pub(crate) const ENDED_MAX: usize = 50_000;

/// A task, over all campaigns.
pub(crate) type Key = (CampaignId, TaskId);

/// All campaigns with their tasks.
#[derive(Debug, Default)]
pub(crate) struct Campaigns {
    pub(crate) states: BTreeMap<CampaignId, CampaignState>,
    /// In the order in which they are served.
    pub(crate) order: Vec<CampaignId>,
    pub(crate) tasks: BTreeMap<Key, Task>,
    /// Tasks that may be dialled, by priority and age.
    pub(crate) ready: BTreeMap<CampaignId, BTreeMap<(u8, u64), TaskId>>,
    /// Tasks that wait, by their time.
    later: BTreeMap<(i64, u64), Key>,
    ended: VecDeque<Key>,
    ended_ids: BTreeSet<Key>,
    pub(crate) guard: Guard,
    pub(crate) do_not_call: BTreeMap<Number, DoNotCall>,
    seq: u64,
    /// Agents who look at a task or make its call.
    pub(crate) busy: BTreeMap<AgentId, Key>,
    /// When somebody last waited too long in a queue, for each campaign that minds.
    pub(crate) breaches: BTreeMap<(CampaignId, QueueId), Instant>,
    /// Something changed since agents and tasks were looked at.
    pub(crate) dirty: bool,
}

/// When a task may be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Now, at this one of its numbers.
    Now(usize),
    /// Not before, UTC microseconds.
    At(i64),
    /// Never.
    Never(TaskOutcome),
}

impl Campaigns {
    pub(crate) fn new(plan: &Plan) -> Self {
        let state = |(id, campaign): (&CampaignId, &Campaign)| {
            (id.clone(), CampaignState::configured(campaign.paused))
        };
        let states = plan.outbound.campaigns.iter().map(state).collect();
        Self { states, order: Self::order_of(plan), ..Self::default() }
    }

    /// In which campaigns are served.
    pub(crate) fn order_of(plan: &Plan) -> Vec<CampaignId> {
        let all = &plan.outbound.campaigns;
        let mut order: Vec<CampaignId> = all.keys().cloned().collect();
        order.sort_by_key(|id| all.get(id).map_or(u8::MAX, |campaign| campaign.priority));
        order
    }

    /// Nothing to do, ever.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(crate) fn state(&self, campaign: &CampaignId) -> CampaignState {
        self.states.get(campaign).copied().unwrap_or(CampaignState::Stopped)
    }

    /// It is there, or was.
    pub(crate) fn knows(&self, key: &Key) -> bool {
        self.tasks.contains_key(key) || self.ended_ids.contains(key)
    }

    pub(crate) fn tasks_of<'a>(&'a self, campaign: &'a CampaignId) -> impl Iterator<Item = &'a Task> {
        let from = (campaign.clone(), TaskId::from(""));
        let tasks = self.tasks.range(from..).map(|(_, task)| task);
        tasks.take_while(move |task| task.campaign == *campaign)
    }

    /// Takes a task and gives it a place in the line; `seq` when it has one already.
    pub(crate) fn add(&mut self, mut task: Task, seq: Option<u64>) {
        task.seq = seq.unwrap_or(self.seq);
        self.seq = self.seq.max(task.seq) + 1;
        let key = task.key();
        self.later.insert((task.due_us, task.seq), key.clone());
        self.tasks.insert(key, task);
        self.dirty = true;
    }

    /// Not in the line while somebody has it in hand.
    pub(crate) fn unlist(&mut self, key: &Key) {
        let Some(task) = self.tasks.get(key) else { return };
        self.later.remove(&(task.due_us, task.seq));
        if let Some(ready) = self.ready.get_mut(&key.0) {
            ready.remove(&(task.given.priority, task.seq));
        }
    }

    /// Back in the line, not before `due_us`.
    pub(crate) fn list_at(&mut self, key: &Key, due_us: i64) {
        self.unlist(key);
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.hand = Hand::Free;
        task.due_us = due_us;
        self.later.insert((due_us, task.seq), key.clone());
        self.dirty = true;
    }

    /// Those whose time has come may be dialled.
    pub(crate) fn wake(&mut self, wall_us: i64) {
        while let Some(((due_us, seq), key)) = self.later.pop_first() {
            if due_us > wall_us {
                self.later.insert((due_us, seq), key);
                return;
            }
            if let Some(task) = self.tasks.get(&key) {
                let ready = self.ready.entry(key.0.clone()).or_default();
                ready.insert((task.given.priority, seq), key.1.clone());
            }
        }
    }

    /// When the next of those who wait may be dialled, UTC microseconds.
    pub(crate) fn next_due_us(&self) -> Option<i64> {
        self.later.first_key_value().map(|((due_us, _), _)| *due_us)
    }

    /// Takes a task out for good and remembers its id.
    pub(crate) fn end(&mut self, key: &Key) -> Option<Task> {
        self.unlist(key);
        let task = self.tasks.remove(key)?;
        self.dirty = true;
        self.remember(key.clone());
        Some(task)
    }

    pub(crate) fn remember(&mut self, key: Key) {
        if self.ended_ids.insert(key.clone()) {
            self.ended.push_back(key);
        }
        while self.ended.len() > ENDED_MAX {
            if let Some(oldest) = self.ended.pop_front() {
                self.ended_ids.remove(&oldest);
            }
        }
    }

    pub(crate) fn ended(&self) -> impl Iterator<Item = &Key> {
        self.ended.iter()
    }

    pub(crate) fn may_not_call(&self, number: &Number, purpose: Purpose) -> bool {
        self.do_not_call.get(number).is_some_and(|entry| entry.purposes.contains(&purpose))
    }

    /// The one policy: which number of a task may be dialled when, by what came of it before, by who gave it, by the hours
    /// of the day, and by how often the number was called (CF K9, K11, K15).
    pub(crate) fn when(&self, key: &Key, plan: &Plan, wall_us: i64) -> When {
        let exhausted = When::Never(TaskOutcome::Exhausted);
        let Some(task) = self.tasks.get(key) else { return exhausted };
        let Some(campaign) = plan.outbound.campaigns.get(&key.0) else { return exhausted };
        let purpose = campaign.purpose;
        let open = |number: &Number| !self.may_not_call(number, purpose);
        let left: Vec<usize> = task.left().collect();
        let mut from_us = wall_us.max(task.put_off_us).max(task.given.not_before_us.unwrap_or(i64::MIN));
        let allowed = left.iter().filter(|at| task.number(**at).is_some_and(open));
        let due_us = |at: usize| task.numbers.get(at).map_or(i64::MAX, |number| number.due_us);
        // The first whose time has come, else the one whose time comes first.
        let best = allowed.copied().min_by_key(|at| (due_us(*at).max(from_us), *at));
        let Some(at) = best else {
            return if left.is_empty() { exhausted } else { When::Never(TaskOutcome::DoNotCall) };
        };
        let Some(number) = task.number(at) else { return exhausted };
        from_us = from_us.max(due_us(at));
        let expired = When::Never(TaskOutcome::Expired);
        // Each rule may move it into what another forbids.
        for _ in 0..32 {
            let policy = &plan.outbound.policy;
            let moved = policy.not_quiet(purpose, from_us, &plan.timezone);
            let moved = moved.and_then(|moved_us| task.in_window(moved_us));
            let Some(moved_us) = moved else { return expired };
            let free_us = self.guard.free_at(number, purpose == Purpose::Clinical, plan, moved_us);
            if free_us == from_us {
                break;
            }
            from_us = free_us;
        }
        if task.given.not_after_us.is_some_and(|last| from_us > last) {
            return expired;
        }
        if from_us <= wall_us { When::Now(at) } else { When::At(from_us) }
    }

    /// A number was dialled, and this came of it. Numbers that were not dialled in truth are not counted as such.
    pub(crate) fn conclude(&mut self, key: &Key, at: usize, result: DialResult, plan: &Plan, wall_us: i64) {
        let Some(campaign) = plan.outbound.campaigns.get(&key.0) else { return };
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.conclude(at, result, campaign, wall_us);
        if matches!(result, DialResult::Congestion | DialResult::Barred)
            && let Some(number) = task.number(at)
        {
            self.guard.forget_last(number, campaign.purpose == Purpose::Clinical);
        }
    }
}
