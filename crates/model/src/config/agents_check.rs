//! Rules for agents: what is written makes sense together.

use super::agents::LimitsConfig;
use super::check::{Check, SECONDS_MAX};
use super::plan::{Disposition, Limit, Limits, NotReadyCode, Rona, SetBy, WrapUp};
use super::switch::SwitchConfig;
use super::trunk_profile::Word;
use super::{DEVICE_LOST_CODE, RONA_CODE, TIMEOUT_DISPOSITION};
use crate::event::{LimitAction, WrapUpMode};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Most calls of one agent in a day, and most uses of a reason code.
const TIMES_MAX: u32 = 10_000;
/// Wrap-up whose time nobody wrote...
const WRAP_UP: Duration = Duration::from_secs(30);
/// ...and the longest one when the agent ends it.
const WRAP_UP_LONGEST: Duration = Duration::from_secs(1800);
/// Missed offers in a row.
const MISSED_MAX: u32 = 100;

impl Check<'_> {
    pub(super) fn rona(&mut self, config: &SwitchConfig) -> Rona {
        let rona = &config.rona;
        let mut apart = |key: &str, value: &Option<Spanned<u32>>| {
            value.as_ref().map(|value| self.amount(key, value, 0, MISSED_MAX))
        };
        let no_answer_max = apart("rona.no_answer_max", &rona.no_answer_max);
        let rejected_max = apart("rona.rejected_max", &rona.rejected_max);
        let busy_max = apart("rona.busy_max", &rona.busy_max);
        let unreachable_max = apart("rona.unreachable_max", &rona.unreachable_max);
        Rona {
            rest_no_answer: self.seconds("rona.rest_no_answer_s", &rona.rest_no_answer_s, 1),
            rest_rejected: self.seconds("rona.rest_rejected_s", &rona.rest_rejected_s, 1),
            rest_busy: self.seconds("rona.rest_busy_s", &rona.rest_busy_s, 1),
            rest_unreachable: self.seconds("rona.rest_unreachable_s", &rona.rest_unreachable_s, 1),
            missed_max: self.amount("rona.rona_max", &rona.rona_max, 1, MISSED_MAX),
            no_answer_max,
            rejected_max,
            busy_max,
            unreachable_max,
            device_back: self.seconds("rona.device_back_s", &rona.device_back_s, 1),
        }
    }

    /// `table` is `queue` or `agent`. Without a mode the time alone says whether there is any wrap-up.
    pub(super) fn wrap_up(
        &mut self,
        table: &str,
        mode: Option<&Spanned<String>>,
        time: Option<&Spanned<u32>>,
    ) -> WrapUp {
        let none = time.is_some_and(|time| *time.get_ref() == 0);
        let unwritten = if none { WrapUpMode::None } else { WrapUpMode::Timed };
        let mode = self.word(&format!("{table}.wrap_up_mode"), mode, unwritten);
        let usual = match mode {
            WrapUpMode::None | WrapUpMode::Optional => return WrapUp { mode, time: Duration::ZERO },
            WrapUpMode::Discretionary => WRAP_UP_LONGEST,
            WrapUpMode::Timed | WrapUpMode::TimedFixed => WRAP_UP,
        };
        let time = time.map(|time| self.seconds(&format!("{table}.wrap_up_s"), time, 1));
        WrapUp { mode, time: time.unwrap_or(usual) }
    }

    pub(super) fn not_ready_codes(&mut self, config: &SwitchConfig) -> BTreeMap<Arc<str>, NotReadyCode> {
        let mut codes = BTreeMap::new();
        for code in &config.not_ready_code {
            let id: Arc<str> = self.unique("not_ready_code.id", &code.id, &codes);
            if [RONA_CODE, DEVICE_LOST_CODE].contains(&&*id) {
                let what = format!("`{id}` is set by the switch alone");
                self.wrong("not_ready_code.id", &code.id, what, "another id");
            }
            let longest = self.limit(
                ("not_ready_code.max_s", code.max_s.as_ref()),
                ("not_ready_code.warn_s", code.warn_s.as_ref()),
                ("not_ready_code.at_max", code.at_max.as_ref()),
                SECONDS_MAX,
            );
            let quota = code.quota.as_ref();
            let made = NotReadyCode {
                id: id.clone(),
                name: code.name.clone(),
                productive: code.productive,
                staffed: code.staffed,
                longest: longest.map(|seconds| Duration::from_secs(u64::from(seconds))),
                quota: quota.map_or(0, |quota| self.amount("not_ready_code.quota", quota, 1, TIMES_MAX)),
                set_by: self.words(
                    "not_ready_code.set_by",
                    code.set_by.as_ref(),
                    &[SetBy::Agent, SetBy::Supervisor],
                ),
            };
            codes.insert(id, made);
        }
        codes
    }

    pub(super) fn dispositions(&mut self, config: &SwitchConfig) -> BTreeMap<Arc<str>, Disposition> {
        let mut all = BTreeMap::new();
        for written in &config.disposition {
            let id: Arc<str> = self.unique("disposition.id", &written.id, &all);
            if &*id == TIMEOUT_DISPOSITION {
                let what = format!("`{id}` is set by the switch alone");
                self.wrong("disposition.id", &written.id, what, "another id");
            }
            all.insert(id.clone(), Disposition { id, name: written.name.clone() });
        }
        all
    }

    pub(super) fn limits(&mut self, limits: &LimitsConfig) -> Limits {
        let written = |value: &Spanned<u32>| (*value.get_ref() > 0).then(|| value.clone());
        let (calls_max, calls_warn) = (written(&limits.calls_max), written(&limits.calls_warn));
        let (idle_max, idle_warn) = (written(&limits.idle_max_s), written(&limits.idle_warn_s));
        let calls = self.limit(
            ("limits.calls_max", calls_max.as_ref()),
            ("limits.calls_warn", calls_warn.as_ref()),
            ("limits.at_calls_max", limits.at_calls_max.as_ref()),
            TIMES_MAX,
        );
        let idle = self.limit(
            ("limits.idle_max_s", idle_max.as_ref()),
            ("limits.idle_warn_s", idle_warn.as_ref()),
            ("limits.at_idle_max", limits.at_idle_max.as_ref()),
            SECONDS_MAX,
        );
        Limits { calls, idle: idle.map(|seconds| Duration::from_secs(u64::from(seconds))) }
    }

    fn limit(
        &mut self,
        (max_key, max): (&str, Option<&Spanned<u32>>),
        (warn_key, warn): (&str, Option<&Spanned<u32>>),
        (then_key, then): (&str, Option<&Spanned<String>>),
        most: u32,
    ) -> Limit<u32> {
        let most_warn = max.map_or(most, |max| max.get_ref().saturating_sub(1).clamp(1, most));
        let limit = Limit {
            max: max.map(|max| self.amount(max_key, max, 1, most)),
            warn: warn.map(|warn| self.amount(warn_key, warn, 1, most_warn)),
            then: self.word(then_key, then, LimitAction::Alert),
        };
        if let (None, Some(then)) = (limit.max, then) {
            self.wrong(then_key, then, "follows on no limit", format!("{max_key} beside it"));
        }
        limit
    }
}

impl<T> Limit<T> {
    fn map<U>(self, with: impl Fn(T) -> U) -> Limit<U> {
        Limit { warn: self.warn.map(&with), max: self.max.map(&with), then: self.then }
    }
}

impl Word for WrapUpMode {
    const WORDS: &[(&str, Self)] = &[
        ("none", Self::None),
        ("optional", Self::Optional),
        ("discretionary", Self::Discretionary),
        ("timed", Self::Timed),
        ("timed_fixed", Self::TimedFixed),
    ];
}

impl Word for LimitAction {
    const WORDS: &[(&str, Self)] = &[("none", Self::None), ("alert", Self::Alert), ("logout", Self::Logout)];
}

impl Word for SetBy {
    const WORDS: &[(&str, Self)] =
        &[("agent", Self::Agent), ("supervisor", Self::Supervisor), ("rule", Self::Rule)];
}
