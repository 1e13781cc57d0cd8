//! The document, and what holds for every address in it.

use crate::facts::*;
use crate::world::World;
use axum::http::{StatusCode, header};
use careline_desk::http::{PUBLIC, openapi};
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&openapi().to_json().unwrap()).unwrap()
}

pub fn operations() -> Vec<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    });
    each.collect()
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_gets_anything_but_what_is_public() {
    let world = World::new().await;
    world.tell([offered(1, NUMBER, "")]).await;
    let operations = operations();
    assert!(operations.len() >= 20, "{operations:?}");
    for (method, path) in PUBLIC {
        assert!(operations.contains(&(method.into(), path.into())), "{method} {path} is not in the document");
    }
    for (method, path) in operations {
        let filled = path.replace("{call}", &call(1).to_string()).replace("{id}", &format!("{}-1", call(1)));
        let public = PUBLIC.contains(&(method.as_str(), path.as_str()));
        for cookie in ["", "careline_session=AAAA", "careline_session="] {
            let answer = world.send(&method, &filled, cookie, Some(serde_json::json!({}))).await;
            let refused = answer.status == StatusCode::UNAUTHORIZED;
            assert_eq!(refused, !public, "{method} {path}: {} {}", answer.status, answer.text());
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{method} {path}");
            assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{method} {path}");
        }
    }
}

#[test]
fn the_document_has_every_schema_that_it_names() {
    let document = document();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    for name in ["ServerMessage", "PageMessage", "Offer", "Pop", "Candidate", "Problem", "LiveSnapshot", "Me"]
    {
        assert!(schemas.contains_key(name), "{name} is missing");
    }
}

#[tokio::test]
async fn problems_speak_the_browsers_language() {
    let world = World::new().await;
    for (languages, title) in [
        ("en-GB,zh;q=0.5", "Sign in first."),
        ("zh-CN,en", "请先登录。"),
        ("fr", "请先登录。"),
        ("", "请先登录。"),
    ] {
        let request = axum::http::Request::get("/api/session")
            .header(header::ACCEPT_LANGUAGE, languages)
            .body(axum::body::Body::empty())
            .unwrap();
        let problem = world.call(request).await;
        assert_eq!(problem.json()["title"], title, "{languages}");
        assert_eq!(problem.json()["type"], "urn:careline:problem:not_signed_in");
    }
}

#[tokio::test]
async fn addresses_that_are_none_are_told_apart_from_pages() {
    let world = World::new().await;
    for path in ["/api/nothing", "/api", "/assets/gone.js"] {
        assert_eq!(world.get(path, "").await.code(), "unknown_path", "{path}");
    }
    assert_eq!(world.send("PATCH", "/api/session", "", None).await.code(), "method");
    for path in ["/", "/calls", "/calls/123"] {
        let page = world.get(path, "").await;
        assert_eq!(
            (page.status, &page.headers[header::CACHE_CONTROL]),
            (StatusCode::OK, &"no-cache".parse().unwrap())
        );
        assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.text().contains("__CSP_NONCE__"), "{path}");
    }
}

#[tokio::test]
async fn whoever_watches_the_programs_sees_how_they_are() {
    let world = World::new().await;
    let health = world.get("/api/health", "").await.json();
    assert_eq!(
        health,
        serde_json::json!({ "storage": "ok", "switches": [{ "id": SWITCH, "connected": true }] })
    );
    assert_eq!(world.get("/api/ready", "").await.status, StatusCode::OK);
    world.hub.handle(careline_desk::hub::Input::Disconnected { switch: SWITCH.into() });
    assert_eq!(world.get("/api/ready", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let hospital = world.get("/api/hospital", "").await.json();
    assert_eq!((&hospital["demo"], &hospital["sources"][0]["code"]), (&false.into(), &"friend".into()));
}
