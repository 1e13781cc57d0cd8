//! Calls, pops and notes: an agent's own, and no full number.

use crate::facts::*;
use crate::world::World;
use axum::http::StatusCode;
use careline_model::event::{CallDirection, TransferOutcome};
use serde_json::json;
use tonic::Code;

#[tokio::test]
async fn an_agent_sees_own_calls_only() {
    let world = World::new().await;
    world.person("王小明").await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    let chief = world.signed_in("chief", None).await;
    world.tell([offered(1, NUMBER, "<script>alert(1)</script>\u{202e}")]).await;
    world.tell(answered(1, "1001")).await;
    let path = |rest: &str| format!("/api/calls/{}{rest}", call(1));
    for rest in ["", "/pop", "/note"] {
        assert_eq!(world.get(&path(rest), &wang).await.status, StatusCode::OK, "{rest}");
        assert_eq!(world.get(&path(rest), &chief).await.status, StatusCode::OK, "{rest}");
        let refused = world.get(&path(rest), &li).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::NOT_FOUND, "unknown_call"));
    }
    let note = json!({ "text": "x", "version": 0 });
    assert_eq!(world.put(&path("/note"), &li, note).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.post(&path("/hang-up"), &li, json!({})).await.status, StatusCode::NOT_FOUND);

    let detail = world.get(&path(""), &wang).await.json();
    assert_eq!((&detail["caller_masked"], &detail["stage"]), (&MASKED.into(), &"talking".into()));
    assert_eq!(detail["agent_name"], "王芳");
    let name = "<script>alert(1)</script>\u{fffd}";
    assert_eq!(detail["caller_name"], name, "text as it is, and never another direction");

    world.tell([ended(1), recorded(1)]).await;
    for (cookie, calls) in [(&wang, 1), (&li, 0), (&chief, 1)] {
        let list = world.get("/api/calls", cookie).await.json();
        assert_eq!(list["calls"].as_array().unwrap().len(), calls);
    }
    let row = &world.get("/api/calls?limit=1", &wang).await.json()["calls"][0];
    assert_eq!(
        (&row["caller_masked"], &row["answered"], &row["caller_name"]),
        (&MASKED.into(), &true.into(), &name.into())
    );
    assert_eq!(row["recordings"][0], format!("{}-1", call(1)));
    assert_eq!(world.get(&path("/pop"), &wang).await.status, StatusCode::OK, "also when it is over");
    assert_eq!(world.get("/api/calls/nonsense", &wang).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/api/calls?limit=x", &wang).await.code(), "bad_request");
}

#[tokio::test]
async fn a_call_that_rang_is_ones_own_also_when_another_answered() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    world.tell([offered(1, NUMBER, ""), queued(1), offer(1, 9, "1002")]).await;
    world.tell([offer_ended(1, 9, "1002", careline_model::event::OfferOutcome::NoAnswer)]).await;
    world.tell(answered(1, "1001").into_iter().skip(1)).await;
    for cookie in [&wang, &li] {
        assert_eq!(world.get(&format!("/api/calls/{}", call(1)), cookie).await.status, StatusCode::OK);
    }
    let hang_up = format!("/api/calls/{}/hang-up", call(1));
    assert_eq!(world.post(&hang_up, &li, json!({})).await.status, StatusCode::NOT_FOUND, "not in hand");
    assert_eq!(world.switch.orders(), Vec::<String>::new());
    assert_eq!(world.post(&hang_up, &wang, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.switch.orders(), [format!("hang up {}", call(1))]);
}

#[tokio::test]
async fn a_call_that_was_passed_on_stays_the_first_ones_too() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    let zhou = world.signed_in("zhou", Some("1003")).await;
    // No offer tells that 1001 had it: she dialled. 1002 tries a number outside, then it goes on to 1001's neighbour.
    world.tell([dialled(1, "1001", CallDirection::Outbound, NUMBER), connected(1, "1001")]).await;
    world.tell(passed_on(1, "1001", "1002", TransferOutcome::Connected)).await;
    world.tell([connected(1, "1002")]).await;
    let path = format!("/api/calls/{}", call(1));
    let note = json!({ "text": "转给李娜", "version": 0 });
    let saved = world.put(&format!("{path}/note"), &wang, note).await;
    assert_eq!(saved.status, StatusCode::OK, "who passed it on writes it up: {}", saved.text());
    world.tell(passed_on(1, "1002", "+8613987654321", TransferOutcome::NoAnswer)).await;
    world.tell([connected(1, "1002"), ended(1)]).await;

    let detail = world.get(&path, &li).await.json();
    assert_eq!((&detail["direction"], &detail["agent_name"]), (&"out".into(), &"李娜".into()));
    let told = |at: usize, field: &str| detail["transfers"][at][field].clone();
    assert_eq!((told(0, "agent_name"), told(0, "to")), ("王芳".into(), "李娜".into()));
    assert_eq!((told(0, "attended"), told(0, "outcome")), (false.into(), "connected".into()));
    assert_eq!((told(1, "to"), told(1, "outcome")), ("139****4321".into(), "no_answer".into()));
    for (cookie, calls) in [(&wang, 1), (&li, 1), (&zhou, 0)] {
        let list = world.get("/api/calls", cookie).await;
        assert!(!list.text().contains("13987654321"), "masked");
        let list = list.json()["calls"].as_array().unwrap().clone();
        assert_eq!(list.len(), calls, "once, or not at all");
        assert!(list.iter().all(|row| row["transfers"].as_array().unwrap().len() == 2));
    }
    assert_eq!(world.get(&path, &zhou).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_pop_shows_who_it_may_be_and_the_agent_chooses() {
    let world = World::new().await;
    let (one, two) = (world.person("王小明").await, world.person("王大明").await);
    let wang = world.signed_in("wang", Some("1001")).await;
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    let path = format!("/api/calls/{}/pop", call(1));
    let pop = world.get(&path, &wang).await.json();
    assert_eq!((pop["candidates"].as_array().unwrap().len(), &pop["stale"]), (2, &false.into()));
    assert_eq!(pop["candidates"][0]["phones"][0], MASKED);
    assert_eq!((&pop["chosen"], &pop["withheld"]), (&json!(null), &false.into()));
    let choose = format!("/api/calls/{}/person", call(1));
    let chosen = world.put(&choose, &wang, json!({ "person": two, "reason": "chosen" })).await;
    assert_eq!(chosen.status, StatusCode::NO_CONTENT, "{}", chosen.text());
    assert_eq!(world.get(&path, &wang).await.json()["chosen"], two.as_str());
    let detail = world.get(&format!("/api/calls/{}", call(1)), &wang).await.json();
    assert_eq!(detail["person"]["name"], "王大明");
    let unknown = world.put(&choose, &wang, json!({ "person": "nobody", "reason": "chosen" })).await;
    assert_eq!(unknown.code(), "unknown_person");
    let reason = world.put(&choose, &wang, json!({ "person": one, "reason": "new" })).await;
    assert_eq!(reason.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn two_windows_never_overwrite_each_other_unseen() {
    let world = World::new().await;
    let wang = world.signed_in("wang", Some("1001")).await;
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    let path = format!("/api/calls/{}/note", call(1));
    assert_eq!(world.get(&path, &wang).await.json(), json!({ "text": "", "version": 0, "at_us": null }));
    let saved = world.put(&path, &wang, json!({ "text": "约周三", "version": 0 })).await;
    assert_eq!((saved.status, &saved.json()["version"]), (StatusCode::OK, &1.into()));
    let conflict = world.put(&path, &wang, json!({ "text": "约周四", "version": 0 })).await;
    assert_eq!((conflict.status, conflict.code().as_str()), (StatusCode::CONFLICT, "note_conflict"));
    assert_eq!(conflict.json()["current"]["text"], "约周三");
    let long = world.put(&path, &wang, json!({ "text": "长".repeat(4001), "version": 1 })).await;
    assert_eq!(long.code(), "invalid");
    let whole = world.put(&path, &wang, json!({ "text": "长".repeat(4000), "version": 1 })).await;
    assert_eq!(whole.status, StatusCode::OK);
    let huge = world.put(&path, &wang, json!({ "text": "x".repeat(70_000), "version": 2 })).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_switch_decides_whether_an_agent_is_ready() {
    let world = World::new().await;
    let (wang, chief) = (world.signed_in("wang", Some("1001")).await, world.signed_in("chief", None).await);
    let path = "/api/me/state";
    assert_eq!(world.put(path, &wang, json!({ "intent": "ready" })).await.status, StatusCode::NO_CONTENT);
    let rest = json!({ "intent": "not_ready", "code": "break" });
    assert_eq!(world.put(path, &wang, rest.clone()).await.status, StatusCode::NO_CONTENT);
    let orders = world.switch.orders();
    assert!(orders[0].starts_with("1001: Some(Ready") && orders[1].contains("\"break\""), "{orders:?}");
    assert_eq!(world.put(path, &chief, rest.clone()).await.code(), "no_right");
    world.switch.refuse(Code::FailedPrecondition, "no such reason: give break");
    let refused = world.put(path, &wang, rest.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "switch_refused"));
    assert_eq!(refused.json()["detail"], "no such reason: give break");
    world.switch.refuse(Code::Unavailable, "the switch ends");
    assert_eq!(world.put(path, &wang, rest).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.put(path, &wang, json!({ "intent": "x" })).await.code(), "bad_request");
}

#[tokio::test]
async fn a_page_goes_on_without_the_database_and_says_so() {
    let world = World::new().await;
    let wang = world.signed_in("wang", Some("1001")).await;
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    assert_eq!(world.get("/api/session", &wang).await.status, StatusCode::OK);
    world.store.close().await;
    assert_eq!(world.get("/api/session", &wang).await.status, StatusCode::OK, "who is in stays in");
    let note = json!({ "text": "x", "version": 0 });
    let refused = world.put(&format!("/api/calls/{}/note", call(1)), &wang, note).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "storage_failed")
    );
    assert_eq!(world.sign_in("wang", "x").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        world.put("/api/me/state", &wang, json!({ "intent": "ready" })).await.status,
        StatusCode::NO_CONTENT
    );
}
