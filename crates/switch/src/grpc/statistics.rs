//! `switch_statistics/v1`: the board and the intervals, for wallboards.

use crate::statistics::{Counted, now_us};
use careline_model::stats::definitions::Subject;
use careline_model::stats::report::{Length, Question, Row};
use careline_model::stats::{Activity, AgentRow, QueueRow};
use careline_rpc::proto::switch_statistics::v1 as wire;
use jiff::civil::Date;
use tonic::{Request, Response, Status};
use wire::switch_statistics_server::SwitchStatistics;

/// Things that one question may name.
const IDS_MAX: usize = 2_000;

pub(super) struct Statistics(pub(super) Counted);

#[tonic::async_trait]
impl SwitchStatistics for Statistics {
    async fn board(
        &self,
        _request: Request<wire::BoardRequest>,
    ) -> Result<Response<wire::BoardResponse>, Status> {
        let at = self.0.board(now_us()).ok_or_else(not_yet)?;
        Ok(Response::new(wire::BoardResponse {
            at_us: at.board.at_us,
            epoch: at.position.epoch,
            number: at.position.number,
            queues: at.board.queues.into_iter().map(queue_row).collect(),
            agents: at.board.agents.into_iter().map(agent_row).collect(),
            oddities: at.oddities,
        }))
    }

    async fn intervals(
        &self,
        request: Request<wire::IntervalsRequest>,
    ) -> Result<Response<wire::IntervalsResponse>, Status> {
        let now_us = now_us();
        let question = question(request.into_inner(), || self.0.day_of(now_us))?;
        let rows = self.0.report(&question, now_us).ok_or_else(not_yet)?;
        Ok(Response::new(wire::IntervalsResponse { rows: rows.into_iter().map(row).collect() }))
    }
}

fn not_yet() -> Status {
    Status::unavailable("the statistics are being read from the journal: try again in a second")
}

fn question(
    request: wire::IntervalsRequest,
    today: impl FnOnce() -> Option<Date>,
) -> Result<Question, Status> {
    let subject = match request.subject() {
        wire::Subject::Unspecified => {
            return Err(Status::invalid_argument("subject: give queue, agent or line"));
        }
        wire::Subject::Queue => Subject::Queue,
        wire::Subject::Agent => Subject::Agent,
        wire::Subject::Line => Subject::Line,
    };
    let length = match request.length() {
        wire::Length::Unspecified => {
            return Err(Status::invalid_argument("length: give quarter, half_hour or day"));
        }
        wire::Length::Quarter => Length::Quarter,
        wire::Length::HalfHour => Length::HalfHour,
        wire::Length::Day => Length::Day,
    };
    let bad_day = || Status::invalid_argument("day: give a date, as 2026-09-28, or nothing for today");
    let day = match request.day.as_str() {
        "" => today().ok_or_else(bad_day)?,
        text => text.parse().map_err(|_| bad_day())?,
    };
    if request.ids.len() > IDS_MAX {
        return Err(Status::invalid_argument(format!("ids: give up to {IDS_MAX}, or none for all")));
    }
    Ok(Question { subject, ids: request.ids, day, length, by_event: request.by_event })
}

fn row(row: Row) -> wire::IntervalRow {
    let figures = row.figures.into_iter();
    let figures = figures.map(|one| wire::Figure { metric: one.metric, value: one.value }).collect();
    wire::IntervalRow { id: row.id, start_us: row.start_us, end_us: row.end_us, figures }
}

fn queue_row(row: QueueRow) -> wire::QueueRow {
    wire::QueueRow {
        queue: row.queue.to_string(),
        waiting: row.waiting,
        longest_wait_ms: row.longest_wait_ms,
        offered: row.offered,
        answered: row.answered,
        abandoned: row.abandoned,
        today_cn: row.today.cn,
        today_sl5: row.today.sl5,
        recent_cn: row.recent.cn,
        recent_sl5: row.recent.sl5,
        ready: row.staff.ready,
        ringing: row.staff.ringing,
        talking: row.staff.talking,
        dialing: row.staff.dialing,
        wrap_up: row.staff.wrap_up,
        not_ready: row.staff.not_ready,
        phone_away: row.staff.phone_away,
        logged_in: row.staff.logged_in,
    }
}

fn agent_row(row: AgentRow) -> wire::AgentRow {
    let (activity, not_ready) = word(&row.activity);
    wire::AgentRow {
        agent: row.agent.to_string(),
        activity,
        not_ready,
        since_us: row.since_us,
        handled: row.handled,
        aht_s: row.aht_s,
        acw_s: row.acw_s,
        rona: row.rona,
    }
}

/// The word for what an agent does; her reason code when that is one.
fn word(activity: &Activity) -> (String, bool) {
    let word = match activity {
        Activity::LoggedOut => "logged_out",
        Activity::Ready => "ready",
        Activity::PhoneAway => "phone_away",
        Activity::NotReady(code) => return (code.clone(), true),
        Activity::Ringing => "ringing",
        Activity::Talking => "talking",
        Activity::Dialing => "dialing",
        Activity::WrapUp => "wrap_up",
    };
    (word.to_owned(), false)
}
