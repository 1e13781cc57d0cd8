//! The agents' part of `switch_control/v1`: what they order about conversations becomes orders for the driver.

use super::ControlRequest;
use super::control::{call_id, name, ordered};
use careline_model::{AgentId, CallId};
use careline_rpc::proto::switch_control::v1 as wire;
use careline_switchboard::{PeopleAnswer, PeopleOrder};
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};
use wire::people_control_server::PeopleControl;

pub(super) struct People {
    driver: mpsc::Sender<ControlRequest>,
}

impl People {
    pub(super) fn new(driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { driver }
    }

    async fn order(&self, order: PeopleOrder) -> Result<PeopleAnswer, Status> {
        ordered(&self.driver, order).await
    }

    /// The number of the party that an order made.
    async fn party(&self, order: PeopleOrder) -> Result<u32, Status> {
        match self.order(order).await? {
            PeopleAnswer::Party(party) => Ok(party),
            PeopleAnswer::Done | PeopleAnswer::Watch(_) | PeopleAnswer::Slot(_) => {
                Err(Status::internal("no party was added"))
            }
        }
    }

    /// The slot that an order found, if it was about one.
    async fn slot(&self, order: PeopleOrder) -> Result<Option<u32>, Status> {
        match self.order(order).await? {
            PeopleAnswer::Slot(slot) => Ok(Some(slot)),
            PeopleAnswer::Done | PeopleAnswer::Watch(_) | PeopleAnswer::Party(_) => Ok(None),
        }
    }
}

#[tonic::async_trait]
impl PeopleControl for People {
    async fn hold_call(
        &self,
        request: Request<wire::HoldCallRequest>,
    ) -> Result<Response<wire::HoldCallResponse>, Status> {
        let wire::HoldCallRequest { call, agent, on } = request.into_inner();
        let (call, agent) = conversation(&call, agent)?;
        self.order(PeopleOrder::Hold { call, agent, on }).await?;
        Ok(Response::new(wire::HoldCallResponse {}))
    }

    async fn pass_on(
        &self,
        request: Request<wire::PassOnRequest>,
    ) -> Result<Response<wire::PassOnResponse>, Status> {
        let wire::PassOnRequest { call, agent, to } = request.into_inner();
        let ((call, agent), to) = (conversation(&call, agent)?, name("to", to)?);
        let slot = self.slot(PeopleOrder::PassOn { call, agent, to }).await?;
        Ok(Response::new(wire::PassOnResponse { slot }))
    }

    async fn park_call(
        &self,
        request: Request<wire::ParkCallRequest>,
    ) -> Result<Response<wire::ParkCallResponse>, Status> {
        let wire::ParkCallRequest { call, agent, slot } = request.into_inner();
        let (call, agent) = conversation(&call, agent)?;
        let slot = self.slot(PeopleOrder::Park { call, agent, slot }).await?;
        let slot = slot.ok_or_else(|| Status::internal("no slot was found"))?;
        Ok(Response::new(wire::ParkCallResponse { slot }))
    }

    async fn add_party(
        &self,
        request: Request<wire::AddPartyRequest>,
    ) -> Result<Response<wire::AddPartyResponse>, Status> {
        let wire::AddPartyRequest { call, agent, to, consult } = request.into_inner();
        let ((call, agent), to) = (conversation(&call, agent)?, name("to", to)?);
        let party = self.party(PeopleOrder::AddParty { call, agent, to, consult }).await?;
        Ok(Response::new(wire::AddPartyResponse { party }))
    }

    async fn merge_call(
        &self,
        request: Request<wire::MergeCallRequest>,
    ) -> Result<Response<wire::MergeCallResponse>, Status> {
        let wire::MergeCallRequest { call, agent, other } = request.into_inner();
        let ((call, agent), other) = (conversation(&call, agent)?, call_id(&other)?);
        let party = self.party(PeopleOrder::Merge { call, agent, other }).await?;
        Ok(Response::new(wire::MergeCallResponse { party }))
    }

    async fn change_party(
        &self,
        request: Request<wire::ChangePartyRequest>,
    ) -> Result<Response<wire::ChangePartyResponse>, Status> {
        let wire::ChangePartyRequest { call, agent, party, muted, held } = request.into_inner();
        let (call, agent) = conversation(&call, agent)?;
        self.order(PeopleOrder::ChangeParty { call, agent, party, muted, held }).await?;
        Ok(Response::new(wire::ChangePartyResponse {}))
    }

    async fn remove_party(
        &self,
        request: Request<wire::RemovePartyRequest>,
    ) -> Result<Response<wire::RemovePartyResponse>, Status> {
        let wire::RemovePartyRequest { call, agent, party } = request.into_inner();
        let (call, agent) = conversation(&call, agent)?;
        self.order(PeopleOrder::RemoveParty { call, agent, party }).await?;
        Ok(Response::new(wire::RemovePartyResponse {}))
    }

    async fn leave_call(
        &self,
        request: Request<wire::LeaveCallRequest>,
    ) -> Result<Response<wire::LeaveCallResponse>, Status> {
        let wire::LeaveCallRequest { call, agent } = request.into_inner();
        let (call, agent) = conversation(&call, agent)?;
        self.order(PeopleOrder::Leave { call, agent }).await?;
        Ok(Response::new(wire::LeaveCallResponse {}))
    }
}

/// A call, and the agent whose conversation it is.
fn conversation(call: &str, agent: String) -> Result<(CallId, AgentId), Status> {
    Ok((call_id(call)?, AgentId::new(name("agent", agent)?)))
}
