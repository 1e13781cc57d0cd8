//! Pairs that may be one person, over HTTP.

use crate::facts::*;
use crate::world::World;
use axum::http::{StatusCode, header};
use careline_desk::storage::PairState;
use jiff::civil::date;
use serde_json::{Value, json};

async fn two(world: &World) -> (String, String) {
    let (one, other) = (world.person("王小明").await, world.person("王小明").await);
    world.store.find_duplicates(date(2026, 3, 1), START_US).await.unwrap();
    (one, other)
}

fn form(pair: &Value, survivor: &str, loser: &str) -> Value {
    json!({
        "survivor": pair[survivor]["card"]["person"], "survivor_version": pair[survivor]["version"],
        "loser": pair[loser]["card"]["person"], "loser_version": pair[loser]["version"], "reason": "电话里确认"
    })
}

#[tokio::test]
async fn two_files_of_one_person_become_one_and_the_old_address_leads_there() {
    let world = World::new().await;
    let (one, other) = two(&world).await;
    let sun = world.signed_in("sun", None).await;
    let list = world.get("/api/duplicates", &sun).await.json();
    assert_eq!((&list["open"], list["pairs"].as_array().unwrap().len()), (&1.into(), 1));
    let pair = &list["pairs"][0];
    assert_eq!(
        (&pair["a"]["birth_date"], &pair["a"]["card"]["phones"][0]),
        (&"1980-03-02".into(), &MASKED.into())
    );

    let joined = world.post("/api/merges", &sun, form(pair, "a", "b")).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{}", joined.text());
    let merge = joined.json();
    let (survivor, loser) =
        (merge["survivor"]["person"].as_str().unwrap(), merge["loser"]["person"].as_str().unwrap());
    assert_eq!((&merge["by"], &merge["loser"]["merged_into"]), (&"sun".into(), &survivor.into()));
    assert_eq!(merge["survivor"]["merged_into"], Value::Null);
    let led = world.get(&format!("/api/persons/{loser}"), &sun).await;
    assert_eq!(led.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(led.headers[header::LOCATION], format!("/api/persons/{survivor}"));
    assert_eq!(world.get("/api/duplicates", &sun).await.json()["open"], 0);

    let again = world.post("/api/merges", &sun, form(pair, "a", "b")).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "merge_refused"));
    let list = world.get("/api/merges", &sun).await.json();
    assert_eq!(
        (list["merges"].as_array().unwrap().len(), &list["merges"][0]["reason"]),
        (1, &"电话里确认".into())
    );
    let id = merge["merge"].as_str().unwrap();
    let undone = world.post(&format!("/api/merges/{id}/reverse"), &sun, json!({})).await;
    assert_eq!((undone.status, undone.json()), (StatusCode::OK, json!({ "stayed_calls": [] })));
    for person in [one, other] {
        assert_eq!(world.get(&format!("/api/persons/{person}"), &sun).await.status, StatusCode::OK);
    }
    let undone = world.post(&format!("/api/merges/{id}/reverse"), &sun, json!({})).await;
    assert_eq!(undone.code(), "merge_refused");
}

#[tokio::test]
async fn two_people_who_are_not_one_leave_the_list() {
    let world = World::new().await;
    let (one, other) = two(&world).await;
    let sun = world.signed_in("sun", None).await;
    let decide = async |decision: &str| {
        world.put(&format!("/api/duplicates/{other}/{one}"), &sun, json!({ "decision": decision })).await
    };
    assert_eq!(decide("later").await.status, StatusCode::NO_CONTENT);
    let listed = async |query: &str| {
        let list = world.get(&format!("/api/duplicates{query}"), &sun).await.json();
        list["pairs"].as_array().unwrap().len()
    };
    assert_eq!((listed("").await, listed("?state=later").await), (0, 1));
    assert_eq!(decide("not_duplicate").await.status, StatusCode::NO_CONTENT);
    assert_eq!((listed("").await, listed("?state=later").await), (0, 0));
    assert_eq!(world.store.duplicate_pairs(PairState::NotDuplicate, 5).await.unwrap().len(), 1);
    let stranger =
        world.put(&format!("/api/duplicates/{one}/{one}"), &sun, json!({ "decision": "later" })).await;
    assert_eq!(stranger.code(), "unknown_pair");
    let without = world.post(
        "/api/merges",
        &sun,
        json!({
            "survivor": one, "survivor_version": 1, "loser": other, "loser_version": 1, "reason": " "
        }),
    );
    assert_eq!(without.await.code(), "invalid");
}
