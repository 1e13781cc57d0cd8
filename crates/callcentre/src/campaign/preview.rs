//! Preview: an agent sees whom to call and decides, within a time (CF K2).

use super::{Hand, Key, When};
use crate::agent::Work;
use crate::centre::Centre;
use crate::command::CommandError;
use crate::deadlines::Due;
use crate::input::RefusedBy;
use careline_model::config::plan::Campaign;
use careline_model::event::EventBody;
use careline_model::outbound::{CampaignFact, PreviewOutcome, TEXT_CHARS_MAX};
use careline_model::{AgentId, Now};

/// A task that an agent looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preview {
    pub(crate) task: Key,
}

impl Centre {
    pub(super) fn offer_preview(&mut self, campaign: &Campaign, key: Key, id: &AgentId, now: Now) {
        let Some(task) = self.campaigns.tasks.get_mut(&key) else { return };
        let Some(agent) = self.agents.get_mut(id) else { return };
        task.hand = Hand::Preview(id.clone());
        agent.work = Work::Preview(Preview { task: key.clone() });
        self.deadlines.set(Due::Work(id.clone()), now.instant + campaign.preview);
        let ends_at_us = now.after(campaign.preview).wall_us;
        let (campaign, task) = key;
        let agent = id.clone();
        self.agent_changed(id, now);
        self.tell(
            EventBody::Campaign(CampaignFact::PreviewOffered { campaign, task, agent, ends_at_us }),
            now,
        );
    }

    /// She does not dial it: she is free, and the task is back in the line, or over.
    pub(crate) fn end_preview(&mut self, id: &AgentId, outcome: PreviewOutcome, reason: String, now: Now) {
        let Some(key) = self.close_preview(id, outcome, reason, now) else { return };
        if let Some(agent) = self.agents.get_mut(id) {
            agent.release(now.instant);
        }
        self.agent_changed(id, now);
        self.task_is_free(&key, now);
    }

    /// Tells the end of a preview; her work is left to the caller of this.
    fn close_preview(
        &mut self,
        id: &AgentId,
        outcome: PreviewOutcome,
        reason: String,
        now: Now,
    ) -> Option<Key> {
        let agent = self.agents.get(id)?;
        let Work::Preview(preview) = &agent.work else { return None };
        let key = preview.task.clone();
        self.deadlines.stop(&Due::Work(id.clone()));
        self.campaigns.busy.remove(id);
        let ((campaign, task), agent) = (key.clone(), id.clone());
        self.tell(
            EventBody::Campaign(CampaignFact::PreviewEnded { campaign, task, agent, outcome, reason }),
            now,
        );
        Some(key)
    }

    /// Her time is over: dialled all the same, or somebody else's. Who does not look at her screen is not shown the next.
    pub(crate) fn preview_is_over(&mut self, id: &AgentId, now: Now) {
        let Some(Work::Preview(preview)) = self.agents.get(id).map(|agent| &agent.work) else { return };
        let campaign = self.plan.outbound.campaigns.get(&preview.task.0);
        if campaign.is_some_and(|campaign| campaign.dial_at_timeout) {
            return self.dial_preview(id, PreviewOutcome::Dialled, now);
        }
        self.count_miss(id, RefusedBy::NoAnswer, now);
        self.end_preview(id, PreviewOutcome::TimedOut, String::new(), now);
    }

    fn dial_preview(&mut self, id: &AgentId, outcome: PreviewOutcome, now: Now) {
        let Some(key) = self.close_preview(id, outcome, String::new(), now) else { return };
        let when = self.campaigns.when(&key, &self.plan, now.wall_us);
        if let Some(agent) = self.agents.get_mut(id) {
            agent.work = Work::Idle;
        }
        match when {
            // The hour may have become a quiet one while she looked.
            When::Now(at) if !self.draining && self.can_be_rung(id).is_ok() => {
                self.campaigns.busy.insert(id.clone(), key.clone());
                self.reach_for_task(&key, at, id, now);
            }
            _ => {
                if let Some(agent) = self.agents.get_mut(id) {
                    agent.release(now.instant);
                }
                self.agent_changed(id, now);
                self.task_is_free(&key, now);
            }
        }
    }

    pub(super) fn accept_preview(&mut self, id: &AgentId, now: Now) -> Result<(), CommandError> {
        self.looks_at_a_task(id)?;
        self.dial_preview(id, PreviewOutcome::Accepted, now);
        Ok(())
    }

    pub(super) fn skip_preview(
        &mut self,
        id: &AgentId,
        reason: String,
        now: Now,
    ) -> Result<(), CommandError> {
        let key = self.looks_at_a_task(id)?;
        if !(1..=TEXT_CHARS_MAX).contains(&reason.trim().chars().count()) {
            let allowed = format!("1 to {TEXT_CHARS_MAX} characters that say why");
            return Err(CommandError::BadEntry {
                what: "a task is not skipped without a reason".into(),
                allowed,
            });
        }
        if let Some(task) = self.campaigns.tasks.get_mut(&key) {
            task.skipped_by.insert(id.clone());
        }
        self.end_preview(id, PreviewOutcome::Skipped, reason, now);
        Ok(())
    }

    fn looks_at_a_task(&self, id: &AgentId) -> Result<Key, CommandError> {
        self.known_agent(id)?;
        match self.agents.get(id).map(|agent| &agent.work) {
            Some(Work::Preview(preview)) => Ok(preview.task.clone()),
            _ => Err(CommandError::BadEntry {
                what: format!("agent {id} looks at no task"),
                allowed: "while a task is shown to her".into(),
            }),
        }
    }
}
