//! What could not be used of the hospital's messages, as supervisors see and mend it.

use crate::world::{Answer, World};
use axum::http::StatusCode;
use careline_desk::config::HisDoor;
use careline_desk::his::listener::Door;
use careline_desk::his::{Codes, Profile, Rules, UnknownCode, take};
use careline_desk::storage::Arrival;
use careline_model::number::NumberPlan;
use serde_json::{Value, json};

fn door(sex: &[&str]) -> HisDoor {
    let sex = sex.iter().map(|code| ((*code).to_owned(), "female")).collect();
    let codes = Codes { sex, unknown: UnknownCode::Park, ..Codes::default() };
    let profile = Profile {
        id: "his".into(),
        charset: None,
        numbers: NumberPlan::default(),
        timezone: jiff::tz::TimeZone::UTC,
        rules: Rules { codes, ..Rules::default() },
    };
    let door = Door { profile, from: Vec::new(), tls: None };
    HisDoor { listen: "127.0.0.1:2575".parse().unwrap(), door, tls: None }
}

/// Messages came of a sex that the door did not know then; today it knows `sex`.
async fn world(sex: &'static [&'static str]) -> World {
    let world = World::changed(|config| config.his = vec![door(sex)]).await;
    let profile = door(&[]).door.profile;
    let arrivals = [("1", "Q"), ("2", "Q"), ("3", "R"), ("4", "F")].map(|(id, sex)| {
        let text = format!(
            "MSH|^~\\&|HIS|H|CARE|LINE|20260301080000||ADT^A08|{id}|P|2.4\r\
             PID|||{id}^^^HIS^MR||王^芳||19600504|{sex}|||||13854312345"
        );
        let taken = take(text.as_bytes(), &profile);
        let (source, remote) = ("his".to_owned(), "192.0.2.7".to_owned());
        let received_us = 1_772_294_400_000_000 + i64::from(id.as_bytes()[0]);
        Arrival { source, remote, raw: text.into_bytes(), taken, received_us }
    });
    world.store.receive(&arrivals).await.unwrap();
    world
}

fn ids(list: &Value) -> Vec<(String, String)> {
    let messages = list["messages"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    messages.map(|message| (text(&message["id"]), text(&message["control_id"]))).collect()
}

async fn actions(world: &World) -> Vec<String> {
    let auditor = world.signed_in_as("zhou", careline_desk::rights::Role::AuditAdmin.into(), None).await;
    let log = world.get("/api/audit", &auditor).await.json();
    let entries = log["entries"].as_array().unwrap().iter().rev();
    let words = entries.map(|entry| entry["action"].as_str().unwrap().to_owned());
    words.filter(|action| action.starts_with("his")).collect()
}

#[tokio::test]
async fn supervisors_see_doors_and_what_waits_and_read_one_message_on_record() {
    let world = world(&[]).await;
    let cookie = world.signed_in("sun", None).await;
    let doors = world.get("/api/his/doors", &cookie).await.json();
    let door = &doors["doors"][0];
    assert_eq!(
        (&door["source"], &door["listen"], &door["encrypted"]),
        (&"his".into(), &"127.0.0.1:2575".into(), &false.into())
    );
    let counts = json!([{"state": "applied", "messages": 1}, {"state": "parked", "messages": 3}]);
    assert_eq!((&door["counts"], doors["doors"].as_array().unwrap().len()), (&counts, 1));
    assert_eq!(door["oldest_us"], 1_772_294_400_000_049_i64);
    assert_eq!(door["last_us"], 1_772_294_400_000_052_i64);

    let first = world.get("/api/his/messages?limit=2&source=his", &cookie).await.json();
    let numbers = |list: &Value| ids(list).into_iter().map(|(_, number)| number).collect::<Vec<_>>();
    assert_eq!(numbers(&first), ["3", "2"]);
    let next = first["next"].as_str().unwrap();
    let rest = world.get(&format!("/api/his/messages?limit=2&after={next}"), &cookie).await.json();
    assert_eq!((numbers(&rest), &rest["next"]), (vec!["1".to_owned()], &Value::Null));
    assert!(!first.to_string().contains("王"), "the list names nobody");
    let applied = world.get("/api/his/messages?state=applied", &cookie).await.json();
    assert_eq!(numbers(&applied), ["4"]);
    assert_eq!(world.get("/api/his/messages?state=nonsense", &cookie).await.code(), "invalid");
    assert_eq!(world.get("/api/his/messages?after=nonsense", &cookie).await.code(), "invalid");
    assert!(actions(&world).await.is_empty());

    let (id, _) = ids(&rest).remove(0);
    let one = world.get(&format!("/api/his/messages/{id}"), &cookie).await.json();
    let segments = one["segments"].as_array().unwrap();
    assert_eq!(segments[1], "PID|||1^^^HIS^MR||王^芳||19600504|Q|||||138****2345");
    assert_eq!(
        (&one["message"]["path"], &one["remote"], &one["charset"]),
        (&"PID-8".into(), &"192.0.2.7".into(), &"UTF-8".into())
    );
    assert_eq!(world.get("/api/his/messages/nothing", &cookie).await.code(), "unknown_his_message");
    let again = world.get("/api/audit", &cookie).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "who looked is for others");
}

async fn again((world, cookie): (&World, &str), id: &str) -> Answer {
    world.post(&format!("/api/his/messages/{id}/replay"), cookie, json!({})).await
}

async fn aside((world, cookie): (&World, &str), id: &str, reason: &str) -> Answer {
    world.post(&format!("/api/his/messages/{id}/discard"), cookie, json!({ "reason": reason })).await
}

#[tokio::test]
async fn reading_trying_again_and_putting_aside_are_in_the_access_log() {
    let world = world(&["Q"]).await;
    let cookie = world.signed_in("sun", None).await;
    let waiting = ids(&world.get("/api/his/messages", &cookie).await.json());
    let [(third, _), (second, _), (first, _)] = waiting.as_slice() else { panic!("{waiting:?}") };
    world.get(&format!("/api/his/messages/{first}"), &cookie).await;

    let door = (&world, cookie.as_str());
    assert_eq!(again(door, first).await.json(), json!({"state": "applied", "left": false}));
    assert_eq!(again(door, first).await.json(), json!({"state": "applied", "left": true}));
    assert_eq!(again(door, third).await.json(), json!({"state": "parked", "left": false}));
    assert_eq!(again(door, "nothing").await.code(), "unknown_his_message");

    let reason = json!({"source": "his", "code": 103, "path": "PID-8", "reason": "is a code of no table"});
    let all = world.post("/api/his/replays", &cookie, reason).await.json();
    let became = json!([{"state": "applied", "messages": 1}, {"state": "parked", "messages": 1}]);
    assert_eq!(all, json!({"became": became, "next": null}));
    assert_eq!(again(door, second).await.json()["left"], true);

    assert_eq!(aside(door, third, " ").await.code(), "invalid");
    assert_eq!(aside(door, third, &"字".repeat(201)).await.code(), "invalid");
    assert_eq!(aside(door, second, "重复").await.code(), "his_settled");
    assert_eq!(aside(door, "nothing", "重复").await.code(), "unknown_his_message");
    assert_eq!(aside(door, third, "测试数据").await.status, StatusCode::NO_CONTENT);
    let discarded = world.get("/api/his/messages?state=discarded", &cookie).await.json();
    assert_eq!(discarded["messages"][0]["decision"], "测试数据");
    assert_eq!(ids(&world.get("/api/his/messages", &cookie).await.json()), []);

    let noted = actions(&world).await;
    let count = |action: &str| noted.iter().filter(|noted| *noted == action).count();
    assert_eq!((count("his_message"), count("his_replay"), count("his_discard")), (1, 5, 2), "{noted:?}");
}

#[tokio::test]
async fn a_system_without_a_door_is_shown_and_its_messages_cannot_be_read_again() {
    let world = World::changed(|config| config.his = Vec::new()).await;
    let text = "MSH|^~\\&|HIS|H|||20260301080000||ADT^A40|1|P|2.4\rPID|||7^^^HIS^MR||王^芳";
    let taken = take(text.as_bytes(), &door(&[]).door.profile);
    let (source, remote) = ("old".to_owned(), "192.0.2.7".to_owned());
    let arrival = Arrival { source, remote, raw: text.into(), taken, received_us: 1 };
    world.store.receive(&[arrival]).await.unwrap();
    let cookie = world.signed_in("sun", None).await;
    let doors = world.get("/api/his/doors", &cookie).await.json();
    assert_eq!((&doors["doors"][0]["source"], &doors["doors"][0]["listen"]), (&"old".into(), &Value::Null));
    let (id, _) = ids(&world.get("/api/his/messages", &cookie).await.json()).remove(0);
    let again = world.post(&format!("/api/his/messages/{id}/replay"), &cookie, json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "his_without_door"));
}
