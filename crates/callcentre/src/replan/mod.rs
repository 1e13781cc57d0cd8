//! Another configuration for a running call centre (CF O12, 1.3): applied as a whole between two events.
//!
//! ```text
//! queues   changed: who waits is ranked and put into lanes anew; gone: nobody comes in, who waits leaves by its overflow
//!          rules, who is rung or talks finishes, then it is forgotten
//! agents   new: signed out; gone: signed out as soon as no call is in hand, and forgotten; else: other seats and skills
//! tasks    of a campaign that is gone end as stopped; those of the others are judged by the new rules
//! calls    keep the flow that they began with
//! above    overrides, caller lists and closed queues that people ordered stay, where what they are about is still there
//! ```
//!
//! What is the same in both configurations is not touched, so that applying one twice changes nothing.
//!
//! What it is not: no check. Whoever calls this has a [`Plan`], in which every reference holds.

mod agents;
mod campaigns;
mod queues;
mod rules;

use crate::centre::Centre;
use careline_model::Now;
use careline_model::config::Plan;
use careline_model::event::EventBody;
use std::sync::Arc;

impl Centre {
    /// Works by another plan from now on. `told` is the event that says so, told before all that follows from it; `by`
    /// stands in what is told of orders that end because what they were about is gone.
    pub fn replan(&mut self, plan: Arc<Plan>, told: Option<EventBody>, by: &str, now: Now) {
        self.wake(now);
        if let Some(body) = told {
            self.tell(body, now);
        }
        let old = std::mem::replace(&mut self.plan, plan);
        self.retire_queues(&old);
        self.replan_agents(&old, now);
        self.replan_queues(&old, now);
        self.replan_rules(&old, by, now);
        self.replan_campaigns(&old, by, now);
        self.empty_retired(now);
        self.settle(now);
    }

    /// What was only kept for the sake of calls goes with them.
    pub(crate) fn forget_what_is_over(&mut self, now: Now) {
        if !self.leaving.is_empty() {
            self.forget_agents(now);
        }
        if !self.retired.is_empty() {
            self.forget_queues();
        }
    }
}
