//! Events and control as the desk sees them.

use super::*;
use careline_model::event::ForcedWhen;
use careline_model::{Event, EventBody};
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::switch_control_client::SwitchControlClient;
use careline_rpc::proto::switch_events::v1 as wire;
use careline_rpc::proto::switch_events::v1::switch_events_client::SwitchEventsClient;
use careline_rpc::{Fact, Received};
use careline_switchboard::AgentOrder;
use tonic::{Code, Streaming};

fn fact(at_us: i64) -> Event {
    Event { at_us, body: EventBody::SwitchDraining { calls: 3 } }
}

async fn subscribe(
    client: &mut SwitchEventsClient<Channel>,
    name: &str,
    after: Option<wire::Position>,
) -> Streaming<wire::Numbered> {
    let request = wire::SubscribeRequest { subscriber: name.into(), after };
    client.subscribe(request).await.expect("a stream").into_inner()
}

async fn next(stream: &mut Streaming<wire::Numbered>) -> Received {
    stream.message().await.expect("no failure").expect("no end").try_into().expect("a fact")
}

#[tokio::test]
async fn a_desk_replays_follows_acknowledges_and_comes_back() {
    let served = served(1).await;
    let mut client = SwitchEventsClient::new(served.channel.clone());
    served.journal.append(fact(1));
    let mut stream = subscribe(&mut client, "desk", None).await;
    let first = next(&mut stream).await;
    assert_eq!((first.switch_id.as_str(), first.number, first.epoch_changed), ("switch-1", 1, false));
    assert_eq!(first.fact, Fact::Event(fact(1)));
    served.journal.append(fact(2));
    assert_eq!(next(&mut stream).await.number, 2);
    drop(stream);

    let acknowledge =
        |number| wire::AcknowledgeRequest { subscriber: "desk".into(), epoch: first.epoch, number };
    client.acknowledge(acknowledge(1)).await.unwrap();
    let ahead = client.acknowledge(acknowledge(9)).await.unwrap_err();
    assert_eq!(ahead.code(), Code::FailedPrecondition, "{ahead}");
    let mut stream = subscribe(&mut client, "desk", None).await;
    assert_eq!(next(&mut stream).await.number, 2);

    let lost = wire::Position { epoch: first.epoch, number: 700 };
    let mut restored = subscribe(&mut client, "desk", Some(lost)).await;
    assert!(next(&mut restored).await.epoch_changed);
    let cut = stream.message().await.unwrap_err();
    assert_eq!(cut.code(), Code::Aborted, "{cut}");
}

#[tokio::test]
async fn open_streams_end_with_the_switch() {
    let served = served(1).await;
    let mut client = SwitchEventsClient::new(served.channel.clone());
    let mut stream = subscribe(&mut client, "", None).await;
    served.end.send(()).unwrap();
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Unavailable);
    served.server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_bad_name_is_refused() {
    let served = served(1).await;
    let mut client = SwitchEventsClient::new(served.channel.clone());
    let request = wire::SubscribeRequest { subscriber: "The Desk".into(), after: None };
    assert_eq!(client.subscribe(request).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_snapshot_says_what_it_is_true_at() {
    let mut served = served(1).await;
    let mut client = SwitchControlClient::new(served.channel.clone());
    let driver = async {
        let Some(ControlRequest::Snapshot(reply)) = served.driver.recv().await else { panic!("no snapshot") };
        reply.send(SnapshotReply { epoch: 5, number: 6, snapshot: Snapshot::default() }).unwrap();
    };
    let (answer, ()) = tokio::join!(client.snapshot(control::SnapshotRequest {}), driver);
    let answer = answer.unwrap().into_inner();
    assert_eq!((answer.switch_id.as_str(), answer.epoch, answer.number), ("switch-1", 5, 6));
}

#[tokio::test]
async fn a_refusal_says_what_is_allowed() {
    let mut served = served(1).await;
    let mut client = SwitchControlClient::new(served.channel.clone());
    let code = "lunch".to_owned();
    let not_ready = control::set_agent_request::Intent::NotReady(wire::agent_intent::NotReady { code });
    let request = control::SetAgentRequest { agent: "1001".into(), intent: Some(not_ready) };
    let driver = async {
        let Some(ControlRequest::SetAgent { agent, intent, reply }) = served.driver.recv().await else {
            panic!("not for an agent")
        };
        assert_eq!((agent.as_str(), intent), ("1001", AgentIntent::NotReady("lunch".into())));
        reply.send(Err("not_ready codes are: break, training".into())).unwrap();
    };
    let (answer, ()) = tokio::join!(client.set_agent(request), driver);
    let refused = answer.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::FailedPrecondition, "not_ready codes are: break, training")
    );

    let request = control::SetAgentRequest { agent: "1001".into(), intent: None };
    assert_eq!(client.set_agent(request).await.unwrap_err().code(), Code::InvalidArgument);
    let request = control::HangUpRequest { call: "1".into() };
    assert_eq!(client.hang_up(request).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_supervisor_says_who_why_and_when() {
    let mut served = served(1).await;
    let mut client = SwitchControlClient::new(served.channel.clone());
    let intent =
        wire::AgentIntent { intent: Some(wire::agent_intent::Intent::LoggedOut(Default::default())) };
    let order = control::ForceAgentRequest {
        agent: "1001".into(),
        intent: Some(intent),
        when: wire::ForcedWhen::AfterCall.into(),
        by: "chief".into(),
        reason: "shift".into(),
    };
    for lacking in [
        control::ForceAgentRequest { when: 0, ..order.clone() },
        control::ForceAgentRequest { reason: String::new(), ..order.clone() },
        control::ForceAgentRequest { intent: None, ..order.clone() },
    ] {
        assert_eq!(client.force_agent(lacking).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let driver = async {
        let Some(ControlRequest::Agent { order: AgentOrder::Force(order), reply }) =
            served.driver.recv().await
        else {
            panic!("not for an agent")
        };
        assert_eq!((order.when, order.by.as_str()), (ForcedWhen::AfterCall, "chief"));
        reply.send(Ok(())).unwrap();
    };
    let (answer, ()) = tokio::join!(client.force_agent(order), driver);
    answer.unwrap();
}

#[tokio::test]
async fn a_recording_rests_for_a_reason_and_goes_on_without_one() {
    let mut served = served(1).await;
    let mut client = SwitchControlClient::new(served.channel.clone());
    let call = uuid::Uuid::nil().to_string();
    for reason in [String::new(), "x".repeat(65)] {
        let request = control::PauseRecordingRequest { call: call.clone(), reason };
        assert_eq!(client.pause_recording(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let request = control::PauseRecordingRequest { call: call.clone(), reason: "card".into() };
    let driver = async {
        let Some(ControlRequest::PauseRecording { reason, reply, .. }) = served.driver.recv().await else {
            panic!("no pause")
        };
        assert_eq!(reason, "card");
        reply.send(Ok(())).unwrap();
    };
    let (paused, ()) = tokio::join!(client.pause_recording(request), driver);
    paused.unwrap();
    let driver = async {
        let Some(ControlRequest::ResumeRecording { reply, .. }) = served.driver.recv().await else {
            panic!("no end of it")
        };
        reply.send(Err("it is not paused".into())).unwrap();
    };
    let request = control::ResumeRecordingRequest { call };
    let (resumed, ()) = tokio::join!(client.resume_recording(request), driver);
    assert_eq!(resumed.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_busy_and_an_ending_switch_say_so() {
    let mut served = served(1).await;
    let call = uuid::Uuid::nil().to_string();
    let request = control::HangUpRequest { call };
    let mut waiting = SwitchControlClient::new(served.channel.clone());
    let first = tokio::spawn({
        let request = request.clone();
        async move { waiting.hang_up(request).await }
    });
    while served.driver.is_empty() {
        tokio::task::yield_now().await;
    }
    let mut client = SwitchControlClient::new(served.channel.clone());
    let busy = client.hang_up(request.clone()).await.unwrap_err();
    assert_eq!(busy.code(), Code::ResourceExhausted, "{busy}");
    let Some(ControlRequest::HangUp { reply, .. }) = served.driver.recv().await else { panic!("no hang-up") };
    reply.send(Ok(())).unwrap();
    first.await.unwrap().unwrap();
    drop(served.driver);
    assert_eq!(client.hang_up(request).await.unwrap_err().code(), Code::Unavailable);
}
