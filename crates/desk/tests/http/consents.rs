//! What people allow, over HTTP, and what becomes of it when two files become one.

use crate::world::World;
use axum::http::StatusCode;
use careline_desk::storage::Merge;
use serde_json::{Value, json};

fn of<'a>(consents: &'a Value, purpose: &str) -> &'a Value {
    consents["purposes"].as_array().unwrap().iter().find(|one| one["purpose"] == purpose).unwrap()
}

#[tokio::test]
async fn a_yes_is_given_and_taken_back_and_who_said_so_is_kept() {
    let world = World::new().await;
    let id = world.person("王芳").await;
    let wang = world.signed_in("wang", Some("1001")).await;
    let path = format!("/api/persons/{id}/consents");
    let say = async |state: &str, evidence: &str| {
        let form = json!({ "purpose": "marketing", "state": state, "evidence": evidence });
        world.post(&path, &wang, form).await
    };
    let before = world.get(&path, &wang).await.json();
    assert_eq!(
        (&of(&before, "care_followup")["obstacle"], &of(&before, "marketing")["obstacle"]),
        (&Value::Null, &"not_asked".into())
    );
    let yes = say("granted", "电话中同意").await;
    assert_eq!((yes.status, &of(&yes.json(), "marketing")["obstacle"]), (StatusCode::CREATED, &Value::Null));
    let no = say("withdrawn", "电话中撤回").await.json();
    assert_eq!(
        (&of(&no, "marketing")["state"], &of(&no, "marketing")["obstacle"]),
        (&"withdrawn".into(), &"opted_out".into())
    );
    let words: Vec<&Value> = no["words"].as_array().unwrap().iter().map(|word| &word["evidence"]).collect();
    assert_eq!(words, ["电话中撤回", "电话中同意"], "nothing is forgotten");
    assert_eq!(no["words"][0]["by"], "wang");
    assert_eq!(say("granted", " ").await.code(), "invalid");
    assert_eq!(say("perhaps", "x").await.code(), "bad_request");
    let ended = json!({ "purpose": "survey", "state": "granted", "evidence": "x", "until_us": 1 });
    assert_eq!(world.post(&path, &wang, ended).await.code(), "invalid");
    assert_eq!(world.get("/api/persons/none/consents", &wang).await.code(), "unknown_person");
}

#[tokio::test]
async fn of_two_files_the_stricter_word_holds_until_they_are_taken_apart() {
    let world = World::new().await;
    let (one, other) = (world.person("王芳").await, world.person("王芳").await);
    let sun = world.signed_in("sun", None).await;
    for (id, state) in [(&one, "granted"), (&other, "refused")] {
        let form = json!({ "purpose": "survey", "state": state, "evidence": "签字" });
        assert_eq!(
            world.post(&format!("/api/persons/{id}/consents"), &sun, form).await.status,
            StatusCode::CREATED
        );
    }
    let merge =
        Merge { survivor: &one, loser: &other, versions: None, kind: "manual", reason: "x", by: "sun" };
    let merge = world.store.merge(merge, world.desk.now_us()).await.unwrap().id;
    let now = world.get(&format!("/api/persons/{one}/consents"), &sun).await.json();
    assert_eq!(of(&now, "survey")["state"], "refused");
    world.store.unmerge(&merge, "sun", world.desk.now_us()).await.unwrap();
    let now = world.get(&format!("/api/persons/{one}/consents"), &sun).await.json();
    assert_eq!(of(&now, "survey")["state"], "granted");
}
