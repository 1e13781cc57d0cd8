//! A whole switch on sockets of its own, in which a test lets something panic while other people are in calls.

use crate::journal::{Fact, Journal, JournalOptions};
use crate::run::assemble;
use crate::startup::{Which, load};
use careline_model::EventBody;
use careline_model::event::EndCause;
use careline_switchboard::Fault;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;

/// A caller behind the trunk, who speaks SIP by hand.
struct Caller {
    socket: UdpSocket,
    switch: SocketAddr,
    call_id: String,
    to: String,
    cseq: u32,
}

impl Caller {
    fn new(switch: SocketAddr, call_id: &str) -> Self {
        Self::at("127.0.0.2:0", switch, call_id)
    }

    fn at(own: &str, switch: SocketAddr, call_id: &str) -> Self {
        let socket = UdpSocket::bind(own).expect("an address of this host");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        Self { socket, switch, call_id: call_id.to_owned(), to: "<sip:12320@switch>".into(), cseq: 0 }
    }

    fn send(&mut self, method: &str, more: &str, body: &str) {
        let own = self.socket.local_addr().expect("bound");
        self.cseq += u32::from(method != "ACK");
        let (call_id, to, cseq) = (&self.call_id, &self.to, self.cseq);
        let length = body.len();
        let text = format!(
            "{method} sip:12320@{} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call_id}{method}{cseq}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:13800000000@{own}>;tag=c\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:{own}>\r\n{more}Content-Length: {length}\r\n\r\n{body}",
            self.switch
        );
        self.socket.send_to(text.as_bytes(), self.switch).expect("sent");
    }

    /// The next message from the switch that begins like this.
    fn wait_for(&self, begin: &str) -> String {
        let mut buffer = [0; 65_535];
        loop {
            let (length, _) = self.socket.recv_from(&mut buffer).unwrap_or_else(|_| panic!("no {begin}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(begin) {
                return text;
            }
        }
    }

    /// Is answered.
    fn call(&mut self) {
        self.invite();
        self.send("ACK", "", "");
    }

    /// Is answered, and says nothing to that.
    fn invite(&mut self) {
        let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
        let name = self.call_id.clone();
        // Panics take their time, and a late loop takes no new calls for a moment: who is refused calls again.
        let answer = (0..TRIES_MAX).find_map(|count| {
            self.send("INVITE", "Content-Type: application/sdp\r\n", sdp);
            let answer = self.wait_for_final();
            if answer.starts_with("SIP/2.0 503") {
                std::thread::park_timeout(Duration::from_millis(500));
                (self.call_id, self.cseq) = (format!("{name}-{count}"), 0);
                return None;
            }
            Some(answer)
        });
        let answer = answer.expect("the switch is never free again");
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        let to = answer.lines().find_map(|line| line.strip_prefix("To: ")).expect("a To header");
        to.trim().clone_into(&mut self.to);
    }

    /// The answer to the last request, but for provisional ones.
    fn wait_for_final(&self) -> String {
        loop {
            let text = self.wait_for("SIP/2.0 ");
            if !text.starts_with("SIP/2.0 1") && text.contains(&format!("Call-ID: {}\r\n", self.call_id)) {
                return text;
            }
        }
    }

    /// Asks within the call, and is answered.
    fn lives(&mut self) {
        self.send("OPTIONS", "", "");
        self.wait_for("SIP/2.0 200");
    }

    fn hang_up(&mut self) {
        self.send("BYE", "", "");
        self.wait_for("SIP/2.0 200");
    }

    /// Nothing waits to be read: what the switch was told before has been taken.
    fn heard_nothing(&self) {
        self.socket.set_nonblocking(true).expect("a socket");
        let heard = self.socket.recv(&mut [0; 65_535]);
        self.socket.set_nonblocking(false).expect("a socket");
        assert!(heard.is_err(), "nothing is said about a message that was dropped");
    }
}

/// How often a refused caller calls.
const TRIES_MAX: u32 = 60;

/// The sample configuration on an address of the test's own.
fn configured(folder: &Path, address: &str) -> crate::startup::Loaded {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let mut text = std::fs::read_to_string(sample.join("switch.toml")).expect("the sample");
    let folder_of = |name: &str| sample.join(name).display().to_string();
    for (from, to) in [
        ("udp = [\"127.0.0.1:5060\"]", format!("udp = [\"{address}:5060\"]")),
        ("tcp = [\"127.0.0.1:5060\"]", format!("tcp = [\"{address}:5060\"]")),
        ("address = \"127.0.0.1\"", format!("address = \"{address}\"")),
        ("listen = \"127.0.0.1:7060\"", "listen = \"127.0.0.1:0\"".to_owned()),
        ("directory = \"prompts\"", format!("directory = {:?}", folder_of("prompts"))),
        ("directory = \"flows\"", format!("directory = {:?}", folder_of("flows"))),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, &to);
    }
    let file = folder.join("switch.toml");
    std::fs::write(&file, text).expect("written");
    load(&file, Some(&folder.join("run")), Which::Holding).expect("a good configuration")
}

/// Runs a switch with these faults while the story is told to it, then lets it drain; gives how its calls ended and
/// how many steps panicked.
fn told(
    address: &str,
    faults: &[(Fault, &str)],
    story: impl FnOnce(SocketAddr) + Send,
) -> (Vec<EndCause>, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let loaded = configured(folder.path(), address);
    let (journal, switch_id) = (loaded.journal.clone(), loaded.plan.switch_id.to_string());
    let side =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("side");
    let own = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("signalling");
    let (mut driver, mut inlets) = own.block_on(assemble(&side, loaded)).expect("a switch");
    let (drain, signals) = mpsc::channel(1);
    inlets.signals = signals;
    let panics = driver.panics.clone();
    for (fault, call_id) in faults {
        driver.board.panic_at(*fault, call_id);
    }
    let switch = SocketAddr::new(address.parse().expect("an address"), 5060);
    std::thread::scope(|scope| {
        let story = scope.spawn(move || story(switch));
        let teller = scope.spawn(move || {
            let told = story.join();
            // Draining ends when no leg is left: those that panicked must be gone too.
            drain.blocking_send(()).expect("the switch still runs");
            told
        });
        let ended =
            own.block_on(async { tokio::time::timeout(Duration::from_secs(60), driver.run(inlets)).await });
        ended.expect("no leg is left behind").expect("it ends well");
        if let Err(panic) = teller.join().expect("the teller") {
            std::panic::resume_unwind(panic);
        }
    });
    // What still holds the journal goes with its runtime.
    side.shutdown_timeout(Duration::from_secs(10));
    (own.block_on(ends_in(&journal, &switch_id)), panics.load(Ordering::Relaxed))
}

async fn ends_in(file: &Path, switch_id: &str) -> Vec<EndCause> {
    let options = JournalOptions::new(file.to_path_buf(), switch_id.to_owned());
    let (journal, open) = Journal::open(options).await.expect("the journal of the switch that has ended");
    assert_eq!(open, [], "every call that was offered has ended");
    let mut subscription = journal.subscribe(None, None).await.expect("subscribed");
    let mut ends = Vec::new();
    for _ in 0..journal.head().1 {
        let numbered = subscription.next().await.expect("an event");
        if let Fact::Event(event) = numbered.fact
            && let EventBody::CallEnded { cause, .. } = event.body
        {
            ends.push(cause);
        }
    }
    ends
}

#[test]
fn a_panic_ends_the_call_it_was_about_and_nobody_elses() {
    let faults = [(Fault::Message, "Subject: bad"), (Fault::Event, "unlucky")];
    let (ends, panics) = told("127.0.88.1", &faults, |switch| {
        let mut lucky = Caller::new(switch, "lucky");
        lucky.call();

        let mut unlucky = Caller::new(switch, "unlucky");
        unlucky.call();
        unlucky.wait_for("BYE ");

        let mut refused = Caller::new(switch, "never-taken");
        refused.send("INVITE", "Subject: bad\r\n", "");
        lucky.lives();
        refused.heard_nothing();

        let mut later = Caller::new(switch, "later");
        later.call();
        later.lives();
        later.send("INFO", "Subject: bad\r\n", "");
        later.wait_for("BYE ");

        // Somebody else's message with the same Call-ID costs nobody a call.
        let mut stranger = Caller::at("127.0.0.3:0", switch, "lucky");
        stranger.send("INFO", "Subject: bad\r\n", "");
        lucky.lives();
        lucky.hang_up();
    });
    // Two were cut, one before it was acknowledged; the third caller hung up.
    assert_eq!(ends, [EndCause::Cancelled, EndCause::Fault, EndCause::IvrAbandoned]);
    assert_eq!(panics, 4);
}

#[test]
fn timers_that_panic_and_calls_that_cannot_be_ended_in_order_keep_nobody_from_calling() {
    let faults = [(Fault::Deadline, ""), (Fault::Event, "unlucky"), (Fault::Ending, "")];
    let (ends, panics) = told("127.0.88.2", &faults, |switch| {
        let mut unlucky = Caller::new(switch, "unlucky");
        unlucky.call();
        for round in 0..3 {
            let mut lucky = Caller::new(switch, &format!("lucky-{round}"));
            lucky.invite();
            // SIP's own timers go on beside those that panic: its answer is sent again until it is acknowledged.
            lucky.wait_for("SIP/2.0 200");
            lucky.wait_for("SIP/2.0 200");
            lucky.send("ACK", "", "");
            lucky.lives();
            lucky.hang_up();
        }
        unlucky.send("OPTIONS", "", "");
        unlucky.wait_for("SIP/2.0 481");
    });
    assert_eq!(ends.len(), 4, "{ends:?}");
    // One for the call, one for ending it; timers come back, but not without a rest.
    assert!((4..200).contains(&panics), "{panics} panics");
}
