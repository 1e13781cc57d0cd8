//! Hours, emergency mode and caller lists: what the configuration says of them, beside what people decided above it.

use crate::centre::Centre;
use careline_model::Now;
use careline_model::config::Plan;
use std::sync::Arc;

impl Centre {
    pub(super) fn replan_rules(&mut self, old: &Plan, by: &str, now: Now) {
        let plan = self.plan.clone();
        let gone: Vec<Arc<str>> =
            self.overrides.keys().filter(|hours| !plan.hours.contains_key(*hours)).cloned().collect();
        gone.iter().for_each(|hours| self.revert(hours, Some(by), now));
        let changed = plan.hours.iter().filter(|(id, hours)| old.hours.get(*id) != Some(hours));
        changed.for_each(|(id, _)| self.hours_changed(id, now));
        match (&mut self.emergency, &plan.emergency) {
            (Some(emergency), Some(flow)) => emergency.flow = flow.clone(),
            (Some(_), None) => self.leave_emergency(Some(by), now),
            (None, _) => {}
        }
        self.screening.replan(&old.screening.lists, &plan.screening.lists, now.wall_us);
    }
}
