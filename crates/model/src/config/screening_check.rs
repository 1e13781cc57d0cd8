//! Who is let in: lists, rates, caps and the emergency flow, each reference to something that is there.

use super::check::{Check, listed};
use super::plan::{Anonymous, CallerRate, Cap, Plan, Screening};
use super::screening::{CallerRateConfig, CapConfig, EmergencyConfig, ListEntryConfig};
use super::switch::{LineConfig, SwitchConfig};
use crate::hours::parse_date;
use crate::id::{FlowId, LineId, QueueId};
use crate::number::Number;
use crate::screening::{BlockAction, ListEntry, ListKind, Pattern, Scope};
use serde_spanned::Spanned;

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 64;
/// Most entries of all caller lists in the file; more belong to a program that sends them.
const ENTRIES_MAX: usize = 2_000;
/// Most calls that a rate may count for each number.
const RATE_CALLS_MAX: u32 = 100;

impl Check<'_> {
    /// The flow that is named, if callers can be sent there; told when it is not.
    pub(super) fn flow(&mut self, key: &str, name: &Spanned<String>, plan: &Plan) -> Option<FlowId> {
        let flow = FlowId::from(name.get_ref().as_str());
        match plan.flows.get(&flow) {
            Some(known) if known.returns() => {
                let what =
                    format!("flow `{flow}` has a return node: it is there to be called by other flows");
                self.wrong(key, name, what, "a flow that ends with hangup nodes only");
            }
            Some(_) => return Some(flow),
            None => self.wrong(key, name, format!("flow `{flow}` is not known"), listed(plan.flows.keys())),
        }
        None
    }

    /// Lists, rate and emergency flow; lines and flows are there already.
    pub(super) fn who_is_let_in(&mut self, config: &SwitchConfig, plan: &mut Plan) {
        plan.screening = self.screening(config, plan);
        plan.emergency = self.emergency(config.emergency.as_ref(), plan);
    }

    fn emergency(&mut self, config: Option<&EmergencyConfig>, plan: &Plan) -> Option<FlowId> {
        self.flow("emergency.flow", &config?.flow, plan)
    }

    fn screening(&mut self, config: &SwitchConfig, plan: &Plan) -> Screening {
        if let Some(one) = config.caller_list.get(ENTRIES_MAX) {
            let what = format!("{} entries are too many", config.caller_list.len());
            self.wrong("caller_list", &one.list, what, format!("up to {ENTRIES_MAX}"));
        }
        let mut lists: Vec<ListEntry> = Vec::new();
        for written in &config.caller_list {
            let Some(entry) = self.list_entry(written, plan) else { continue };
            if lists.iter().any(|other| other.is_for_the_same(&entry)) {
                let what = "the same callers stand on this list already";
                self.wrong("caller_list", &written.list, what, "each number or prefix once for each scope");
            }
            lists.push(entry);
        }
        Screening { lists, caller_rate: self.caller_rate(&config.caller_rate, plan) }
    }

    fn list_entry(&mut self, written: &ListEntryConfig, plan: &Plan) -> Option<ListEntry> {
        let list = written.list.get_ref().parse::<ListKind>();
        let list = list.map_err(|unknown| {
            let what = format!("`{}` is no list", unknown.0);
            self.wrong("caller_list.list", &written.list, what, "white, black, protected");
        });
        let pattern = self.pattern(written, plan);
        let scope = self.scope(written, plan);
        let reason = written.reason.get_ref().trim();
        if !(1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
            let what = "is no reason";
            let allowed = format!("1 to {REASON_CHARS_MAX} characters");
            self.wrong("caller_list.reason", &written.reason, what, allowed);
        }
        let until_us = written.until.as_ref().and_then(|until| self.end_of_day(until, plan));
        let list = list.ok()?;
        let action = match (&written.action, &written.flow) {
            (Some(one), _) | (None, Some(one)) if list != ListKind::Black => {
                let what = format!("stands at an entry of the {list} list");
                self.wrong("caller_list.action", one, what, "action and flow at entries of the black list");
                None
            }
            (None, None) if list != ListKind::Black => Some(BlockAction::default()),
            (action, flow) => {
                let busy = Spanned::new(written.list.span(), "busy".to_owned());
                let action = action.as_ref().unwrap_or(&busy);
                self.action("caller_list", action, flow.as_ref(), true, plan)
            }
        };
        Some(ListEntry {
            list,
            pattern: pattern?,
            scope: scope?,
            reason: reason.to_owned(),
            until_us,
            action: action?,
        })
    }

    fn pattern(&mut self, written: &ListEntryConfig, plan: &Plan) -> Option<Pattern> {
        match (&written.number, &written.prefix) {
            (Some(number), None) => {
                let normal = plan.number(number.get_ref());
                if !normal.as_str().chars().any(|c| c.is_ascii_digit()) {
                    let what = format!("`{}` is no number", number.get_ref());
                    self.wrong("caller_list.number", number, what, "a number as callers have it");
                    return None;
                }
                Some(Pattern::Number(normal))
            }
            (None, Some(prefix)) => {
                let prefix = self.normal_prefix("caller_list.prefix", prefix);
                Some(Pattern::Prefix(Number::from(prefix.as_str())))
            }
            (Some(_), Some(prefix)) => {
                self.wrong("caller_list.prefix", prefix, "stands beside number", "one of the two");
                None
            }
            (None, None) => {
                self.wrong("caller_list", &written.list, "an entry for nobody", "number or prefix");
                None
            }
        }
    }

    fn scope(&mut self, written: &ListEntryConfig, plan: &Plan) -> Option<Scope> {
        match (&written.line, &written.queue) {
            (None, None) => Some(Scope::All),
            (Some(line), None) => {
                let id = LineId::from(line.get_ref().as_str());
                if !plan.lines.contains_key(&id) {
                    let what = format!("line `{id}` is not known");
                    self.wrong("caller_list.line", line, what, listed(plan.lines.keys()));
                }
                Some(Scope::Line(id))
            }
            (None, Some(queue)) => {
                let id = QueueId::from(queue.get_ref().as_str());
                if !plan.queues.contains_key(&id) {
                    let what = format!("queue `{id}` is not known");
                    self.wrong("caller_list.queue", queue, what, listed(plan.queues.keys()));
                }
                Some(Scope::Queue(id))
            }
            (Some(_), Some(queue)) => {
                self.wrong("caller_list.queue", queue, "stands beside line", "one of the two");
                None
            }
        }
    }

    /// The end of a date in the zone of the file, UTC microseconds.
    fn end_of_day(&mut self, written: &Spanned<String>, plan: &Plan) -> Option<i64> {
        let Ok(date) = parse_date(written.get_ref()) else {
            let what = format!("`{}` is not a date", written.get_ref());
            self.wrong("caller_list.until", written, what, "YYYY-MM-DD, the last day on which it counts");
            return None;
        };
        let midnight = date.tomorrow().ok()?.to_zoned(plan.timezone.clone()).ok()?;
        Some(midnight.timestamp().as_microsecond())
    }

    /// What callers meet. `flow` belongs to message and voicemail, and to them alone.
    fn action(
        &mut self,
        table: &str,
        action: &Spanned<String>,
        flow: Option<&Spanned<String>>,
        low_priority: bool,
        plan: &Plan,
    ) -> Option<BlockAction> {
        let (action_key, flow_key) = (format!("{table}.action"), format!("{table}.flow"));
        let word = action.get_ref().as_str();
        match (word, flow) {
            ("message", Some(flow)) => self.flow(&flow_key, flow, plan).map(BlockAction::Message),
            ("voicemail", Some(flow)) => self.flow(&flow_key, flow, plan).map(BlockAction::Voicemail),
            ("message" | "voicemail", None) => {
                self.wrong(&flow_key, action, format!("is missing beside {word}"), listed(plan.flows.keys()));
                None
            }
            ("busy", None) => Some(BlockAction::Busy),
            ("low_priority", None) if low_priority => Some(BlockAction::LowPriority),
            ("busy" | "low_priority", Some(flow)) => {
                self.wrong(&flow_key, flow, format!("stands beside {word}"), "with message and voicemail");
                None
            }
            _ => {
                let last = if low_priority { ", low_priority" } else { "" };
                let allowed = format!("busy, message, voicemail{last}");
                self.wrong(&action_key, action, format!("`{word}` is no action here"), allowed);
                None
            }
        }
    }

    fn caller_rate(&mut self, config: &CallerRateConfig, plan: &Plan) -> Option<CallerRate> {
        let calls_max = self.amount("caller_rate.calls_max", &config.calls_max, 0, RATE_CALLS_MAX);
        let within = self.seconds("caller_rate.within_s", &config.within_s, 1);
        let action = self.action("caller_rate", &config.action, config.flow.as_ref(), true, plan)?;
        (calls_max > 0).then_some(CallerRate {
            calls_max: usize::try_from(calls_max).unwrap_or(1),
            within,
            action,
        })
    }

    /// What a line does with callers who withhold their number.
    pub(super) fn anonymous(&mut self, line: &LineConfig, plan: &Plan) -> Anonymous {
        const KEY: &str = "line.anonymous_flow";
        let Some(word) = &line.anonymous else {
            if let Some(flow) = &line.anonymous_flow {
                self.wrong(KEY, flow, "stands without anonymous", "beside anonymous = \"ask\" or \"refuse\"");
            }
            return Anonymous::Accept;
        };
        match (word.get_ref().as_str(), &line.anonymous_flow) {
            ("accept", None) => Anonymous::Accept,
            ("ask", Some(flow)) => self.flow(KEY, flow, plan).map_or(Anonymous::Accept, Anonymous::Ask),
            ("refuse", Some(flow)) => self.flow(KEY, flow, plan).map_or(Anonymous::Accept, Anonymous::Refuse),
            ("ask" | "refuse", None) => {
                let what = format!("is missing beside {}", word.get_ref());
                self.wrong(KEY, word, what, listed(plan.flows.keys()));
                Anonymous::Accept
            }
            ("accept", Some(flow)) => {
                self.wrong(KEY, flow, "stands beside accept", "with ask and refuse");
                Anonymous::Accept
            }
            (other, _) => {
                let what = format!("`{other}` is no policy");
                self.wrong("line.anonymous", word, what, "accept, ask, refuse");
                Anonymous::Accept
            }
        }
    }

    /// The most calls of a line.
    pub(super) fn cap(&mut self, table: &str, config: Option<&CapConfig>, plan: &Plan) -> Option<Cap> {
        let config = config?;
        let calls = self.amount(&format!("{table}.calls"), &config.calls, 1, 100_000);
        let action = self.action(table, &config.action, config.flow.as_ref(), false, plan)?;
        Some(Cap { calls: usize::try_from(calls).unwrap_or(1), action })
    }
}
