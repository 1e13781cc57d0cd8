//! The part of `switch_control/v1` about calls that the house makes: campaigns, their tasks, click to dial.

use super::ControlRequest;
use super::control::{ask, name};
use careline_callcentre::{CampaignOrder, CampaignReply};
use careline_model::outbound::{CampaignView, DoNotCall, NewTask, TaskView};
use careline_model::{AgentId, CampaignId, TaskId};
use careline_rpc::proto::switch_control::v1 as wire;
use careline_rpc::{campaign_state_of, dial_result_of};
use tokio::sync::{mpsc, oneshot};
use tonic::{Request, Response, Status};
use wire::campaign_control_server::CampaignControl;

/// Tasks of one request.
const TASKS_MAX: usize = 500;

/// What is asked about campaigns.
#[derive(Debug)]
pub enum CampaignQuestion {
    /// All of them.
    Campaigns(oneshot::Sender<Vec<CampaignView>>),
    /// Tasks that have not ended: a page.
    Tasks {
        /// The campaign.
        campaign: CampaignId,
        /// Those behind this one.
        after: Option<TaskId>,
        /// In the order of their ids.
        reply: oneshot::Sender<Vec<TaskView>>,
    },
    /// Who may not be called: a page.
    DoNotCall {
        /// Numbers behind this one.
        after: String,
        /// In the order of the numbers.
        reply: oneshot::Sender<Vec<DoNotCall>>,
    },
}

pub(super) struct Campaigns {
    driver: mpsc::Sender<ControlRequest>,
}

impl Campaigns {
    pub(super) fn new(driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { driver }
    }

    /// Has an order carried out.
    async fn order(&self, order: CampaignOrder) -> Result<CampaignReply, Status> {
        let order = Box::new(order);
        let done = ask(&self.driver, |reply| ControlRequest::Campaign { order, reply }).await?;
        done.map_err(Status::failed_precondition)
    }

    async fn question<T>(
        &self,
        question: impl FnOnce(oneshot::Sender<T>) -> CampaignQuestion,
    ) -> Result<T, Status> {
        ask(&self.driver, |reply| ControlRequest::AskCampaigns(question(reply))).await
    }
}

#[tonic::async_trait]
impl CampaignControl for Campaigns {
    async fn add_tasks(
        &self,
        request: Request<wire::AddTasksRequest>,
    ) -> Result<Response<wire::AddTasksResponse>, Status> {
        let wire::AddTasksRequest { campaign, tasks } = request.into_inner();
        if tasks.len() > TASKS_MAX {
            return Err(Status::invalid_argument(format!("tasks: give {TASKS_MAX} or fewer at once")));
        }
        let campaign = CampaignId::new(name("campaign", campaign)?);
        let read = |(at, task): (usize, wire::Task)| {
            NewTask::try_from(task).map_err(|error| Status::invalid_argument(format!("tasks[{at}]: {error}")))
        };
        let tasks = tasks.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        match self.order(CampaignOrder::AddTasks { campaign, tasks }).await? {
            CampaignReply::Tasks(taken) => {
                let taken = taken.into_iter().map(Into::into).collect();
                Ok(Response::new(wire::AddTasksResponse { taken }))
            }
            CampaignReply::Done | CampaignReply::Call(_) => Err(Status::internal("no answer about tasks")),
        }
    }

    async fn withdraw_task(
        &self,
        request: Request<wire::WithdrawTaskRequest>,
    ) -> Result<Response<wire::WithdrawTaskResponse>, Status> {
        let wire::WithdrawTaskRequest { campaign, task } = request.into_inner();
        let (campaign, task) =
            (CampaignId::new(name("campaign", campaign)?), TaskId::new(name("task", task)?));
        self.order(CampaignOrder::Withdraw { campaign, task }).await?;
        Ok(Response::new(wire::WithdrawTaskResponse {}))
    }

    async fn set_campaign(
        &self,
        request: Request<wire::SetCampaignRequest>,
    ) -> Result<Response<wire::SetCampaignResponse>, Status> {
        let wire::SetCampaignRequest { campaign, state, by, reason } = request.into_inner();
        let state = campaign_state_of(state)
            .map_err(|_| Status::invalid_argument("state: give running, paused or stopped"))?;
        let campaign = CampaignId::new(name("campaign", campaign)?);
        let (by, reason) = (name("by", by)?, name("reason", reason)?);
        self.order(CampaignOrder::SetState { campaign, state, by, reason }).await?;
        Ok(Response::new(wire::SetCampaignResponse {}))
    }

    async fn list_campaigns(
        &self,
        _request: Request<wire::ListCampaignsRequest>,
    ) -> Result<Response<wire::ListCampaignsResponse>, Status> {
        let campaigns = self.question(CampaignQuestion::Campaigns).await?;
        let campaigns = campaigns.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::ListCampaignsResponse { campaigns }))
    }

    async fn list_tasks(
        &self,
        request: Request<wire::ListTasksRequest>,
    ) -> Result<Response<wire::ListTasksResponse>, Status> {
        let wire::ListTasksRequest { campaign, after } = request.into_inner();
        let campaign = CampaignId::new(name("campaign", campaign)?);
        let after = (!after.is_empty()).then(|| TaskId::new(after));
        let tasks = self.question(|reply| CampaignQuestion::Tasks { campaign, after, reply }).await?;
        let tasks = tasks.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::ListTasksResponse { tasks }))
    }

    async fn accept_preview(
        &self,
        request: Request<wire::AcceptPreviewRequest>,
    ) -> Result<Response<wire::AcceptPreviewResponse>, Status> {
        let agent = agent(request.into_inner().agent)?;
        self.order(CampaignOrder::Accept { agent }).await?;
        Ok(Response::new(wire::AcceptPreviewResponse {}))
    }

    async fn skip_preview(
        &self,
        request: Request<wire::SkipPreviewRequest>,
    ) -> Result<Response<wire::SkipPreviewResponse>, Status> {
        let wire::SkipPreviewRequest { agent: id, reason } = request.into_inner();
        let (agent, reason) = (agent(id)?, name("reason", reason)?);
        self.order(CampaignOrder::Skip { agent, reason }).await?;
        Ok(Response::new(wire::SkipPreviewResponse {}))
    }

    async fn report_heard(
        &self,
        request: Request<wire::ReportHeardRequest>,
    ) -> Result<Response<wire::ReportHeardResponse>, Status> {
        let wire::ReportHeardRequest { agent: id, result } = request.into_inner();
        let agent = agent(id)?;
        let result = dial_result_of(result).map_err(|_| Status::invalid_argument("result: give one"))?;
        self.order(CampaignOrder::Heard { agent, result }).await?;
        Ok(Response::new(wire::ReportHeardResponse {}))
    }

    async fn dial(
        &self,
        request: Request<wire::DialRequest>,
    ) -> Result<Response<wire::DialResponse>, Status> {
        let wire::DialRequest { agent: id, number } = request.into_inner();
        let (agent, number) = (agent(id)?, name("number", number)?);
        match self.order(CampaignOrder::Dial { agent, number }).await? {
            CampaignReply::Call(call) => Ok(Response::new(wire::DialResponse { call: call.to_string() })),
            CampaignReply::Done | CampaignReply::Tasks(_) => Err(Status::internal("no answer about a call")),
        }
    }

    async fn set_do_not_call(
        &self,
        request: Request<wire::SetDoNotCallRequest>,
    ) -> Result<Response<wire::SetDoNotCallResponse>, Status> {
        let wire::SetDoNotCallRequest { entry, by } = request.into_inner();
        let entry = entry.ok_or_else(|| Status::invalid_argument("entry: give one"))?;
        let entry = DoNotCall::try_from(entry)
            .map_err(|error| Status::invalid_argument(format!("entry: {error}")))?;
        self.order(CampaignOrder::SetDoNotCall { entry, by: name("by", by)? }).await?;
        Ok(Response::new(wire::SetDoNotCallResponse {}))
    }

    async fn remove_do_not_call(
        &self,
        request: Request<wire::RemoveDoNotCallRequest>,
    ) -> Result<Response<wire::RemoveDoNotCallResponse>, Status> {
        let wire::RemoveDoNotCallRequest { number, by } = request.into_inner();
        let (number, by) = (name("number", number)?, name("by", by)?);
        self.order(CampaignOrder::RemoveDoNotCall { number, by }).await?;
        Ok(Response::new(wire::RemoveDoNotCallResponse {}))
    }

    async fn list_do_not_call(
        &self,
        request: Request<wire::ListDoNotCallRequest>,
    ) -> Result<Response<wire::ListDoNotCallResponse>, Status> {
        let after = request.into_inner().after;
        let entries = self.question(|reply| CampaignQuestion::DoNotCall { after, reply }).await?;
        let entries = entries.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::ListDoNotCallResponse { entries }))
    }
}

fn agent(id: String) -> Result<AgentId, Status> {
    Ok(AgentId::new(name("agent", id)?))
}
