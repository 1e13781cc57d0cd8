//! Searching people and adding them.

use crate::facts::*;
use crate::world::World;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn people_are_found_by_name_initials_and_number_and_shown_masked() {
    let world = World::new().await;
    let id = world.person("王小明").await;
    let wang = world.signed_in("wang", Some("1001")).await;
    for query in ["%E7%8E%8B", "wxm", "13812345678", "%2B86%20138-1234-5678"] {
        let found = world.get(&format!("/api/persons?q={query}"), &wang).await.json();
        let persons = found["persons"].as_array().unwrap();
        assert_eq!((persons.len(), &persons[0]["person"]), (1, &id.as_str().into()), "{query}");
        assert_eq!(persons[0]["phones"][0], MASKED);
    }
    for nothing in ["", "%20", "%25", "'%20OR%201=1--", "5678"] {
        let found = world.get(&format!("/api/persons?q={nothing}"), &wang).await.json();
        assert_eq!(found["persons"], json!([]), "{nothing}");
    }
    let long = world.get(&format!("/api/persons?q={}", "x".repeat(65)), &wang).await;
    assert_eq!(long.code(), "invalid");
    assert_eq!(world.get("/api/persons", &wang).await.code(), "bad_request");

    let file = world.get(&format!("/api/persons/{id}"), &wang).await.json();
    assert_eq!((&file["card"]["name"], &file["phones"][0]), (&"王小明".into(), &MASKED.into()));
    assert_eq!(world.get("/api/persons/nobody", &wang).await.code(), "unknown_person");
}

#[tokio::test]
async fn a_new_person_has_the_number_of_the_call() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    let form = json!({ "name": " 李新 ", "sex": "female", "birth_date": "1985-03-07", "source": "friend", "call": call(1).to_string() });
    assert_eq!(world.post("/api/persons", &li, form.clone()).await.code(), "unknown_call");
    let added = world.post("/api/persons", &wang, form).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let card = added.json();
    assert_eq!(
        (&card["name"], &card["phones"][0], &card["source"]),
        (&"李新".into(), &MASKED.into(), &"friend".into())
    );
    let detail = world.get(&format!("/api/calls/{}", call(1)), &wang).await.json();
    assert_eq!(detail["person"]["person"], card["person"]);
    let pop = world.get(&format!("/api/calls/{}/pop", call(1)), &wang).await.json();
    assert_eq!((&pop["candidates"][0]["person"], &pop["chosen"]), (&card["person"], &card["person"]));
    assert_eq!(world.store.owners_of(NUMBER, 5).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_not_told_is_left_open_and_nonsense_is_refused() {
    let world = World::new().await;
    let wang = world.signed_in("wang", Some("1001")).await;
    world.tell([offered(1, "", "")]).await;
    world.tell(answered(1, "1001")).await;
    let form = json!({ "source": "", "call": call(1).to_string() });
    let card = world.post("/api/persons", &wang, form).await.json();
    assert_eq!(
        (&card["name"], &card["phones"], &card["sex"]),
        (&"未登记".into(), &json!([]), &"unknown".into())
    );
    for form in [
        json!({ "name": "x".repeat(65), "source": "" }),
        json!({ "source": "made up" }),
        json!({ "source": "", "birth_date": "2999-01-01" }),
        json!({ "source": "", "birth_date": "1985-02-30" }),
        json!({ "source": "", "birth_date": "1985" }),
    ] {
        let refused = world.post("/api/persons", &wang, form.clone()).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{form}"
        );
    }
    let hostile = json!({ "name": "<img src=x>\u{202e}'; DROP TABLE person", "source": "" });
    let card = world.post("/api/persons", &wang, hostile).await.json();
    assert_eq!(card["name"], "<img src=x>\u{fffd}'; DROP TABLE person");
}
