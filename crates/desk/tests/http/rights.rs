//! Who may do what: every role at every address, and the accounts and the log that belong to it.

use crate::documents::operations;
use crate::facts::*;
use crate::world::{PASSWORD, World};
use axum::http::StatusCode;
use careline_desk::rights::{ENDPOINTS, PUBLIC, Role, Roles, scope};
use serde_json::{Value, json};

/// The same address with something in it that there is.
fn filled(path: &str, person: &str) -> String {
    let id = if path.contains("persons") { person.to_owned() } else { format!("{}-1", call(1)) };
    let none = ["{message}", "{merge}", "{a}", "{b}"];
    let path = none.iter().fold(path.to_owned(), |path, name| path.replace(name, "none"));
    path.replace("{call}", &call(1).to_string()).replace("{id}", &id)
}

#[test]
fn ac_s12_1_every_address_of_the_document_has_one_row_in_the_table() {
    let operations = operations();
    for (method, path) in &operations {
        let rows = ENDPOINTS.iter().filter(|(of, at, _)| of == method && at == path).count();
        let public = PUBLIC.iter().filter(|(of, at)| of == method && at == path).count();
        assert_eq!(rows + public, 1, "{method} {path}");
    }
    assert_eq!(operations.len(), ENDPOINTS.len() + PUBLIC.len(), "rows of addresses that there are not");
}

#[tokio::test]
async fn ac_s12_1_at_every_address_the_entitled_are_answered_and_all_others_get_nothing() {
    let world = World::new().await;
    world.tell([offered(1, NUMBER, "")]).await;
    let person = world.person("王芳").await;
    for role in Role::ALL {
        let (login, agent) = (role.as_str(), role.takes_calls().then(|| format!("of {role}")));
        let cookie = world.signed_in_as(login, role.into(), agent.as_deref()).await;
        for (method, path, action) in ENDPOINTS {
            // Signing out comes last.
            if (method, path) == ("DELETE", "/api/session") {
                continue;
            }
            let answer = world.send(method, &filled(path, &person), &cookie, Some(json!({}))).await;
            let entitled = scope(&Roles::from(role), action).is_some();
            let refused = answer.status == StatusCode::NOT_FOUND && answer.code() == "no_right";
            assert_eq!(refused, !entitled, "{role} {method} {path}: {} {}", answer.status, answer.text());
            if refused {
                let fields: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
                assert_eq!(fields, ["code", "status", "title", "type"], "{role} {method} {path}");
                assert!(!answer.text().contains("王芳"), "{role} {method} {path}");
            }
        }
        let answer = world.send("DELETE", "/api/session", &cookie, None).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{role}");
    }
}

#[tokio::test]
async fn ac_s12_2_no_administrator_reads_a_patient() {
    let world = World::new().await;
    let person = world.person("王芳").await;
    for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin] {
        let cookie = world.signed_in_as(role.as_str(), role.into(), None).await;
        for path in
            [&format!("/api/persons/{person}"), "/api/persons?q=%E7%8E%8B", "/api/calls", "/api/messages"]
        {
            let answer = world.get(path, &cookie).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::NOT_FOUND, "no_right"),
                "{role} {path}"
            );
        }
    }
    // Asking for the head only is no way round.
    let admin = world.signed_in_as("zhao", Role::SystemAdmin.into(), None).await;
    assert_eq!(world.send("HEAD", "/api/calls", &admin, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send("HEAD", "/api/calls", "", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        world.send("HEAD", "/api/health", "", None).await.status,
        StatusCode::OK,
        "watched by machines"
    );
}

#[tokio::test]
async fn ac_s12_3_a_changed_entry_of_the_log_is_found_and_named() {
    let world = World::new().await;
    let auditor = world.signed_in_as("zhou", Role::AuditAdmin.into(), None).await;
    let agent = world.signed_in("wang", Some("1001")).await;
    let person = world.person("王芳").await;
    for _ in 0..3 {
        world.get(&format!("/api/persons/{person}"), &agent).await;
    }
    let chain = world.get("/api/audit/chain", &auditor).await.json();
    assert_eq!(
        (&chain["whole"], &chain["entries"], &chain["broken_at"]),
        (&true.into(), &4.into(), &Value::Null)
    );
    let head = chain["head"].as_str().unwrap().to_owned();

    let entries = world.get("/api/audit?entity=person&id=nobody", &auditor).await.json();
    assert_eq!(entries["entries"], json!([]), "but that it was asked is in the log");
    let of_person = world.get(&format!("/api/audit?entity=person&id={person}"), &auditor).await.json();
    assert_eq!(of_person["entries"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&of_person["entries"][0]["login"], &of_person["entries"][0]["action"]),
        (&"wang".into(), &"person".into())
    );
    assert!(!of_person.to_string().contains("王芳"), "references only");
    let noted = format!("/api/audit/chain?noted={}", head.replace(':', "%3A"));
    assert_eq!(world.get(&noted, &auditor).await.json()["whole"], true);
    assert_eq!(world.get("/api/audit/chain?noted=sha256%3A00", &auditor).await.json()["whole"], false);

    // Somebody hides who looked.
    let third = of_person["entries"][1]["entry"].as_i64().unwrap();
    let changed = format!("UPDATE access_log SET account_id = 'somebody else' WHERE id = {third}");
    world.database.execute(&changed).await.unwrap();
    let chain = world.get("/api/audit/chain", &auditor).await.json();
    assert_eq!((&chain["whole"], &chain["broken_at"]), (&false.into(), &third.into()));
    world.database.execute(&format!("DELETE FROM access_log WHERE id = {third}")).await.unwrap();
    let chain = world.get("/api/audit/chain", &auditor).await.json();
    assert_eq!(
        (&chain["whole"], &chain["broken_at"]),
        (&false.into(), &(third + 1).into()),
        "a gap is seen behind it"
    );
}

#[tokio::test]
async fn a_security_administrator_gives_and_takes_accounts_and_all_of_it_is_in_the_log() {
    let world = World::new().await;
    let admin = world.signed_in_as("zhao", Role::SecurityAdmin.into(), None).await;
    let form = |login: &str, roles: Value, agent: Value| json!({ "login": login, "name": "护士 钱", "roles": roles, "agent": agent, "password": PASSWORD });
    let added =
        world.post("/api/accounts", &admin, form("qian", json!(["agent", "quality"]), json!("1005"))).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let account = added.json();
    assert_eq!((&account["roles"], &account["disabled"]), (&json!(["agent", "quality"]), &false.into()));
    assert!(!added.text().contains("argon2"), "no hash leaves");
    let id = account["account"].as_str().unwrap().to_owned();
    for (form, status, code) in [
        (form("qian", json!(["supervisor"]), Value::Null), StatusCode::CONFLICT, "login_taken"),
        (form("sun", json!(["agent"]), json!("1005")), StatusCode::CONFLICT, "agent_taken"),
        (form("sun", json!(["agent"]), Value::Null), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (form("sun", json!(["manager"]), json!("1006")), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (form("sun", json!([]), Value::Null), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (form(" ", json!(["manager"]), Value::Null), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (
            form("sun", json!(["system_admin", "audit_admin"]), Value::Null),
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
        ),
        (form("sun", json!(["emperor"]), Value::Null), StatusCode::UNPROCESSABLE_ENTITY, "bad_request"),
    ] {
        let refused = world.post("/api/accounts", &admin, form.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{form}: {}", refused.text());
    }

    let hers = world.sign_in("qian", PASSWORD).await.cookie();
    assert_eq!(world.get("/api/reports/metrics", &hers).await.status, StatusCode::OK);
    let roles = world.put(&format!("/api/accounts/{id}/roles"), &admin, json!({ "roles": ["agent"] })).await;
    assert_eq!(roles.status, StatusCode::NO_CONTENT);
    let gone = world.get("/api/reports/metrics", &hers).await;
    assert_eq!(gone.code(), "no_right", "at once, and she is still signed in");
    let password = world
        .put(&format!("/api/accounts/{id}/password"), &admin, json!({ "password": "another horse" }))
        .await;
    assert_eq!(password.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/session", &hers).await.code(), "not_signed_in");
    let hers = world.sign_in("qian", "another horse").await.cookie();
    let state = world.put(&format!("/api/accounts/{id}/state"), &admin, json!({ "disabled": true })).await;
    assert_eq!(state.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/session", &hers).await.code(), "not_signed_in");
    assert_eq!(world.sign_in("qian", "another horse").await.code(), "sign_in_refused");

    let auditor = world.signed_in_as("zhou", Role::AuditAdmin.into(), None).await;
    let log = world.get(&format!("/api/audit?entity=account&id={id}"), &auditor).await.json();
    let actions: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    let wanted =
        ["account_disabled", "sign_in", "account_password", "account_roles", "sign_in", "account_added"];
    assert_eq!(actions, wanted);
    let list = world.get("/api/accounts", &auditor).await.json();
    assert_eq!(list["accounts"][0]["login"], "qian");
}

#[tokio::test]
async fn nobody_changes_the_own_account_and_one_who_gives_rights_is_left() {
    let world = World::new().await;
    let admin = world.signed_in_as("zhao", Role::SecurityAdmin.into(), None).await;
    let me = world.get("/api/session", &admin).await.json();
    let own = format!("/api/accounts/{}", me["account"].as_str().unwrap());
    for (part, body) in [
        ("roles", json!({ "roles": ["supervisor"] })),
        ("state", json!({ "disabled": true })),
        ("password", json!({ "password": "12345678" })),
    ] {
        assert_eq!(world.put(&format!("{own}/{part}"), &admin, body).await.code(), "own_account", "{part}");
    }
    let second = world.signed_in_as("qian", Role::SecurityAdmin.into(), None).await;
    let taken = world.put(&format!("{own}/state"), &second, json!({ "disabled": true })).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/session", &admin).await.code(), "not_signed_in");
    let last = world.get("/api/session", &second).await.json();
    assert_eq!(last["roles"], json!(["security_admin"]));
    let unknown = world.put("/api/accounts/nobody/state", &second, json!({ "disabled": true })).await;
    assert_eq!(unknown.code(), "unknown_account");
}

#[tokio::test]
async fn who_was_shown_in_a_search_is_in_the_log_and_what_was_typed_is_not() {
    let world = World::new().await;
    let auditor = world.signed_in_as("zhou", Role::AuditAdmin.into(), None).await;
    let agent = world.signed_in("wang", Some("1001")).await;
    let (one, other) = (world.person("王芳").await, world.person("王方").await);
    world.get("/api/persons?q=%E7%8E%8B", &agent).await;
    world.get("/api/persons?q=nobody", &agent).await;
    for person in [&one, &other] {
        let log = world.get(&format!("/api/audit?entity=person&id={person}"), &auditor).await.json();
        assert_eq!(log["entries"][0]["action"], "search", "{log}");
        assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    }
    let log = world.get("/api/audit", &auditor).await;
    assert!(!log.text().contains("nobody") && !log.text().contains("王"), "{}", log.text());
    assert_eq!(world.get("/api/audit/chain", &auditor).await.json()["whole"], true);
}
