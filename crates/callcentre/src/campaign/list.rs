//! What is true of campaigns and tasks now.

use super::Hand;
use crate::centre::Centre;
use careline_model::outbound::{CampaignView, DoNotCall, TaskView};
use careline_model::{CampaignId, TaskId};

/// Tasks of one answer.
const PAGE_MAX: usize = 500;

impl Centre {
    /// All campaigns, in the order in which they are served.
    #[must_use]
    pub fn campaign_views(&self) -> Vec<CampaignView> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let view = |id: &CampaignId| {
            let campaign = self.plan.outbound.campaigns.get(id)?;
            let ready = self.campaigns.ready.get(id).map_or(0, std::collections::BTreeMap::len);
            let (mut in_hand, mut all) = (0, 0);
            for task in self.campaigns.tasks_of(id) {
                all += 1;
                in_hand += usize::from(task.hand != Hand::Free);
            }
            Some(CampaignView {
                campaign: id.clone(),
                name: campaign.name.clone(),
                mode: campaign.mode,
                purpose: campaign.purpose,
                state: self.campaigns.state(id),
                ready: count(ready),
                later: count(all - in_hand - ready.min(all - in_hand)),
                in_hand: count(in_hand),
            })
        };
        self.campaigns.order.iter().filter_map(view).collect()
    }

    /// Tasks of a campaign that have not ended, in the order of their ids, those after `after` first: 500 at most.
    #[must_use]
    pub fn task_views(&self, campaign: &CampaignId, after: Option<&TaskId>) -> Vec<TaskView> {
        let tasks = self.campaigns.tasks_of(campaign);
        let tasks = tasks.filter(|task| after.is_none_or(|after| task.given.id > *after));
        let view = |task: &super::Task| TaskView {
            campaign: task.campaign.clone(),
            task: task.given.id.clone(),
            person: task.given.person.clone(),
            attempts: task.attempts,
            due_us: task.due_us,
            in_hand: task.hand != Hand::Free,
        };
        tasks.take(PAGE_MAX).map(view).collect()
    }

    /// Who may not be called, in the order of the numbers, those after `after`: 500 at most.
    #[must_use]
    pub fn do_not_call(&self, after: &str) -> Vec<DoNotCall> {
        let listed = self.campaigns.do_not_call.values();
        listed.filter(|entry| entry.number.as_str() > after).take(PAGE_MAX).cloned().collect()
    }
}
