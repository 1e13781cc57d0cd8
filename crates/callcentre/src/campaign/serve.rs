//! Agents for tasks: who is free and not wanted by a caller gets the next task of the first campaign that has one
//! (CF K3, K13). It runs after callers were matched, so that they go first.

use super::{Hand, Key, When};
use crate::agent::{Agent, Work};
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::reach::Step;
use careline_model::config::plan::Campaign;
use careline_model::event::EventBody;
use careline_model::outbound::{CampaignFact, CampaignMode, CampaignState, PreviewOutcome, TaskOutcome};
use careline_model::{AgentId, CallId, CampaignId, Now, QueueId};
use std::time::{Duration, Instant};

/// Tasks that one agent's turn looks at: those it finds not to be dialled now leave the line, so the next turn sees others.
const LOOKS_MAX: usize = 200;
/// The wall clock may be set: the line is looked at this often at least.
const LOOK_AGAIN: Duration = Duration::from_secs(900);

impl Centre {
    /// Hands tasks to agents who are free, and takes them back for callers.
    pub(crate) fn serve_campaigns(&mut self, now: Now) {
        if self.campaigns.is_idle() {
            if std::mem::take(&mut self.campaigns.dirty) {
                self.deadlines.stop(&Due::Campaigns);
            }
            return;
        }
        self.yield_to_callers(now);
        if std::mem::take(&mut self.campaigns.dirty) {
            self.campaigns.wake(now.wall_us);
            if !self.draining && self.emergency.is_none() {
                for campaign in self.campaigns.order.clone() {
                    self.serve_campaign(&campaign, now);
                }
            }
            self.set_line_deadline(now);
        }
        if !(self.freed.is_empty() && self.waiting_anew.is_empty()) {
            self.settle(now);
        }
    }

    /// The line is looked at when the next task may be dialled, or a queue has rested.
    fn set_line_deadline(&mut self, now: Now) {
        let in_line = self.campaigns.next_due_us().map(|due_us| {
            let micros = u64::try_from(due_us.saturating_sub(now.wall_us)).unwrap_or(0);
            now.instant + Duration::from_micros(micros).min(LOOK_AGAIN)
        });
        let waits = self.campaigns.ready.values().any(|ready| !ready.is_empty());
        let rests = self.campaigns.breaches.iter().filter_map(|((campaign, _), at)| {
            let rest = self.plan.outbound.campaigns.get(campaign)?.blending.breach_rest;
            Some(*at + rest).filter(|until| waits && *until > now.instant)
        });
        let idle = waits.then(|| now.instant + LOOK_AGAIN);
        match in_line.into_iter().chain(rests).chain(idle).min() {
            Some(at) => self.deadlines.set(Due::Campaigns, at),
            None => self.deadlines.stop(&Due::Campaigns),
        }
    }

    pub(crate) fn campaigns_are_due(&mut self) {
        self.campaigns.dirty = true;
    }

    fn serve_campaign(&mut self, id: &CampaignId, now: Now) {
        if self.campaigns.state(id) != CampaignState::Running
            || self.campaigns.ready.get(id).is_none_or(|ready| ready.is_empty())
        {
            return;
        }
        let plan = self.plan.clone();
        let Some(campaign) = plan.outbound.campaigns.get(id) else { return };
        let Some(queue) = self.queues.get(&campaign.queue) else { return };
        let agents: Vec<AgentId> = queue.routable.iter().map(|(_, agent)| agent.clone()).collect();
        let mut free = agents.len();
        for agent in agents {
            if free <= campaign.blending.keep_free {
                return;
            }
            if !self.may_be_sent_out(&agent, campaign, now.instant) {
                continue;
            }
            match self.next_task(id, &agent, now) {
                Some((key, at)) => {
                    free -= 1;
                    self.hand_out(campaign, key, at, &agent, now);
                }
                None if self.campaigns.ready.get(id).is_none_or(|ready| ready.is_empty()) => return,
                None => {}
            }
        }
    }

    /// She is free, can do it, and no caller wants her.
    fn may_be_sent_out(&self, id: &AgentId, campaign: &Campaign, now: Instant) -> bool {
        let Some(agent) = self.agents.get(id).filter(|agent| agent.is_routable()) else { return false };
        let has = |(skill, level): (&_, &u8)| agent.skills.get(skill).is_some_and(|own| own >= level);
        let rests = |queue: &QueueId| {
            let breach = self.campaigns.breaches.get(&(campaign.id.clone(), queue.clone()));
            breach.is_some_and(|at| now < *at + campaign.blending.breach_rest)
        };
        self.calls.len() < self.plan.sip.calls_max
            && campaign.needs.iter().all(has)
            && agent.kept.is_empty()
            && !agent.seats.keys().any(|queue| self.somebody_waits_in(queue) || rests(queue))
    }

    /// Without an agent who is being rung for her.
    fn somebody_waits_in(&self, queue: &QueueId) -> bool {
        self.queues.get(queue).is_some_and(|queue| !queue.lanes.is_empty())
    }

    /// A caller waits whom this agent could serve.
    pub(crate) fn is_wanted(&self, agent: &Agent) -> bool {
        !agent.kept.is_empty()
            || agent.seats.keys().any(|id| {
                let queue = self.queues.get(id);
                queue.is_some_and(|queue| queue.lanes.keys().any(|lane| lane.takes(agent, id)))
            })
    }

    /// The first task of a campaign that may be dialled now and that she has not skipped. Those that may not are put off.
    fn next_task(&mut self, id: &CampaignId, agent: &AgentId, now: Now) -> Option<(Key, usize)> {
        let ready = self.campaigns.ready.get(id)?;
        let looked_at: Vec<Key> =
            ready.values().take(LOOKS_MAX).map(|task| (id.clone(), task.clone())).collect();
        let plan = self.plan.clone();
        for key in looked_at {
            match self.campaigns.when(&key, &plan, now.wall_us) {
                When::Now(at) => {
                    let skipped = |task: &super::Task| task.skipped_by.contains(agent);
                    if !self.campaigns.tasks.get(&key).is_some_and(skipped) {
                        return Some((key, at));
                    }
                }
                When::At(due_us) => self.put_off(&key, due_us, now),
                When::Never(outcome) => self.end_task(&key, outcome, None, now),
            }
        }
        None
    }

    fn hand_out(&mut self, campaign: &Campaign, key: Key, at: usize, agent: &AgentId, now: Now) {
        self.campaigns.unlist(&key);
        self.campaigns.busy.insert(agent.clone(), key.clone());
        match campaign.mode {
            CampaignMode::Preview => self.offer_preview(campaign, key, agent, now),
            CampaignMode::Progressive => self.reach_for_task(&key, at, agent, now),
        }
    }

    /// Back in the line, and told so when it has to wait.
    pub(crate) fn put_off(&mut self, key: &Key, until_us: i64, now: Now) {
        self.campaigns.list_at(key, until_us);
        let (campaign, task) = key.clone();
        self.tell(EventBody::Campaign(CampaignFact::TaskPutOff { campaign, task, until_us }), now);
    }

    /// Nobody has it in hand any longer: back in the line, or it is over.
    pub(crate) fn task_is_free(&mut self, key: &Key, now: Now) {
        let Some(task) = self.campaigns.tasks.get_mut(key) else { return };
        task.hand = Hand::Free;
        let (ends, skips) = (task.ends, task.skipped_by.len());
        let skips_max = self.plan.outbound.campaigns.get(&key.0).map_or(usize::MAX, |one| one.skips_max);
        if let Some(outcome) = ends {
            return self.end_task(key, outcome, None, now);
        }
        if skips >= skips_max {
            return self.end_task(key, TaskOutcome::Skipped, None, now);
        }
        match self.campaigns.when(key, &self.plan, now.wall_us) {
            When::Now(_) => self.campaigns.list_at(key, now.wall_us),
            When::At(due_us) => self.put_off(key, due_us, now),
            When::Never(outcome) => self.end_task(key, outcome, None, now),
        }
    }

    /// Each task ends here, once.
    pub(crate) fn end_task(&mut self, key: &Key, outcome: TaskOutcome, call: Option<CallId>, now: Now) {
        let Some(task) = self.campaigns.end(key) else { return };
        let (campaign, id) = key.clone();
        let attempts = task.attempts;
        self.tell(
            EventBody::Campaign(CampaignFact::TaskEnded { campaign, task: id, outcome, attempts, call }),
            now,
        );
    }

    /// Callers go first: a task that nobody has begun to dial is taken back from an agent who could serve one.
    fn yield_to_callers(&mut self, now: Now) {
        let wanted: Vec<AgentId> = self
            .campaigns
            .busy
            .keys()
            .filter(|id| self.agents.get(*id).is_some_and(|agent| self.is_wanted(agent)))
            .cloned()
            .collect();
        // One caller, one agent: the others keep what they look at when nobody else waits.
        for id in wanted {
            let Some(agent) = self.agents.get(&id).filter(|agent| self.is_wanted(agent)) else { continue };
            match &agent.work {
                Work::Preview(_) => self.end_preview(&id, PreviewOutcome::Yielded, String::new(), now),
                Work::Dialing => {
                    let summoned = agent.own.iter().copied().find(|call| self.is_summoning(*call));
                    let Some(call) = summoned else { continue };
                    self.take_summons_back(call, now);
                }
                _ => continue,
            }
            // She is free: the caller is offered to her before the next agent is looked at.
            self.settle(now);
        }
    }

    fn is_summoning(&self, call: CallId) -> bool {
        let stage = self.calls.get(&call).map(|call| &call.stage);
        matches!(stage, Some(Stage::Reaching(reach)) if reach.step == Step::Summoning)
    }

    /// Somebody left a queue after a wait that some campaign minds.
    pub(crate) fn note_wait(&mut self, queue: &QueueId, waited: Duration, now: Instant) {
        if self.plan.outbound.campaigns.is_empty() {
            return;
        }
        let minds = self.plan.outbound.campaigns.values().filter(|one| waited >= one.blending.breach_wait);
        let minds: Vec<CampaignId> = minds.map(|campaign| campaign.id.clone()).collect();
        for campaign in minds {
            self.campaigns.breaches.insert((campaign, queue.clone()), now);
        }
        self.campaigns.dirty = true;
    }
}
