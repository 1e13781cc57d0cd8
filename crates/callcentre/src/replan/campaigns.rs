//! Campaigns that come, go, or are configured otherwise.

use crate::campaign::Campaigns;
use crate::centre::Centre;
use careline_model::Now;
use careline_model::config::Plan;
use careline_model::outbound::CampaignState;

impl Centre {
    /// What people ordered stays, unless the configuration says something new about it. Tasks of a campaign that is gone
    /// end as stopped; who talks is not cut off.
    pub(super) fn replan_campaigns(&mut self, old: &Plan, by: &str, now: Now) {
        let plan = self.plan.clone();
        let (before, after) = (&old.outbound.campaigns, &plan.outbound.campaigns);
        self.campaigns.order = Campaigns::order_of(&plan);
        for id in before.keys().filter(|id| !after.contains_key(*id)) {
            self.enter_campaign_state(id, CampaignState::Stopped, by.to_owned(), String::new(), now);
            self.campaigns.states.remove(id);
            self.campaigns.breaches.retain(|(campaign, _), _| campaign != id);
        }
        for (id, campaign) in after {
            let state = CampaignState::configured(campaign.paused);
            match before.get(id) {
                None => _ = self.campaigns.states.insert(id.clone(), state),
                Some(before) if before.paused != campaign.paused => {
                    self.enter_campaign_state(id, state, by.to_owned(), String::new(), now);
                }
                Some(_) => {}
            }
        }
        // Other hours, other rules: the line is looked at.
        self.campaigns.dirty = true;
    }
}
