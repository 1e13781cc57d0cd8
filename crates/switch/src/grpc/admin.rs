//! `switch_admin/v1`: the trace of one call, the ban list, and how the trunks are.

use super::ControlRequest;
use super::control::ask;
use crate::trace::{CallName, Trace, TraceError, mask};
use careline_rpc::proto::switch_admin::v1 as wire;
use std::net::IpAddr;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wire::switch_admin_server::SwitchAdmin;
use wire::trace_response::Content;

/// Messages that wait for a slow reader of a trace.
const STREAM_QUEUE_MAX: usize = 64;

pub(super) struct Admin {
    trace: Option<Trace>,
    driver: mpsc::Sender<ControlRequest>,
}

impl Admin {
    pub(super) fn new(trace: Option<Trace>, driver: mpsc::Sender<ControlRequest>) -> Self {
        Self { trace, driver }
    }
}

#[tonic::async_trait]
impl SwitchAdmin for Admin {
    type TraceStream = ReceiverStream<Result<wire::TraceResponse, Status>>;

    async fn trace(
        &self,
        request: Request<wire::TraceRequest>,
    ) -> Result<Response<Self::TraceStream>, Status> {
        let peer = request.remote_addr();
        let wire::TraceRequest { call, unmasked } = request.into_inner();
        let name: CallName =
            call.parse().map_err(|error| Status::invalid_argument(format!("call: {error}")))?;
        let Some(trace) = &self.trace else {
            return Err(Status::failed_precondition(
                "this switch keeps no messages: [trace] enabled = false",
            ));
        };
        let traced = trace.read(name).await.map_err(|error| status(&error))?;
        if unmasked {
            tracing::warn!(call = %traced.call, ?peer, "a call's SIP messages are read with numbers and names");
        }
        let head = wire::TracedCall {
            call: traced.call.to_string(),
            dropped: trace.dropped(),
            cut_short: traced.cut_short,
        };
        let (sender, receiver) = mpsc::channel(STREAM_QUEUE_MAX);
        tokio::spawn(async move {
            let messages = traced.messages.into_iter().map(|mut message| {
                if !unmasked {
                    mask::persons(&mut message.text);
                }
                Content::Message(message)
            });
            for content in std::iter::once(Content::Call(head)).chain(messages) {
                if sender.send(Ok(wire::TraceResponse { content: Some(content) })).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn list_bans(
        &self,
        _request: Request<wire::ListBansRequest>,
    ) -> Result<Response<wire::ListBansResponse>, Status> {
        let (bans, unheard) = ask(&self.driver, ControlRequest::Bans).await?;
        let ban = |one: careline_switchboard::guard::Ban| wire::Ban {
            address: one.source.to_string(),
            reason: one.reason.as_str().to_owned(),
            left_s: one.left.as_secs(),
            times: one.times,
        };
        Ok(Response::new(wire::ListBansResponse { bans: bans.into_iter().map(ban).collect(), unheard }))
    }

    async fn lift_ban(
        &self,
        request: Request<wire::LiftBanRequest>,
    ) -> Result<Response<wire::LiftBanResponse>, Status> {
        let wire::LiftBanRequest { address } = request.into_inner();
        let source: IpAddr = address
            .parse()
            .map_err(|_| Status::invalid_argument("address: give an IP address, as 192.0.2.1"))?;
        let lifted = ask(&self.driver, |reply| ControlRequest::LiftBan { source, reply }).await?;
        if !lifted {
            return Err(Status::not_found(format!("{source} is not banned")));
        }
        tracing::info!(%source, "a ban was lifted");
        Ok(Response::new(wire::LiftBanResponse {}))
    }

    async fn list_trunks(
        &self,
        _request: Request<wire::ListTrunksRequest>,
    ) -> Result<Response<wire::ListTrunksResponse>, Status> {
        let trunks = ask(&self.driver, ControlRequest::Trunks).await?;
        let trunks = trunks.into_iter().map(super::trunks::on_the_wire).collect();
        Ok(Response::new(wire::ListTrunksResponse { trunks }))
    }
}

fn status(error: &TraceError) -> Status {
    let text = error.to_string();
    match error {
        TraceError::Unknown => Status::not_found(text),
        TraceError::Ambiguous => Status::invalid_argument(text),
        TraceError::Busy => Status::resource_exhausted(text),
        TraceError::Ended => Status::unavailable(text),
        TraceError::File(error) => {
            tracing::warn!(%error, "the trace cannot be read");
            Status::unavailable(text)
        }
    }
}
