//! `/api/reports`: intervals out of the stored events, the board of the switches as it is now, and what the figures mean.

use super::desk::Desk;
use super::extract::Asked;
use super::my_state::ordered;
use super::problem::{Problem, Refusal};
use crate::live_feed::ANSWER_MAX;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use careline_model::stats::definitions::{self, Subject, Unit};
use careline_model::stats::report::{Length, Question, Row};
use careline_rpc::proto::switch_statistics::v1 as wire;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct IntervalQuery {
    /// `queue`, `agent` or `line`.
    subject: String,
    /// `quarter`, `half_hour` or `day`; half an hour when nothing is said.
    length: Option<String>,
    /// The day in the hospital's zone, as 2026-09-28; today when nothing is said.
    day: Option<String>,
    /// One of the switches; the first when nothing is said.
    switch: Option<String>,
    /// Only this queue, agent or line.
    id: Option<String>,
    /// Everything in the interval in which it happened, so that past rows never change; else where its entry began.
    by_event: Option<bool>,
}

/// The rows of a day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IntervalReport {
    /// Whose events they are.
    pub switch: String,
    /// The day.
    pub day: String,
    /// By id, then by time; only intervals in which something was counted.
    pub rows: Vec<IntervalRow>,
}

/// One thing in one interval.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IntervalRow {
    /// The queue, agent or line.
    pub id: String,
    /// Its beginning, UTC microseconds; null for the whole day.
    pub start_us: Option<i64>,
    /// Its end.
    pub end_us: Option<i64>,
    /// Values by the ids of their metrics; see `/api/reports/metrics`.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    pub figures: std::collections::BTreeMap<String, f64>,
}

impl From<Row> for IntervalRow {
    fn from(row: Row) -> Self {
        let figures = row.figures.into_iter().map(|figure| (figure.metric, figure.value)).collect();
        Self { id: row.id, start_us: row.start_us, end_us: row.end_us, figures }
    }
}

/// Intervals of a day, computed from the stored events by the same definitions as the wallboard's.
#[utoipa::path(get, path = "/api/reports/intervals", tag = "reports", params(IntervalQuery),
    security(("cookie" = [])), responses((status = 200, body = IntervalReport), (status = 401, body = Problem),
    (status = 404, body = Problem, description = "no_right"), (status = 400, body = Problem)))]
pub(super) async fn intervals(
    State(desk): State<Desk>,
    Asked(query): Asked<IntervalQuery>,
) -> Result<Json<IntervalReport>, Refusal> {
    let now_us = desk.now_us();
    let switch = switch_of(&desk, query.switch.as_deref())?;
    let day = match query.day.as_deref() {
        Some(text) => text.parse().map_err(|_| bad("day: give a date, as 2026-09-28"))?,
        None => today(now_us, &desk.config.timezone).ok_or_else(|| bad("day: give a date, as 2026-09-28"))?,
    };
    let question = Question {
        subject: subject(&query.subject)?,
        ids: query.id.into_iter().collect(),
        day,
        length: length(query.length.as_deref())?,
        by_event: query.by_event.unwrap_or(false),
    };
    let rows = desk.reports.rows(&desk.store, &desk.config.timezone, &switch, &question, now_us).await?;
    let rows = rows.into_iter().map(Into::into).collect();
    Ok(Json(IntervalReport { switch, day: day.to_string(), rows }))
}

/// The board of one switch.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveBoard {
    /// Whose it is.
    pub switch: String,
    /// The moment, UTC microseconds.
    pub at_us: i64,
    /// By id.
    pub queues: Vec<LiveQueue>,
    /// By id.
    pub agents: Vec<LiveAgent>,
}

/// One queue as it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveQueue {
    /// The queue.
    pub queue: String,
    /// Callers that wait.
    pub waiting: u32,
    /// The longest of their waits, milliseconds.
    pub longest_wait_ms: u64,
    /// Entries of today.
    pub offered: u32,
    /// Of these, answered.
    pub answered: u32,
    /// Of these, abandoned.
    pub abandoned: u32,
    /// Service level CN of today, 0 to 1; null when there was no entry.
    pub today_cn: Option<f64>,
    /// The same of the last 30 minutes.
    pub recent_cn: Option<f64>,
    /// Agents who wait for calls.
    pub ready: u32,
    /// With callers.
    pub talking: u32,
    /// After calls.
    pub wrap_up: u32,
    /// Taking no calls.
    pub not_ready: u32,
    /// Signed in.
    pub logged_in: u32,
}

/// One agent as she is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveAgent {
    /// The agent.
    pub agent: String,
    /// What she does, or her reason code.
    pub activity: String,
    /// Since when, UTC microseconds.
    pub since_us: i64,
    /// Conversations of queues today.
    pub handled: u32,
    /// Average handle time today, seconds.
    pub aht_s: Option<f64>,
    /// Offers today that rang out.
    pub rona: u32,
}

/// Which switch.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct BoardQuery {
    /// One of the switches; the first when nothing is said.
    switch: Option<String>,
}

/// Queues and agents as the switch counts them now.
#[utoipa::path(get, path = "/api/reports/board", tag = "reports", params(BoardQuery),
    security(("cookie" = [])), responses((status = 200, body = LiveBoard), (status = 401, body = Problem),
    (status = 404, body = Problem, description = "no_right"),
    (status = 503, body = Problem, description = "switch_away")))]
pub(super) async fn board(
    State(desk): State<Desk>,
    Asked(query): Asked<BoardQuery>,
) -> Result<Json<LiveBoard>, Refusal> {
    let switch = switch_of(&desk, query.switch.as_deref())?;
    let mut statistics = desk.switches.statistics(&switch).ok_or_else(Refusal::switch_away)?;
    let asked = statistics.board(wire::BoardRequest {});
    let board = ordered(tokio::time::timeout(ANSWER_MAX, asked).await)?.into_inner();
    let queues = board.queues.into_iter().map(live_queue).collect();
    let agents = board.agents.into_iter().map(live_agent).collect();
    Ok(Json(LiveBoard { switch, at_us: board.at_us, queues, agents }))
}

/// What a figure means.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricInfo {
    /// Its id.
    pub id: String,
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// The letter of a service level.
    pub letter: Option<String>,
    /// How it is computed.
    pub formula: String,
    /// What starts its clock.
    pub starts: Option<String>,
    /// What stops its clock.
    pub stops: Option<String>,
    /// `count`, `share` or `seconds`.
    pub unit: String,
}

/// All metrics.
#[utoipa::path(get, path = "/api/reports/metrics", tag = "reports", security(("cookie" = [])),
    responses((status = 200, body = Vec<MetricInfo>), (status = 401, body = Problem)))]
pub(super) async fn metrics() -> Json<Vec<MetricInfo>> {
    let info = |metric: &definitions::Metric| MetricInfo {
        id: metric.id.to_owned(),
        name: metric.zh.to_owned(),
        name_en: metric.en.to_owned(),
        letter: metric.letter.map(str::to_owned),
        formula: metric.formula.to_owned(),
        starts: metric.starts.map(str::to_owned),
        stops: metric.stops.map(str::to_owned),
        unit: match metric.unit {
            Unit::Count => "count",
            Unit::Share => "share",
            Unit::Seconds => "seconds",
        }
        .to_owned(),
    };
    Json(definitions::metrics().map(info).collect())
}

fn bad(detail: &str) -> Refusal {
    Refusal::bad_request(StatusCode::BAD_REQUEST, detail)
}

fn switch_of(desk: &Desk, asked: Option<&str>) -> Result<String, Refusal> {
    let found = match asked {
        Some(switch) => desk.switches.ids().find(|id| *id == switch),
        None => desk.switches.ids().next(),
    };
    found.map(str::to_owned).ok_or_else(|| {
        let known: Vec<&str> = desk.switches.ids().collect();
        bad(&format!("switch: there is no such switch; allowed: {}", known.join(", ")))
    })
}

fn subject(word: &str) -> Result<Subject, Refusal> {
    match word {
        "queue" => Ok(Subject::Queue),
        "agent" => Ok(Subject::Agent),
        "line" => Ok(Subject::Line),
        _ => Err(bad("subject: give queue, agent or line")),
    }
}

fn length(word: Option<&str>) -> Result<Length, Refusal> {
    match word {
        Some("quarter") => Ok(Length::Quarter),
        None | Some("half_hour") => Ok(Length::HalfHour),
        Some("day") => Ok(Length::Day),
        Some(_) => Err(bad("length: give quarter, half_hour or day")),
    }
}

fn today(now_us: i64, zone: &jiff::tz::TimeZone) -> Option<Date> {
    Some(jiff::Timestamp::from_microsecond(now_us).ok()?.to_zoned(zone.clone()).date())
}

fn live_queue(row: wire::QueueRow) -> LiveQueue {
    LiveQueue {
        queue: row.queue,
        waiting: row.waiting,
        longest_wait_ms: row.longest_wait_ms,
        offered: row.offered,
        answered: row.answered,
        abandoned: row.abandoned,
        today_cn: row.today_cn,
        recent_cn: row.recent_cn,
        ready: row.ready,
        talking: row.talking,
        wrap_up: row.wrap_up,
        not_ready: row.not_ready,
        logged_in: row.logged_in,
    }
}

fn live_agent(row: wire::AgentRow) -> LiveAgent {
    let wire::AgentRow { agent, activity, since_us, handled, aht_s, rona, .. } = row;
    LiveAgent { agent, activity, since_us, handled, aht_s, rona }
}
