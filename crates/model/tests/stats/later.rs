//! Callbacks and surveys are counted for their queue and their agent (CF 3.5).

use careline_model::callback::{Callback, CallbackOrigin, CallbackOutcome};
use careline_model::event::{
    CallbackEnded, CallbackQueued, SurveyAnswered, SurveyEnded, SurveyInvited, SurveyOutcome,
};
use careline_model::stats::definitions::{Terms, metric};
use careline_model::stats::{Cell, Statistics};
use careline_model::{CallId, CallbackId, Event, EventBody, LineId, Number, QueueId};
use jiff::tz::TimeZone;

const NINE_US: i64 = 1_790_557_200_000_000;

fn call(last: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(last))
}

fn promise() -> Callback {
    Callback {
        id: CallbackId::from("1"),
        number: Number::from("+8613900000001"),
        queue: QueueId::from("general"),
        origin: CallbackOrigin::Caller,
        call: None,
        line: LineId::from(""),
        dialled: Number::default(),
        medium: String::new(),
        language: None,
        owner: None,
        requested_us: NINE_US,
        first_us: NINE_US,
        due_us: NINE_US,
        expires_us: NINE_US,
        attempts: 0,
        red_flag: false,
        class: None,
        points: 0,
        needs: [].into(),
    }
}

fn ended(outcome: CallbackOutcome, age_ms: u64) -> EventBody {
    EventBody::CallbackEnded(CallbackEnded {
        call: None,
        callback: CallbackId::from("1"),
        queue: QueueId::from("general"),
        outcome,
        attempts: 0,
        age_ms,
        by: String::new(),
    })
}

fn answered(answer: u8, scale: u8, low: bool) -> EventBody {
    EventBody::SurveyAnswered(SurveyAnswered {
        call: call(1),
        agent: Some("1001".into()),
        queue: Some("general".into()),
        question: "attitude".into(),
        answer,
        scale,
        low,
    })
}

fn survey(outcome: SurveyOutcome) -> EventBody {
    let (agent, queue) = ("1001".into(), "general".into());
    EventBody::SurveyEnded(SurveyEnded { call: call(1), agent, queue, outcome, answers: 1 })
}

fn counted(bodies: Vec<EventBody>) -> Statistics {
    let mut statistics = Statistics::new(TimeZone::UTC);
    for (second, body) in (0_i64..).zip(bodies) {
        statistics.take(&Event { at_us: NINE_US + second * 1_000_000, body });
    }
    statistics
}

fn figure(id: &str, cell: &Cell) -> Option<f64> {
    metric(id).expect("a metric").value(cell, &Terms::default())
}

#[test]
fn callbacks_are_counted_by_how_they_ended() {
    let statistics = counted(vec![
        EventBody::CallbackRequested(Box::new(promise())),
        EventBody::CallbackRequested(Box::new(promise())),
        ended(CallbackOutcome::Reached, 30_000),
        ended(CallbackOutcome::Returned, 5_000),
        ended(CallbackOutcome::Failed, 90_000),
    ]);
    let queue = statistics.queue(&"general".into()).expect("the queue is known");
    let cell: Cell = queue.by_event.days().map(|(_, day)| day.total()).collect();
    let figures = ["callbacks", "callbacks_reached", "callbacks_missed", "callback_delay"];
    let figures = figures.map(|id| figure(id, &cell));
    assert_eq!(figures, [Some(2.0), Some(2.0), Some(1.0), Some(30.0)]);
}

#[test]
fn surveys_are_counted_for_queue_and_agent_and_a_scale_is_a_share() {
    let (agent, flow) = ("1001".into(), "survey".into());
    let queued = CallbackQueued {
        call: call(1),
        callback: CallbackId::from("1"),
        number: Number::from("+8613900000001"),
        queue: "general".into(),
        line: "".into(),
        medium: String::new(),
        owner: None,
        attempt: 1,
        age_ms: 0,
    };
    let statistics = counted(vec![
        EventBody::CallbackQueued(queued),
        EventBody::SurveyInvited(SurveyInvited { call: call(1), agent, queue: "general".into(), flow }),
        answered(5, 5, false),
        answered(1, 2, true),
        survey(SurveyOutcome::Completed),
        survey(SurveyOutcome::Refused),
        survey(SurveyOutcome::CallerLeft),
    ]);
    let queue = statistics.queue(&"general".into()).expect("the queue is known");
    let of_queue: Cell = queue.by_event.days().map(|(_, day)| day.total()).collect();
    let agent = statistics.agent(&"1001".into()).expect("the agent is known");
    let of_agent: Cell = agent.days().map(|(_, day)| day.total()).collect();
    for cell in [of_queue, of_agent] {
        let figures = ["survey_invited", "survey_rate", "survey_mean", "survey_low"];
        let figures = figures.map(|id| figure(id, &cell));
        assert_eq!(figures, [Some(2.0), Some(0.5), Some(0.5), Some(1.0)]);
    }
    assert_eq!(statistics.oddities().total(), 0);
}
