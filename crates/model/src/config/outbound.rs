//! `[outbound]` and `[[campaign]]` as they are written (CF 1K).

use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// `[outbound]`: when the house calls people by itself, and what they hear when nobody is there.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundConfig {
    /// Spans of the day in which campaigns dial for care only.
    pub quiet: Vec<Spanned<String>>,
    /// Spans of the day in which no campaign dials.
    pub quiet_clinical: Vec<Spanned<String>>,
    /// One number is dialled so often a day, for anything but care.
    pub per_day: Spanned<u32>,
    /// So often in seven days.
    pub per_week: Spanned<u32>,
    /// So often a day for care.
    pub clinical_per_day: Spanned<u32>,
    /// What somebody hears whose agent's phone was lost.
    pub safe_message: Vec<Spanned<String>>,
    /// The number that is said behind it.
    pub call_back_number: Option<Spanned<String>>,
    /// What an agent hears while it rings at the other end and the network sends no tone.
    pub ring_back: Option<Spanned<String>>,
    /// What the carrier means, where that differs from the usual.
    pub result_code: Vec<ResultCodeConfig>,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        let spans = |spans: &[&str]| spans.iter().map(|span| unwritten((*span).to_owned())).collect();
        Self {
            quiet: spans(&["20:00-08:00", "12:00-14:00"]),
            quiet_clinical: spans(&["20:00-08:00"]),
            per_day: unwritten(1),
            per_week: unwritten(3),
            clinical_per_day: unwritten(3),
            safe_message: Vec::new(),
            call_back_number: None,
            ring_back: None,
            result_code: Vec::new(),
        }
    }
}

/// One of `[[outbound.result_code]]`: at least one of `status` and `cause`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultCodeConfig {
    /// Status of SIP.
    #[serde(default)]
    pub status: Option<Spanned<u32>>,
    /// Cause of Q.850.
    #[serde(default)]
    pub cause: Option<Spanned<u32>>,
    /// What it means.
    pub result: Spanned<String>,
}

/// `[[campaign]]`: calls that the house makes for one purpose. Its tasks are given over gRPC.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Shown to people.
    #[serde(default)]
    pub name: String,
    /// preview or progressive.
    #[serde(default = "preview")]
    pub mode: Spanned<String>,
    /// clinical, service, survey or marketing.
    pub purpose: Spanned<String>,
    /// Agents who serve this queue serve the campaign.
    pub queue: Spanned<String>,
    /// Those of them who have these skills.
    #[serde(default)]
    pub skills: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// Through which trunks; by the routes when absent.
    #[serde(default)]
    pub trunk_group: Option<Spanned<String>>,
    /// The number that is shown; the agent's when absent.
    #[serde(default)]
    pub caller_id: Option<Spanned<String>>,
    /// The number shown to people whose number begins so: the longest beginning counts.
    #[serde(default)]
    pub caller_ids: BTreeMap<Spanned<String>, Spanned<String>>,
    /// 1 is served before 9.
    #[serde(default = "five")]
    pub priority: Spanned<u32>,
    /// The agent decides within so many seconds.
    #[serde(default = "thirty")]
    pub preview_s: Spanned<u32>,
    /// After that: release or dial.
    #[serde(default = "release")]
    pub at_timeout: Spanned<String>,
    /// It rings for so long.
    #[serde(default = "forty_five")]
    pub ring_s: Spanned<u32>,
    /// So many agents may skip a task.
    #[serde(default = "three")]
    pub skips_max: Spanned<u32>,
    /// Most attempts for each number.
    #[serde(default = "six")]
    pub attempts_max: Spanned<u32>,
    /// Most tasks at the same time.
    #[serde(default = "ten_thousand")]
    pub tasks_max: Spanned<u32>,
    /// So many agents of the queue stay free for callers.
    #[serde(default = "none")]
    pub keep_free: Spanned<u32>,
    /// A wait of this length in a queue of the agent stops the campaign for her...
    #[serde(default = "twenty")]
    pub breach_wait_s: Spanned<u32>,
    /// ...for so long.
    #[serde(default = "three_hundred")]
    pub breach_rest_s: Spanned<u32>,
    /// Not served until somebody says so.
    #[serde(default)]
    pub paused: bool,
    /// What follows a result, where that differs from the usual.
    #[serde(default)]
    pub retry: Vec<RetryConfig>,
}

/// One of `[[campaign.retry]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryConfig {
    /// After which result.
    pub result: Spanned<String>,
    /// Again after so many seconds...
    #[serde(default = "none")]
    pub after_s: Spanned<u32>,
    /// ...so often.
    #[serde(default = "none")]
    pub times: Spanned<u32>,
    /// later, or next_number: the next number at once.
    #[serde(default = "later")]
    pub then: Spanned<String>,
}

fn preview() -> Spanned<String> {
    unwritten("preview".into())
}

fn release() -> Spanned<String> {
    unwritten("release".into())
}

fn later() -> Spanned<String> {
    unwritten("later".into())
}

fn none() -> Spanned<u32> {
    unwritten(0)
}

fn three() -> Spanned<u32> {
    unwritten(3)
}

fn five() -> Spanned<u32> {
    unwritten(5)
}

fn six() -> Spanned<u32> {
    unwritten(6)
}

fn twenty() -> Spanned<u32> {
    unwritten(20)
}

fn thirty() -> Spanned<u32> {
    unwritten(30)
}

fn forty_five() -> Spanned<u32> {
    unwritten(45)
}

fn three_hundred() -> Spanned<u32> {
    unwritten(300)
}

fn ten_thousand() -> Spanned<u32> {
    unwritten(10_000)
}
