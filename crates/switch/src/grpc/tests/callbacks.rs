//! Callbacks, as a web page and an agent's desk order them (CF E8, E9).

use super::*;
use careline_callcentre::CallbackOrder;
use careline_model::CallbackId;
use careline_model::callback::CallbackOrigin;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::callback_control_client::CallbackControlClient;
use tonic::Code;

type Client = CallbackControlClient<Channel>;

fn request() -> control::RequestCallbackRequest {
    control::RequestCallbackRequest {
        id: "wechat-7".into(),
        number: "13812345678".into(),
        queue: "general".into(),
        owner: None,
        due_us: Some(5),
        by_agent: false,
    }
}

/// The driver's answer to the next request, which is given back.
async fn answers(
    driver: &mut mpsc::Receiver<ControlRequest>,
    made: Result<(CallbackId, bool), String>,
) -> CallbackOrder {
    let Some(ControlRequest::RequestCallback { order, reply }) = driver.recv().await else {
        panic!("no request")
    };
    reply.send(made).expect("somebody waits");
    *order
}

#[tokio::test]
async fn a_program_orders_a_callback_and_is_told_which_one_holds() {
    let mut served = served(1).await;
    let mut client: Client = CallbackControlClient::new(served.channel.clone());
    let made = Ok((CallbackId::from("older"), true));
    let (done, order) = tokio::join!(client.request_callback(request()), answers(&mut served.driver, made));
    let response = done.unwrap().into_inner();
    assert_eq!((response.callback.as_str(), response.open), ("older", true));
    assert_eq!((order.id.as_str(), order.origin), ("wechat-7", CallbackOrigin::Program));
    assert_eq!((order.number.as_str(), order.owner, order.due_us), ("13812345678", None, Some(5)));
    let asked = control::RequestCallbackRequest { owner: Some("1001".into()), by_agent: true, ..request() };
    let refusal = Err("queue general is not known; allowed: booking".to_owned());
    let (done, order) = tokio::join!(client.request_callback(asked), answers(&mut served.driver, refusal));
    assert_eq!(done.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!((order.origin, order.owner), (CallbackOrigin::Agent, Some("1001".into())));
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_anybody_is_asked() {
    let served = served(1).await;
    let mut client: Client = CallbackControlClient::new(served.channel.clone());
    for (id, number, queue) in [("", "1", "q"), ("i", "", "q"), ("i", "1", ""), (&*"x".repeat(65), "1", "q")]
    {
        let (id, number, queue) = (id.into(), number.into(), queue.into());
        let request = control::RequestCallbackRequest { id, number, queue, ..request() };
        assert_eq!(client.request_callback(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_callback_is_taken_back_by_name() {
    let mut served = served(1).await;
    let mut client: Client = CallbackControlClient::new(served.channel.clone());
    let asked = control::CancelCallbackRequest { callback: "wechat-7".into(), by: "3001".into() };
    let driver = &mut served.driver;
    let answer = async {
        let Some(ControlRequest::CancelCallback { callback, by, reply }) = driver.recv().await else {
            panic!("no request")
        };
        reply.send(Ok(())).expect("somebody waits");
        (callback, by)
    };
    let (done, (callback, by)) = tokio::join!(client.cancel_callback(asked), answer);
    done.unwrap();
    assert_eq!((callback.as_str(), by.as_str()), ("wechat-7", "3001"));
}
