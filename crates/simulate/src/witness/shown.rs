//! The snapshot beside what events told.

use super::agents::Agents;
use super::calls::Calls;
use careline_model::event::AgentWork;
use careline_model::snapshot::{CallStage, Snapshot};
use careline_model::{AgentId, CallId};
use std::collections::BTreeMap;

/// The first difference, in words.
pub(super) fn differs(snapshot: &Snapshot, calls: &Calls, agents: &Agents) -> Option<String> {
    calls_differ(snapshot, calls)
        .or_else(|| queues_differ(snapshot, calls, agents))
        .or_else(|| agents_differ(snapshot, calls, agents))
}

fn calls_differ(snapshot: &Snapshot, calls: &Calls) -> Option<String> {
    if snapshot.calls.len() != calls.live.len() {
        return Some(format!("{} calls are shown, {} live", snapshot.calls.len(), calls.live.len()));
    }
    snapshot.calls.iter().find_map(|view| {
        let told = calls.live.get(&view.call).map(|call| call.stage);
        let good = match told {
            // A party outside has no event of its own, so its conversation looks like the end of the transfer.
            Some(CallStage::Transferring) => {
                matches!(view.stage, CallStage::Transferring | CallStage::Talking)
            }
            // Whose phone drops the party that it has again is rung back without a word.
            Some(CallStage::Talking) => matches!(view.stage, CallStage::Talking | CallStage::Transferring),
            told => told == Some(view.stage),
        };
        (!good).then(|| format!("{} is shown as {:?}, told as {told:?}", view.call, view.stage))
    })
}

fn queues_differ(snapshot: &Snapshot, calls: &Calls, agents: &Agents) -> Option<String> {
    snapshot.queues.iter().find_map(|view| {
        let told: Vec<CallId> =
            calls.queues.get(&view.queue)?.entries.iter().map(|(_, _, _, call)| *call).collect();
        if told != view.waiting {
            // Offered = outcomes + waiting: entries that neither ended nor wait, or the other way round.
            return Some(format!("{}: {:?} wait, told were {told:?}", view.queue, view.waiting));
        }
        let free = agents.free.get(&view.queue)?.len();
        (free > view.agents_routable as usize)
            .then(|| format!("{}: {} agents are free, {free} should be", view.queue, view.agents_routable))
    })
}

fn agents_differ(snapshot: &Snapshot, calls: &Calls, agents: &Agents) -> Option<String> {
    let mut with: BTreeMap<&AgentId, CallId> = BTreeMap::new();
    for view in &snapshot.calls {
        let leased = matches!(view.stage, CallStage::Offered | CallStage::Talking) && view.queue.is_some();
        if let Some(agent) = view.agent.as_ref().filter(|_| leased)
            && let Some(other) = with.insert(agent, view.call)
        {
            return Some(format!("{agent} has {other} and {}", view.call));
        }
    }
    snapshot.agents.iter().find_map(|view| {
        let told = agents.all.get(&view.agent)?;
        let same = told.intent == view.intent && told.work == view.work && told.device == view.device;
        if !same || told.since_us != view.since_us {
            return Some(format!("{} is shown as {view:?}, told as {told:?}", view.agent));
        }
        let lease = calls.lease_of(&view.agent);
        let rung = matches!(view.work, AgentWork::Reserved | AgentWork::Ringing | AgentWork::Connecting);
        let good = match rung {
            true => lease.is_some() && view.call == lease,
            false => lease.is_none(),
        };
        (!good)
            .then(|| format!("{} is {:?} with {:?}, offered is {lease:?}", view.agent, view.work, view.call))
    })
}
