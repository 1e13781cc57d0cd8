//! When people may be called, and until when a promise holds (CF E5): never at night, not while the queue is closed, and
//! not after the end of the next business day.

use crate::centre::Centre;
use careline_model::config::plan::CallbackRules;
use careline_model::hours::{Opening, local_minute, next_minute};
use careline_model::{Now, QueueId};

/// Steps from one change of hours to the next that are looked at: a fortnight of days with a lunch gap.
const LOOKS_MAX: usize = 64;
/// Days within which a business day is sought.
const DAYS_MAX: usize = 31;

impl Centre {
    /// The first moment from `from_us` on at which a queue calls people back; nothing when none is in sight.
    pub(super) fn callable_from(&self, queue: &QueueId, from_us: i64) -> Option<i64> {
        let rules = self.callback_rules(queue)?;
        let closing = self.plan.queues.get(queue).and_then(|queue| queue.closing.as_ref());
        let mut at_us = from_us;
        for _ in 0..LOOKS_MAX {
            if !self.is_day(rules, at_us) {
                at_us = next_minute(at_us, rules.from_min, &self.plan.timezone);
                continue;
            }
            let Some(closing) = closing else { return Some(at_us) };
            let outlook = self.preview_hours(&closing.hours, at_us).ok()?;
            if outlook.opening == Opening::Open {
                return Some(at_us);
            }
            at_us = outlook.next?.at_us;
        }
        None
    }

    /// No time of day at which people are left in peace.
    fn is_day(&self, rules: &CallbackRules, at_us: i64) -> bool {
        (rules.from_min..rules.until_min).contains(&local_minute(at_us, &self.plan.timezone))
    }

    /// Whether people may be called now. Who stands in line already is served though the queue has closed.
    pub(super) fn may_call_people(&self, queue: &QueueId, now: Now) -> bool {
        self.callback_rules(queue).is_some_and(|rules| self.is_day(rules, now.wall_us))
    }

    /// When they may not be called any more today.
    pub(super) fn night_from(&self, queue: &QueueId, now: Now) -> i64 {
        let until = self.callback_rules(queue).map_or(0, |rules| rules.until_min);
        next_minute(now.wall_us, until, &self.plan.timezone)
    }

    /// The end of the next business day behind the day of a moment.
    pub(super) fn end_of_next_business_day(&self, queue: &QueueId, from_us: i64) -> i64 {
        let days = self.callback_rules(queue).and_then(|rules| rules.days.as_ref());
        let days = days.and_then(|days| self.plan.hours.get(days));
        let midnight = |at_us| next_minute(at_us, 0, &self.plan.timezone);
        let mut begins_us = midnight(from_us);
        for _ in 0..DAYS_MAX {
            if days.is_none_or(|days| days.opens_on_day_of(begins_us)) {
                break;
            }
            begins_us = midnight(begins_us);
        }
        midnight(begins_us)
    }

    /// When a queue closes by its hours; nothing when it does not, or is closed.
    pub(super) fn closes_at(&self, queue: &QueueId, now: Now) -> Option<i64> {
        let closing = self.plan.queues.get(queue)?.closing.as_ref()?;
        let outlook = self.preview_hours(&closing.hours, now.wall_us).ok()?;
        outlook.next.map(|next| next.at_us).filter(|_| outlook.opening == Opening::Open)
    }
}
