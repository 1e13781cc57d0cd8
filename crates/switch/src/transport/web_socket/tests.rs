use super::*;
use careline_sip::{Flow, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

#[test]
fn only_listed_origins_come_in() {
    let ws = Ws { origins: vec!["https://desk.example.com".to_owned()], without_origin: false };
    let come = |ws: &Ws, origins: &[&'static str]| {
        let values: Vec<HeaderValue> = origins.iter().map(|one| HeaderValue::from_static(one)).collect();
        may_come(ws, values.iter())
    };
    assert!(come(&ws, &["https://desk.example.com"]));
    assert!(come(&ws, &["HTTPS://Desk.Example.com"]));
    for foreign in [
        "http://desk.example.com",
        "https://desk.example.com:8443",
        "https://desk.example.com.evil.org",
        "null",
        "",
    ] {
        assert!(!come(&ws, &[foreign]), "{foreign}");
    }
    assert!(!come(&ws, &["https://desk.example.com", "https://evil.org"]), "two are none");
    assert!(!come(&ws, &[]));
    assert!(come(&Ws { without_origin: true, ..ws }, &[]));
}

const OPTIONS: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

/// A page that has shaken hands, and what the driver hears.
async fn page() -> (DuplexStream, mpsc::Receiver<Wire>, mpsc::Sender<Vec<u8>>) {
    let (mut browser, ours) = tokio::io::duplex(64 * 1024);
    let (to_driver, messages) = mpsc::channel(64);
    let (writer, from_driver) = mpsc::channel(64);
    let address = ([127, 0, 0, 1], 8080).into();
    let flow = Flow { transport: Transport::Ws, local: address, remote: address };
    let link = Link { flow, id: 0, accepted: true, to_driver };
    tokio::spawn(async move {
        let ws = Ws { origins: vec![], without_origin: true };
        let (socket, since) = open(ours, &ws).await.expect("a handshake");
        carry(socket, since, &link, from_driver).await;
    });
    let hello = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Protocol: sip\r\n\r\n";
    browser.write_all(hello.as_bytes()).await.expect("room");
    let mut head = vec![0_u8; 1024];
    let count = browser.read(&mut head).await.expect("an answer");
    assert!(head[..count].starts_with(b"HTTP/1.1 101"));
    (browser, messages, writer)
}

/// A frame of a client, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).expect("a short one"), 0, 0, 0, 0];
    frame.extend(payload);
    frame
}

/// How long the page keeps its connection while it says something every second, in seconds; at most `limit`.
async fn lasts(mut say: impl FnMut(u64) -> Vec<u8>, limit: u64) -> u64 {
    let (mut browser, mut messages, _writer) = page().await;
    browser.write_all(&frame(0x81, OPTIONS)).await.expect("room");
    for second in 0..limit {
        // Once it is closed nothing is taken; that is asked for below.
        let _ = browser.write_all(&say(second)).await;
        // The paused clock jumps to when nobody else has anything to do.
        let _ = tokio::time::timeout(Duration::from_secs(1), std::future::pending::<()>()).await;
        if std::iter::from_fn(|| messages.try_recv().ok()).any(|wire| matches!(wire, Wire::Lost { .. })) {
            return second;
        }
    }
    limit
}

#[tokio::test(start_paused = true)]
async fn a_message_dribbled_in_fragments_between_pings_has_ten_seconds() {
    let ping = frame(0x89, b"");
    let dribble = |second: u64| {
        let first = if second == 0 { 0x01 } else { 0x00 };
        [frame(first, b"O"), ping.clone()].concat()
    };
    let lasted = lasts(dribble, 60).await;
    assert!((9..=12).contains(&lasted), "{lasted}");
    let bytes = frame(0x81, OPTIONS);
    let lasted = lasts(|second| bytes[second as usize..][..1].to_vec(), 40).await;
    assert!((9..=12).contains(&lasted), "byte by byte: {lasted}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_page_whose_next_message_always_has_begun_stays() {
    let whole = frame(0x81, OPTIONS);
    let (head, tail) = whole.split_at(9);
    let busy = |second: u64| if second == 0 { head.to_vec() } else { [tail, head].concat() };
    assert_eq!(lasts(busy, 60).await, 60);
}
