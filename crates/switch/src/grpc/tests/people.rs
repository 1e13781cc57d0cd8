//! Orders about conversations, as an agent's and a supervisor's page send them.

use super::*;
use careline_model::event::WatchMode;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::people_control_client::PeopleControlClient;
use careline_rpc::proto::switch_control::v1::supervisor_control_client::SupervisorControlClient;
use careline_rpc::proto::switch_events::v1 as events;
use careline_switchboard::{PeopleAnswer, PeopleOrder};
use tonic::Code;

const CALL: &str = "0190a5b0-1111-7abc-8def-0123456789ab";

/// The driver's answer to the next order, which is given back.
async fn answers(
    driver: &mut mpsc::Receiver<ControlRequest>,
    done: Result<PeopleAnswer, String>,
) -> PeopleOrder {
    let Some(ControlRequest::People { order, reply }) = driver.recv().await else { panic!("no order") };
    reply.send(done).expect("somebody waits");
    order
}

#[tokio::test]
async fn a_supervisor_listens_and_changes_how() {
    let mut served = served(1).await;
    let mut client = SupervisorControlClient::new(served.channel.clone());
    let request = control::WatchAgentRequest {
        supervisor: "3001".into(),
        agent: "1001".into(),
        mode: events::WatchMode::Whisper.into(),
        by: "班长".into(),
    };
    let watch = PeopleAnswer::Watch(CALL.parse().expect("an id"));
    let (done, order) =
        tokio::join!(client.watch_agent(request.clone()), answers(&mut served.driver, Ok(watch)));
    assert_eq!(done.unwrap().into_inner().watch, CALL);
    let (supervisor, agent, by) = (AgentId::from("3001"), "1001".into(), "班长".to_owned());
    let mode = WatchMode::Whisper;
    assert_eq!(order, PeopleOrder::Watch { supervisor: supervisor.clone(), agent, mode, by });
    let unset = client.watch_agent(control::WatchAgentRequest { mode: 0, ..request }).await.unwrap_err();
    assert_eq!(unset.code(), Code::InvalidArgument);
    let change = control::ChangeWatchRequest {
        supervisor: "3001".into(),
        mode: events::WatchMode::TakeOver.into(),
        by: "班长".into(),
    };
    let refusal = Err("3001 may not take over".to_owned());
    let (done, _) = tokio::join!(client.change_watch(change), answers(&mut served.driver, refusal));
    assert_eq!(done.unwrap_err().code(), Code::FailedPrecondition);
    let stop = control::StopWatchRequest { supervisor: "3001".into() };
    let (done, order) =
        tokio::join!(client.stop_watch(stop), answers(&mut served.driver, Ok(PeopleAnswer::Done)));
    done.unwrap();
    assert_eq!(order, PeopleOrder::StopWatch { supervisor });
}

#[tokio::test]
async fn an_agent_orders_about_her_conversation() {
    let mut served = served(1).await;
    let mut client = PeopleControlClient::new(served.channel.clone());
    let (call, agent) = (CALL.to_owned(), "1001".to_owned());
    let add = control::AddPartyRequest { call: call.clone(), agent, to: "1002".into(), consult: true };
    let (done, order) =
        tokio::join!(client.add_party(add.clone()), answers(&mut served.driver, Ok(PeopleAnswer::Party(3))));
    assert_eq!(done.unwrap().into_inner().party, 3);
    let (id, agent) = (CALL.parse().expect("an id"), AgentId::from("1001"));
    let to = "1002".to_owned();
    assert_eq!(order, PeopleOrder::AddParty { call: id, agent: agent.clone(), to, consult: true });
    let bad = control::AddPartyRequest { call: "1".into(), ..add };
    assert_eq!(client.add_party(bad).await.unwrap_err().code(), Code::InvalidArgument);
    let park = control::ParkCallRequest { call: call.clone(), agent: "1001".into(), slot: Some(702) };
    let (done, order) =
        tokio::join!(client.park_call(park), answers(&mut served.driver, Ok(PeopleAnswer::Slot(702))));
    assert_eq!(done.unwrap().into_inner().slot, 702);
    assert_eq!(order, PeopleOrder::Park { call: id, agent: agent.clone(), slot: Some(702) });
    let change =
        control::ChangePartyRequest { call, agent: "1001".into(), party: 1, muted: Some(true), held: None };
    let (done, order) =
        tokio::join!(client.change_party(change), answers(&mut served.driver, Ok(PeopleAnswer::Done)));
    done.unwrap();
    assert_eq!(order, PeopleOrder::ChangeParty { call: id, agent, party: 1, muted: Some(true), held: None });
}
