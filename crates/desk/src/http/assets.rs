//! The pages themselves, from inside the program.

use super::guards::content_policy;
use super::problem::Refusal;
use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_embed::Embed;
use std::borrow::Cow;

/// The one page; every address of the application shows it.
const INDEX: &str = "index.html";
/// What the page carries where its nonce belongs.
const NONCE_PLACE: &str = "__CSP_NONCE__";
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 16;

const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>Careline</title>\
    <p>页面尚未构建：请运行 <code>cargo xtask ui</code>，然后重新编译。</p>\
    <p lang=\"en\">The pages are not built: run <code>cargo xtask ui</code> and build again.</p></html>";

#[derive(Embed)]
#[folder = "ui/dist/"]
#[allow_missing = true]
struct Built;

/// A file of the build, or the page.
pub(super) async fn page(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return Refusal::unknown_path().into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if path != INDEX
        && let Some(file) = Built::get(path)
    {
        // The build puts a digest into the names of what lies in assets/.
        let keep =
            if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        let kind = HeaderValue::from_str(kind.as_ref()).ok();
        let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static(keep))];
        return (headers, Body::from(file.data)).into_response();
    }
    if path.starts_with("assets/") {
        return Refusal::unknown_path().into_response();
    }
    index()
}

fn index() -> Response {
    let Some(file) = Built::get(INDEX) else { return html(NOT_BUILT.to_owned(), None) };
    let mut nonce = [0_u8; NONCE_BYTES];
    if getrandom::fill(&mut nonce).is_err() {
        return Refusal::busy().into_response();
    }
    let nonce = STANDARD.encode(nonce);
    let page: Cow<'_, str> = String::from_utf8_lossy(&file.data);
    html(page.replace(NONCE_PLACE, &nonce), Some(&nonce))
}

fn html(text: String, nonce: Option<&str>) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(policy) = HeaderValue::from_str(&content_policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
