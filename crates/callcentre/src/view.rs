//! What is true now, for those who begin to watch.

use crate::agent::Work;
use crate::centre::Centre;
use crate::queue::millis;
use careline_model::Now;
use careline_model::config::plan::{NotReadyCode, SetBy};
use careline_model::snapshot::{
    AgentView, CallView, DispositionView, NotReadyCodeView, QueueView, Snapshot, WrapUpView,
};
use std::time::Duration;

impl Centre {
    /// Calls, queues and agents as they are now.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        // Ids of one millisecond are in no order, the moments are.
        let mut calls: Vec<_> = self.calls.values().collect();
        calls.sort_by_key(|call| (call.offered.instant, call.id));
        let calls = calls.into_iter().map(|call| CallView {
            call: call.id,
            direction: call.direction,
            caller: call.caller.clone(),
            caller_name: call.caller_name.clone(),
            dialled: call.dialled.clone(),
            line: call.line.clone(),
            medium: call.medium.clone(),
            stage: call.stage.seen(),
            queue: call.queue.clone(),
            agent: call.stage.agent().cloned(),
            offer: call
                .stage
                .agent()
                .and_then(|agent| self.agents.get(agent)?.lease())
                .map(|lease| lease.offer),
            offered_at_us: call.offered.wall_us,
            stage_since_us: call.stage_since_us,
        });
        let queues = self.plan.queue_order.iter().filter_map(|id| {
            let queue = self.queues.get(id)?;
            let entries = queue.entries.values().filter_map(|call| self.calls.get(call)?.stage.entry());
            let longest = entries.map(|entry| now.instant.duration_since(entry.entered)).max();
            Some(QueueView {
                queue: id.clone(),
                name: self.plan.queues.get(id).map_or_else(String::new, |queue| queue.name.clone()),
                waiting: queue.entries.values().copied().collect(),
                longest_wait_ms: longest.map_or(0, millis),
                agents_routable: u32::try_from(queue.routable.len()).unwrap_or(u32::MAX),
            })
        });
        let agents = self.agents.values().map(|agent| {
            let (intent, work, device) = agent.seen();
            let (call, since_us) = (agent.call(), agent.since_us);
            let name = self.plan.agents.get(&agent.id).map_or_else(String::new, |agent| agent.name.clone());
            let (id, next) = (agent.id.clone(), agent.pending.clone());
            let wrap_up = match &agent.work {
                Work::WrapUp(wrap_up) => Some(WrapUpView {
                    call: wrap_up.call,
                    mode: wrap_up.mode,
                    ends_at_us: wrap_up.ends_at_us,
                    disposition: wrap_up.disposition.clone(),
                }),
                _ => None,
            };
            AgentView { agent: id, name, intent, work, device, call, since_us, next, wrap_up }
        });
        let dispositions = self.plan.dispositions.values().map(|disposition| DispositionView {
            code: disposition.id.to_string(),
            name: disposition.name.clone(),
        });
        Snapshot {
            calls: calls.collect(),
            queues: queues.collect(),
            agents: agents.collect(),
            hours: self.hours_views(now),
            emergency: self.emergency.clone(),
            not_ready_codes: self.plan.not_ready_codes.values().map(code_view).collect(),
            dispositions: dispositions.collect(),
            watches: self.watches.views(),
        }
    }
}

fn code_view(code: &NotReadyCode) -> NotReadyCodeView {
    let seconds =
        |time: Option<Duration>| u32::try_from(time.map_or(0, |time| time.as_secs())).unwrap_or(u32::MAX);
    NotReadyCodeView {
        code: code.id.to_string(),
        name: code.name.clone(),
        productive: code.productive,
        staffed: code.staffed,
        max_s: seconds(code.longest.max),
        warn_s: seconds(code.longest.warn),
        at_max: code.longest.then,
        quota: code.quota,
        by_agent: code.set_by.contains(&SetBy::Agent),
        by_supervisor: code.set_by.contains(&SetBy::Supervisor),
    }
}
