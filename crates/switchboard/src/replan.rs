//! Another plan for a running switch: trunks, phones, and all that the call centre does by it.
//!
//! What belongs to the machine (listeners, media, the guards) is that of the start: whoever calls this has made sure that
//! the plan says the same of it.

use crate::switchboard::{Switchboard, fixed_phones};
use careline_callcentre::Input;
use careline_model::config::Plan;
use careline_model::event::EventBody;
use careline_model::{AgentId, Now};
use std::sync::Arc;

impl Switchboard {
    /// Works by another plan from now on; calls that are up go on. `told` is the event that says so and `by` who
    /// decided.
    pub fn replan(&mut self, now: Now, plan: Arc<Plan>, told: Option<EventBody>, by: &str) {
        let old = std::mem::replace(&mut self.plan, plan.clone());
        self.fixed_phones = fixed_phones(&plan);
        self.centre.replan(plan.clone(), told, by, now);
        self.replan_trunks(now, &old);
        self.replan_phones(now, &old);
        self.settle(now);
    }

    /// The plan that is worked by.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    fn replan_phones(&mut self, now: Now, old: &Plan) {
        let plan = self.plan.clone();
        for (id, before) in &old.agents {
            let agent = plan.agents.get(id);
            // A phone that knows the old password is nobody's any more; a call that it is in goes on.
            let password = agent.and_then(|agent| agent.password.as_ref());
            if password != before.password.as_ref() && !self.registrar.lookup(id.as_str()).is_empty() {
                self.registrar.restore(now.instant, id.as_str(), Vec::new());
                self.keep_registration(now, id.as_str());
                self.phone_gone(now, id);
            }
            let fixed = agent.is_some_and(|agent| agent.contact.is_some());
            if before.contact.is_some() && !fixed {
                self.phone_gone(now, id);
            }
        }
        let fixed = plan.agents.values().filter(|agent| agent.contact.is_some());
        for agent in fixed.filter(|agent| old.agents.get(&agent.id).is_none_or(|old| old.contact.is_none())) {
            self.centre.handle(Input::DeviceUp { agent: agent.id.clone() }, now);
        }
    }

    fn phone_gone(&mut self, now: Now, agent: &AgentId) {
        if self.registrar.lookup(agent.as_str()).is_empty() {
            self.centre.handle(Input::DeviceGone { agent: agent.clone() }, now);
        }
    }
}
