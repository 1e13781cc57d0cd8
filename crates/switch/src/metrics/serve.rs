//! The listener of the metrics page. It has nothing that a caller waits for: few connections, one page.

use super::page;
use super::text::CONTENT_TYPE;
use crate::grpc::{ControlRequest, ask};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE as TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

/// Connections at the same time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 8;
/// How long a request's head may take, and how long a connection may be idle.
const READ_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// After an accept that failed: the system is short of something.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// The only page.
const PATH: &str = "/metrics";

/// Serves the page for ever.
pub async fn serve(listener: TcpListener, driver: mpsc::Sender<ControlRequest>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // Nobody closes the semaphore.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let driver = driver.clone();
                tokio::spawn(async move {
                    answer(stream, driver).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, driver: mpsc::Sender<ControlRequest>) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(READ_MAX).max_buf_size(HEAD_BYTES_MAX);
    let service = service_fn(|request| respond(request, driver.clone()));
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection for metrics broke");
    }
}

async fn respond(
    request: Request<Incoming>,
    driver: mpsc::Sender<ControlRequest>,
) -> Result<Response<String>, Infallible> {
    if request.uri().path() != PATH {
        return Ok(plain(StatusCode::NOT_FOUND, "the page is /metrics\n"));
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "GET\n");
        refused.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        return Ok(refused);
    }
    Ok(match ask(&driver, ControlRequest::Metrics).await {
        Ok(figures) => {
            let mut page = Response::new(page(&figures));
            page.headers_mut().insert(TYPE, hyper::header::HeaderValue::from_static(CONTENT_TYPE));
            page
        }
        Err(status) => plain(StatusCode::SERVICE_UNAVAILABLE, status.message()),
    })
}

fn plain(status: StatusCode, text: &str) -> Response<String> {
    let mut response = Response::new(text.to_owned());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn asked(head: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // No driver: what is asked of it has no answer.
        let (driver, _) = mpsc::channel(1);
        let serving = tokio::spawn(serve(listener, driver));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        serving.abort();
        text
    }

    #[tokio::test]
    async fn there_is_one_page_and_it_can_only_be_read() {
        assert!(asked("GET / HTTP/1.1").await.starts_with("HTTP/1.1 404"));
        assert!(asked("POST /metrics HTTP/1.1").await.starts_with("HTTP/1.1 405"));
        assert!(asked("GET /metrics HTTP/1.1").await.starts_with("HTTP/1.1 503"), "the switch has ended");
        assert!(asked("nonsense").await.starts_with("HTTP/1.1 400"));
    }
}
