//! Messages that callers left: who sees them, who hears them, what becomes of them.

use crate::facts::*;
use crate::world::World;
use axum::http::StatusCode;
use careline_model::EventBody;
use careline_model::event::MessageState;
use serde_json::json;
use tonic::Code;

fn id(number: u64) -> String {
    format!("{}-1", call(number))
}

/// A message in the box of a queue, or of an agent.
fn left(number: u64, agent: Option<&str>, urgent: bool) -> Vec<EventBody> {
    let (call, recording) = (call(number), id(number).as_str().into());
    let left = EventBody::VoicemailLeft {
        call,
        mailbox: "general".into(),
        recording,
        queue: agent.is_none().then(|| "general".into()),
        agent: agent.map(Into::into),
        duration_ms: 4000,
        urgent,
        due_at_us: START_US + i64::try_from(number).unwrap(),
    };
    vec![offered(number, NUMBER, ""), left]
}

fn moved(number: u64, state: MessageState, by: &str) -> EventBody {
    EventBody::VoicemailMoved {
        call: call(number),
        mailbox: "general".into(),
        recording: id(number).as_str().into(),
        state,
        by: Some(by.to_owned()),
    }
}

#[tokio::test]
async fn messages_of_queues_are_everybodys_and_a_persons_are_hers() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    let chief = world.signed_in("chief", None).await;
    for (number, agent, urgent) in [(1, None, false), (2, Some("1001"), false), (3, None, true)] {
        world.tell(left(number, agent, urgent)).await;
    }
    world.tell([moved(1, MessageState::Claimed, "1001")]).await;

    let seen = world.get("/api/messages", &wang).await.json();
    let ids = |seen: &serde_json::Value| -> Vec<String> {
        let messages = seen["messages"].as_array().unwrap();
        messages.iter().map(|one| one["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&seen), [id(3), id(1), id(2)], "urgent ones first, then by their due time");
    let first = &seen["messages"][1];
    assert_eq!((&first["state"], &first["duration_ms"]), (&json!("claimed"), &json!(4000)));
    assert!(!first["caller_masked"].as_str().unwrap().contains(NUMBER), "{first}");
    assert_eq!(ids(&world.get("/api/messages", &li).await.json()), [id(3), id(1)]);
    assert_eq!(ids(&world.get("/api/messages", &chief).await.json()).len(), 3);

    let heard = world.get(&format!("/api/recordings/{}/audio", id(1)), &li).await;
    assert_eq!(heard.status, StatusCode::OK, "who may work on it may hear it");
    let refused = world.get(&format!("/api/recordings/{}/audio", id(2)), &li).await;
    assert_eq!(refused.code(), "unknown_recording");

    world.tell([moved(1, MessageState::Handled, "1001")]).await;
    world.tell([moved(1, MessageState::Claimed, "1002")]).await;
    assert_eq!(ids(&world.get("/api/messages", &li).await.json()), [id(3)], "handled is the end");
    assert_eq!(ids(&world.get("/api/messages?handled=true", &li).await.json()), [id(1)]);
}

#[tokio::test]
async fn the_switch_decides_who_has_a_message() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    world.tell(left(1, Some("1001"), false)).await;
    let path = format!("/api/messages/{}/state", id(1));
    let wanted = || Some(json!({ "state": "claimed" }));
    assert_eq!(world.send("PUT", &path, &li, wanted()).await.code(), "unknown_recording");
    assert_eq!(world.send("PUT", &path, &wang, wanted()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.switch.orders(), [format!("set_message {} 2 1001", id(1))]);
    world.switch.refuse(Code::FailedPrecondition, "another has it");
    assert_eq!(world.send("PUT", &path, &wang, wanted()).await.code(), "switch_refused");
}
