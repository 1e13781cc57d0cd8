//! What is true now, for those who begin to watch.

use crate::centre::Centre;
use crate::queue::millis;
use careline_model::Now;
use careline_model::snapshot::{AgentView, CallView, QueueView, Snapshot};

impl Centre {
    /// Calls, queues and agents as they are now.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        // Ids of one millisecond are in no order, the moments are.
        let mut calls: Vec<_> = self.calls.values().collect();
        calls.sort_by_key(|call| (call.offered.instant, call.id));
        let calls = calls.into_iter().map(|call| CallView {
            call: call.id,
            caller: call.caller.clone(),
            dialled: call.dialled.clone(),
            line: call.line.clone(),
            stage: call.stage.seen(),
            queue: call.queue.clone(),
            agent: call.stage.agent().cloned(),
            offered_at_us: call.offered.wall_us,
            stage_since_us: call.stage_since_us,
        });
        let queues = self.plan.queue_order.iter().filter_map(|id| {
            let queue = self.queues.get(id)?;
            let entries = queue.entries.values().filter_map(|call| self.calls.get(call)?.stage.entry());
            let longest = entries.map(|entry| now.instant.duration_since(entry.entered)).max();
            Some(QueueView {
                queue: id.clone(),
                waiting: queue.entries.values().copied().collect(),
                longest_wait_ms: longest.map_or(0, millis),
                agents_routable: u32::try_from(queue.routable.len()).unwrap_or(u32::MAX),
            })
        });
        let agents = self.agents.values().map(|agent| {
            let (intent, work, device) = agent.seen();
            let (call, since_us) = (agent.call(), agent.since_us);
            AgentView { agent: agent.id.clone(), intent, work, device, call, since_us }
        });
        Snapshot { calls: calls.collect(), queues: queues.collect(), agents: agents.collect() }
    }
}
