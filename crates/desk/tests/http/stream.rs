//! The WebSocket, over a real socket.

use crate::facts::*;
use crate::world::World;
use careline_desk::http::serve;
use careline_model::event::OfferOutcome;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(10);

struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn listening(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, world.desk.clone(), std::future::pending()));
    address
}

async fn open(address: SocketAddr, cookie: &str, origin: &str) -> Result<Page, Error> {
    let mut request = format!("ws://{address}/api/ws").into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", origin.parse().unwrap());
    connect_async(request).await.map(|(socket, _)| Page(socket))
}

impl Page {
    async fn open(address: SocketAddr, cookie: &str) -> Self {
        open(address, cookie, &format!("http://{address}")).await.unwrap()
    }

    async fn next(&mut self) -> Message {
        let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message comes");
        message.expect("the stream goes on").unwrap()
    }

    /// The next message of a kind; others before it are passed over.
    async fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.next().await {
                assert!(!text.contains("13812345678"), "a full number left: {text}");
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["kind"] == kind {
                    return message;
                }
            }
        }
    }

    async fn closed_with(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.unwrap().code.into();
            }
        }
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }
}

fn status(refused: Result<Page, Error>) -> u16 {
    match refused {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was opened"),
    }
}

async fn painted(world: &World) -> Option<i64> {
    world.database.number("SELECT painted_us FROM pop").await.unwrap()
}

#[tokio::test]
async fn the_page_hears_of_its_call_from_the_ring_to_the_end() {
    let world = World::new().await;
    world.person("王小明").await;
    let address = listening(&world).await;
    let wang = world.signed_in("wang", Some("1001")).await;
    let mut page = Page::open(address, &wang).await;
    let snapshot = page.wait_for("snapshot").await;
    assert_eq!((&snapshot["seq"], &snapshot["me"]["login"]), (&1.into(), &"wang".into()));
    assert_eq!((&snapshot["storage"], &snapshot["offer"]), (&"ok".into(), &json!(null)));
    assert_eq!(snapshot["switches"], json!([{ "id": SWITCH, "connected": true }]));
    assert_eq!(
        (&snapshot["agents"][0]["intent"], &snapshot["agents"][0]["work"]),
        (&"ready".into(), &"idle".into())
    );
    assert_eq!(snapshot["not_ready_codes"][0]["code"], "break");

    world.tell([offered(1, NUMBER, "<script>"), node(1, "menu"), queued(1), offer(1, 7, "1001")]).await;
    let message = page.wait_for("offer").await;
    let (offer, pop) = (&message["offer"], &message["offer"]["pop"]);
    assert_eq!((&offer["offer"], &offer["call"]), (&7.into(), &call(1).to_string().into()));
    assert_eq!((&pop["candidates"][0]["name"], &pop["caller_masked"]), (&"王小明".into(), &MASKED.into()));
    assert_eq!((&pop["ivr"], &pop["caller_name"]), (&json!(["menu"]), &"<script>".into()));
    page.say(&json!({ "kind": "painted", "call": call(1).to_string(), "offer": 7 }).to_string()).await;
    let deadline = Instant::now() + PATIENCE;
    while painted(&world).await.is_none() {
        assert!(Instant::now() < deadline, "never painted");
        tokio::task::yield_now().await;
    }
    world.tell([offer_ended(1, 7, "1001", OfferOutcome::Answered)]).await;
    assert_eq!(page.wait_for("offer_ended").await["outcome"], "answered");
    world.tell(answered(1, "1001").into_iter().skip(4)).await;
    assert_eq!(page.wait_for("recording").await["finished"], false);
    world.tell([ended(1)]).await;
    assert_eq!(page.wait_for("call_gone").await["call"], call(1).to_string());

    for nonsense in ["", "{", "[]", r#"{"kind":"x"}"#, r#"{"kind":"painted","call":"x","offer":-1}"#] {
        page.say(nonsense).await;
    }
    page.say(r#"{"kind":"ping"}"#).await;
    page.wait_for("pong").await;
}

#[tokio::test]
async fn the_newest_page_takes_the_lease_and_signing_out_closes_it() {
    let world = World::new().await;
    let address = listening(&world).await;
    let wang = world.signed_in("wang", Some("1001")).await;
    let mut old = Page::open(address, &wang).await;
    old.wait_for("snapshot").await;
    let mut new = Page::open(address, &wang).await;
    old.wait_for("superseded").await;
    assert_eq!(old.closed_with().await, 4001);
    new.wait_for("snapshot").await;
    world.send("DELETE", "/api/session", &wang, None).await;
    assert_eq!(new.closed_with().await, 4003);
}

#[tokio::test]
async fn a_stream_is_for_our_pages_and_for_people_who_signed_in() {
    let world = World::new().await;
    let address = listening(&world).await;
    let wang = world.signed_in("wang", Some("1001")).await;
    let own = format!("http://{address}");
    assert_eq!(status(open(address, "", &own).await), 401);
    assert_eq!(status(open(address, "careline_session=x", &own).await), 401);
    assert_eq!(status(open(address, &wang, "http://evil.example").await), 403);
    assert_eq!(world.get("/api/ws", &wang).await.code(), "bad_request", "no WebSocket");
}
