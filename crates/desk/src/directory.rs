//! `directory/v1`: the switch asks who is calling while the caller still hears the greeting.
//!
//! What is found is kept for the call's pop. The switch waits for its budget and no longer; so do we, with some
//! room for the way back.

use crate::hub::Hub;
use careline_model::number::NUMBER_CHARS_MAX;
use careline_model::{CallId, CallerName, Number};
use careline_rpc::proto::directory::v1 as wire;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
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
/// Longest text of a call id.
const CALL_CHARS_MAX: usize = 36;

/// The service.
#[derive(Debug)]
pub struct Directory {
    hub: Hub,
    room: Arc<Semaphore>,
}

impl Directory {
    /// A directory that asks the hub.
    #[must_use]
    pub fn new(hub: Hub) -> Self {
        Self { hub, room: Arc::new(Semaphore::new(LOOK_UPS_IN_FLIGHT_MAX)) }
    }
}

#[tonic::async_trait]
impl Service for Directory {
    async fn look_up(
        &self,
        request: Request<wire::LookUpRequest>,
    ) -> Result<Response<wire::LookUpResponse>, Status> {
        let wire::LookUpRequest { call, caller, dialled: _ } = request.into_inner();
        let call = Some(call).filter(|text| text.len() <= CALL_CHARS_MAX).and_then(|text| text.parse().ok());
        let call: CallId = call.ok_or_else(|| Status::invalid_argument("call: give the UUID of a call"))?;
        if caller.chars().count() > NUMBER_CHARS_MAX {
            return Err(Status::invalid_argument(format!(
                "caller: give a number of at most {NUMBER_CHARS_MAX} characters"
            )));
        }
        if caller.is_empty() {
            return Ok(Response::new(wire::LookUpResponse::default()));
        }
        let Ok(_permit) = self.room.try_acquire() else {
            return Err(Status::resource_exhausted(format!(
                "{LOOK_UPS_IN_FLIGHT_MAX} questions are being answered: try again"
            )));
        };
        let number = Number::from(caller.as_str());
        match timeout(LOOK_UP_MAX, self.hub.look_up(call, &number)).await {
            Ok(Ok(summary)) => {
                let label = CallerName::from(summary.label.as_str()).cut(LABEL_CHARS_MAX).as_str().to_owned();
                Ok(Response::new(wire::LookUpResponse { persons: summary.persons, label }))
            }
            Ok(Err(error)) => Err(Status::unavailable(error.to_string())),
            Err(_) => Err(Status::unavailable(format!(
                "the database did not answer within {} ms",
                LOOK_UP_MAX.as_millis()
            ))),
        }
    }
}

/// Serves the directory on a listener until `ending` completes.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    hub: Hub,
    ending: impl Future<Output = ()> + Send + 'static,
) -> Result<(), tonic::transport::Error> {
    tonic::transport::Server::builder()
        .add_service(DirectoryServer::new(Directory::new(hub)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), ending)
        .await
}
