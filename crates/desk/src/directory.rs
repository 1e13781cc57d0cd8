//! `directory/v1`: the switch asks who is calling while the caller still hears the greeting.
//!
//! Flows ask too, while their callers wait (`asked`). What is found is kept for the call's pop. The switch waits for its budget and no longer; so do we, with some
//! room for the way back.

mod asked;
mod hints;

use crate::hub::Hub;
use crate::storage::Store;
use asked::Question;
use careline_daemon::Clock;
use careline_model::number::NUMBER_CHARS_MAX;
use careline_model::{CallId, CallerName, Number};
use careline_rpc::proto::directory::v1 as wire;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use wire::directory_server::{Directory as Service, DirectoryServer};

/// How long an answer may take; the switch gives up at 150 ms.
pub const LOOK_UP_MAX: Duration = Duration::from_millis(120);
/// Questions at once; further ones are refused, and their calls are routed without an answer.
pub const LOOK_UPS_IN_FLIGHT_MAX: usize = 64;
/// Longest label, in characters: what a phone's display holds.
pub const LABEL_CHARS_MAX: usize = 32;
/// How long an answer to a flow may take; the switch gives up at 5 s.
pub const ASK_MAX: Duration = Duration::from_secs(4);
/// Variables of one question.
pub const VARIABLES_MAX: usize = 16;
/// Longest text of a call id.
const CALL_CHARS_MAX: usize = 36;

/// The service.
#[derive(Debug)]
pub struct Directory {
    hub: Hub,
    store: Store,
    clock: Clock,
    room: Arc<Semaphore>,
}

impl Directory {
    /// A directory that asks the hub.
    #[must_use]
    pub fn new(hub: Hub, store: Store, clock: Clock) -> Self {
        Self { hub, store, clock, room: Arc::new(Semaphore::new(LOOK_UPS_IN_FLIGHT_MAX)) }
    }

    fn permit(&self) -> Result<SemaphorePermit<'_>, Status> {
        self.room.try_acquire().map_err(|_| {
            Status::resource_exhausted(format!(
                "{LOOK_UPS_IN_FLIGHT_MAX} questions are being answered: try again"
            ))
        })
    }

    async fn known(&self, call: CallId, number: &Number) -> Result<wire::LookUpResponse, Status> {
        let unavailable = |error: &dyn std::error::Error| Status::unavailable(error.to_string());
        let summary = self.hub.look_up(call, number).await.map_err(|error| unavailable(&error))?;
        let findings = self.hub.look(|room| room.findings(call).cloned()).unwrap_or_default();
        let now_us = self.clock.now().wall_us;
        let hints = hints::of(&self.store, call, number, &findings, now_us).await;
        let hints = hints.map_err(|error| unavailable(&error))?;
        let label = CallerName::from(summary.label.as_str()).cut(LABEL_CHARS_MAX).as_str().to_owned();
        Ok(wire::LookUpResponse {
            persons: summary.persons,
            label,
            class: None,
            points: hints.points,
            red_flag: false,
            agent: hints.agent.unwrap_or_default(),
        })
    }
}

fn call_id(text: &str) -> Result<CallId, Status> {
    let call = Some(text).filter(|text| text.len() <= CALL_CHARS_MAX).and_then(|text| text.parse().ok());
    call.ok_or_else(|| Status::invalid_argument("call: give the UUID of a call"))
}

#[tonic::async_trait]
impl Service for Directory {
    async fn look_up(
        &self,
        request: Request<wire::LookUpRequest>,
    ) -> Result<Response<wire::LookUpResponse>, Status> {
        let wire::LookUpRequest { call, caller, dialled: _ } = request.into_inner();
        let call = call_id(&call)?;
        if caller.chars().count() > NUMBER_CHARS_MAX {
            return Err(Status::invalid_argument(format!(
                "caller: give a number of at most {NUMBER_CHARS_MAX} characters"
            )));
        }
        if caller.is_empty() {
            return Ok(Response::new(wire::LookUpResponse::default()));
        }
        let _permit = self.permit()?;
        let number = Number::from(caller.as_str());
        match timeout(LOOK_UP_MAX, self.known(call, &number)).await {
            Ok(answer) => answer.map(Response::new),
            Err(_) => Err(Status::unavailable(format!(
                "the database did not answer within {} ms",
                LOOK_UP_MAX.as_millis()
            ))),
        }
    }

    async fn ask(&self, request: Request<wire::AskRequest>) -> Result<Response<wire::AskResponse>, Status> {
        let wire::AskRequest { call, query, variables } = request.into_inner();
        let call = call_id(&call)?;
        if variables.len() > VARIABLES_MAX {
            return Err(Status::invalid_argument(format!("variables: at most {VARIABLES_MAX}")));
        }
        let question = Question::parse(&query, &variables)?;
        let _permit = self.permit()?;
        let now_us = self.clock.now().wall_us;
        let answer = timeout(ASK_MAX, question.answer(&self.hub, &self.store, call, now_us)).await;
        let answer = answer.map_err(|_| Status::unavailable("the database did not answer in time"))?;
        Ok(Response::new(answer?))
    }
}

/// Serves the directory on a listener until `ending` completes.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    (hub, store, clock): (Hub, Store, Clock),
    ending: impl Future<Output = ()> + Send + 'static,
) -> Result<(), tonic::transport::Error> {
    tonic::transport::Server::builder()
        .add_service(DirectoryServer::new(Directory::new(hub, store, clock)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), ending)
        .await
}
