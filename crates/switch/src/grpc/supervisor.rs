//! The supervisors' part of `switch_control/v1`: decisions above the configuration become orders for the driver.

use super::ControlRequest;
use super::control::{ask, call_id, name, ordered};
use careline_callcentre::{NewRank, Order};
use careline_model::event::WatchMode;
use careline_model::hours::Opening;
use careline_model::screening::{ListEntry, ListKind};
use careline_model::{AgentId, QueueId, SkillId};
use careline_rpc::proto::switch_control::v1 as wire;
use careline_rpc::proto::switch_events::v1 as events;
use careline_rpc::{list_of, mode_of, opening_of};
use careline_switchboard::{PeopleAnswer, PeopleOrder};
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};
use wire::supervisor_control_server::SupervisorControl;

pub(super) struct Supervisor {
    driver: mpsc::Sender<ControlRequest>,
}

impl Supervisor {
    pub(super) fn new(driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { driver }
    }

    /// Has an order carried out.
    async fn order(&self, ordered: Ordered) -> Result<(), Status> {
        let (order, by) = ordered?;
        let order = Box::new(order);
        let done = ask(&self.driver, |reply| ControlRequest::Order { order, by, reply }).await?;
        done.map_err(Status::failed_precondition)
    }
}

#[tonic::async_trait]
impl SupervisorControl for Supervisor {
    async fn override_hours(
        &self,
        request: Request<wire::OverrideHoursRequest>,
    ) -> Result<Response<wire::OverrideHoursResponse>, Status> {
        self.order(override_hours(request.into_inner())).await?;
        Ok(Response::new(wire::OverrideHoursResponse {}))
    }

    async fn revert_hours(
        &self,
        request: Request<wire::RevertHoursRequest>,
    ) -> Result<Response<wire::RevertHoursResponse>, Status> {
        self.order(revert_hours(request.into_inner())).await?;
        Ok(Response::new(wire::RevertHoursResponse {}))
    }

    async fn preview_hours(
        &self,
        request: Request<wire::PreviewHoursRequest>,
    ) -> Result<Response<wire::PreviewHoursResponse>, Status> {
        let wire::PreviewHoursRequest { hours, at_us } = request.into_inner();
        let hours = name("hours", hours)?;
        let outlook = ask(&self.driver, |reply| ControlRequest::PreviewHours { hours, at_us, reply }).await?;
        let outlook = outlook.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::PreviewHoursResponse { outlook: Some(outlook.into()) }))
    }

    async fn begin_emergency(
        &self,
        request: Request<wire::BeginEmergencyRequest>,
    ) -> Result<Response<wire::BeginEmergencyResponse>, Status> {
        self.order(begin_emergency(request.into_inner())).await?;
        Ok(Response::new(wire::BeginEmergencyResponse {}))
    }

    async fn end_emergency(
        &self,
        request: Request<wire::EndEmergencyRequest>,
    ) -> Result<Response<wire::EndEmergencyResponse>, Status> {
        self.order(end_emergency(request.into_inner())).await?;
        Ok(Response::new(wire::EndEmergencyResponse {}))
    }

    async fn set_caller_list_entry(
        &self,
        request: Request<wire::SetCallerListEntryRequest>,
    ) -> Result<Response<wire::SetCallerListEntryResponse>, Status> {
        self.order(set_entry(request.into_inner())).await?;
        Ok(Response::new(wire::SetCallerListEntryResponse {}))
    }

    async fn remove_caller_list_entry(
        &self,
        request: Request<wire::RemoveCallerListEntryRequest>,
    ) -> Result<Response<wire::RemoveCallerListEntryResponse>, Status> {
        self.order(remove_entry(request.into_inner())).await?;
        Ok(Response::new(wire::RemoveCallerListEntryResponse {}))
    }

    async fn list_caller_list_entries(
        &self,
        request: Request<wire::ListCallerListEntriesRequest>,
    ) -> Result<Response<wire::ListCallerListEntriesResponse>, Status> {
        let list = list(request.into_inner().list)?;
        let entries = ask(&self.driver, |reply| ControlRequest::ListEntries { list, reply }).await?;
        let entries = entries.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::ListCallerListEntriesResponse { entries }))
    }

    async fn set_rank(
        &self,
        request: Request<wire::SetRankRequest>,
    ) -> Result<Response<wire::SetRankResponse>, Status> {
        self.order(set_rank(request.into_inner())).await?;
        Ok(Response::new(wire::SetRankResponse {}))
    }

    async fn ask_for_skill(
        &self,
        request: Request<wire::AskForSkillRequest>,
    ) -> Result<Response<wire::AskForSkillResponse>, Status> {
        self.order(ask_for_skill(request.into_inner())).await?;
        Ok(Response::new(wire::AskForSkillResponse {}))
    }

    async fn withdraw_call(
        &self,
        request: Request<wire::WithdrawCallRequest>,
    ) -> Result<Response<wire::WithdrawCallResponse>, Status> {
        self.order(withdraw(request.into_inner())).await?;
        Ok(Response::new(wire::WithdrawCallResponse {}))
    }

    async fn pick_call(
        &self,
        request: Request<wire::PickCallRequest>,
    ) -> Result<Response<wire::PickCallResponse>, Status> {
        self.order(pick(request.into_inner())).await?;
        Ok(Response::new(wire::PickCallResponse {}))
    }

    async fn close_queue(
        &self,
        request: Request<wire::CloseQueueRequest>,
    ) -> Result<Response<wire::CloseQueueResponse>, Status> {
        self.order(close_queue(request.into_inner())).await?;
        Ok(Response::new(wire::CloseQueueResponse {}))
    }

    async fn open_queue(
        &self,
        request: Request<wire::OpenQueueRequest>,
    ) -> Result<Response<wire::OpenQueueResponse>, Status> {
        self.order(open_queue(request.into_inner())).await?;
        Ok(Response::new(wire::OpenQueueResponse {}))
    }

    async fn watch_agent(
        &self,
        request: Request<wire::WatchAgentRequest>,
    ) -> Result<Response<wire::WatchAgentResponse>, Status> {
        let wire::WatchAgentRequest { supervisor, agent, mode, by } = request.into_inner();
        let order = PeopleOrder::Watch {
            supervisor: AgentId::new(name("supervisor", supervisor)?),
            agent: AgentId::new(name("agent", agent)?),
            mode: known_mode(mode)?,
            by: name("by", by)?,
        };
        let PeopleAnswer::Watch(watch) = ordered(&self.driver, order).await? else {
            return Err(Status::internal("no watch began"));
        };
        Ok(Response::new(wire::WatchAgentResponse { watch: watch.to_string() }))
    }

    async fn change_watch(
        &self,
        request: Request<wire::ChangeWatchRequest>,
    ) -> Result<Response<wire::ChangeWatchResponse>, Status> {
        let wire::ChangeWatchRequest { supervisor, mode, by } = request.into_inner();
        let supervisor = AgentId::new(name("supervisor", supervisor)?);
        let (mode, by) = (known_mode(mode)?, name("by", by)?);
        ordered(&self.driver, PeopleOrder::ChangeWatch { supervisor, mode, by }).await?;
        Ok(Response::new(wire::ChangeWatchResponse {}))
    }

    async fn stop_watch(
        &self,
        request: Request<wire::StopWatchRequest>,
    ) -> Result<Response<wire::StopWatchResponse>, Status> {
        let supervisor = AgentId::new(name("supervisor", request.into_inner().supervisor)?);
        ordered(&self.driver, PeopleOrder::StopWatch { supervisor }).await?;
        Ok(Response::new(wire::StopWatchResponse {}))
    }
}

/// An order, and who gives it.
type Ordered = Result<(Order, String), Status>;

fn override_hours(request: wire::OverrideHoursRequest) -> Ordered {
    let wire::OverrideHoursRequest { hours, opening, until_us, by, reason } = request;
    let (hours, opening) = (name("hours", hours)?, known_opening(opening)?);
    let order = Order::OverrideHours { hours, opening, until_us, reason: name("reason", reason)? };
    Ok((order, name("by", by)?))
}

fn revert_hours(request: wire::RevertHoursRequest) -> Ordered {
    let wire::RevertHoursRequest { hours, by } = request;
    Ok((Order::RevertHours { hours: name("hours", hours)? }, name("by", by)?))
}

fn begin_emergency(request: wire::BeginEmergencyRequest) -> Ordered {
    let wire::BeginEmergencyRequest { until_us, by, reason } = request;
    Ok((Order::BeginEmergency { until_us, reason: name("reason", reason)? }, name("by", by)?))
}

fn end_emergency(request: wire::EndEmergencyRequest) -> Ordered {
    Ok((Order::EndEmergency, name("by", request.by)?))
}

fn set_entry(request: wire::SetCallerListEntryRequest) -> Ordered {
    let entry = entry(request.entry)?;
    name("entry.reason", entry.reason.clone())?;
    Ok((Order::SetListEntry(entry), name("by", request.by)?))
}

fn remove_entry(request: wire::RemoveCallerListEntryRequest) -> Ordered {
    // What is no part of the key may be anything.
    let key = request
        .entry
        .map(|entry| events::CallerListEntry { action: events::BlockAction::Unspecified.into(), ..entry });
    let ListEntry { list, pattern, scope, .. } = entry(key)?;
    Ok((Order::RemoveListEntry { list, pattern, scope }, name("by", request.by)?))
}

fn set_rank(request: wire::SetRankRequest) -> Ordered {
    let wire::SetRankRequest { call, red_flag, class, points, by } = request;
    // What is no class at all is refused like one that is too high.
    let class = class.map(|class| u8::try_from(class).unwrap_or(u8::MAX));
    let order = Order::SetRank { call: call_id(&call)?, rank: NewRank { red_flag, class, points } };
    Ok((order, name("by", by)?))
}

fn ask_for_skill(request: wire::AskForSkillRequest) -> Ordered {
    let wire::AskForSkillRequest { call, skill, level, by } = request;
    let (call, skill) = (call_id(&call)?, SkillId::new(name("skill", skill)?));
    let level = u8::try_from(level).unwrap_or(u8::MAX);
    Ok((Order::AskForSkill { call, skill, level }, name("by", by)?))
}

fn withdraw(request: wire::WithdrawCallRequest) -> Ordered {
    let wire::WithdrawCallRequest { call, to_queue, by, reason } = request;
    let (call, to) = (call_id(&call)?, QueueId::new(name("to_queue", to_queue)?));
    Ok((Order::Withdraw { call, to, reason: name("reason", reason)? }, name("by", by)?))
}

fn pick(request: wire::PickCallRequest) -> Ordered {
    let wire::PickCallRequest { call, agent, by } = request;
    let (call, agent) = (call_id(&call)?, AgentId::new(name("agent", agent)?));
    Ok((Order::Pick { call, agent }, name("by", by)?))
}

fn close_queue(request: wire::CloseQueueRequest) -> Ordered {
    let wire::CloseQueueRequest { queue, leave, by, reason } = request;
    let queue = QueueId::new(name("queue", queue)?);
    Ok((Order::CloseQueue { queue, leave, reason: name("reason", reason)? }, name("by", by)?))
}

fn open_queue(request: wire::OpenQueueRequest) -> Ordered {
    let wire::OpenQueueRequest { queue, by } = request;
    Ok((Order::OpenQueue { queue: QueueId::new(name("queue", queue)?) }, name("by", by)?))
}

/// The list whose entries are asked for.
fn list(list: i32) -> Result<ListKind, Status> {
    list_of(list).map_err(|_| Status::invalid_argument("list: give white, black or protected"))
}

fn entry(entry: Option<events::CallerListEntry>) -> Result<ListEntry, Status> {
    let entry = entry.ok_or_else(|| Status::invalid_argument("entry: give one"))?;
    entry.try_into().map_err(|error| Status::invalid_argument(format!("entry: {error}")))
}

fn known_mode(mode: i32) -> Result<WatchMode, Status> {
    mode_of(mode).map_err(|_| {
        Status::invalid_argument("mode: give listen, private_whisper, whisper, barge or take_over")
    })
}

fn known_opening(opening: i32) -> Result<Opening, Status> {
    opening_of(opening).map_err(|_| Status::invalid_argument("opening: give open, closed or emergency"))
}
