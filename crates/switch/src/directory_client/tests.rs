//! A desk that answers, refuses, hangs, is away, comes back.

use super::*;
use careline_rpc::proto::directory::v1::directory_server::{Directory as Service, DirectoryServer};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response};

/// Longest wait for anything that should happen at once on a loaded machine.
const SOON: Duration = Duration::from_secs(8);

/// Answers by the caller's number: `refused`, `huge`, and everybody else has a name.
struct Desk;

#[tonic::async_trait]
impl Service for Desk {
    async fn ask(
        &self,
        _: Request<careline_rpc::proto::directory::v1::AskRequest>,
    ) -> Result<Response<careline_rpc::proto::directory::v1::AskResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn look_up(&self, request: Request<LookUpRequest>) -> Result<Response<LookUpResponse>, Status> {
        let label = match request.into_inner().caller.as_str() {
            "refused" => return Err(Status::unavailable("the database cannot be read")),
            "huge" => "x".repeat(1 << 20),
            number => format!("{number}\u{202e}"),
        };
        Ok(Response::new(LookUpResponse { persons: 1, label, ..LookUpResponse::default() }))
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

fn start(address: SocketAddr, budget: Duration) -> (DirectoryClient, mpsc::Receiver<Answer>) {
    DirectoryClient::start(&Handle::current(), Directory { address, budget })
}

fn question(caller: &str) -> Question {
    let call = "0190a5b0-1111-7abc-8def-0123456789ab".parse().expect("a UUID");
    Question { call, caller: caller.into(), dialled: "12320".into() }
}

async fn asked(client: &DirectoryClient, answers: &mut mpsc::Receiver<Answer>, caller: &str) -> LookUpAnswer {
    assert!(client.ask(question(caller)));
    let answer = tokio::time::timeout(SOON, answers.recv()).await.expect("in time").expect("an answer");
    assert_eq!(answer.call, question("").call);
    answer.answer
}

#[tokio::test]
async fn the_desk_is_asked_and_its_label_made_harmless() {
    let (listener, address) = listen().await;
    serve(listener);
    let (client, mut answers) = start(address, SOON);
    let answer = asked(&client, &mut answers, "王").await;
    assert_eq!(answer, LookUpAnswer::Answered { persons: 1, label: "王\u{fffd}".into() });
}

#[tokio::test]
async fn a_desk_that_refuses_or_floods_is_unavailable_and_asked_again() {
    let (listener, address) = listen().await;
    serve(listener);
    let (client, mut answers) = start(address, SOON);
    for caller in ["refused", "huge", "refused"] {
        assert_eq!(asked(&client, &mut answers, caller).await, LookUpAnswer::Unavailable, "{caller}");
    }
    assert!(matches!(asked(&client, &mut answers, "1").await, LookUpAnswer::Answered { .. }));
}

#[tokio::test]
async fn a_desk_that_is_away_is_unavailable_at_once_and_found_when_it_comes() {
    let (listener, address) = listen().await;
    drop(listener);
    let (client, mut answers) = start(address, SOON);
    for _ in 0..5 {
        assert_eq!(asked(&client, &mut answers, "1").await, LookUpAnswer::Unavailable);
    }
    serve(TcpListener::bind(address).await.expect("the same port"));
    let give_up = Instant::now() + SOON;
    while asked(&client, &mut answers, "1").await == LookUpAnswer::Unavailable {
        assert!(Instant::now() < give_up, "it was not found");
    }
}

#[tokio::test]
async fn a_desk_that_hangs_has_no_say_and_blocks_no_later_question() {
    let (listener, address) = listen().await;
    // Accepted by the kernel, read by nobody.
    let budget = Duration::from_millis(50);
    let (client, mut answers) = start(address, budget);
    for _ in 0..2 * IN_FLIGHT_MAX {
        assert!(client.ask(question("1")));
    }
    let waited = tokio::time::timeout(4 * budget, answers.recv()).await;
    assert!(waited.is_err(), "nobody answers");
    // The places are free again: that nobody is there any more is noticed.
    drop(listener);
    let give_up = Instant::now() + SOON;
    while client.ask(question("1")) {
        if let Ok(Some(answer)) = tokio::time::timeout(2 * budget, answers.recv()).await {
            assert_eq!(answer.answer, LookUpAnswer::Unavailable);
            return;
        }
        assert!(Instant::now() < give_up, "the places are still taken");
    }
    panic!("the queue is full");
}

#[tokio::test]
async fn too_many_questions_are_refused_at_once() {
    let (listener, address) = listen().await;
    drop(listener);
    let (client, _answers) = start(address, SOON);
    // Nothing here waits, so nobody takes a question meanwhile.
    assert!((0..LOOK_UPS_MAX).all(|_| client.ask(question("1"))));
    assert!(!client.ask(question("1")));
}

#[tokio::test]
async fn an_answer_after_the_budget_is_not_given() {
    let (listener, address) = listen().await;
    serve(listener);
    let (client, mut answers) = start(address, Duration::ZERO);
    assert!(client.ask(question("1")));
    drop(client);
    assert!(tokio::time::timeout(SOON, answers.recv()).await.expect("it ended").is_none());
}
