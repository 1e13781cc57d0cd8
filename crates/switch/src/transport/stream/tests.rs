use super::*;
use crate::transport::{WIRE_QUEUE_MAX, WRITE_QUEUE_MAX};
use careline_sip::{Flow, Transport};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::DuplexStream;

const OPTIONS: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

/// The far end of a connection, on a clock that runs ahead whenever nobody has anything to do.
struct Peer {
    socket: DuplexStream,
    messages: mpsc::Receiver<Wire>,
    /// The driver's end of it.
    _writer: mpsc::Sender<Vec<u8>>,
    ended: Arc<AtomicBool>,
}

fn connect(accepted: bool) -> Peer {
    let (socket, ours) = tokio::io::duplex(64 * 1024);
    let (to_driver, messages) = mpsc::channel(WIRE_QUEUE_MAX);
    let (writer, from_driver) = mpsc::channel(WRITE_QUEUE_MAX);
    let (signs, ended) = (writer.downgrade(), Arc::new(AtomicBool::new(false)));
    let address = ([127, 0, 0, 1], 5060).into();
    let flow = Flow { transport: Transport::Tls, local: address, remote: address };
    let link = Link { flow, id: 0, accepted, to_driver };
    let told = ended.clone();
    tokio::spawn(async move {
        let carrying = carry(ours, &link, from_driver, signs);
        tokio::pin!(carrying);
        // The driver would let go of the writer when the connection is lost; here it only is noted.
        tokio::select! {
            () = &mut carrying => {}
            () = link.to_driver.closed() => {}
        }
        told.store(true, Ordering::SeqCst);
    });
    Peer { socket, messages, _writer: writer, ended }
}

impl Peer {
    async fn say(&mut self, bytes: &[u8]) {
        // A connection that is closed already takes nothing; the tests ask for that separately.
        let _ = self.socket.write_all(bytes).await;
    }

    /// What is said to the peer within a time.
    async fn heard(&mut self, within: Duration) -> Vec<u8> {
        let mut all = vec![0_u8; 4096];
        match tokio::time::timeout(within, self.socket.read(&mut all)).await {
            Ok(Ok(count)) => all[..count].to_vec(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    fn is_lost(&mut self) -> bool {
        std::iter::from_fn(|| self.messages.try_recv().ok()).any(|wire| matches!(wire, Wire::Lost { .. }))
    }
}

/// The paused clock jumps to when nobody else has anything to do.
async fn pass(seconds: u64) {
    let never = std::future::pending::<()>();
    let _ = tokio::time::timeout(Duration::from_secs(seconds), never).await;
}

#[tokio::test(start_paused = true)]
async fn who_dribbles_is_dropped_however_often_a_byte_comes() {
    let mut peer = connect(true);
    peer.say(OPTIONS).await;
    for byte in OPTIONS.iter().take(9) {
        peer.say(&[*byte]).await;
        pass(1).await;
    }
    assert!(!peer.is_lost(), "a slow message has its time");
    pass(2).await;
    assert!(peer.is_lost());
}

#[tokio::test(start_paused = true)]
async fn a_busy_connection_on_which_always_some_message_is_unfinished_stays() {
    let mut peer = connect(true);
    let (head, tail) = OPTIONS.split_at(10);
    peer.say(head).await;
    for _ in 0..30 {
        pass(1).await;
        // The end of one message and the beginning of the next in one piece.
        peer.say(&[tail, head].concat()).await;
    }
    pass(1).await;
    assert!(!peer.is_lost(), "each message came within a second");
    pass(10).await;
    assert!(peer.is_lost(), "the last one never ended");
}

#[tokio::test(start_paused = true)]
async fn a_connection_of_ours_is_pinged_and_stays_open_for_hours() {
    let mut peer = connect(false);
    for _ in 0..200 {
        let within = Duration::from_secs(95);
        assert_eq!(peer.heard(within).await, b"\r\n\r\n", "RFC 5626 4.4.1");
        peer.say(b"\r\n").await;
    }
    assert!(!peer.is_lost(), "pongs are traffic, and a registration lives here");
    assert_eq!(peer.heard(PONG_TIME_MAX).await, b"", "nor was a pong taken for half a ping");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_answering_pings_is_gone_and_one_that_never_did_is_not() {
    let mut deaf = connect(false);
    for _ in 0..20 {
        assert_eq!(deaf.heard(Duration::from_secs(95)).await, b"\r\n\r\n");
    }
    assert!(!deaf.is_lost(), "it does not know pings");
    let mut peer = connect(false);
    for _ in 0..3 {
        assert_eq!(peer.heard(Duration::from_secs(95)).await, b"\r\n\r\n");
        peer.say(b"\r\n").await;
    }
    assert_eq!(peer.heard(Duration::from_secs(95)).await, b"\r\n\r\n");
    pass(PONG_TIME_MAX.as_secs() + 1).await;
    assert!(peer.is_lost(), "its host or the firewall on the way has died");
}

#[tokio::test(start_paused = true)]
async fn pings_of_the_peer_are_answered_and_an_idle_one_is_closed() {
    let mut peer = connect(true);
    peer.say(OPTIONS).await;
    peer.say(b"\r\n\r\n").await;
    assert_eq!(peer.heard(Duration::from_secs(1)).await, b"\r\n");
    pass(IDLE_TIME_MAX.as_secs() - 1).await;
    assert!(!peer.is_lost() && !peer.ended.load(Ordering::SeqCst));
    pass(2).await;
    assert!(peer.is_lost());
}
