//! `switch_control/v1`: requests to the driver.

use super::ControlRequest;
use careline_callcentre::Order;
use careline_model::event::{AgentIntent, ForcedWhen};
use careline_model::{AgentId, CallId, QueueId, RecordingId};
use careline_rpc::message_state_of;
use careline_rpc::proto::switch_control::v1 as wire;
use careline_rpc::proto::switch_events::v1 as events;
use careline_switchboard::{AgentOrder, ForcedOrder, PeopleAnswer, PeopleOrder};
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tonic::{Request, Response, Status};
use wire::switch_control_server::SwitchControl;

/// Longest name of an agent and longest reason code, in characters.
const NAME_CHARS_MAX: usize = 64;
/// How long the driver may take; it takes microseconds when all is well.
const ANSWER_MAX: Duration = Duration::from_secs(5);

pub(super) struct Control {
    switch_id: String,
    driver: mpsc::Sender<ControlRequest>,
}

impl Control {
    pub(super) fn new(switch_id: String, driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { switch_id, driver }
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> ControlRequest) -> Result<T, Status> {
        ask(&self.driver, request).await
    }

    async fn order(&self, order: AgentOrder) -> Result<(), Status> {
        let done = self.ask(|reply| ControlRequest::Agent { order, reply }).await?;
        done.map_err(Status::failed_precondition)
    }
}

/// Asks the driver and waits for its answer.
pub(crate) async fn ask<T>(
    driver: &mpsc::Sender<ControlRequest>,
    request: impl FnOnce(oneshot::Sender<T>) -> ControlRequest,
) -> Result<T, Status> {
    let (reply, answer) = oneshot::channel();
    driver.try_send(request(reply)).map_err(|error| match error {
        TrySendError::Full(_) => Status::resource_exhausted("the switch is busy: try again in a second"),
        TrySendError::Closed(_) => Status::unavailable("the switch ends"),
    })?;
    match tokio::time::timeout(ANSWER_MAX, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(Status::unavailable("the switch ends")),
        Err(_) => {
            Err(Status::deadline_exceeded("the switch did not answer; what was asked may still happen"))
        }
    }
}

/// Has an order about a conversation carried out.
pub(super) async fn ordered(
    driver: &mpsc::Sender<ControlRequest>,
    order: PeopleOrder,
) -> Result<PeopleAnswer, Status> {
    let done = ask(driver, |reply| ControlRequest::People { order, reply }).await?;
    done.map_err(Status::failed_precondition)
}

#[tonic::async_trait]
impl SwitchControl for Control {
    async fn snapshot(
        &self,
        _request: Request<wire::SnapshotRequest>,
    ) -> Result<Response<wire::SnapshotResponse>, Status> {
        let reply = self.ask(ControlRequest::Snapshot).await?;
        let (epoch, number) = (reply.epoch, reply.number);
        let snapshot = wire::SnapshotResponse::from_model(&self.switch_id, epoch, number, reply.snapshot);
        Ok(Response::new(snapshot))
    }

    async fn set_agent(
        &self,
        request: Request<wire::SetAgentRequest>,
    ) -> Result<Response<wire::SetAgentResponse>, Status> {
        use wire::set_agent_request::Intent;
        let wire::SetAgentRequest { agent, intent } = request.into_inner();
        let agent = AgentId::new(name("agent", agent)?);
        let intent = match intent {
            None => return Err(Status::invalid_argument("intent: give ready or not_ready")),
            Some(Intent::Ready(_)) => AgentIntent::Ready,
            Some(Intent::NotReady(not_ready)) => {
                AgentIntent::NotReady(name("not_ready.code", not_ready.code)?)
            }
        };
        let done = self.ask(|reply| ControlRequest::SetAgent { agent, intent, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::SetAgentResponse {}))
    }

    async fn wrap_up_done(
        &self,
        request: Request<wire::WrapUpDoneRequest>,
    ) -> Result<Response<wire::WrapUpDoneResponse>, Status> {
        let wire::WrapUpDoneRequest { agent, code } = request.into_inner();
        let (agent, code) = (AgentId::new(name("agent", agent)?), name("code", code)?);
        self.order(AgentOrder::WrapUpDone { agent, code }).await?;
        Ok(Response::new(wire::WrapUpDoneResponse {}))
    }

    async fn extend_wrap_up(
        &self,
        request: Request<wire::ExtendWrapUpRequest>,
    ) -> Result<Response<wire::ExtendWrapUpResponse>, Status> {
        let wire::ExtendWrapUpRequest { agent, seconds } = request.into_inner();
        let agent = AgentId::new(name("agent", agent)?);
        self.order(AgentOrder::ExtendWrapUp { agent, seconds }).await?;
        Ok(Response::new(wire::ExtendWrapUpResponse {}))
    }

    async fn add_wrap_up(
        &self,
        request: Request<wire::AddWrapUpRequest>,
    ) -> Result<Response<wire::AddWrapUpResponse>, Status> {
        let wire::AddWrapUpRequest { call, seconds } = request.into_inner();
        let call = call_id(&call)?;
        self.order(AgentOrder::AddWrapUp { call, seconds }).await?;
        Ok(Response::new(wire::AddWrapUpResponse {}))
    }

    async fn cancel_next(
        &self,
        request: Request<wire::CancelNextRequest>,
    ) -> Result<Response<wire::CancelNextResponse>, Status> {
        let agent = AgentId::new(name("agent", request.into_inner().agent)?);
        self.order(AgentOrder::CancelNext { agent }).await?;
        Ok(Response::new(wire::CancelNextResponse {}))
    }

    async fn force_agent(
        &self,
        request: Request<wire::ForceAgentRequest>,
    ) -> Result<Response<wire::ForceAgentResponse>, Status> {
        let wire::ForceAgentRequest { agent, intent, when, by, reason } = request.into_inner();
        let agent = AgentId::new(name("agent", agent)?);
        let when = ForcedWhen::try_from(events::ForcedWhen::try_from(when).unwrap_or_default())
            .map_err(|_| Status::invalid_argument("when: give if_free, after_call or now"))?;
        let intent = AgentIntent::try_from(intent.unwrap_or_default())
            .map_err(|_| Status::invalid_argument("intent: give ready, not_ready or logged_out"))?;
        if let AgentIntent::NotReady(code) = &intent {
            name("not_ready.code", code.clone())?;
        }
        let (by, reason) = (name("by", by)?, name("reason", reason)?);
        self.order(AgentOrder::Force(ForcedOrder { agent, intent, when, by, reason })).await?;
        Ok(Response::new(wire::ForceAgentResponse {}))
    }

    async fn pause_in_queue(
        &self,
        request: Request<wire::PauseInQueueRequest>,
    ) -> Result<Response<wire::PauseInQueueResponse>, Status> {
        let wire::PauseInQueueRequest { agent, queue, paused } = request.into_inner();
        let (agent, queue) = (AgentId::new(name("agent", agent)?), QueueId::new(name("queue", queue)?));
        self.order(AgentOrder::PauseInQueue { agent, queue, paused }).await?;
        Ok(Response::new(wire::PauseInQueueResponse {}))
    }

    async fn hang_up(
        &self,
        request: Request<wire::HangUpRequest>,
    ) -> Result<Response<wire::HangUpResponse>, Status> {
        let call = call_id(&request.into_inner().call)?;
        let done = self.ask(|reply| ControlRequest::HangUp { call, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::HangUpResponse {}))
    }

    async fn pause_recording(
        &self,
        request: Request<wire::PauseRecordingRequest>,
    ) -> Result<Response<wire::PauseRecordingResponse>, Status> {
        let wire::PauseRecordingRequest { call, reason } = request.into_inner();
        let (call, reason) = (call_id(&call)?, name("reason", reason)?);
        let done = self.ask(|reply| ControlRequest::PauseRecording { call, reason, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::PauseRecordingResponse {}))
    }

    async fn resume_recording(
        &self,
        request: Request<wire::ResumeRecordingRequest>,
    ) -> Result<Response<wire::ResumeRecordingResponse>, Status> {
        let call = call_id(&request.into_inner().call)?;
        let done = self.ask(|reply| ControlRequest::ResumeRecording { call, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::ResumeRecordingResponse {}))
    }

    async fn set_message(
        &self,
        request: Request<wire::SetMessageRequest>,
    ) -> Result<Response<wire::SetMessageResponse>, Status> {
        let wire::SetMessageRequest { message, state, by } = request.into_inner();
        let (message, by) = (RecordingId::new(name("message", message)?), name("by", by)?);
        let state = message_state_of(state)
            .map_err(|_| Status::invalid_argument("state: give open, claimed, handled or archived"))?;
        let order = Box::new(Order::SetMessage { message, state });
        let done = self.ask(|reply| ControlRequest::Order { order, by, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::SetMessageResponse {}))
    }

    async fn list_quality(
        &self,
        _request: Request<wire::ListQualityRequest>,
    ) -> Result<Response<wire::ListQualityResponse>, Status> {
        let legs = self.ask(ControlRequest::Quality).await?;
        Ok(Response::new(wire::ListQualityResponse { legs: legs.into_iter().map(Into::into).collect() }))
    }
}

pub(super) fn call_id(text: &str) -> Result<CallId, Status> {
    text.parse().map_err(|_| Status::invalid_argument("call: give the UUID of a live call"))
}

pub(super) fn name(field: &str, text: String) -> Result<String, Status> {
    if (1..=NAME_CHARS_MAX).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(Status::invalid_argument(format!("{field}: give 1 to {NAME_CHARS_MAX} characters")))
    }
}
