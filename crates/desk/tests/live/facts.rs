//! Facts in few words.
#![allow(dead_code, reason = "each test program uses some of them")]

use careline_model::event::LimitAction;
use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, CallDirection, EndCause, OfferOutcome, Party, QueueOutcome,
    TransferOutcome,
};
use careline_model::snapshot::{AgentView, NotReadyCodeView, QueueView, Snapshot};
use careline_model::{CallId, CallerName, EntryId, Event, EventBody, Now, OfferId};
use std::time::{Duration, Instant};

pub const SWITCH: &str = "switch-1";
/// A mobile of somebody who may be known.
pub const NUMBER: &str = "+8613812345678";
pub const MASKED: &str = "138****5678";
/// 2026-03-01T00:00:00Z.
pub const START_US: i64 = 1_772_323_200_000_000;

pub fn call(number: u64) -> CallId {
    format!("0190a5b0-1111-7abc-8def-{number:012x}").parse().unwrap()
}

pub fn start() -> Now {
    Now { instant: Instant::now(), wall_us: START_US }
}

pub fn later(now: Now, ms: u64) -> Now {
    now.after(Duration::from_millis(ms))
}

pub fn at(ms: i64, body: EventBody) -> Event {
    Event { at_us: START_US + ms * 1000, body }
}

pub fn offered(number: u64, caller: &str, name: &str) -> EventBody {
    EventBody::CallOffered {
        call: call(number),
        caller: caller.into(),
        caller_name: CallerName::from(name),
        dialled: "12320".into(),
        line: "main".into(),
        medium: "tv".into(),
        trunk: None,
    }
}

pub fn node(number: u64, node: &str) -> EventBody {
    EventBody::FlowNode { call: call(number), node: node.into() }
}

pub fn queued(number: u64) -> EventBody {
    EventBody::QueueEntered {
        call: call(number),
        entry: EntryId(number),
        queue: "general".into(),
        position: 1,
    }
}

pub fn offer(number: u64, offer: u64, agent: &str) -> EventBody {
    EventBody::OfferMade {
        call: call(number),
        entry: EntryId(number),
        offer: OfferId(offer),
        agent: agent.into(),
    }
}

pub fn offer_ended(number: u64, offer: u64, agent: &str, outcome: OfferOutcome) -> EventBody {
    EventBody::OfferEnded {
        call: call(number),
        entry: EntryId(number),
        offer: OfferId(offer),
        agent: agent.into(),
        outcome,
        ring_ms: 3000,
    }
}

pub fn left(number: u64, outcome: QueueOutcome) -> EventBody {
    let call = call(number);
    EventBody::QueueLeft { call, entry: EntryId(number), queue: "general".into(), outcome, wait_ms: 5000 }
}

pub fn connected(number: u64, agent: &str) -> EventBody {
    EventBody::CallConnected { call: call(number), agent: agent.into(), queue: Some("general".into()) }
}

pub fn passed_on(number: u64, agent: &str, to: &str, outcome: TransferOutcome) -> [EventBody; 2] {
    let call = call(number);
    let (agent, to) = (agent.into(), to.into());
    [
        EventBody::TransferStarted { call, agent, to, attended: false },
        EventBody::TransferEnded { call, outcome, ring_ms: 1000 },
    ]
}

pub fn dialled(number: u64, agent: &str, direction: CallDirection, to: &str) -> EventBody {
    let (call, agent, to) = (call(number), agent.into(), to.into());
    EventBody::CallDialled { call, agent, direction, to, trunk_group: None }
}

pub fn ended(number: u64) -> EventBody {
    EventBody::CallEnded {
        call: call(number),
        cause: EndCause::Completed,
        ended_by: Party::Caller,
        duration_ms: 60_000,
        talk_ms: 30_000,
    }
}

pub fn agent_state(agent: &str, work: AgentWork) -> EventBody {
    let device = AgentDevice::Registered;
    EventBody::AgentState { agent: agent.into(), intent: AgentIntent::Ready, work, device }
}

pub fn recording(number: u64) -> EventBody {
    let call = call(number);
    EventBody::RecordingStarted { call, recording: format!("{call}-1").as_str().into() }
}

pub fn recorded(number: u64) -> EventBody {
    let call = call(number);
    EventBody::RecordingFinished {
        call,
        recording: format!("{call}-1").as_str().into(),
        duration_ms: 30_000,
        bytes: 100,
        sha256: "00".into(),
        complete: true,
    }
}

/// What happens until agent and caller talk.
pub fn answered(number: u64, agent: &str) -> Vec<EventBody> {
    vec![
        queued(number),
        offer(number, number, agent),
        offer_ended(number, number, agent, OfferOutcome::Answered),
        left(number, QueueOutcome::Answered),
        connected(number, agent),
        agent_state(agent, AgentWork::Talking),
        recording(number),
    ]
}

/// A switch with agents 1001 王芳 and 1002 李娜, one queue, no calls.
pub fn quiet() -> Snapshot {
    let agent = |id: &str, name: &str| AgentView {
        agent: id.into(),
        name: name.into(),
        intent: AgentIntent::Ready,
        work: AgentWork::Idle,
        device: AgentDevice::Registered,
        call: None,
        since_us: START_US,
        next: None,
        wrap_up: None,
    };
    Snapshot {
        calls: Vec::new(),
        queues: vec![QueueView {
            queue: "general".into(),
            name: "综合".into(),
            waiting: Vec::new(),
            longest_wait_ms: 0,
            agents_routable: 2,
        }],
        agents: vec![agent("1001", "王芳"), agent("1002", "李娜")],
        not_ready_codes: vec![NotReadyCodeView {
            code: "break".into(),
            name: "小休".into(),
            productive: false,
            staffed: false,
            max_s: 600,
            warn_s: 0,
            at_max: LimitAction::None,
            quota: 0,
            by_agent: true,
            by_supervisor: false,
        }],
        ..Snapshot::default()
    }
}
