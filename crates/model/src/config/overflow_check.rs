//! Queues that nobody serves, that are too full, or closed: what is written makes sense together.

use super::check::{Check, listed};
use super::plan::{Closing, Overflow, Presence, Queue, Vacancy};
use super::queue::QueueConfig;
use super::wait::{ClosingConfig, EmptyConfig, OverflowConfig};
use crate::hours::WeeklyHours;
use crate::id::QueueId;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most rules of one queue.
const RULES_MAX: usize = 8;

impl Check<'_> {
    pub(super) fn vacancy(&mut self, config: Option<&EmptyConfig>) -> Vacancy {
        let Some(config) = config else { return Vacancy::default() };
        let grace = self.seconds("queue.empty.grace_s", &config.grace_s, 0);
        let leave = self.presence("queue.empty.leave", config.leave.as_ref());
        let unattended_max = config.max_wait_s.as_ref();
        Vacancy {
            join: self.presence("queue.empty.join", config.join.as_ref()),
            leave: leave.map(|presence| (presence, grace)),
            unattended_max: unattended_max.map(|max| self.seconds("queue.empty.max_wait_s", max, 1)),
        }
    }

    fn presence(&mut self, key: &str, written: Option<&Spanned<String>>) -> Option<Presence> {
        let written = written?;
        let found = Presence::ALL.iter().find(|(word, _)| word == written.get_ref());
        if found.is_none() {
            let what = format!("`{}` is no way of being there", written.get_ref());
            self.wrong(key, written, what, listed(Presence::ALL.iter().map(|(word, _)| word)));
        }
        found.map(|(_, presence)| *presence)
    }

    /// The queues' rules, which name other queues, once all queues are known; and their hours.
    pub(super) fn overflows(
        &mut self,
        configs: &[QueueConfig],
        hours: &BTreeMap<Arc<str>, WeeklyHours>,
        queues: &mut BTreeMap<QueueId, Queue>,
    ) {
        for config in configs {
            let id = QueueId::from(config.id.get_ref().as_str());
            if let Some(ninth) = config.overflow.get(RULES_MAX) {
                let at = ninth.queue.as_ref().unwrap_or(&config.id);
                self.wrong("queue.overflow", at, "one rule too many", format!("{RULES_MAX} rules"));
            }
            let rules = config.overflow.iter().take(RULES_MAX);
            let rules = rules.map(|rule| self.overflow(rule, config, queues)).collect();
            let closing = config.closing.as_ref().map(|closing| self.closing(closing, hours));
            let callback = self.callback(config, hours);
            if let Some(queue) = queues.get_mut(&id) {
                (queue.overflow, queue.closing, queue.callback) = (rules, closing, callback);
            }
        }
    }

    fn overflow(
        &mut self,
        rule: &OverflowConfig,
        config: &QueueConfig,
        queues: &BTreeMap<QueueId, Queue>,
    ) -> Overflow {
        let to = rule.queue.as_ref().map(|queue| {
            let id = QueueId::from(queue.get_ref().as_str());
            if queue.get_ref() == config.id.get_ref() || !queues.contains_key(&id) {
                let others = queues.keys().filter(|other| other.as_str() != config.id.get_ref());
                let what = format!("`{id}` is no other queue");
                self.wrong("queue.overflow.queue", queue, what, listed(others));
            }
            id
        });
        let unconditional = rule.size.is_none()
            && rule.predicted_s.is_none()
            && rule.age_s.is_none()
            && !rule.no_staff
            && rule.class.is_none();
        if unconditional {
            let at = rule.queue.as_ref().unwrap_or(&config.id);
            let allowed = "size, predicted_s, age_s, no_staff or class";
            self.wrong("queue.overflow", at, "a rule without a condition", allowed);
        }
        let class = rule.class.as_ref().map(|class| self.amount("queue.overflow.class", class, 1, 9));
        Overflow {
            size: rule.size.as_ref().map(|size| self.count("queue.overflow.size", size, 100_000)),
            predicted: self.some_seconds("queue.overflow.predicted_s", rule.predicted_s.as_ref()),
            age: self.some_seconds("queue.overflow.age_s", rule.age_s.as_ref()),
            no_staff: rule.no_staff,
            class: class.and_then(|class| u8::try_from(class).ok()),
            to,
        }
    }

    fn some_seconds(&mut self, key: &str, value: Option<&Spanned<u32>>) -> Option<std::time::Duration> {
        value.map(|value| self.seconds(key, value, 1))
    }

    fn closing(&mut self, config: &ClosingConfig, hours: &BTreeMap<Arc<str>, WeeklyHours>) -> Closing {
        let id = config.hours.get_ref().as_str();
        if !hours.contains_key(id) {
            let what = format!("hours `{id}` are not known");
            self.wrong("queue.closing.hours", &config.hours, what, listed(hours.keys()));
        }
        let leave = match config.waiting.as_ref().map(|word| (word, word.get_ref().as_str())) {
            None | Some((_, "serve")) => false,
            Some((_, "leave")) => true,
            Some((at, other)) => {
                let what = format!("`{other}` says nothing about those who wait");
                self.wrong("queue.closing.waiting", at, what, "serve, leave");
                false
            }
        };
        Closing { hours: id.into(), leave }
    }
}
