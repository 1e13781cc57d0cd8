//! The live follower against a switch that is played.

use crate::facts::*;
use careline_daemon::Clock;
use careline_desk::config::SwitchAddress;
use careline_desk::hub::Hub;
use careline_desk::live_feed::{Switches, follow};
use careline_model::Event;
use careline_rpc::body_from_model;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_events::v1 as events;
use control::switch_control_server::{SwitchControl, SwitchControlServer};
use events::switch_events_server::{SwitchEvents, SwitchEventsServer};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};

type Stream = mpsc::Sender<Result<events::Numbered, Status>>;

/// A switch whose snapshot is always quiet, and whose stream is what the test puts into it.
#[derive(Clone, Default)]
struct Played {
    stream: Arc<Mutex<Option<Stream>>>,
    subscriptions: Arc<Mutex<Vec<events::SubscribeRequest>>>,
}

const EPOCH: u64 = 5;
const HEAD: u64 = 40;

impl Played {
    async fn start() -> (Self, String) {
        let played = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(SwitchControlServer::new(played.clone()))
            .add_service(SwitchEventsServer::new(played.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (played, address)
    }

    async fn tell(&self, number: u64, event: Event) {
        let message = events::Numbered {
            switch_id: SWITCH.into(),
            epoch: EPOCH,
            number,
            at_us: event.at_us,
            epoch_changed: false,
            body: Some(body_from_model(event.body)),
        };
        let stream = self.stream.lock().unwrap().clone().unwrap();
        stream.send(Ok(message)).await.unwrap();
    }

    fn subscriptions(&self) -> usize {
        self.subscriptions.lock().unwrap().len()
    }
}

#[tonic::async_trait]
impl SwitchControl for Played {
    async fn snapshot(
        &self,
        _: Request<control::SnapshotRequest>,
    ) -> Result<Response<control::SnapshotResponse>, Status> {
        Ok(Response::new(control::SnapshotResponse::from_model(SWITCH, EPOCH, HEAD, quiet())))
    }

    async fn set_agent(
        &self,
        _: Request<control::SetAgentRequest>,
    ) -> Result<Response<control::SetAgentResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn wrap_up_done(
        &self,
        _: Request<control::WrapUpDoneRequest>,
    ) -> Result<Response<control::WrapUpDoneResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn extend_wrap_up(
        &self,
        _: Request<control::ExtendWrapUpRequest>,
    ) -> Result<Response<control::ExtendWrapUpResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn add_wrap_up(
        &self,
        _: Request<control::AddWrapUpRequest>,
    ) -> Result<Response<control::AddWrapUpResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn cancel_next(
        &self,
        _: Request<control::CancelNextRequest>,
    ) -> Result<Response<control::CancelNextResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn force_agent(
        &self,
        _: Request<control::ForceAgentRequest>,
    ) -> Result<Response<control::ForceAgentResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn hang_up(
        &self,
        _: Request<control::HangUpRequest>,
    ) -> Result<Response<control::HangUpResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn pause_recording(
        &self,
        _: Request<control::PauseRecordingRequest>,
    ) -> Result<Response<control::PauseRecordingResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn resume_recording(
        &self,
        _: Request<control::ResumeRecordingRequest>,
    ) -> Result<Response<control::ResumeRecordingResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn pause_in_queue(
        &self,
        _: Request<control::PauseInQueueRequest>,
    ) -> Result<Response<control::PauseInQueueResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn set_message(
        &self,
        _: Request<control::SetMessageRequest>,
    ) -> Result<Response<control::SetMessageResponse>, Status> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn list_quality(
        &self,
        _: Request<control::ListQualityRequest>,
    ) -> Result<Response<control::ListQualityResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl SwitchEvents for Played {
    type SubscribeStream = ReceiverStream<Result<events::Numbered, Status>>;

    async fn subscribe(
        &self,
        request: Request<events::SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let (sender, stream) = mpsc::channel(16);
        *self.stream.lock().unwrap() = Some(sender);
        self.subscriptions.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn acknowledge(
        &self,
        _: Request<events::AcknowledgeRequest>,
    ) -> Result<Response<events::AcknowledgeResponse>, Status> {
        Err(Status::unimplemented("an onlooker acknowledges nothing"))
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn it_begins_with_a_snapshot_and_after_a_gap_begins_again() {
    let database = crate::place::database().await;
    let store = crate::place::open(&database).await;
    let hub = Hub::start(store, Clock::start(), [SWITCH.to_owned()]);
    let (played, address) = Played::start().await;
    let switches = Switches::prepare(&[SwitchAddress { id: SWITCH.into(), address }]).unwrap();
    tokio::spawn(follow(hub.clone(), switches, SWITCH.to_owned()));

    let connected = || hub.look(|room| room.board().switch_views()[0].connected);
    until("connected", connected).await;
    let first = played.subscriptions.lock().unwrap()[0].clone();
    let after = events::Position { epoch: EPOCH, number: HEAD };
    assert_eq!((first.subscriber.as_str(), first.after), ("", Some(after)));
    played.tell(HEAD + 1, at(0, offered(1, NUMBER, ""))).await;
    until("the call is shown", || hub.look(|room| room.board().call(call(1)).is_some())).await;

    // An event is missing: what the snapshot says is true, and the snapshot knows no call.
    played.tell(HEAD + 3, at(0, offered(2, NUMBER, ""))).await;
    until("subscribed again", || played.subscriptions() == 2).await;
    until("the board is the snapshot's", || hub.look(|room| room.board().calls().count() == 0)).await;
    until("connected", connected).await;

    // The stream breaks off.
    *played.stream.lock().unwrap() = None;
    until("subscribed a third time", || played.subscriptions() == 3).await;
}
