//! Campaigns and the policy of outbound calls: each reference to something that is there.

use super::check::{Check, listed};
use super::outbound::{CampaignConfig, OutboundConfig, ResultCodeConfig, RetryConfig};
use super::plan::{Blending, Campaign, Outbound, Plan, Policy, ResultCode, Retry, Then};
use super::switch::SwitchConfig;
use super::trunk_profile::Word;
use crate::hours::Span;
use crate::id::{CampaignId, QueueId, TrunkGroupId};
use crate::number::Number;
use crate::outbound::{CampaignMode, DialResult, Purpose, TASKS_MAX};
use crate::spoken::{Value, say};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Most campaigns.
const CAMPAIGNS_MAX: usize = 100;
/// Most times that one number may be dialled a day or a week, and that one may be tried.
const TIMES_MAX: u32 = 50;
/// A result may be followed up after so long at most: two weeks.
const AFTER_MAX_S: u32 = 14 * 86_400;

impl Check<'_> {
    /// Everything else of `plan` has to be there.
    pub(super) fn outbound(&mut self, config: &SwitchConfig, plan: &Plan) -> Outbound {
        let written = &config.outbound;
        let policy = Policy {
            quiet: self.spans("outbound.quiet", &written.quiet),
            quiet_clinical: self.spans("outbound.quiet_clinical", &written.quiet_clinical),
            per_day: self.amount("outbound.per_day", &written.per_day, 1, TIMES_MAX),
            per_week: self.amount("outbound.per_week", &written.per_week, 1, TIMES_MAX),
            clinical_per_day: self.amount(
                "outbound.clinical_per_day",
                &written.clinical_per_day,
                1,
                TIMES_MAX,
            ),
        };
        let mut outbound = Outbound {
            policy,
            safe_message: self.safe_message(written, plan),
            ring_back: self.prompt("outbound.ring_back", written.ring_back.as_ref()),
            result_codes: written.result_code.iter().filter_map(|code| self.result_code(code)).collect(),
            campaigns: BTreeMap::new(),
        };
        if let Some(one) = config.campaign.get(CAMPAIGNS_MAX) {
            self.wrong("campaign", &one.id, "one campaign too many", format!("{CAMPAIGNS_MAX} or fewer"));
        }
        for campaign in config.campaign.iter().take(CAMPAIGNS_MAX) {
            if outbound.safe_message.is_empty() {
                let what = "nobody says who called when an agent's phone is lost";
                self.wrong(
                    "campaign",
                    &campaign.id,
                    what,
                    "outbound.safe_message and outbound.call_back_number",
                );
            }
            let id: CampaignId = self.unique("campaign.id", &campaign.id, &outbound.campaigns);
            let made = self.campaign(campaign, &id, plan);
            outbound.campaigns.insert(id, made);
        }
        outbound
    }

    fn spans(&mut self, key: &str, written: &[Spanned<String>]) -> Vec<Span> {
        let mut spans = Vec::new();
        for text in written {
            match Span::parse(text.get_ref()) {
                Ok(span) => spans.push(span),
                Err(error) => self.wrong(key, text, error.to_string(), "HH:MM-HH:MM, as 20:00-08:00"),
            }
        }
        spans
    }

    /// The prompts, and the words of the number behind them.
    fn safe_message(&mut self, written: &OutboundConfig, plan: &Plan) -> Vec<Arc<str>> {
        let prompts = written.safe_message.iter();
        let mut all: Vec<Arc<str>> =
            prompts.filter_map(|prompt| self.prompt("outbound.safe_message", Some(prompt))).collect();
        let Some(number) = &written.call_back_number else { return all };
        let digits: String = number.get_ref().chars().filter(char::is_ascii_digit).collect();
        let local = plan.number(number.get_ref());
        if !plan.is_own(&local) && !plan.trunks.values().any(|trunk| trunk.may_show(&local, plan)) {
            let what = format!("`{}` is no number of ours", number.get_ref());
            self.wrong("outbound.call_back_number", number, what, "a number that a line or a trunk has");
        }
        match say(Value::Digits(&digits), plan.prompts.spoken(None)) {
            Ok(words) => {
                for prompt in words.prompts() {
                    let word = Spanned::new(number.span(), prompt.to_string());
                    all.extend(self.prompt("outbound.call_back_number", Some(&word)));
                }
            }
            Err(error) => {
                self.wrong(
                    "outbound.call_back_number",
                    number,
                    error.to_string(),
                    "digits of a telephone number",
                );
            }
        }
        all
    }

    fn result_code(&mut self, written: &ResultCodeConfig) -> Option<ResultCode> {
        if written.status.is_none() && written.cause.is_none() {
            let what = "means any refusal at all";
            self.wrong("outbound.result_code", &written.result, what, "status, cause or both beside it");
            return None;
        }
        let mut code = |key: &str, value: &Option<Spanned<u32>>, least, most| {
            let value = value.as_ref()?;
            u16::try_from(self.amount(key, value, least, most)).ok()
        };
        let status = code("outbound.result_code.status", &written.status, 300, 699);
        let cause = code("outbound.result_code.cause", &written.cause, 1, 127);
        let result = self.failure("outbound.result_code.result", &written.result)?;
        Some(ResultCode { status, cause, result })
    }

    /// A result that is none of ours to find.
    fn failure(&mut self, key: &str, written: &Spanned<String>) -> Option<DialResult> {
        let open = |result: &DialResult| !matches!(result, DialResult::Answered | DialResult::Barred);
        let found = DialResult::read(written.get_ref()).filter(open);
        if found.is_none() {
            let allowed = DialResult::WORDS.iter().filter(|(_, result)| open(result)).map(|(word, _)| word);
            let what = format!("`{}` is no result here", written.get_ref());
            self.wrong(key, written, what, listed(allowed));
        }
        found
    }

    fn campaign(&mut self, written: &CampaignConfig, id: &CampaignId, plan: &Plan) -> Campaign {
        let queue = QueueId::from(written.queue.get_ref().as_str());
        if !plan.queues.contains_key(&queue) {
            self.wrong(
                "campaign.queue",
                &written.queue,
                format!("queue `{queue}` is not known"),
                listed(plan.queues.keys()),
            );
        }
        let needs = self.levels("campaign.skills", &written.skills);
        let serves = |agent: &super::plan::Agent| {
            let has = |(skill, level): (&_, &u8)| agent.skills.get(skill).is_some_and(|own| own >= level);
            agent.seats.contains_key(&queue) && needs.iter().all(has)
        };
        if plan.queues.contains_key(&queue) && !plan.agents.values().any(serves) {
            self.wrong(
                "campaign.queue",
                &written.queue,
                "no agent serves this campaign",
                "a queue and skills that some agent has",
            );
        }
        let group = written.trunk_group.as_ref().map(|group| {
            let id = TrunkGroupId::from(group.get_ref().as_str());
            if !plan.dialling.groups.contains_key(&id) {
                let what = format!("trunk group `{id}` is not known");
                self.wrong("campaign.trunk_group", group, what, listed(plan.dialling.groups.keys()));
            }
            id
        });
        let (mode, purpose) = (CampaignMode::Preview, Purpose::Survey);
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Campaign {
            id: id.clone(),
            name: if written.name.is_empty() { id.to_string() } else { written.name.clone() },
            mode: self.word("campaign.mode", Some(&written.mode), mode),
            purpose: self.word("campaign.purpose", Some(&written.purpose), purpose),
            queue,
            needs,
            group,
            caller_id: written.caller_id.as_ref().map(|id| self.shown_number("campaign.caller_id", id, plan)),
            caller_ids: self.caller_ids(written, plan),
            priority: u8::try_from(self.amount("campaign.priority", &written.priority, 1, 9)).unwrap_or(9),
            preview: self.seconds("campaign.preview_s", &written.preview_s, 5),
            dial_at_timeout: self.word("campaign.at_timeout", Some(&written.at_timeout), AtTimeout::Release)
                == AtTimeout::Dial,
            ring: seconds(self.amount("campaign.ring_s", &written.ring_s, 15, 90)),
            skips_max: count(self.amount("campaign.skips_max", &written.skips_max, 1, TIMES_MAX)),
            attempts_max: self.amount("campaign.attempts_max", &written.attempts_max, 1, TIMES_MAX),
            tasks_max: count(self.amount("campaign.tasks_max", &written.tasks_max, 1, TASKS_MAX)),
            blending: Blending {
                keep_free: count(self.amount("campaign.keep_free", &written.keep_free, 0, 1000)),
                breach_wait: self.seconds("campaign.breach_wait_s", &written.breach_wait_s, 1),
                breach_rest: self.seconds("campaign.breach_rest_s", &written.breach_rest_s, 0),
            },
            paused: written.paused,
            retries: self.retries(&written.retry),
        }
    }

    fn shown_number(&mut self, key: &str, value: &Spanned<String>, plan: &Plan) -> Number {
        let number = plan.number(value.get_ref());
        if !plan.trunks.values().any(|trunk| trunk.may_show(&number, plan)) {
            let what = format!("`{}` is a number of ours on no trunk", value.get_ref());
            let allowed = "a number of some trunk's number_block or caller_id, or of a line";
            self.wrong(key, value, what, allowed);
        }
        number
    }

    fn caller_ids(&mut self, written: &CampaignConfig, plan: &Plan) -> BTreeMap<String, Number> {
        let mut ids = BTreeMap::new();
        for (prefix, number) in &written.caller_ids {
            let prefix = self.normal_prefix("campaign.caller_ids", prefix);
            ids.insert(prefix, self.shown_number("campaign.caller_ids", number, plan));
        }
        ids
    }

    /// The usual rules (CF K9), and what is written instead of them.
    fn retries(&mut self, written: &[RetryConfig]) -> BTreeMap<DialResult, Retry> {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 3600;
        let usual = [
            (DialResult::Busy, 10 * MINUTE, 3),
            (DialResult::NoAnswer, 4 * HOUR, 3),
            (DialResult::Machine, 4 * HOUR, 3),
            (DialResult::SwitchedOff, 4 * HOUR, 3),
            (DialResult::Unreachable, HOUR, 3),
            (DialResult::Congestion, 5 * MINUTE, 5),
            (DialResult::Cancelled, 10 * MINUTE, 3),
            (DialResult::AgentLost, MINUTE, 5),
            // Who heard that nobody was there is left alone for a day.
            (DialResult::Abandoned, 24 * HOUR, 1),
            (DialResult::Rejected, 24 * HOUR, 1),
        ];
        let usual = usual.map(|(result, after_s, times)| {
            (result, Retry { after: Duration::from_secs(after_s), times, then: Then::Later })
        });
        let mut retries = BTreeMap::from(usual);
        for one in written {
            let after = self.amount("campaign.retry.after_s", &one.after_s, 0, AFTER_MAX_S);
            let times = self.amount("campaign.retry.times", &one.times, 0, TIMES_MAX);
            let then = self.word("campaign.retry.then", Some(&one.then), Then::Later);
            let Some(result) = self.failure("campaign.retry.result", &one.result) else { continue };
            if times > 0 && after < 60 {
                self.wrong(
                    "campaign.retry.after_s",
                    &one.after_s,
                    format!("{after} is too soon"),
                    "60 or more",
                );
            }
            retries.insert(result, Retry { after: Duration::from_secs(u64::from(after)), times, then });
        }
        retries
    }
}

/// What follows when an agent did not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtTimeout {
    Release,
    Dial,
}

impl Word for AtTimeout {
    const WORDS: &[(&str, Self)] = &[("release", Self::Release), ("dial", Self::Dial)];
}

impl Word for Then {
    const WORDS: &[(&str, Self)] = &[("later", Self::Later), ("next_number", Self::NextNumber)];
}

impl Word for CampaignMode {
    const WORDS: &[(&str, Self)] = &[("preview", Self::Preview), ("progressive", Self::Progressive)];
}

impl Word for Purpose {
    const WORDS: &[(&str, Self)] = &Self::ALL;
}

impl Word for DialResult {
    const WORDS: &[(&str, Self)] = &Self::ALL;
}
