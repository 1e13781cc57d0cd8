//! Callbacks and surveys of queues: what is written makes sense together.

use super::callback::{CallbackConfig, CallbackNumbersConfig};
use super::check::{Check, listed};
use super::plan::{CallbackMode, CallbackNumbers, CallbackRules, Node, Plan, SurveyRules};
use super::queue::QueueConfig;
use super::switch::SwitchConfig;
use crate::hours::WeeklyHours;
use crate::id::{ClassId, FlowId, QueueId};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Class of callbacks that name none.
const CLASS: &str = "standard";
/// People are left in peace before and after these minutes of the day (CF E5).
const EARLIEST_MIN: u16 = 8 * 60;
const LATEST_MIN: u16 = 21 * 60;
/// Most forms of numbers.
const FORMS_MAX: usize = 32;
/// Most digits of a number.
const DIGITS_MAX: u32 = 20;
/// Most questions that a caller puts up with after a conversation (CF J2).
const QUESTIONS_GOOD: usize = 3;

type Hours = BTreeMap<Arc<str>, WeeklyHours>;

impl Check<'_> {
    /// What the hours of queues are needed for.
    pub(super) fn callback(&mut self, queue: &QueueConfig, hours: &Hours) -> Option<CallbackRules> {
        let config = queue.callback.as_ref()?;
        let (from_min, until_min) = self.in_peace(config);
        let own = config.days.as_ref().map(|days| ("queue.callback.days", days));
        let closing = queue.closing.as_ref().map(|closing| ("queue.closing.hours", &closing.hours));
        let days = own.or(closing).map(|(key, id)| {
            if !hours.contains_key(id.get_ref().as_str()) {
                let what = format!("hours `{}` are not known", id.get_ref());
                self.wrong(key, id, what, listed(hours.keys()));
            }
            Arc::from(id.get_ref().as_str())
        });
        Some(CallbackRules {
            mode: self.callback_mode(config.mode.as_ref()),
            wait_over: self.seconds("queue.callback.wait_over_s", &config.wait_over_s, 0),
            attempts: self.amount("queue.callback.attempts", &config.attempts, 1, 10),
            spacing: self.seconds("queue.callback.spacing_s", &config.spacing_s, 60),
            preview: self.within("queue.callback.preview_s", &config.preview_s, (0, 120)),
            ring: self.within("queue.callback.ring_s", &config.ring_s, (10, 90)),
            from_min,
            until_min,
            days,
            lead: self.seconds("queue.callback.lead_s", &config.lead_s, 0),
            answer: self.all_prompts("queue.callback.answer", &config.answer),
            offer: self.all_prompts("queue.callback.offer", &config.offer),
            ringback: self.prompt("queue.callback.ringback", config.ringback.as_ref()),
            owner_absent: self.seconds("queue.callback.owner_absent_s", &config.owner_absent_s, 1),
            class: ClassId::from(config.class.as_ref().map_or(CLASS, |class| class.get_ref().as_str())),
            numbers: self.forms(&config.numbers),
            open_max: self.count("queue.callback.open_max", &config.open_max, 10_000),
        })
    }

    fn within(&mut self, key: &str, value: &Spanned<u32>, (least, most): (u32, u32)) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(self.amount(key, value, least, most)))
    }

    fn callback_mode(&mut self, written: Option<&Spanned<String>>) -> CallbackMode {
        let Some(written) = written else { return CallbackMode::AgentFirst };
        let found = CallbackMode::ALL.iter().find(|(word, _)| word == written.get_ref());
        if found.is_none() {
            let what = format!("`{}` is no mode", written.get_ref());
            let all = listed(CallbackMode::ALL.iter().map(|(word, _)| word));
            self.wrong("queue.callback.mode", written, what, all);
        }
        found.map_or(CallbackMode::AgentFirst, |(_, mode)| *mode)
    }

    /// People are never called at night.
    fn in_peace(&mut self, config: &CallbackConfig) -> (u16, u16) {
        let from = self.minute_of_day("queue.callback.from", &config.from);
        let until = self.minute_of_day("queue.callback.until", &config.until);
        if from < EARLIEST_MIN {
            let what = format!("{} is too early", config.from.get_ref());
            self.wrong("queue.callback.from", &config.from, what, "08:00 or later");
        }
        if until > LATEST_MIN || until <= from {
            let what = format!("{} is no end of the day's calls", config.until.get_ref());
            let allowed = format!("after {}, and not after 21:00", config.from.get_ref());
            self.wrong("queue.callback.until", &config.until, what, allowed);
        }
        (from, until)
    }

    fn forms(&mut self, written: &[CallbackNumbersConfig]) -> Vec<CallbackNumbers> {
        if let Some(first) = written.get(FORMS_MAX) {
            self.wrong("queue.callback.numbers", &first.prefix, "one too many", format!("{FORMS_MAX}"));
        }
        let mut forms = Vec::new();
        for form in written.iter().take(FORMS_MAX) {
            let prefix = form.prefix.get_ref();
            if !prefix.bytes().all(|b| b.is_ascii_digit()) {
                let what = format!("`{prefix}` is no beginning of a number");
                self.wrong("queue.callback.numbers.prefix", &form.prefix, what, "digits, or \"\" for all");
            }
            let max = self.amount("queue.callback.numbers.max", &form.max, 1, DIGITS_MAX);
            let min = self.amount("queue.callback.numbers.min", &form.min, 1, max);
            let (min, max) = (usize::try_from(min).unwrap_or(1), usize::try_from(max).unwrap_or(1));
            forms.push(CallbackNumbers { prefix: prefix.clone(), min, max });
        }
        forms
    }

    pub(super) fn survey(&mut self, queue: &QueueConfig) -> Option<SurveyRules> {
        let config = queue.survey.as_ref()?;
        Some(SurveyRules {
            flow: config.flow.get_ref().as_str().into(),
            percent: self.amount("queue.survey.percent", &config.percent, 1, 100),
            min_talk: self.seconds("queue.survey.min_talk_s", &config.min_talk_s, 0),
        })
    }

    /// What classes and flows are needed for: every queue's callbacks have a class, its survey a flow that asks.
    pub(super) fn callbacks_and_surveys(&mut self, config: &SwitchConfig, plan: &Plan) {
        for written in &config.queue {
            let rules = plan.queues.get(&QueueId::from(written.id.get_ref().as_str()));
            let class = rules.and_then(|queue| queue.callback.as_ref()).map(|callback| &callback.class);
            let at = written.callback.as_ref().and_then(|callback| callback.class.as_ref());
            if let (Some(class), Some(at)) = (class, at)
                && !plan.dialling.classes.contains_key(class)
            {
                let what = format!("class `{class}` is not known");
                self.wrong("queue.callback.class", at, what, listed(plan.dialling.classes.keys()));
            }
            let Some(at) = written.survey.as_ref().map(|survey| &survey.flow) else { continue };
            let flow = plan.flows.get(&FlowId::from(at.get_ref().as_str()));
            let questions =
                flow.map(|flow| flow.nodes.values().filter(|node| matches!(node, Node::Rate(_))).count());
            match questions {
                None => {
                    let what = format!("flow `{}` is not known", at.get_ref());
                    self.wrong("queue.survey.flow", at, what, listed(plan.flows.keys()));
                }
                Some(count) if !(1..=QUESTIONS_GOOD).contains(&count) => {
                    let what = format!("flow `{}` has {count} rate nodes", at.get_ref());
                    let allowed = format!("a flow with 1 to {QUESTIONS_GOOD} rate nodes");
                    self.wrong("queue.survey.flow", at, what, allowed);
                }
                Some(_) => {}
            }
        }
    }
}
