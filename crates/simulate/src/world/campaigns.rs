//! Campaigns of the simulated hospital: tasks are given, agents decide about them, and at the end of the time nobody is
//! called any longer.

use super::{Deed, World};
use crate::chance::Chance;
use crate::exchange::Exchange;
use crate::hospital::CAMPAIGNS;
use careline_callcentre::CampaignOrder;
use careline_model::outbound::{CampaignState, NewTask, Relation, TaskNumber};
use careline_model::{AgentId, CampaignId, Number, TaskId};
use std::time::Duration;

/// So many people are called; some of them for several tasks.
const PEOPLE: usize = 300;
/// So many ids of tasks there are: some are given again.
const TASKS: usize = 4000;

impl<E: Exchange> World<E> {
    /// The desk gives a task. Hospitals whose agents serve no campaign have none.
    pub(super) fn give_task(&mut self, pick: usize) -> bool {
        let campaign = CampaignId::from(CAMPAIGNS[pick % CAMPAIGNS.len()].0);
        let number = |nth: usize| TaskNumber {
            number: Number::from(format!("+86139{:08}", nth % PEOPLE).as_str()),
            relation: if nth == pick { Relation::Patient } else { Relation::Kin },
        };
        let numbers =
            if pick.is_multiple_of(3) { vec![number(pick), number(pick + 1)] } else { vec![number(pick)] };
        let task = NewTask {
            id: TaskId::new(format!("t{}", pick % TASKS)),
            person: format!("p{pick}"),
            numbers,
            not_before_us: None,
            not_after_us: pick.is_multiple_of(5).then(|| self.now.wall_us + 3_600_000_000),
            windows: Vec::new(),
            priority: 1 + u8::try_from(pick % 9).unwrap_or(0),
        };
        // Not every hospital has every campaign.
        let _ =
            self.exchange.campaign_order(CampaignOrder::AddTasks { campaign, tasks: vec![task] }, self.now);
        true
    }

    /// A task is withdrawn that may be over, or a campaign pauses or runs.
    pub(super) fn order_campaign(&mut self, pick: usize) -> bool {
        let campaign = CampaignId::from(CAMPAIGNS[pick % CAMPAIGNS.len()].0);
        let order = match pick / 7 % 4 {
            0 => CampaignOrder::SetState {
                campaign,
                state: CampaignState::Paused,
                by: "chief".to_owned(),
                reason: "simulated".to_owned(),
            },
            1 | 2 => CampaignOrder::SetState {
                campaign,
                state: CampaignState::Running,
                by: "chief".to_owned(),
                reason: "simulated".to_owned(),
            },
            _ => CampaignOrder::Withdraw { campaign, task: TaskId::new(format!("t{}", pick % TASKS)) },
        };
        let _ = self.exchange.campaign_order(order, self.now);
        true
    }

    /// Most agents accept, some skip, and some do not look.
    pub(super) fn looks_at_a_task(&mut self, agent: &AgentId) {
        let mut chance = Chance::new(self.script.seed, 6 << 56 | self.made);
        let after = chance.between(Duration::from_secs(2), Duration::from_secs(25));
        let share = chance.unit();
        if share < 0.9 {
            self.later(after, Deed::Decides { agent: agent.clone(), accepts: share < 0.75 });
        }
    }

    pub(super) fn decides(&mut self, agent: AgentId, accepts: bool) {
        let order = match accepts {
            true => CampaignOrder::Accept { agent },
            false => CampaignOrder::Skip { agent, reason: "simulated".to_owned() },
        };
        // A caller may have come in between.
        let _ = self.exchange.campaign_order(order, self.now);
        self.settle();
    }

    /// The time is over: what is under way comes to its end, and nothing new begins.
    pub(super) fn stop_campaigns(&mut self) {
        if std::mem::replace(&mut self.campaigns_over, true) {
            return;
        }
        for (id, _) in CAMPAIGNS {
            let (campaign, state) = (CampaignId::from(id), CampaignState::Stopped);
            let (by, reason) = ("chief".to_owned(), "the time is over".to_owned());
            let _ = self
                .exchange
                .campaign_order(CampaignOrder::SetState { campaign, state, by, reason }, self.now);
        }
        self.settle();
    }
}
