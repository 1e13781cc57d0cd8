//! Callbacks of `switch_control/v1`: what agents and other programs order, and what is open.

use super::ControlRequest;
use super::control::{ask, name};
use careline_callcentre::CallbackOrder;
use careline_model::callback::CallbackOrigin;
use careline_model::{AgentId, CallbackId, QueueId};
use careline_rpc::proto::switch_control::v1 as wire;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};
use wire::callback_control_server::CallbackControl;

pub(super) struct Callbacks {
    driver: mpsc::Sender<ControlRequest>,
}

impl Callbacks {
    pub(super) fn new(driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { driver }
    }
}

#[tonic::async_trait]
impl CallbackControl for Callbacks {
    async fn request_callback(
        &self,
        request: Request<wire::RequestCallbackRequest>,
    ) -> Result<Response<wire::RequestCallbackResponse>, Status> {
        let order = Box::new(order_of(request.into_inner())?);
        let made = ask(&self.driver, |reply| ControlRequest::RequestCallback { order, reply }).await?;
        let (callback, open) = made.map_err(Status::failed_precondition)?;
        let callback = callback.as_str().to_owned();
        Ok(Response::new(wire::RequestCallbackResponse { callback, open }))
    }

    async fn cancel_callback(
        &self,
        request: Request<wire::CancelCallbackRequest>,
    ) -> Result<Response<wire::CancelCallbackResponse>, Status> {
        let wire::CancelCallbackRequest { callback, by } = request.into_inner();
        let (callback, by) = (CallbackId::new(name("callback", callback)?), name("by", by)?);
        let done = ask(&self.driver, |reply| ControlRequest::CancelCallback { callback, by, reply }).await?;
        done.map_err(Status::failed_precondition)?;
        Ok(Response::new(wire::CancelCallbackResponse {}))
    }

    async fn list_callbacks(
        &self,
        _: Request<wire::ListCallbacksRequest>,
    ) -> Result<Response<wire::ListCallbacksResponse>, Status> {
        let callbacks = ask(&self.driver, ControlRequest::Callbacks).await?;
        let callbacks = callbacks.into_iter().map(Into::into).collect();
        Ok(Response::new(wire::ListCallbacksResponse { callbacks }))
    }
}

fn order_of(request: wire::RequestCallbackRequest) -> Result<CallbackOrder, Status> {
    let wire::RequestCallbackRequest { id, number, queue, owner, due_us, by_agent } = request;
    Ok(CallbackOrder {
        id: CallbackId::new(name("id", id)?),
        number: name("number", number)?,
        queue: QueueId::new(name("queue", queue)?),
        origin: if by_agent { CallbackOrigin::Agent } else { CallbackOrigin::Program },
        owner: owner.map(|owner| name("owner", owner)).transpose()?.map(AgentId::new),
        due_us,
    })
}
