//! A desk without a socket: a database in a folder of its own, a switch of which orders and recordings are played.

use crate::facts::*;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use careline_daemon::Clock;
use careline_desk::config::{Config, parse};
use careline_desk::http::{COOKIE, Desk, router};
use careline_desk::hub::{Hub, Input};
use careline_desk::live_feed::Switches;
use careline_desk::rights::{Role, Roles};
use careline_desk::sealing::Keys;
use careline_desk::storage::{Account, NewAccount, NewPerson, Store};
use careline_desk::{config::SwitchAddress, passwords};
use careline_model::{Event, EventBody};
use careline_rpc::proto::recordings::v1 as recordings;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::{Fact, Received};
use control::switch_control_server::{SwitchControl, SwitchControlServer};
use http_body_util::BodyExt;
use recordings::recordings_server::{Recordings, RecordingsServer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Status};
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse";
pub const HOST: &str = "desk.example:8080";
/// Bytes of every recording that is played.
pub const RECORDING_BYTES: usize = 1000;
const SAMPLE: &str = include_str!("../../../../config/desk.toml");

pub fn recording_byte(at: usize) -> u8 {
    u8::try_from(at % 251).unwrap()
}

pub struct World {
    pub database: careline_testkit::Database,
    pub store: Store,
    pub hub: Hub,
    pub desk: Desk,
    pub switch: PlayedSwitch,
    told: Mutex<u64>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text());
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The cookie that was set, as the browser sends it back.
    pub fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::changed(|_| {}).await
    }

    pub async fn changed(change: impl FnOnce(&mut Config)) -> Self {
        let database = crate::place::database().await;
        let store = crate::place::open(&database).await;
        let store = store.with_keys(Keys::of(&[7; 32]).unwrap(), START_US).await.unwrap();
        let (switch, address) = PlayedSwitch::start().await;
        let mut config =
            parse(SAMPLE, "desk.toml", Path::new("config")).unwrap_or_else(|_| panic!("the sample holds"));
        config.switches = vec![SwitchAddress { id: SWITCH.into(), address }];
        change(&mut config);
        let clock = Clock::start();
        let hub = Hub::start(store.clone(), clock.clone(), [SWITCH.to_owned()]);
        hub.handle(Input::Snapshot { switch: SWITCH.into(), snapshot: quiet() });
        let switches = Switches::prepare(&config.switches).unwrap();
        let desk = Desk::new(config, store.clone(), hub.clone(), switches, clock);
        Self { database, store, hub, desk, switch, told: Mutex::new(0) }
    }

    /// An account with [`PASSWORD`].
    pub async fn account(&self, login: &str, agent: Option<&str>) -> Account {
        let role = if agent.is_some() { Role::Agent } else { Role::Supervisor };
        self.added(login, role.into(), agent, &passwords::hash(PASSWORD).await.unwrap()).await
    }

    async fn added(&self, login: &str, roles: Roles, agent: Option<&str>, hash: &str) -> Account {
        let new = NewAccount {
            login: login.into(),
            name: login.into(),
            roles,
            agent: agent.map(str::to_owned),
            password_hash: hash.to_owned(),
            created_us: START_US,
        };
        self.store.add_account(new).await.unwrap()
    }

    /// Adds an account that is signed in; gives the cookie. Without a password, which would take its time to hash.
    pub async fn signed_in(&self, login: &str, agent: Option<&str>) -> String {
        let role = if agent.is_some() { Role::Agent } else { Role::Supervisor };
        self.signed_in_as(login, role.into(), agent).await
    }

    /// The same with these roles.
    pub async fn signed_in_as(&self, login: &str, roles: Roles, agent: Option<&str>) -> String {
        let account = self.added(login, roles, agent, "no hash").await;
        let digest = hex::encode(Sha256::digest(login.as_bytes()));
        self.store.start_sign_in(&digest, &account.id, Clock::start().now().wall_us).await.unwrap();
        format!("{COOKIE}={login}")
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "login": login, "password": password });
        self.send("POST", "/api/session", "", Some(body)).await
    }

    pub async fn person(&self, name: &str) -> String {
        let new = NewPerson {
            name: name.into(),
            sex: "female".into(),
            birth_date: Some("1980-03-02".into()),
            source_code: String::new(),
            number: Some((NUMBER.into(), NUMBER.into(), "mobile".into())),
            call_id: None,
        };
        self.store.add_person(new, "test", START_US).await.unwrap().id
    }

    /// Facts to both: what is live, and what is stored.
    pub async fn tell(&self, bodies: impl IntoIterator<Item = EventBody>) {
        for body in bodies {
            let number = {
                let mut told = self.told.lock().unwrap();
                *told += 1;
                *told
            };
            let event = Event { at_us: START_US + i64::try_from(number).unwrap() * 1000, body };
            self.hub.handle(Input::Event { switch: SWITCH.into(), event: event.clone() });
            let fact = Fact::Event(event);
            let received =
                Received { switch_id: SWITCH.into(), epoch: 1, number, epoch_changed: false, fact };
            self.store.apply(SWITCH, &[received]).await.unwrap();
        }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, None).await
    }

    pub async fn put(&self, path: &str, cookie: &str, body: Value) -> Answer {
        self.send("PUT", path, cookie, Some(body)).await
    }

    pub async fn post(&self, path: &str, cookie: &str, body: Value) -> Answer {
        self.send("POST", path, cookie, Some(body)).await
    }

    pub async fn send(&self, method: &str, path: &str, cookie: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(header::COOKIE, cookie);
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        self.call(request.unwrap()).await
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = router(self.desk.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        assert!(!answer.text().contains("13812345678"), "a full number left by {}", answer.text());
        answer
    }
}

/// Orders and recordings of a switch.
#[derive(Clone, Default)]
pub struct PlayedSwitch {
    orders: Arc<Mutex<Vec<String>>>,
    refusal: Arc<Mutex<Option<Status>>>,
}

impl PlayedSwitch {
    async fn start() -> (Self, String) {
        let played = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(SwitchControlServer::new(played.clone()))
            .add_service(RecordingsServer::new(played.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (played, address)
    }

    pub fn orders(&self) -> Vec<String> {
        self.orders.lock().unwrap().clone()
    }

    pub fn refuse(&self, code: Code, words: &str) {
        *self.refusal.lock().unwrap() = Some(Status::new(code, words));
    }

    fn obey(&self, order: String) -> Result<(), Status> {
        self.orders.lock().unwrap().push(order);
        self.refusal.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

type Answered<T> = Result<tonic::Response<T>, Status>;

#[tonic::async_trait]
impl SwitchControl for PlayedSwitch {
    async fn snapshot(
        &self,
        _: tonic::Request<control::SnapshotRequest>,
    ) -> Answered<control::SnapshotResponse> {
        Err(Status::unimplemented("the test tells"))
    }

    async fn set_agent(
        &self,
        request: tonic::Request<control::SetAgentRequest>,
    ) -> Answered<control::SetAgentResponse> {
        let control::SetAgentRequest { agent, intent } = request.into_inner();
        self.obey(format!("{agent}: {intent:?}"))?;
        Ok(tonic::Response::new(control::SetAgentResponse {}))
    }

    async fn wrap_up_done(
        &self,
        _: tonic::Request<control::WrapUpDoneRequest>,
    ) -> Answered<control::WrapUpDoneResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn extend_wrap_up(
        &self,
        _: tonic::Request<control::ExtendWrapUpRequest>,
    ) -> Answered<control::ExtendWrapUpResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn add_wrap_up(
        &self,
        _: tonic::Request<control::AddWrapUpRequest>,
    ) -> Answered<control::AddWrapUpResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn cancel_next(
        &self,
        _: tonic::Request<control::CancelNextRequest>,
    ) -> Answered<control::CancelNextResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn force_agent(
        &self,
        _: tonic::Request<control::ForceAgentRequest>,
    ) -> Answered<control::ForceAgentResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn hang_up(
        &self,
        request: tonic::Request<control::HangUpRequest>,
    ) -> Answered<control::HangUpResponse> {
        self.obey(format!("hang up {}", request.into_inner().call))?;
        Ok(tonic::Response::new(control::HangUpResponse {}))
    }

    async fn pause_recording(
        &self,
        _: tonic::Request<control::PauseRecordingRequest>,
    ) -> Answered<control::PauseRecordingResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn resume_recording(
        &self,
        _: tonic::Request<control::ResumeRecordingRequest>,
    ) -> Answered<control::ResumeRecordingResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn pause_in_queue(
        &self,
        _: tonic::Request<control::PauseInQueueRequest>,
    ) -> Answered<control::PauseInQueueResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }

    async fn set_message(
        &self,
        request: tonic::Request<control::SetMessageRequest>,
    ) -> Answered<control::SetMessageResponse> {
        let control::SetMessageRequest { message, state, by } = request.into_inner();
        self.obey(format!("set_message {message} {state} {by}"))?;
        Ok(tonic::Response::new(control::SetMessageResponse {}))
    }

    async fn list_quality(
        &self,
        _: tonic::Request<control::ListQualityRequest>,
    ) -> Answered<control::ListQualityResponse> {
        Err(Status::unimplemented("no page asks for it"))
    }
}

#[tonic::async_trait]
impl Recordings for PlayedSwitch {
    type ReadStream =
        std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<recordings::ReadResponse, Status>> + Send>>;

    async fn stat(
        &self,
        request: tonic::Request<recordings::StatRequest>,
    ) -> Answered<recordings::StatResponse> {
        self.obey(format!("stat {}", request.into_inner().recording))?;
        Ok(tonic::Response::new(recordings::StatResponse {
            bytes: RECORDING_BYTES as u64,
            duration_ms: 500,
            state: recordings::RecordingState::Open.into(),
            ..Default::default()
        }))
    }

    async fn read(&self, request: tonic::Request<recordings::ReadRequest>) -> Answered<Self::ReadStream> {
        let recordings::ReadRequest { offset, length, .. } = request.into_inner();
        let (first, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        let bytes: Vec<u8> = (first..(first + length).min(RECORDING_BYTES)).map(recording_byte).collect();
        let chunks: Vec<_> =
            bytes.chunks(300).map(|chunk| Ok(recordings::ReadResponse { chunk: chunk.to_vec() })).collect();
        Ok(tonic::Response::new(Box::pin(futures_util::stream::iter(chunks))))
    }

    async fn peaks(
        &self,
        request: tonic::Request<recordings::PeaksRequest>,
    ) -> Answered<recordings::PeaksResponse> {
        let per_second = request.into_inner().per_second;
        Ok(tonic::Response::new(recordings::PeaksResponse {
            per_second,
            left: vec![1, 2, 255],
            right: vec![0, 0, 7],
        }))
    }

    async fn hold(
        &self,
        request: tonic::Request<recordings::HoldRequest>,
    ) -> Answered<recordings::HoldResponse> {
        self.obey(format!("hold {}", request.into_inner().recording))?;
        Ok(tonic::Response::new(recordings::HoldResponse {}))
    }

    async fn release(
        &self,
        request: tonic::Request<recordings::ReleaseRequest>,
    ) -> Answered<recordings::ReleaseResponse> {
        self.obey(format!("release {}", request.into_inner().recording))?;
        Ok(tonic::Response::new(recordings::ReleaseResponse {}))
    }

    async fn disk(
        &self,
        _request: tonic::Request<recordings::DiskRequest>,
    ) -> Answered<recordings::DiskResponse> {
        Ok(tonic::Response::new(recordings::DiskResponse::default()))
    }
}
