//! A door to knock at: the switchboard without a socket, or a live port, with the answers as numbers.
//!
//! Both are asked the same questions, so that what holds for the value holds on the wire.

use careline_model::config::{check, parse, parse_flow};
use careline_model::{LegId, Now};
use careline_sip::{Flow, Transport};
use careline_switchboard::{BoundListener, MediaOrder, Output, Settings, Switchboard};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

pub mod cases;
pub mod corpus;
pub mod knock;
pub mod mutate;

/// The flow of the doors' one line.
pub const FLOW: &str = r#"
id = "main"
version = 1
start = "hello"
[node.hello]
kind = "play"
prompts = ["greeting"]
next = "menu"
[node.menu]
kind = "menu"
prompts = ["menu-main"]
invalid = ["invalid-key"]
no_input = ["no-input"]
otherwise = "wait"
keys = { "0" = "wait" }
[node.wait]
kind = "queue"
queue = "general"
prompts = []
timeout = "bye"
full = "bye"
[node.bye]
kind = "hangup"
prompts = ["goodbye"]
"#;

/// A configuration with one trunk, one line, one agent; `sip` is its address and `trunk` the trunk's source.
#[must_use]
pub fn config(sip: &str, trunk: &str, rtp: (u16, u16)) -> String {
    let ip = sip.rsplit_once(':').map_or(sip, |(ip, _)| ip);
    format!(
        r#"
echo_number = "9196"
[sip]
udp = ["{sip}"]
tcp = ["{sip}"]
realm = "careline"
options_per_second = 10000
[media]
address = "{ip}"
port_min = {}
port_max = {}
[rpc]
listen = "127.0.0.1:0"
[flows]
directory = "flows"
[[trunk]]
id = "carrier"
sources = ["{trunk}"]
[[queue]]
id = "general"
name = "general"
music = "hold-music"
[[line]]
id = "main"
number = "4001234567"
medium = "web"
flow = "main"
[[agent]]
id = "1001"
name = "agent"
password = "pw1001"
queues = ["general"]
ready_on_register = true
"#,
        rtp.0, rtp.1
    )
}

/// The switchboard, knocked at without a socket.
pub struct Door {
    board: Switchboard,
    now: Now,
    local: SocketAddr,
    /// Sockets of open legs.
    sockets: BTreeMap<LegId, SocketAddr>,
    sent: usize,
}

impl Door {
    /// A fresh switchboard whose trunk calls from 127.0.0.2.
    ///
    /// # Panics
    /// When the built-in configuration is wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::with("")
    }

    /// The same with more lines of configuration.
    ///
    /// # Panics
    /// When they are wrong.
    #[must_use]
    pub fn with(more: &str) -> Self {
        let local: SocketAddr = ([127, 0, 0, 1], 5060).into();
        let text = format!("{}{more}", config("127.0.0.1:5060", "127.0.0.2", (20_000, 21_000)));
        let config = parse(&text, "door.toml").expect("config");
        let flow = parse_flow(FLOW, "main.toml").expect("flow");
        let plan = check(&config, &[flow], &|_| true).expect("a whole plan");
        let settings = Settings {
            listeners: vec![BoundListener {
                transport: Transport::Udp,
                address: local,
                network: "default".into(),
            }],
            user_agent: "careline-test".to_owned(),
        };
        #[expect(clippy::disallowed_methods, reason = "a test has to begin somewhere in time")]
        let now = Now { instant: Instant::now(), wall_us: 1_760_000_000_000_000 };
        let mut board = Switchboard::new(Arc::new(plan), settings, ChaCha20Rng::seed_from_u64(1), now);
        for port in (20_000..20_512).step_by(2) {
            board.handle_port((local.ip(), port).into());
        }
        Self { board, now, local, sockets: BTreeMap::new(), sent: 0 }
    }

    /// Sends one datagram; gives the status codes of all that came back.
    pub fn knock(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<u16> {
        self.exchange(from, bytes).iter().filter_map(|bytes| status(bytes)).collect()
    }

    /// Sends one datagram; gives all that came back, as bytes.
    pub fn exchange(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.now = self.now.after(std::time::Duration::from_millis(20));
        self.exchange_at_once(from, bytes)
    }

    /// Sends one datagram; gives all that came back, as text.
    pub fn ask(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<String> {
        self.now = self.now.after(std::time::Duration::from_millis(20));
        self.ask_at_once(from, bytes)
    }

    /// The same at the very moment of the last one.
    pub fn ask_at_once(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<String> {
        let answers = self.exchange_at_once(from, bytes);
        answers.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    fn exchange_at_once(&mut self, from: SocketAddr, bytes: &[u8]) -> Vec<Vec<u8>> {
        let flow = Flow { transport: Transport::Udp, local: self.local, remote: from };
        self.board.handle_message(self.now, flow, bytes);
        self.obey()
    }

    /// Does what the shell does: gives the bytes to send, and sockets of closed legs back to the stock.
    fn obey(&mut self) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        while let Some(output) = self.board.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.sent += transmit.bytes.len();
                    answers.push(transmit.bytes);
                }
                Output::Media(MediaOrder::Open { leg, socket, .. }) => drop(self.sockets.insert(leg, socket)),
                Output::Media(MediaOrder::Close { leg }) => {
                    if let Some(socket) = self.sockets.remove(&leg) {
                        self.board.handle_port(socket);
                    }
                }
                Output::Media(_)
                | Output::Journal(_)
                | Output::LookUp(_)
                | Output::Ask(_)
                | Output::KeepRegistration(_)
                | Output::Trunk(_)
                | Output::Disconnect(_)
                | Output::Named { .. } => {}
            }
        }
        answers
    }

    /// Lets all timers run out.
    pub fn wait(&mut self, by: std::time::Duration) {
        let end = self.now.after(by);
        while let Some(at) = self.board.next_deadline().filter(|at| *at <= end.instant) {
            self.now = self.now.after(at.saturating_duration_since(self.now.instant));
            self.board.handle_deadline(self.now);
            self.obey();
        }
        self.now = end;
    }

    /// Bytes that went out so far.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// The switchboard itself, and the time at the door.
    pub fn board(&mut self) -> (&mut Switchboard, Now) {
        (&mut self.board, self.now)
    }

    /// Calls and legs that are alive.
    #[must_use]
    pub fn alive(&self) -> (usize, usize) {
        (self.board.live_calls(), self.board.live_legs())
    }

    /// SIP dialogs and transactions that are alive.
    #[must_use]
    pub fn sip_alive(&self) -> (usize, usize) {
        self.board.live_sip()
    }
}

impl Default for Door {
    fn default() -> Self {
        Self::new()
    }
}

/// The status code of a response, if it is one.
#[must_use]
pub fn status(bytes: &[u8]) -> Option<u16> {
    let text = bytes.strip_prefix(b"SIP/2.0 ")?;
    std::str::from_utf8(text.get(..3)?).ok()?.parse().ok()
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
