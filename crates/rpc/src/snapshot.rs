//! Snapshots on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_control::v1 as wire;
use crate::proto::switch_events::v1 as events;
use careline_model::snapshot::{
    AgentView, CallView, DispositionView, NotReadyCodeView, QueueView, Snapshot, WatchView, WrapUpView,
};
use careline_model::{AgentId, CallerName, LineId, Number, OfferId, QueueId};

impl From<CallView> for wire::Call {
    fn from(view: CallView) -> Self {
        Self {
            call: view.call.to_string(),
            caller: view.caller.as_str().to_owned(),
            dialled: view.dialled.as_str().to_owned(),
            line: view.line.as_str().to_owned(),
            stage: wire::CallStage::from(view.stage).into(),
            queue: view.queue.map(|queue| queue.as_str().to_owned()),
            agent: view.agent.map(|agent| agent.as_str().to_owned()),
            offered_at_us: view.offered_at_us,
            stage_since_us: view.stage_since_us,
            caller_name: view.caller_name.as_str().to_owned(),
            medium: view.medium,
            offer: view.offer.map(|offer| offer.0),
            direction: events::CallDirection::from(view.direction).into(),
        }
    }
}

impl TryFrom<wire::Call> for CallView {
    type Error = ConversionError;

    fn try_from(call: wire::Call) -> Result<Self, ConversionError> {
        Ok(Self {
            stage: known::<wire::CallStage>(call.stage, "call stage")?.try_into()?,
            direction: known::<events::CallDirection>(call.direction, "call direction")?.try_into()?,
            call: call_id(&call.call)?,
            caller: Number::from(call.caller.as_str()),
            caller_name: CallerName::from(call.caller_name.as_str()),
            dialled: Number::from(call.dialled.as_str()),
            line: LineId::new(call.line),
            medium: call.medium,
            queue: call.queue.map(QueueId::new),
            agent: call.agent.map(AgentId::new),
            offer: call.offer.map(OfferId),
            offered_at_us: call.offered_at_us,
            stage_since_us: call.stage_since_us,
        })
    }
}

impl From<QueueView> for wire::Queue {
    fn from(view: QueueView) -> Self {
        Self {
            queue: view.queue.as_str().to_owned(),
            waiting: view.waiting.iter().map(ToString::to_string).collect(),
            longest_wait_ms: view.longest_wait_ms,
            agents_routable: view.agents_routable,
            name: view.name,
        }
    }
}

impl TryFrom<wire::Queue> for QueueView {
    type Error = ConversionError;

    fn try_from(queue: wire::Queue) -> Result<Self, ConversionError> {
        Ok(Self {
            queue: QueueId::new(queue.queue),
            name: queue.name,
            waiting: queue.waiting.iter().map(|call| call_id(call)).collect::<Result<_, _>>()?,
            longest_wait_ms: queue.longest_wait_ms,
            agents_routable: queue.agents_routable,
        })
    }
}

impl From<AgentView> for wire::Agent {
    fn from(view: AgentView) -> Self {
        Self {
            agent: view.agent.as_str().to_owned(),
            intent: Some(view.intent.into()),
            work: events::AgentWork::from(view.work).into(),
            device: events::AgentDevice::from(view.device).into(),
            call: view.call.map(|call| call.to_string()),
            since_us: view.since_us,
            name: view.name,
            next: view.next.map(Into::into),
            wrap_up: view.wrap_up.map(Into::into),
        }
    }
}

impl TryFrom<wire::Agent> for AgentView {
    type Error = ConversionError;

    fn try_from(agent: wire::Agent) -> Result<Self, ConversionError> {
        Ok(Self {
            intent: agent.intent.ok_or(ConversionError::Missing("agent intent"))?.try_into()?,
            work: known::<events::AgentWork>(agent.work, "agent work")?.try_into()?,
            device: known::<events::AgentDevice>(agent.device, "agent device")?.try_into()?,
            call: agent.call.as_deref().map(call_id).transpose()?,
            agent: AgentId::new(agent.agent),
            name: agent.name,
            since_us: agent.since_us,
            next: agent.next.map(TryInto::try_into).transpose()?,
            wrap_up: agent.wrap_up.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<WrapUpView> for wire::WrapUp {
    fn from(view: WrapUpView) -> Self {
        let WrapUpView { call, mode, ends_at_us, disposition } = view;
        Self { call: call.to_string(), mode: events::WrapUpMode::from(mode).into(), ends_at_us, disposition }
    }
}

impl TryFrom<wire::WrapUp> for WrapUpView {
    type Error = ConversionError;

    fn try_from(wrap_up: wire::WrapUp) -> Result<Self, ConversionError> {
        Ok(Self {
            call: call_id(&wrap_up.call)?,
            mode: known::<events::WrapUpMode>(wrap_up.mode, "wrap-up mode")?.try_into()?,
            ends_at_us: wrap_up.ends_at_us,
            disposition: wrap_up.disposition,
        })
    }
}

impl From<NotReadyCodeView> for wire::NotReadyCode {
    fn from(view: NotReadyCodeView) -> Self {
        let at_max = events::LimitAction::from(view.at_max).into();
        let NotReadyCodeView { code, name, productive, staffed, max_s, warn_s, quota, .. } = view;
        let (by_agent, by_supervisor) = (view.by_agent, view.by_supervisor);
        Self { code, name, productive, staffed, max_s, warn_s, at_max, quota, by_agent, by_supervisor }
    }
}

impl TryFrom<wire::NotReadyCode> for NotReadyCodeView {
    type Error = ConversionError;

    fn try_from(code: wire::NotReadyCode) -> Result<Self, ConversionError> {
        let at_max = known::<events::LimitAction>(code.at_max, "limit action")?.try_into()?;
        let (by_agent, by_supervisor) = (code.by_agent, code.by_supervisor);
        let wire::NotReadyCode { code, name, productive, staffed, max_s, warn_s, quota, .. } = code;
        Ok(Self { code, name, productive, staffed, max_s, warn_s, at_max, quota, by_agent, by_supervisor })
    }
}

impl From<DispositionView> for wire::DispositionCode {
    fn from(view: DispositionView) -> Self {
        let DispositionView { code, name } = view;
        Self { code, name }
    }
}

impl From<wire::DispositionCode> for DispositionView {
    fn from(disposition: wire::DispositionCode) -> Self {
        let wire::DispositionCode { code, name } = disposition;
        Self { code, name }
    }
}

impl From<WatchView> for wire::Watch {
    fn from(view: WatchView) -> Self {
        Self {
            watch: view.watch.to_string(),
            supervisor: view.supervisor.as_str().to_owned(),
            agent: view.agent.as_str().to_owned(),
            mode: events::WatchMode::from(view.mode).into(),
            call: view.call.map(|call| call.to_string()),
        }
    }
}

impl TryFrom<wire::Watch> for WatchView {
    type Error = ConversionError;

    fn try_from(watch: wire::Watch) -> Result<Self, ConversionError> {
        Ok(Self {
            watch: call_id(&watch.watch)?,
            supervisor: AgentId::new(watch.supervisor),
            agent: AgentId::new(watch.agent),
            mode: crate::people::mode_of(watch.mode)?,
            call: watch.call.as_deref().map(call_id).transpose()?,
        })
    }
}

impl wire::SnapshotResponse {
    /// A snapshot with the key of the last event it contains.
    #[must_use]
    pub fn from_model(switch_id: &str, epoch: u64, number: u64, snapshot: Snapshot) -> Self {
        Self {
            switch_id: switch_id.to_owned(),
            epoch,
            number,
            calls: snapshot.calls.into_iter().map(Into::into).collect(),
            queues: snapshot.queues.into_iter().map(Into::into).collect(),
            agents: snapshot.agents.into_iter().map(Into::into).collect(),
            not_ready_codes: snapshot.not_ready_codes.into_iter().map(Into::into).collect(),
            hours: snapshot.hours.into_iter().map(Into::into).collect(),
            emergency: snapshot.emergency.map(Into::into),
            dispositions: snapshot.dispositions.into_iter().map(Into::into).collect(),
            watches: snapshot.watches.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<wire::SnapshotResponse> for Snapshot {
    type Error = ConversionError;

    fn try_from(response: wire::SnapshotResponse) -> Result<Self, ConversionError> {
        Ok(Self {
            calls: response.calls.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            queues: response.queues.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            agents: response.agents.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            hours: response.hours.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            emergency: response.emergency.map(Into::into),
            not_ready_codes: response
                .not_ready_codes
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            dispositions: response.dispositions.into_iter().map(Into::into).collect(),
            watches: response.watches.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        })
    }
}
