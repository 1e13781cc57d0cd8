//! A desk that answers, refuses, hangs, and is away.

use super::*;
use careline_rpc::proto::directory::v1::directory_server::{Directory as Service, DirectoryServer};
use careline_rpc::proto::directory::v1::{LookUpRequest, LookUpResponse};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// Longest wait for anything that should happen at once on a loaded machine.
const SOON: Duration = Duration::from_secs(8);

/// Answers by the question.
struct Desk;

#[tonic::async_trait]
impl Service for Desk {
    async fn look_up(&self, _: Request<LookUpRequest>) -> Result<Response<LookUpResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let request = request.into_inner();
        match request.query.as_str() {
            "echo" => Ok(Response::new(AskResponse { found: true, variables: request.variables })),
            "nothing" => Ok(Response::new(AskResponse::default())),
            "refused" => Err(Status::invalid_argument("no such question")),
            _ => std::future::pending().await,
        }
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

fn serve(listener: TcpListener) {
    let server = Server::builder().add_service(DirectoryServer::new(Desk));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
}

fn start(address: SocketAddr) -> (FlowClient, mpsc::Receiver<FlowReply>) {
    FlowClient::start(&Handle::current(), Directory { address, budget: Duration::from_millis(150) })
}

fn question(query: &str, look_up: u64) -> FlowQuestion {
    let call = "0190a5b0-1111-7abc-8def-0123456789ab".parse().expect("a UUID");
    let variables = vec![
        ("card".into(), Value::text("77712")),
        ("age".into(), Value::Number(-3)),
        ("elderly".into(), Value::Flag(true)),
    ];
    FlowQuestion { call, look_up, query: query.into(), variables }
}

async fn reply(replies: &mut mpsc::Receiver<FlowReply>) -> FlowReply {
    tokio::time::timeout(SOON, replies.recv()).await.expect("in time").expect("an answer")
}

#[tokio::test]
async fn variables_go_there_and_come_back() {
    let (listener, address) = listen().await;
    serve(listener);
    let (client, mut replies) = start(address);
    for (query, expected) in [
        ("echo", FlowAnswer::Found { variables: question("", 0).variables }),
        ("nothing", FlowAnswer::NotFound),
        ("refused", FlowAnswer::Failed),
    ] {
        assert!(client.ask(question(query, 7)));
        let reply = reply(&mut replies).await;
        assert_eq!((reply.look_up, reply.answer), (7, expected), "{query}");
    }
}

#[tokio::test]
async fn a_desk_that_comes_in_time_answers_and_a_card_is_in_no_log() {
    let (listener, address) = listen().await;
    drop(listener);
    let (client, mut replies) = start(address);
    assert!(client.ask(question("echo", 1)));
    assert!(!format!("{:?}", question("echo", 1)).contains("77712"));
    serve(TcpListener::bind(address).await.expect("the port is free again"));
    assert!(matches!(reply(&mut replies).await.answer, FlowAnswer::Found { .. }));
}

#[tokio::test]
async fn who_hangs_too_often_is_not_waited_for() {
    let (listener, address) = listen().await;
    serve(listener);
    let (client, mut replies) = start(address);
    for look_up in 1..=u64::from(SILENT_MAX) {
        assert!(client.ask(question("hangs", look_up)));
    }
    let nothing = tokio::time::timeout(HARD_LIMIT + AGAIN, replies.recv()).await;
    assert!(nothing.is_err(), "the call centre's own limit decides: {nothing:?}");
    assert!(client.ask(question("echo", 9)));
    let reply = reply(&mut replies).await;
    assert_eq!((reply.look_up, reply.answer), (9, FlowAnswer::Failed));
}
