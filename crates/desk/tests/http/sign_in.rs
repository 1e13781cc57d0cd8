//! Who gets in, and for how long.

use crate::facts::*;
use crate::world::{HOST, PASSWORD, World};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use careline_desk::http::{Door, LOGINS_MAX};
use std::time::Duration;

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let world = World::new().await;
    world.account("wang", Some("1001")).await;
    let answer = world.sign_in("wang", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
    let me = answer.json();
    assert_eq!((&me["login"], &me["agent"]), (&"wang".into(), &"1001".into()));
    assert_eq!(me["roles"], serde_json::json!(["agent"]));
    let may = me["may"].as_array().unwrap();
    assert!(may.contains(&"read_calls".into()) && !may.contains(&"read_reports".into()), "{may:?}");
    assert!(me.get("password_hash").is_none());
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = answer.cookie();
    assert_eq!(cookie.split_once('=').unwrap().1.len(), 43, "32 bytes");
    assert_eq!(world.get("/api/session", &cookie).await.json(), me);

    // A new sign-in has a new cookie, and ends the old one of this browser.
    let body = serde_json::json!({ "login": "wang", "password": PASSWORD });
    let again = world.post("/api/session", &cookie, body).await;
    assert_ne!(again.cookie(), cookie);
    assert_eq!(world.get("/api/session", &cookie).await.code(), "not_signed_in");

    let gone = world.send("DELETE", "/api/session", &again.cookie(), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/session", &again.cookie()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_the_same_and_lock_in_the_end() {
    let world = World::changed(|config| config.sign_in.failures_max = 3).await;
    world.account("wang", Some("1001")).await;
    for login in ["wang", "nobody"] {
        let first = world.sign_in(login, "wrong").await;
        assert_eq!((first.status, first.code().as_str()), (StatusCode::UNAUTHORIZED, "sign_in_refused"));
        world.sign_in(login, "wrong").await;
        world.sign_in(login, "wrong").await;
        let locked = world.sign_in(login, PASSWORD).await;
        assert_eq!((locked.status, locked.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "locked"));
        let seconds: u64 = locked.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let world = World::new().await;
    world.account("wang", Some("1001")).await;
    let cookie = world.sign_in("wang", PASSWORD).await.cookie();
    assert_eq!(world.get("/api/session", &cookie).await.status, StatusCode::OK);
    world.store.set_disabled("wang", true, START_US).await.unwrap();
    assert_eq!(world.get("/api/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.sign_in("wang", PASSWORD).await.code(), "sign_in_refused");
}

#[tokio::test]
async fn who_is_idle_or_in_for_too_long_signs_in_again() {
    let world = World::changed(|config| config.sign_in.idle = Duration::ZERO).await;
    let cookie = world.signed_in("wang", Some("1001")).await;
    assert_eq!(world.get("/api/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
    let world = World::changed(|config| config.sign_in.absolute = Duration::ZERO).await;
    let cookie = world.signed_in("wang", Some("1001")).await;
    assert_eq!(world.get("/api/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_changes_something_comes_from_our_pages() {
    let world = World::new().await;
    let cookie = world.signed_in("wang", Some("1001")).await;
    for origin in
        [None, Some("http://evil.example"), Some("null"), Some("http://desk.example:8080.evil.example")]
    {
        let mut request =
            Request::delete("/api/session").header(header::HOST, HOST).header(header::COOKIE, &cookie);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let answer = world.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "origin"), "{origin:?}");
    }
    let form = Request::post("/api/session")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("login=wang"))
        .unwrap();
    assert_eq!(world.call(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_demonstration_is_there_only_when_it_is_wanted_and_only_here() {
    let world = World::new().await;
    world.account("wang", Some("1001")).await;
    assert_eq!(world.get("/api/demo/accounts", "").await.status, StatusCode::NOT_FOUND);
    let login = serde_json::json!({ "login": "wang" });
    assert_eq!(world.post("/api/demo/sign-in", "", login.clone()).await.status, StatusCode::NOT_FOUND);

    let world = World::changed(|config| config.demo = true).await;
    world.account("wang", Some("1001")).await;
    assert_eq!(
        world.get("/api/demo/accounts", "").await.status,
        StatusCode::NOT_FOUND,
        "asked by a foreign name"
    );
    let here = |method: &str, path: &str, body: String| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::ORIGIN, "http://127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap()
    };
    let accounts = world.call(here("GET", "/api/demo/accounts", String::new())).await.json();
    assert_eq!((&accounts[0]["login"], accounts[0].get("password_hash")), (&"wang".into(), None));
    let answer = world.call(here("POST", "/api/demo/sign-in", login.to_string())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(world.get("/api/session", &answer.cookie()).await.status, StatusCode::OK);
    let unknown = world.call(here("POST", "/api/demo/sign-in", r#"{"login":"x"}"#.into())).await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn the_door_counts_each_login_and_forgets_the_oldest() {
    let now = start();
    let mut door = Door::new(2, Duration::from_secs(60));
    assert!(door.attempt("a", now).is_ok());
    door.succeeded("a");
    assert!(door.attempt("a", now).is_ok());
    assert!(door.attempt("a", now).is_ok());
    let locked = door.attempt("a", later(now, 20_000)).unwrap_err();
    assert_eq!(locked.wait, Duration::from_secs(40));
    assert!(door.attempt("b", now).is_ok(), "another login is another matter");
    assert!(door.attempt("a", later(now, 60_000)).is_ok(), "trying while locked does not make it longer");
    for n in 0..LOGINS_MAX {
        door.attempt(&n.to_string(), later(now, 70_000)).unwrap();
    }
    for _ in 0..2 {
        assert!(door.attempt("b", later(now, 70_000)).is_ok(), "long forgotten");
    }
}
