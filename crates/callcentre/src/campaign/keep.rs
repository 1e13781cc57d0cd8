//! What campaigns know over a restart of the switch: given out and taken back as plain values.

use super::{Key, Task};
use crate::centre::Centre;
use careline_model::event::EventBody;
use careline_model::outbound::{CampaignFact, CampaignState, KeptTask, OutboundState, TaskOutcome};
use careline_model::{CampaignId, Now};

impl Centre {
    /// Everything that campaigns remember. A task that is in hand is given out as one that waits: its call dies with the
    /// switch, and what was dialled is remembered.
    #[must_use]
    pub fn outbound_state(&self) -> OutboundState {
        let campaigns = &self.campaigns;
        let configured = |id: &CampaignId| {
            CampaignState::configured(self.plan.outbound.campaigns.get(id).is_some_and(|one| one.paused))
        };
        OutboundState {
            campaigns: campaigns
                .states
                .iter()
                .filter(|(id, state)| configured(id) != **state)
                .map(|(id, state)| (id.clone(), *state))
                .collect(),
            tasks: campaigns.tasks.values().map(kept).collect(),
            ended: campaigns.ended().cloned().collect(),
            dialled: campaigns.guard.all().collect(),
            do_not_call: campaigns.do_not_call.values().cloned().collect(),
        }
    }

    /// Takes back what another run gave out, before anything else happens. Tasks of campaigns that are not configured any
    /// longer end as stopped.
    pub fn restore_outbound(&mut self, state: OutboundState, now: Now) {
        self.wake(now);
        let known = |id: &CampaignId| self.plan.outbound.campaigns.contains_key(id);
        let states: Vec<_> = state.campaigns.into_iter().filter(|(id, _)| known(id)).collect();
        self.campaigns.states.extend(states);
        for dialled in state.dialled {
            self.campaigns.guard.note(&dialled.number, dialled.clinical, dialled.at_us);
        }
        for entry in state.do_not_call {
            self.campaigns.do_not_call.insert(entry.number.clone(), entry);
        }
        state.ended.into_iter().for_each(|key| self.campaigns.remember(key));
        for kept in state.tasks {
            let key: Key = (kept.campaign.clone(), kept.given.id.clone());
            if self.campaigns.knows(&key) || kept.numbers.len() != kept.given.numbers.len() {
                continue;
            }
            if self.plan.outbound.campaigns.contains_key(&key.0) {
                let seq = Some(kept.seq);
                self.campaigns.add(taken(kept), seq);
            } else {
                self.campaigns.remember(key);
                let (campaign, task, attempts) = (kept.campaign, kept.given.id, kept.attempts);
                let (outcome, call) = (TaskOutcome::Stopped, None);
                let fact = CampaignFact::TaskEnded { campaign, task, outcome, attempts, call };
                self.tell(EventBody::Campaign(fact), now);
            }
        }
        self.settle(now);
    }
}

fn kept(task: &Task) -> KeptTask {
    KeptTask {
        campaign: task.campaign.clone(),
        given: task.given.clone(),
        numbers: task.numbers.clone(),
        attempts: task.attempts,
        skipped_by: task.skipped_by.iter().cloned().collect(),
        seq: task.seq,
        put_off_us: task.put_off_us,
    }
}

fn taken(kept: KeptTask) -> Task {
    Task {
        numbers: kept.numbers,
        attempts: kept.attempts,
        skipped_by: kept.skipped_by.into_iter().collect(),
        put_off_us: kept.put_off_us,
        ..Task::new(kept.campaign, kept.given)
    }
}
