//! Campaigns, and the one policy of whom and when the house calls by itself (CF 1K).

use crate::hours::Span;
use crate::id::{CampaignId, QueueId, SkillId, TrunkGroupId};
use crate::number::Number;
use crate::outbound::{CampaignMode, DialResult, Purpose};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// So long a number that was dialled is remembered, in microseconds.
pub const WEEK_US: i64 = 7 * 86_400 * 1_000_000;

/// What the house calls for by itself.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    /// When, and how often.
    pub policy: Policy,
    /// What somebody hears whose agent's phone was lost: prompts, the words of the number to call back among them.
    pub safe_message: Vec<Arc<str>>,
    /// What an agent hears while it rings without a tone of the network.
    pub ring_back: Option<Arc<str>>,
    /// What carriers mean, the first that fits.
    pub result_codes: Vec<ResultCode>,
    /// Campaigns.
    pub campaigns: BTreeMap<CampaignId, Campaign>,
}

/// When people may be called, and how often.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// No campaign dials but for care.
    pub quiet: Vec<Span>,
    /// No campaign dials.
    pub quiet_clinical: Vec<Span>,
    /// Most attempts at one number a day, but for care.
    pub per_day: u32,
    /// Most in seven days.
    pub per_week: u32,
    /// Most a day for care.
    pub clinical_per_day: u32,
}

/// What a carrier means by a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultCode {
    /// Status of SIP; any when absent.
    pub status: Option<u16>,
    /// Cause of Q.850; any when absent.
    pub cause: Option<u16>,
    /// What it means.
    pub result: DialResult,
}

/// One campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Shown to people.
    pub name: String,
    /// How agents come to its calls.
    pub mode: CampaignMode,
    /// Why it calls.
    pub purpose: Purpose,
    /// Agents of this queue serve it; their work after a call is the queue's.
    pub queue: QueueId,
    /// What it asks of them beside that.
    pub needs: BTreeMap<SkillId, u8>,
    /// Through which trunks; by the routes when absent.
    pub group: Option<TrunkGroupId>,
    /// The number that is shown; the agent's when absent.
    pub caller_id: Option<Number>,
    /// The number shown to people whose number begins so.
    pub caller_ids: BTreeMap<String, Number>,
    /// 1 is served before 9.
    pub priority: u8,
    /// The agent decides within this time.
    pub preview: Duration,
    /// After that the task is dialled; else somebody else has it.
    pub dial_at_timeout: bool,
    /// It rings for so long.
    pub ring: Duration,
    /// So many agents may skip a task.
    pub skips_max: usize,
    /// Most attempts for each number.
    pub attempts_max: u32,
    /// Most tasks at the same time.
    pub tasks_max: usize,
    /// When callers go first.
    pub blending: Blending,
    /// Not served until somebody says so.
    pub paused: bool,
    /// What follows each result; a result without a rule puts the number out.
    pub retries: BTreeMap<DialResult, Retry>,
}

/// When a campaign leaves agents to callers (CF K13). That somebody waits in a queue of theirs is always a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blending {
    /// So many agents of the queue stay free.
    pub keep_free: usize,
    /// Somebody waited for this long in a queue of the agent...
    pub breach_wait: Duration,
    /// ...not longer ago than this.
    pub breach_rest: Duration,
}

/// What follows a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Again after this time...
    pub after: Duration,
    /// ...so often; then the number is out.
    pub times: u32,
    /// What happens meanwhile.
    pub then: Then,
}

/// What happens until a number may be dialled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The task waits.
    Later,
    /// The next number is tried at once.
    NextNumber,
}

impl Campaign {
    /// The number shown to a person.
    #[must_use]
    pub fn shown_to(&self, number: &Number) -> Option<&Number> {
        let begins = |prefix: &&String| number.as_str().starts_with(prefix.as_str());
        let longest = self.caller_ids.keys().filter(begins).max_by_key(|prefix| prefix.len());
        longest.and_then(|prefix| self.caller_ids.get(prefix)).or(self.caller_id.as_ref())
    }
}

impl Outbound {
    /// What a refusal means: by the house's own table, else by Q.850, else by the status (CF K8).
    #[must_use]
    pub fn result_of(&self, status: u16, cause: Option<u16>) -> DialResult {
        let fits = |code: &&ResultCode| {
            code.status.is_none_or(|one| one == status) && code.cause.is_none_or(|one| Some(one) == cause)
        };
        let own = self.result_codes.iter().find(fits).map(|code| code.result);
        own.or_else(|| cause.and_then(of_cause)).unwrap_or_else(|| of_status(status))
    }
}

/// ITU-T Q.850 table 1.
fn of_cause(cause: u16) -> Option<DialResult> {
    Some(match cause {
        // Unallocated, changed, or of a wrong format.
        1 | 22 | 28 => DialResult::Invalid,
        17 => DialResult::Busy,
        18 | 19 => DialResult::NoAnswer,
        20 => DialResult::SwitchedOff,
        21 => DialResult::Rejected,
        // No route; out of order.
        2 | 3 | 27 => DialResult::Unreachable,
        34 | 38 | 41 | 42 | 44 | 47 => DialResult::Congestion,
        _ => return None,
    })
}

/// RFC 3261 21.
fn of_status(status: u16) -> DialResult {
    match status {
        404 | 410 | 484 | 604 => DialResult::Invalid,
        486 | 600 => DialResult::Busy,
        408 | 487 => DialResult::NoAnswer,
        // Who is sent elsewhere was turned away: redirections are not followed.
        300..=399 | 403 | 603 | 607 | 608 => DialResult::Rejected,
        0 | 500..=599 => DialResult::Congestion,
        _ => DialResult::Unreachable,
    }
}

impl Policy {
    /// The first moment at or after `at_us` (UTC microseconds) that is not quiet for a purpose; nothing when the whole
    /// day is.
    #[must_use]
    pub fn not_quiet(&self, purpose: Purpose, at_us: i64, zone: &TimeZone) -> Option<i64> {
        const MINUTE_US: i64 = 60_000_000;
        let spans = if purpose == Purpose::Clinical { &self.quiet_clinical } else { &self.quiet };
        let mut at_us = at_us;
        // Spans may follow each other; over a change of daylight saving another look is needed.
        for _ in 0..=2 * spans.len() + 2 {
            let moment = jiff::Timestamp::from_microsecond(at_us).ok()?;
            let time = zone.to_datetime(moment).time();
            let minute = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()?;
            let left = spans.iter().filter_map(|span| minutes_left(*span, minute)).max();
            let Some(left) = left else { return Some(at_us) };
            at_us = (at_us.div_euclid(MINUTE_US) + i64::from(left)) * MINUTE_US;
        }
        None
    }
}

impl Policy {
    /// The first moment from `at_us` at which a number may be dialled that was dialled at these moments (UTC microseconds,
    /// oldest first), each with whether it was for care: care and the rest are counted apart.
    #[must_use]
    pub fn free_at(&self, dialled: &[(i64, bool)], clinical: bool, at_us: i64, zone: &TimeZone) -> i64 {
        let alike = dialled.iter().filter(|(_, other)| *other == clinical).map(|(at_us, _)| *at_us);
        let alike: Vec<i64> = alike.filter(|dialled_us| *dialled_us > at_us - WEEK_US).collect();
        let today = day(at_us, zone);
        let today_count = alike.iter().filter(|dialled_us| day(**dialled_us, zone) == today).count();
        let times = |times: u32| usize::try_from(times).unwrap_or(usize::MAX);
        if today_count >= times(if clinical { self.clinical_per_day } else { self.per_day }) {
            return today.and_then(|today| midnight_after(today, zone)).unwrap_or(at_us + WEEK_US / 7);
        }
        // The one that leaves the week first makes room.
        let room = alike.len().checked_sub(times(self.per_week)).filter(|_| !clinical);
        room.and_then(|at| alike.get(at)).map_or(at_us, |dialled_us| dialled_us + WEEK_US)
    }
}

fn day(at_us: i64, zone: &TimeZone) -> Option<Date> {
    Some(zone.to_datetime(jiff::Timestamp::from_microsecond(at_us).ok()?).date())
}

fn midnight_after(day: Date, zone: &TimeZone) -> Option<i64> {
    Some(day.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond())
}

/// Minutes until the end of a span that a minute of the day is in.
fn minutes_left(span: Span, minute: u16) -> Option<u16> {
    const DAY: u16 = 1440;
    let (from, to) = span.minutes_of_day();
    let inside = if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to };
    let left = (to + DAY - minute) % DAY;
    inside.then_some(if left == 0 { DAY } else { left })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let spans = |texts: &[&str]| texts.iter().map(|text| Span::parse(text).expect("a span")).collect();
        Policy {
            quiet: spans(&["20:00-08:00", "12:00-14:00"]),
            quiet_clinical: spans(&["20:00-08:00"]),
            per_day: 1,
            per_week: 3,
            clinical_per_day: 3,
        }
    }

    #[test]
    fn quiet_hours_end_at_their_minute_and_care_is_given_at_noon() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let nine = 1_790_557_200_000_000_i64;
        let hour = 3_600_000_000_i64;
        let next = |purpose, at: i64| {
            policy().not_quiet(purpose, nine + at, &zone).map(|at| (at - nine) / 60_000_000)
        };
        assert_eq!(next(Purpose::Survey, 0), Some(0));
        assert_eq!(next(Purpose::Survey, 3 * hour), Some(300), "12:00 waits for 14:00");
        assert_eq!(next(Purpose::Clinical, 3 * hour), Some(180));
        assert_eq!(next(Purpose::Survey, 11 * hour - 1), Some(659), "19:59:59 is not quiet");
        assert_eq!(next(Purpose::Clinical, 11 * hour), Some(23 * 60), "20:00 waits for 08:00");
        assert_eq!(next(Purpose::Clinical, 15 * hour), Some(23 * 60), "midnight, too");
        let never = Policy { quiet: vec![Span::parse("00:00-24:00").expect("a span")], ..policy() };
        assert_eq!(never.not_quiet(Purpose::Survey, nine, &zone), None);
    }

    #[test]
    fn once_a_day_and_three_times_a_week_unless_it_is_care() {
        const HOUR: i64 = 3_600_000_000;
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let nine = 1_790_557_200_000_000_i64;
        let policy = Policy { clinical_per_day: 2, ..policy() };
        let mut dialled = Vec::new();
        let free = |dialled: &[(i64, bool)], clinical, at: i64| {
            (policy.free_at(dialled, clinical, nine + at * HOUR, &zone) - nine) / HOUR
        };
        assert_eq!(free(&dialled, false, 0), 0);
        dialled.push((nine, false));
        assert_eq!(free(&dialled, false, 1), 15, "tomorrow, from midnight");
        assert_eq!(free(&dialled, true, 1), 1, "care counts apart");
        dialled.extend([(nine + 24 * HOUR, false), (nine + 48 * HOUR, false)]);
        assert_eq!(free(&dialled, false, 72), 168, "a week after the first");
        dialled.extend([(nine + 72 * HOUR, true), (nine + 73 * HOUR, true)]);
        assert_eq!(free(&dialled, true, 74), 87);
    }

    #[test]
    fn a_refusal_is_read_by_the_house_then_by_the_network_then_by_sip() {
        let code = ResultCode { status: Some(480), cause: Some(31), result: DialResult::Suspended };
        let outbound = Outbound { result_codes: vec![code], ..Outbound::default() };
        let cases = [
            ((480, Some(31)), DialResult::Suspended),
            ((480, Some(20)), DialResult::SwitchedOff),
            ((503, Some(17)), DialResult::Busy),
            ((480, None), DialResult::Unreachable),
            ((404, None), DialResult::Invalid),
            ((486, None), DialResult::Busy),
            ((603, None), DialResult::Rejected),
            ((408, Some(102)), DialResult::NoAnswer),
            ((0, None), DialResult::Congestion),
        ];
        for ((status, cause), result) in cases {
            assert_eq!(outbound.result_of(status, cause), result, "{status} {cause:?}");
        }
    }
}
