//! What is masked of a person, and seeing it whole for a reason.

use crate::world::World;
use axum::http::StatusCode;
use careline_desk::identity::IdNumber;
use serde_json::{Value, json};

const WHOLE: &str = "11010519491231002X";

async fn known(world: &World) -> String {
    let id = world.person("王芳").await;
    world.store.set_id_number(&id, &IdNumber::parse(WHOLE).unwrap()).await.unwrap();
    world
        .database
        .execute(&format!(
            "UPDATE person SET address = '山东省滨州市滨城区黄河五路 661 号' WHERE id = '{id}'"
        ))
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn a_whole_id_number_finds_a_person_and_is_shown_masked() {
    let world = World::new().await;
    let id = known(&world).await;
    let wang = world.signed_in("wang", Some("1001")).await;
    for typed in [WHOLE, "11010519491231002x", "110105%2019491231%20002X"] {
        let found = world.get(&format!("/api/persons?q={typed}"), &wang).await;
        assert_eq!(found.json()["persons"][0]["person"], id.as_str(), "{typed}");
        assert!(!found.text().contains(WHOLE));
    }
    let part = world.get("/api/persons?q=11010519491231", &wang).await.json();
    assert_eq!(part["persons"], json!([]), "a part of it finds nobody");
    let file = world.get(&format!("/api/persons/{id}"), &wang).await;
    assert_eq!(file.json()["id_number_masked"], "1101**********002X");
    assert_eq!(file.json()["address_masked"], "山东省滨州市滨城区***");
    assert!(!file.text().contains(WHOLE) && !file.text().contains("661"), "{}", file.text());
    let rows = world.database.rows("SELECT * FROM person").await.unwrap();
    assert!(!format!("{rows:?}").contains("1949123"), "it lies sealed");
}

#[tokio::test]
async fn who_sees_it_whole_says_why_and_not_too_often() {
    let world = World::new().await;
    let id = known(&world).await;
    let wang = world.signed_in("wang", Some("1001")).await;
    let ask = async |field: &str, reason: &str| {
        world
            .post(&format!("/api/persons/{id}/reveal"), &wang, json!({ "field": field, "reason": reason }))
            .await
    };
    assert_eq!(ask("id_number", " ").await.code(), "invalid");
    assert_eq!(ask("name", "核对身份").await.code(), "bad_request");
    let whole = ask("id_number", "核对身份").await;
    assert_eq!((whole.status, whole.json()), (StatusCode::OK, json!({ "value": WHOLE })));
    assert_eq!(ask("address", "寄送资料").await.json()["value"], "山东省滨州市滨城区黄河五路 661 号");
    let rows =
        world.database.rows("SELECT field, reason, person_id FROM reveal ORDER BY at_us, id").await.unwrap();
    assert_eq!(rows.len(), 2, "what was refused was not seen: {rows:?}");
    assert!(format!("{rows:?}").contains("核对身份"));
    let noted =
        world.database.number("SELECT count(*) FROM access_log WHERE action = 'reveal'").await.unwrap();
    assert_eq!(noted, Some(2));
    for _ in 2..60 {
        assert_eq!(ask("id_number", "核对身份").await.status, StatusCode::OK);
    }
    let more = ask("id_number", "核对身份").await;
    assert_eq!((more.status, more.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_reveals"));
    let stranger =
        world.post("/api/persons/none/reveal", &wang, json!({ "field": "address", "reason": "核对" })).await;
    assert_eq!(stranger.code(), "unknown_person");
    let nothing = world.person("李四").await;
    let sun = world.signed_in("sun", None).await;
    let form = json!({ "field": "id_number", "reason": "核对身份" });
    let nothing = world.post(&format!("/api/persons/{nothing}/reveal"), &sun, form).await.json();
    assert_eq!(nothing["value"], Value::Null);
}
